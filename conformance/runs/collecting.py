"""Collect and judge the answers of a run: from cassettes, the self-test or a live target."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from conformance._files import special_file
from conformance.cases import Case
from conformance.endpoints.client.retries import Attempt
from conformance.judging.profiles import Profile, UnknownProfile
from conformance.runs import self_test
from conformance.runs.case_judging import why_incomplete
from conformance.runs.cassette_answers import answers
from conformance.runs.examples import examples_of
from conformance.runs.group_judging import judge_all
from conformance.runs.results import EMULATED, Answer, JudgedCase, Report, Unanswered
from conformance.runs.selection import NO_CASSETTE, Selection, check_cases, why_unsupported
from conformance.runs.summary import report_of
from conformance.traffic import Unreadable


@dataclass(frozen=True, slots=True)
class CollectedAnswers:
    """The unsorted content of a report.

    ``not_asked`` are skipped cases, ``unanswered`` those without a complete answer, ``attempts``
    the retries. ``answers`` are all answers that could be read, also those that were not judged.
    ``unwritten`` is why the run ended early: a file that could not be written.
    """

    judged_cases: list[JudgedCase]
    unreadable: list[Unreadable]
    not_asked: list[Unanswered]
    unanswered: list[Unanswered]
    attempts: list[Attempt] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    unwritten: OSError | None = None

    def report(self, selection: Selection) -> Report:
        """Build the report of the answers that were judged by this selection."""
        report = report_of(
            self.judged_cases,
            selection,
            self.unreadable,
            self.not_asked,
            self.unanswered,
            self.attempts,
        )
        return replace(report, examples=examples_of(report, self.answers))


def of_answers(
    answers: Iterable[Answer | Unreadable],
    selection: Selection,
    not_asked: list[Unanswered],
    unanswered: list[Unanswered],
) -> CollectedAnswers:
    """Judge answers and add the cases without one; incomplete answers count as unanswered too."""
    inputs = list(answers)
    readable = [answer for answer in inputs if isinstance(answer, Answer)]
    outcomes = list(judge_all(readable, selection))
    unreadable = [outcome for outcome in (*inputs, *outcomes) if isinstance(outcome, Unreadable)]
    incomplete = [entry for answer in readable if (entry := why_incomplete(answer))]
    return CollectedAnswers(
        [outcome for outcome in outcomes if isinstance(outcome, JudgedCase)],
        unreadable,
        not_asked,
        [*unanswered, *incomplete],
        answers=readable,
    )


def replayed(folder: Path, selection: Selection) -> CollectedAnswers:
    """Judge the selected cassettes of a folder.

    The self-test is judged too if it is named, or if no target is named and no cassette has one of
    the selected cases. Raises SelectionError for a case or target that does not exist, and if there
    is no cassette.
    """
    self_test_is_possible = self_test.is_chosen(selection)
    paths = self_test.paths_of(folder, selection)
    check_cases(selection.cases, {path.stem for path in paths} | selection.corpus.cases.keys())
    recorded = [
        answer
        for path in paths
        if not selection.cases or path.stem in selection.cases
        for answer in answers(path)
    ]
    wanted = [
        case for case in selection.all_cases if not selection.cases or case.id in selection.cases
    ]
    with_self_test = self_test_is_possible and (selection.targets or not recorded)
    self_tested = list(self_test.ask(wanted, selection)) if with_self_test else []
    not_asked = [
        *without_cassette(recorded, wanted, selection),
        *(outcome for outcome in self_tested if isinstance(outcome, Unanswered)),
    ]
    return of_answers(
        [
            *recorded,
            *_not_files(paths),
            *(outcome for outcome in self_tested if isinstance(outcome, Answer)),
        ],
        selection,
        not_asked,
        [],
    )


def _not_files(paths: Iterable[Path]) -> Iterator[Unreadable]:
    """Yield the named pipes, sockets and devices beside cassettes that are named like one."""
    for folder in sorted({path.parent for path in paths}):
        for path in sorted(folder.glob("*.yaml")):
            if kind := special_file(path):
                yield Unreadable(str(path), f"{kind}, which is not read in a folder")


def without_cassette(
    recorded: Iterable[Answer | Unreadable], wanted: Collection[Case], selection: Selection
) -> Iterator[Unanswered]:
    """Yield, for each recorded target, the wanted cases without an answer, with the reason.

    Emulated answers and those that name an unknown profile are ignored.
    """
    by_target: dict[str, list[Answer]] = {}
    for answer in recorded:
        if isinstance(answer, Answer) and answer.exchange.meta.get("provenance") != EMULATED:
            by_target.setdefault(answer.target, []).append(answer)
    for target, own in by_target.items():
        try:
            chosen = selection.suite.choose_profile(own[0].exchange, selection.profile)
        except UnknownProfile:  # reported with the answers themselves
            continue
        model = _model_of(own)
        yield from missing(target, chosen.profile, model, {answer.case for answer in own}, wanted)


def missing(
    target: str, profile: Profile, model: str, there: Collection[str], wanted: Iterable[Case]
) -> Iterator[Unanswered]:
    """Yield the wanted cases that are not in ``there``, each with the reason.

    The reason is that the profile or the model does not support the case, otherwise
    ``NO_CASSETTE``. ``model`` is "" if it is unknown.
    """
    for case in wanted:
        if case.id not in there:
            yield Unanswered(target, case.id, why_unsupported(case, profile, model) or NO_CASSETTE)


def _model_of(answers: Iterable[Answer]) -> str:
    """Return the model requested most often, "" if no request names one."""
    models = Counter(
        body["model"]
        for answer in answers
        if isinstance(body := answer.exchange.request.body, dict)
        and isinstance(body.get("model"), str)
    )
    return next((model for model, _ in models.most_common(1)), "")
