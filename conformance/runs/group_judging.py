"""Answers judged: each by itself, and together what belongs together: the turns of a conversation,
and the twins among the answers of a target."""

from collections.abc import Iterable, Iterator, Sequence

from conformance.judging.group_judge import verdicts_of_session, verdicts_of_twins
from conformance.judging.profiles import UnknownProfile, profile, profile_names
from conformance.judging.verdict import Verdict
from conformance.protocol.chat.twins import twins
from conformance.runs.case_judging import judge_case, judged_case, profile_of
from conformance.runs.results import Answer, JudgedCase
from conformance.runs.selection import Selection
from conformance.traffic import Unreadable


def judge_all(answers: Sequence[Answer], selection: Selection) -> Iterator[JudgedCase | Unreadable]:
    """Everything that answers show, whatever order they come in."""
    yield from alone(answers, selection)
    yield from judged_twins(answers, selection)


def alone(answers: Sequence[Answer], selection: Selection) -> Iterator[JudgedCase | Unreadable]:
    """What each answer and each conversation shows; an answer whose profile does not exist comes as
    one line about it."""
    kept: list[Answer] = []
    for answer in answers:
        try:
            yield judge_case(answer, selection)
        except UnknownProfile as error:
            yield Unreadable(answer.exchange.origin, f"conformance.profile: {error}")
        else:
            kept.append(answer)
    yield from conversations_played(kept, selection)


def conversations_played(answers: Iterable[Answer], selection: Selection) -> Iterator[JudgedCase]:
    """The turns of each case that has several, judged together."""
    by_case: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        by_case.setdefault((answer.target, answer.case.partition("#")[0]), []).append(answer)
    for turns in by_case.values():
        if len(turns) > 1:
            name, _ = profile_of(turns[0].exchange, selection)
            yield from _exercised(
                turns,
                verdicts_of_session(profile(name), [turn.exchange for turn in turns]),
                selection,
            )


def judged_twins(answers: Iterable[Answer], selection: Selection) -> Iterator[JudgedCase]:
    """The twins among the answers of each target, judged in pairs; a pair that shows nothing is
    left out."""
    by_target: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        name, _ = profile_of(answer.exchange, selection)
        if name in profile_names():
            by_target.setdefault((answer.target, name), []).append(answer)
    for (_, name), alike in by_target.items():
        answer_of = {id(answer.exchange): answer for answer in alike}
        for a, b in twins(answer.exchange for answer in alike):
            yield from _exercised(
                [answer_of[id(a)], answer_of[id(b)]],
                verdicts_of_twins(profile(name), a, b),
                selection,
            )


def _exercised(
    together: Sequence[Answer], verdicts: Iterable[Verdict], selection: Selection
) -> Iterator[JudgedCase]:
    told = judged_case(
        together,
        (
            verdict
            for verdict in verdicts
            if verdict.level != "may" and verdict.outcome != "not exercised"
        ),
        selection,
    )
    if told.verdicts:
        yield told
