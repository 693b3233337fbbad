"""What there is to judge: the cassettes of the targets chosen, and the self-test, each case
answered, unanswered or left out with its reason."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from conformance.cases import Case, cases
from conformance.endpoints.client.retries import Attempt
from conformance.judging.profiles import Profile, UnknownProfile
from conformance.runs import self_test
from conformance.runs.case_judging import cut_of
from conformance.runs.cassette_answers import answers
from conformance.runs.group_judging import judge_all
from conformance.runs.results import EMULATED, Answer, JudgedCase, Unanswered
from conformance.runs.selection import Selection, check_cases
from conformance.traffic import Unreadable

NO_CASSETTE = "no cassette"


@dataclass(frozen=True, slots=True)
class CollectedAnswers:
    """What a report is made of, not yet sorted; ``answers`` are all of them, judged or not."""

    judged_cases: list[JudgedCase]
    unreadable: list[Unreadable]
    not_asked: list[Unanswered]
    unanswered: list[Unanswered]
    attempts: list[Attempt] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


def of_answers(
    answers: Iterable[Answer | Unreadable],
    selection: Selection,
    not_asked: list[Unanswered],
    unanswered: list[Unanswered],
) -> CollectedAnswers:
    """Answers judged; beside them those that are missing."""
    whole = list(answers)
    readable = [each for each in whole if isinstance(each, Answer)]
    outcomes = list(judge_all(readable, selection))
    unreadable = [each for each in (*whole, *outcomes) if isinstance(each, Unreadable)]
    cut = [left_open for answer in readable if (left_open := cut_of(answer))]
    return CollectedAnswers(
        [each for each in outcomes if isinstance(each, JudgedCase)],
        unreadable,
        not_asked,
        [*unanswered, *cut],
        answers=readable,
    )


def replayed(folder: Path, selection: Selection) -> CollectedAnswers:
    """The cassettes of a folder and the self-test, as far as they were chosen. Raises
    SelectionError."""
    tested = self_test.is_chosen(selection)
    paths = self_test.paths_of(folder, selection)
    check_cases(selection.cases, {path.stem for path in paths} | {case.id for case in cases()})
    found = [
        answer
        for path in paths
        if not selection.cases or path.stem in selection.cases
        for answer in answers(path)
    ]
    wanted = [case for case in cases() if not selection.cases or case.id in selection.cases]
    asked = list(self_test.ask(wanted, selection)) if tested else []
    absent = [
        *without_cassette(found, wanted, selection),
        *(each for each in asked if isinstance(each, Unanswered)),
    ]
    return of_answers(
        [*found, *(each for each in asked if isinstance(each, Answer))], selection, absent, []
    )


def without_cassette(
    found: Iterable[Answer | Unreadable], wanted: Collection[Case], selection: Selection
) -> Iterator[Unanswered]:
    """The cases to which a real target has no recorded answer, and why it need not have one."""
    by_target: dict[str, list[Answer]] = {}
    for each in found:
        if isinstance(each, Answer) and each.exchange.meta.get("provenance") != EMULATED:
            by_target.setdefault(each.target, []).append(each)
    for target, kept in by_target.items():
        try:
            chosen = selection.suite.choose_profile(kept[0].exchange, selection.profile)
        except UnknownProfile:  # reported with the answers themselves
            continue
        yield from missing(target, chosen.profile, {answer.case for answer in kept}, wanted)


def missing(
    target: str, profile: Profile, there: Collection[str], wanted: Iterable[Case]
) -> Iterator[Unanswered]:
    """The cases that are not there, of a target with this profile, and why they need not be."""
    for case in wanted:
        if case.id not in there:
            lacking = sorted(case.needs - profile.capabilities)
            yield Unanswered(
                target,
                case.id,
                f"not supported by {profile.name}: {', '.join(lacking)}"
                if lacking
                else NO_CASSETTE,
            )
