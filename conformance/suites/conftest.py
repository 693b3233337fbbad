"""What the items of the suites tell goes with their reports, also from one process to another."""

from collections.abc import Generator

import pytest

from conformance.plugin import TOLD
from conformance.run.selection import Selection
from conformance.suites.items import parametrize
from conformance.suites.showing import Judge


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Give the report of a call what its item told."""
    report = yield
    if report.when == "call" and TOLD in item.stash:
        report.conformance = item.stash[TOLD]  # type: ignore[attr-defined]
    return report


@pytest.fixture
def conformance_judge(conformance_selection: Selection, request: pytest.FixtureRequest, subtests: pytest.Subtests) -> Judge:
    """What judges the item of a suite."""
    return Judge(conformance_selection, request, subtests)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Items for each case that a target answered."""
    parametrize(metafunc)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the suites that have no item, for which pytest puts one that is skipped."""
    items[:] = [item for item in items if not item.name.endswith("[NOTSET]")]
