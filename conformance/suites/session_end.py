"""The end of a session that cannot go on."""

from typing import NoReturn

import pytest


def end_session(config: pytest.Config, why: str) -> NoReturn:
    """End the session with one line and exit code 2; in one of several processes, whose exit would
    be taken for a crash, fail the test with that line."""
    if hasattr(config, "workerinput"):
        pytest.fail(why, pytrace=False)
    pytest.exit(why, returncode=2)
