"""Show verdicts in pytest: each broken requirement is a subtest.

The subtest fails if the finding would make ``conformance run`` fail. All other findings, including
known deviations, are expected failures (xfail).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from conformance._text import one_line, printable
from conformance.reports.text.findings import evidence, heading, located, message, source
from conformance.runs.case_judging import why_incomplete
from conformance.runs.group_judging import alone, judged_twins
from conformance.runs.results import EMULATED, Answer, CaseVerdict, JudgedCase, Unanswered
from conformance.runs.selection import Selection
from conformance.suites.ask import send_case
from conformance.suites.parametrize import Item, Outcome
from conformance.suites.sdk_outcome import show_readings
from conformance.suites.session_end import end_session
from conformance.suites.summary import collected_case
from conformance.suites.target import SuiteTarget, WrongTarget, given
from conformance.suites.variants import show_variants
from conformance.traffic import Unreadable

ANSWERS = pytest.StashKey[dict[str, tuple[Outcome, ...]]]()
"""The answers of the project's target in this session, by case, so that no case is sent twice."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges the answers of a test and sets its outcome.

    ``given`` is the target of the project, or None. The verdicts are appended to ``collected``, for
    the summary at the end of the session.
    """

    selection: Selection
    given: SuiteTarget | None
    request: pytest.FixtureRequest
    subtests: pytest.Subtests
    collected: list[dict[str, Any]]

    def item(self, item: Item) -> None:
        """Judge the answers of a target to one case, all its turns."""
        outcomes = self._outcomes(item)
        missing = [outcome for outcome in outcomes if not isinstance(outcome, Answer)]
        answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
        for incomplete in filter(None, map(why_incomplete, answers)):
            with self.subtests.test("complete"):
                why = one_line(f"{incomplete.target}/{incomplete.case}: {incomplete.why}")
                pytest.fail(why, pytrace=False)
        judged = list(alone(answers, self.selection))
        for reply in (case.reply for case in judged if isinstance(case, JudgedCase) and case.reply):
            if reply.is_refusal:
                with self.subtests.test("answered"):
                    said = f", {reply.said}" if reply.said else ""
                    pytest.xfail(one_line(f"{reply.case} was refused: status {reply.status}{said}"))
        show((*missing, *judged), self.collected, self.subtests)

    def twins(self, items: Iterable[Item]) -> None:
        """Judge the twins among all answers of a target."""
        answers = [
            answer
            for item in items
            for answer in self._outcomes(item)
            if isinstance(answer, Answer)
        ]
        show(judged_twins(answers, self.selection), self.collected, self.subtests)

    def by_sdk(self, item: Item) -> None:
        """Parse the answers of a target to one case with the official SDK."""
        show_readings(answer for answer in self._outcomes(item) if isinstance(answer, Answer))

    def variants(self, feature: str) -> None:
        """Send newly generated requests with a feature to the project's target.

        Without a target, the built-in reference endpoint answers.
        """
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
                    send_case(item.case, self.given or given(None), self.selection)
                )  # given is None if the project's fixture returned None, which is an error
            except WrongTarget as error:
                end_session(self.request.config, str(error))
        return kept[item.case]


def show(
    outcomes: Iterable[JudgedCase | Unreadable | Unanswered],
    collected: list[dict[str, Any]],
    subtests: pytest.Subtests,
) -> None:
    """Report verdicts as subtests and append them to ``collected``.

    The test is skipped if no requirement was tested.
    """
    exercised = False
    reasons: list[str] = []
    for outcome in outcomes:
        if isinstance(outcome, Unreadable):
            exercised = True
            with subtests.test("unreadable"):
                pytest.fail(printable(f"{outcome.where}: {outcome.why}"), pytrace=False)
        elif isinstance(outcome, Unanswered):
            reasons.append(one_line(outcome.why))
        else:
            collected.append(collected_case(outcome, emulated=outcome.provenance == EMULATED))
            exercised = _report_findings(outcome.verdicts, subtests) or exercised
    if not exercised:
        pytest.skip("; ".join(reasons) or "no requirement was tested")


def _report_findings(verdicts: Iterable[CaseVerdict], subtests: pytest.Subtests) -> bool:
    """Report the findings of one answer as subtests; return True if any requirement was tested."""
    exercised = False
    for verdict in verdicts:
        exercised = exercised or verdict.verdict != "not exercised"
        if verdict.findings:
            with subtests.test(verdict.requirement):
                _fail(verdict)
    return exercised


def _fail(verdict: CaseVerdict) -> None:
    """Let the subtest fail, or xfail if the finding does not fail a run."""
    lines = [f"{verdict.verdict}: {heading(verdict.entry, verdict.level)}"]
    for finding in verdict.findings:
        lines += [place] if (place := located("", finding)) else []
        lines += [message(finding), *evidence(finding)]
    lines += [source(verdict.entry)]
    text = "\n".join(lines)
    if verdict.fails_run or verdict.verdict == "error":
        pytest.fail(text, pytrace=False)
    pytest.xfail(text)
