"""The pytest plugin under the name of its entry point, also for ``-p conformance.plugin``."""

from conformance.testing.plugin import *  # noqa: F403
