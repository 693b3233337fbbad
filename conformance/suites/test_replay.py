"""Replay: each shipped cassette is an item, and each of its findings a subtest.

A finding that would make ``conformance run`` fail fails its subtest; all others, the known ones among them, are expected failures with their reason.
"""

from pathlib import Path

import pytest

from conformance.data import data_folder
from conformance.plugin import TOLD, selection_of
from conformance.report.findings import evidence, heading, located, message
from conformance.run.replay import replay
from conformance.run.selection import Selection, SelectionError, cassettes
from conformance.run.summary import by_outcome
from conformance.run.values import CaseVerdict, Played


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """An item for each cassette of the targets chosen."""
    try:
        paths = cassettes(data_folder("cassettes"), selection_of(metafunc.config).targets)
    except (SelectionError, FileNotFoundError) as error:
        raise pytest.Collector.CollectError(str(error)) from None
    metafunc.parametrize("cassette", paths, ids=[f"{path.parent.name}/{path.stem}" for path in paths])


def test_replay(cassette: Path, conformance_selection: Selection, subtests: pytest.Subtests, request: pytest.FixtureRequest) -> None:
    """What the cassette shows is as expected."""
    exercised = False
    for outcome in replay(cassette, conformance_selection):
        if not isinstance(outcome, Played):
            exercised = True
            with subtests.test("unreadable"):
                pytest.fail(f"{outcome.where}: {outcome.why}", pytrace=False)
            continue
        about = {"target": outcome.target, "case": outcome.case, "profile": outcome.profile}
        request.node.stash.setdefault(TOLD, []).append(about | {"verdicts": by_outcome(outcome.verdicts)})
        for verdict in outcome.verdicts:
            exercised = exercised or verdict.verdict != "not exercised"
            if verdict.findings:
                with subtests.test(verdict.requirement):
                    _show(verdict)
    if not exercised:
        pytest.skip("not exercised")


def _show(verdict: CaseVerdict) -> None:
    lines = [f"{verdict.verdict}: {heading(verdict.requirement, verdict.level)}"]
    for found in verdict.findings:
        lines += [place] if (place := located("", found)) else []
        lines += [message(found), *evidence(found)]
    text = "\n".join(lines)
    if verdict.decides or verdict.verdict == "error":
        pytest.fail(text, pytrace=False)
    pytest.xfail(text)
