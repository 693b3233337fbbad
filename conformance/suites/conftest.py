"""What the items of the suites tell goes with their reports, also from one process to another."""

from collections.abc import Generator

import pytest

from conformance.plugin import TOLD


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Give the report of a call what its item told."""
    report = yield
    if report.when == "call" and TOLD in item.stash:
        report.conformance = item.stash[TOLD]  # type: ignore[attr-defined]
    return report
