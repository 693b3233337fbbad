"""Verdicts as pytest shows them: each finding a subtest.

A finding that would make ``conformance run`` fail fails its subtest; all others, the known ones among them, are expected failures with their reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import pytest

from conformance.plugin import TOLD
from conformance.report.findings import evidence, heading, located, message
from conformance.run.selection import Selection
from conformance.run.summary import by_outcome
from conformance.run.together import alone, twins_played
from conformance.run.values import Answer, CaseVerdict, Played, Unanswered
from conformance.suites.items import Item
from conformance.traffic import Unreadable

Outcome: TypeAlias = Played | Unreadable | Unanswered


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges what a test is about, and shows it as the outcome of that test."""

    selection: Selection
    request: pytest.FixtureRequest
    subtests: pytest.Subtests

    def item(self, item: Item) -> None:
        """What a target answered to one case, all its turns."""
        outcomes = item.answers()
        missing = [each for each in outcomes if not isinstance(each, Answer)]
        answers = [each for each in outcomes if isinstance(each, Answer)]
        show((*missing, *alone(answers, self.selection)), self.request, self.subtests)

    def twins(self, items: Iterable[Item]) -> None:
        """The twins among all that a target answered."""
        answers = [answer for item in items for answer in item.answers() if isinstance(answer, Answer)]
        show(twins_played(answers, self.selection), self.request, self.subtests)


def show(outcomes: Iterable[Outcome], request: pytest.FixtureRequest, subtests: pytest.Subtests) -> None:
    """Tell of verdicts and fail where one decides; an item that puts nothing to the test is skipped."""
    exercised = False
    for outcome in outcomes:
        if isinstance(outcome, Unreadable):
            exercised = True
            with subtests.test("unreadable"):
                pytest.fail(f"{outcome.where}: {outcome.why}", pytrace=False)
        elif isinstance(outcome, Played):
            about = {"target": outcome.target, "case": outcome.case, "profile": outcome.profile}
            request.node.stash.setdefault(TOLD, []).append(about | {"verdicts": by_outcome(outcome.verdicts)})
            exercised = _shown(outcome.verdicts, subtests) or exercised
    if not exercised:
        pytest.skip("not exercised")


def _shown(verdicts: Iterable[CaseVerdict], subtests: pytest.Subtests) -> bool:
    """Show the findings of one answer; whether it put anything to the test."""
    exercised = False
    for verdict in verdicts:
        exercised = exercised or verdict.verdict != "not exercised"
        if verdict.findings:
            with subtests.test(verdict.requirement):
                _show(verdict)
    return exercised


def _show(verdict: CaseVerdict) -> None:
    lines = [f"{verdict.verdict}: {heading(verdict.requirement, verdict.level)}"]
    for found in verdict.findings:
        lines += [place] if (place := located("", found)) else []
        lines += [message(found), *evidence(found)]
    text = "\n".join(lines)
    if verdict.decides or verdict.verdict == "error":
        pytest.fail(text, pytrace=False)
    pytest.xfail(text)
