"""The pytest plugin: ``assert_conformant``, the lint of a project's own traffic, and the options
and hooks of the suites."""
