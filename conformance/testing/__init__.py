"""The pytest plugin: ``assert_conformant``, the traffic lint, and the hooks of the suites."""
