"""The pytest plugin: ``assert_conformant``, the traffic lint, hooks of the feature tests."""
