"""The self-test: what the reference endpoint answers in process, to every case that a profile it
serves can be asked."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from conformance.cases import Case
from conformance.endpoints.endpoint import converse
from conformance.endpoints.reference import PROFILES
from conformance.endpoints.reference.in_process import NAME, embedded, served_as
from conformance.protocol.exchange import Exchange
from conformance.runs.cassette_answers import turn_of
from conformance.runs.results import Answer, Unanswered
from conformance.runs.selection import Selection, SelectionError, cassettes


def is_chosen(selection: Selection) -> bool:
    """Whether the self-test is part of what was chosen. Raises SelectionError where it was asked
    for under a profile that is not served."""
    named = NAME in selection.targets
    if selection.profile in (None, *PROFILES):
        return named or not selection.targets
    if named:
        raise SelectionError(
            f"--target {NAME}: the suite answers itself as {', '.join(PROFILES)}, not as"
            f" {selection.profile}"
        )
    return False


def paths_of(folder: Path, selection: Selection) -> list[Path]:
    """The cassettes of the targets chosen beside the self-test. Raises SelectionError."""
    named = [target for target in selection.targets if target != NAME]
    return cassettes(folder, named) if named or not selection.targets else []


def ask(cases: Iterable[Case], selection: Selection) -> Iterator[Answer | Unanswered]:
    """Answer cases in process, by the chosen profile or else by the first that can do what a case
    needs."""
    for case in cases:
        name = selection.profile or served_as(case)
        missing = case.needs - selection.suite.profile(name).capabilities if name else case.needs
        if name is None or missing:
            yield Unanswered(
                NAME,
                case.id,
                f"not supported by {name or 'any served profile'}: {', '.join(sorted(missing))}",
            )
            continue
        for number, exchange in enumerate(converse(case, embedded(name)), 1):
            assert isinstance(exchange, Exchange)  # in process there is always an answer
            yield Answer(NAME, turn_of(case.id, number), exchange)
