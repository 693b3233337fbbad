"""Find the entries of a user's expectations that a whole run shows to be out of date."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from conformance._text import many
from conformance.cases.case_ref import names_of
from conformance.endpoints.reference.in_process import NAME as SELF_TEST
from conformance.judging.expectations import Expectation
from conformance.runs.results import JudgedCase, Unanswered
from conformance.runs.selection import NO_CASSETTE, UNSUPPORTED, Selection


def problems(
    played: Sequence[JudgedCase], not_asked: Iterable[Unanswered], selection: Selection
) -> tuple[str, ...]:
    """Return a line for each entry that has expired, applies to nothing or no longer fails.

    An entry that always occurs no longer fails if answers tested its requirement and all of them
    keep it. One that occurs sometimes is never missed. An entry applies to nothing if no case that
    it names was judged by a profile that requires its requirement, although no such case was left
    out of the run for another reason than that the target does not support it.
    """
    expected = selection.expected
    real = [judged for judged in played if judged.target != SELF_TEST]
    lines = [*expected.expired]
    if real:
        open_cases = _open_cases(real, not_asked, selection)
        for entry in expected.entries:
            if not expected.has_expired(entry) and selection.wants(entry.requirement):
                lines += _refuted(entry, real, selection)
                lines += _unmatched(entry, real, open_cases, selection)
    return tuple(lines)


def _refuted(
    entry: Expectation, played: Iterable[JudgedCase], selection: Selection
) -> Iterator[str]:
    """Yield the problem of an entry that always occurs, but did not occur."""
    if entry.frequency == "sometimes" or _is_narrowed(entry, selection):
        return
    kept: list[str] = []
    for judged in played:
        if entry in judged.confirmed:
            return
        kept += [judged.case] if entry in judged.refuted else []
    if kept:
        yield kept_by(entry, kept)


def kept_by(entry: Expectation, cases: Collection[str]) -> str:
    """Return the problem of an entry that always occurs, but that all these cases refute."""
    return (
        f"{_no_longer_fails(entry)}{many(len(cases), 'answer')} that tested it kept it, first"
        f' {min(cases)}: delete the entry, or write occurs = "sometimes" if chance decides;'
        " `conformance expectations update DIR --prune` deletes it, DIR being that of run --report"
    )


def is_kept_by(entry: Expectation, problem: str) -> bool:
    """True if a line of ``problems`` says that this entry no longer fails."""
    return problem.startswith(_no_longer_fails(entry))


def _no_longer_fails(entry: Expectation) -> str:
    return f"{entry.place}: {entry.requirement} no longer fails: "


def _is_narrowed(entry: Expectation, selection: Selection) -> bool:
    """True if the user selected only some of the cases that the entry names."""
    chosen = selection.cases or selection.among  # the latter is None for all
    return chosen is not None and any(
        entry.names(entry.target, [case]) for case in selection.corpus.cases if case not in chosen
    )


def _open_cases(
    played: Iterable[JudgedCase], not_asked: Iterable[Unanswered], selection: Selection
) -> set[str]:
    """Return the cases that were not judged, although a run may judge them."""
    closed = {name for judged in played for name in names_of(judged.case)}
    closed |= {case.case for case in not_asked if case.why.startswith((UNSUPPORTED, NO_CASSETTE))}
    return selection.corpus.cases.keys() - closed


def _unmatched(
    entry: Expectation,
    played: Iterable[JudgedCase],
    open_cases: Collection[str],
    selection: Selection,
) -> Iterator[str]:
    """Yield the problem of an entry that applies to nothing in a run of its target."""
    of_target = [judged for judged in played if entry.names(judged.target, [entry.case])]
    named = [judged for judged in of_target if entry.names(judged.target, names_of(judged.case))]
    if not of_target or _names_open(entry, open_cases):
        return
    if not named:
        yield (
            f'{entry.place}: no case of this run is case = "{entry.case}": correct the name, or'
            " delete the entry"
        )
        return
    profiles = sorted({judged.profile for judged in named})
    if not any(
        entry.requirement in selection.suite.profile(profile).demanded for profile in profiles
    ):
        yield (
            f"{entry.place}: {entry.requirement} is not required by the profile"
            f" {', '.join(profiles)}: delete the entry"
        )


def _names_open(entry: Expectation, open_cases: Collection[str]) -> bool:
    patterns = [part.partition("#")[0] for part in entry.case.split("+")]
    return any(
        case == pattern or fnmatchcase(case, pattern) for pattern in patterns for case in open_cases
    )
