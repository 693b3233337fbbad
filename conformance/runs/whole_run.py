"""Judge all answers of a target together: what no single answer shows."""

from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus

from conformance._text import many
from conformance.cases.case_ref import parse_case
from conformance.runs.results import CaseReply, CaseVerdict

MANY = 8
"""Requests from which on it is not chance that their answers are the same, or that none is refused.
"""
QUESTIONS_PER_ANSWER = 4
"""From this many different questions for each different answer on, the questions are not read. The
models that were recorded give three answers or more for four questions."""
SEVERAL = 3
"""Cases from which on a model that never does what is asked is not just unlucky."""


def failures(replies: Sequence[CaseReply], verdicts: Iterable[CaseVerdict]) -> tuple[str, ...]:
    """Return what makes a run fail that no requirement says alone, the worst first.

    ``replies`` and ``verdicts`` are those of one target. Each failure is a part of a sentence, and
    names no case: the report lists those.
    """
    return (
        *_nothing_plain_answered(replies),
        *_the_same_to_all(replies),
        *_nothing_wrong_refused(replies),
        *_never_as_asked(verdicts),
    )


def _nothing_plain_answered(replies: Iterable[CaseReply]) -> Iterator[str]:
    """Yield a failure if no plain request has an answer, although all of them have a response.

    An answer that is cut at its limit or filtered is one, as it is no fault of the server.
    """
    plain = [reply for reply in replies if reply.gist.plain and reply.is_ordinary]
    if len(plain) >= SEVERAL and all(reply.is_refusal or reply.gist.empty for reply in plain):
        statuses = sorted({reply.status for reply in plain})
        yield (
            f"no plain request is answered ({many(len(plain), 'case')}, status"
            f" {', '.join(map(str, statuses))})"
        )


def _the_same_to_all(replies: Iterable[CaseReply]) -> Iterator[str]:
    """Yield a failure if far fewer different answers are given than questions asked.

    Equal questions count once, and answers that are empty or cut do not count.
    """
    answered = [reply.gist for reply in replies if reply.is_ordinary and reply.gist.answer]
    questions = {gist.question for gist in answered}
    answers = {gist.answer for gist in answered}
    if len(questions) >= MANY and len(answers) * QUESTIONS_PER_ANSWER <= len(questions):
        said = "the same answer" if len(answers) == 1 else f"only {len(answers)} different answers"
        yield f"{said} to {many(len(questions), 'different question')}"


def _nothing_wrong_refused(replies: Iterable[CaseReply]) -> Iterator[str]:
    """Yield a failure if each of several wrong requests got status 200."""
    wrong = [reply for reply in replies if reply.wants_refusal]
    if len(wrong) >= MANY and all(reply.status == HTTPStatus.OK for reply in wrong):
        yield f"none of {many(len(wrong), 'wrong request')} is refused"


def _never_as_asked(verdicts: Iterable[CaseVerdict]) -> Iterator[str]:
    """Yield a failure for each chapter whose musts about the model no answer keeps.

    One such must may be broken by a model that errs; that no case keeps any of them is not chance.
    """
    chapters: dict[str, list[CaseVerdict]] = {}
    for verdict in verdicts:
        is_decided = verdict.verdict in ("pass", "fail") and not verdict.about_protocol
        if is_decided and verdict.level == "must":
            chapters.setdefault(verdict.requirement.rpartition("-")[0], []).append(verdict)
    for of_chapter in chapters.values():
        cases = {parse_case(verdict.case).id for verdict in of_chapter}
        if len(cases) >= SEVERAL and all(verdict.verdict == "fail" for verdict in of_chapter):
            requirements = sorted({verdict.requirement for verdict in of_chapter})
            yield (
                f"{' and '.join(requirements)} broken in all of {many(len(cases), 'case')}:"
                f" {of_chapter[0].findings[0].message}"
            )
