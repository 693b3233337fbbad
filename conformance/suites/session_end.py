"""End a session that cannot continue."""

from typing import NoReturn

import pytest


def end_session(config: pytest.Config, why: str) -> NoReturn:
    """End the session with a one-line message and exit code 2.

    In a worker of pytest-xdist, whose exit would look like a crash, fail the test instead.
    """
    if hasattr(config, "workerinput"):
        pytest.fail(why, pytrace=False)
    pytest.exit(why, returncode=2)
