"""The cases of ``conformance run`` as feature tests: ``pytest --pyargs conformance.suites``."""

import pytest

if not hasattr(pytest, "Subtests"):
    raise ImportError(
        f"the feature tests need pytest 9 or newer, but this is {pytest.__version__}: pip install"
        " 'chat-conformance[suites]'"
    )
