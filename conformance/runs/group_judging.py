"""Judge answers one by one, and the turns of conversations and twins together."""

from collections.abc import Iterable, Iterator, Sequence

from conformance.cases.case_ref import parse_case
from conformance.judging.group_judge import verdicts_of_session, verdicts_of_twins
from conformance.judging.profiles import UnknownProfile
from conformance.judging.suite import ChosenProfile
from conformance.judging.verdict import Verdict
from conformance.protocol.chat.twins import twins
from conformance.runs.case_judging import expected_of, judge_case, judged_case, prepared
from conformance.runs.results import Answer, JudgedCase
from conformance.runs.selection import Selection
from conformance.traffic import Unreadable


def judge_all(answers: Sequence[Answer], selection: Selection) -> Iterator[JudgedCase | Unreadable]:
    """Judge every answer, every conversation and every pair of twins, in any order of input."""
    yield from alone(answers, selection)
    yield from judged_twins(answers, selection)


def alone(answers: Sequence[Answer], selection: Selection) -> Iterator[JudgedCase | Unreadable]:
    """Judge each answer and each conversation.

    An answer that names an unknown profile is yielded as ``Unreadable`` and takes no further part.
    """
    kept: list[Answer] = []
    for answer in answers:
        try:
            yield judge_case(answer, selection)
        except UnknownProfile as error:
            yield Unreadable(answer.exchange.origin, str(error))
        else:
            kept.append(answer)
    yield from judged_conversations(kept, selection)


def judged_conversations(answers: Iterable[Answer], selection: Selection) -> Iterator[JudgedCase]:
    """Judge the turns of each case that has several turns together."""
    by_case: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        by_case.setdefault((answer.target, parse_case(answer.case).id), []).append(answer)
    for turns in by_case.values():
        if len(turns) > 1:
            chosen = selection.suite.choose_profile(turns[0].exchange, selection.profile)
            verdicts = verdicts_of_session(
                chosen.profile,
                selection.suite,
                [prepared(turn.exchange, selection) for turn in turns],
                own=expected_of(turns, selection),
            )
            yield from _exercised(turns, chosen, verdicts, selection)


def judged_twins(answers: Iterable[Answer], selection: Selection) -> Iterator[JudgedCase]:
    """Judge the pairs of twins among the answers of each target and profile.

    A pair without a verdict is left out, and so are answers that name an unknown profile.
    """
    by_target: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        try:
            name = selection.suite.choose_profile(answer.exchange, selection.profile).profile.name
        except UnknownProfile:  # reported with the answer itself
            continue
        by_target.setdefault((answer.target, name), []).append(answer)
    for of_target in by_target.values():
        in_order = sorted(of_target, key=lambda answer: answer.case)  # not that of arrival
        answer_of = {id(answer.exchange): answer for answer in in_order}
        for a, b in twins(answer.exchange for answer in in_order):
            pair = [answer_of[id(a)], answer_of[id(b)]]
            chosen = selection.suite.choose_profile(a, selection.profile)
            verdicts = verdicts_of_twins(
                chosen.profile,
                selection.suite,
                prepared(a, selection),
                prepared(b, selection),
                own=expected_of(pair, selection),
            )
            yield from _exercised(pair, chosen, verdicts, selection)


def _exercised(
    answers: Sequence[Answer],
    chosen: ChosenProfile,
    verdicts: Iterable[Verdict],
    selection: Selection,
) -> Iterator[JudgedCase]:
    """Yield the judged case, without the verdicts "not exercised", if any verdict is left."""
    judged = judged_case(
        answers,
        chosen,
        (
            verdict
            for verdict in verdicts
            if verdict.level != "may" and verdict.outcome != "not exercised"
        ),
        selection,
    )
    if judged.verdicts:
        yield judged
