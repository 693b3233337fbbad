"""The cases of ``conformance run`` as pytest suites: ``pytest --pyargs conformance.suites``."""

import pytest

if not hasattr(pytest, "Subtests"):
    raise ImportError(
        f"the suites need pytest 9 or newer, but this is {pytest.__version__}: pip install"
        " 'chat-conformance[suites]'"
    )
