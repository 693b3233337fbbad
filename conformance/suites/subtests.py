"""Verdicts as pytest shows them: each finding a subtest.

A finding that would make ``conformance run`` fail fails its subtest; all others, the known ones
among them, are expected failures with their reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from conformance.reports.text.findings import evidence, heading, located, message, source
from conformance.runs.case_judging import cut_of
from conformance.runs.group_judging import alone, judged_twins
from conformance.runs.results import EMULATED, Answer, CaseVerdict, JudgedCase, Unanswered
from conformance.runs.selection import Selection
from conformance.runs.summary import by_outcome
from conformance.suites.ask import asked
from conformance.suites.parametrize import Item, Outcome
from conformance.suites.sdk_outcome import show_readings
from conformance.suites.session_end import end_session
from conformance.suites.target import SuiteTarget, WrongTarget, given
from conformance.suites.variants import show_variants
from conformance.traffic import Unreadable

ANSWERS = pytest.StashKey[dict[str, tuple[Outcome, ...]]]()
"""What the target of the project answered so far in this session, by case: nothing is asked twice.
"""


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges what a test is about, and shows it as the outcome of that test. ``given`` is the
    target of the project, if it gives one; ``told`` is where what it tells of its cases is kept."""

    selection: Selection
    given: SuiteTarget | None
    request: pytest.FixtureRequest
    subtests: pytest.Subtests
    told: list[dict[str, Any]]

    def item(self, item: Item) -> None:
        """What a target answers to one case, all its turns."""
        outcomes = self._outcomes(item)
        missing = [each for each in outcomes if not isinstance(each, Answer)]
        answers = [each for each in outcomes if isinstance(each, Answer)]
        for cut in filter(None, map(cut_of, answers)):
            with self.subtests.test("whole"):
                pytest.fail(f"{cut.target}/{cut.case}: {cut.why}", pytrace=False)
        played = list(alone(answers, self.selection))
        for reply in (each.reply for each in played if isinstance(each, JudgedCase) and each.reply):
            if reply.is_refusal:
                with self.subtests.test("answered"):
                    pytest.xfail(
                        f"{reply.case} was refused: status"
                        f" {reply.status}{f', {reply.said}' if reply.said else ''}"
                    )
        show((*missing, *played), self.told, self.subtests)

    def twins(self, items: Iterable[Item]) -> None:
        """The twins among all that a target answers."""
        answers = [
            answer
            for item in items
            for answer in self._outcomes(item)
            if isinstance(answer, Answer)
        ]
        show(judged_twins(answers, self.selection), self.told, self.subtests)

    def by_sdk(self, item: Item) -> None:
        """What the official SDK makes of what a target answers to one case."""
        show_readings(answer for answer in self._outcomes(item) if isinstance(answer, Answer))

    def variants(self, feature: str) -> None:
        """Fresh requests that have a feature, to the target of the project or to the suite
        itself."""
        number = self.request.config.getoption("conformance_variants")
        try:
            show_variants(feature, self.given, self.selection, number, self.subtests)
        except WrongTarget as error:
            end_session(self.request.config, str(error))

    def _outcomes(self, item: Item) -> tuple[Outcome, ...]:
        if item.answers is not None:
            return item.answers()
        kept = self.request.config.stash.setdefault(ANSWERS, {})
        if item.case not in kept:
            try:
                kept[item.case] = tuple(
                    asked(item.case, self.given or given(None))
                )  # None is what an override gave: nothing that can be asked
            except WrongTarget as error:
                end_session(self.request.config, str(error))
        return kept[item.case]


def show(
    outcomes: Iterable[JudgedCase | Unreadable | Unanswered],
    told: list[dict[str, Any]],
    subtests: pytest.Subtests,
) -> None:
    """Tell of verdicts and fail where one decides; an item that puts nothing to the test is
    skipped."""
    exercised = False
    left: list[str] = []
    for outcome in outcomes:
        if isinstance(outcome, Unreadable):
            exercised = True
            with subtests.test("unreadable"):
                pytest.fail(f"{outcome.where}: {outcome.why}", pytrace=False)
        elif isinstance(outcome, Unanswered):
            left.append(outcome.why)
        else:
            about = {
                "target": outcome.target,
                "case": outcome.case,
                "profile": outcome.profile,
                "emulated": outcome.provenance == EMULATED,
            }
            told.append(about | {"verdicts": by_outcome(outcome.verdicts)})
            exercised = _shown(outcome.verdicts, subtests) or exercised
    if not exercised:
        pytest.skip("; ".join(left) or "not exercised")


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
    lines += [source(verdict.requirement)]
    text = "\n".join(lines)
    if verdict.fails_run or verdict.verdict == "error":
        pytest.fail(text, pytrace=False)
    pytest.xfail(text)
