"""The suites: what ``conformance run`` does, as pytest items. ``pytest --pyargs
conformance.suites`` runs them from anywhere."""

import pytest

if not hasattr(pytest, "Subtests"):
    raise ImportError(
        f"the suites need pytest 9 or newer, and this is {pytest.__version__}: pip install"
        " 'chat-conformance[suites]'"
    )
