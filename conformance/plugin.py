"""The pytest plugin, under the name that pyproject.toml and ``-p conformance.plugin`` know."""

from conformance.testing.plugin import *  # noqa: F403
