"""The self-test: the reference endpoint answers, in process, every case that it supports."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from conformance.cases import Case
from conformance.endpoints.endpoint import converse
from conformance.endpoints.reference import PROFILES
from conformance.endpoints.reference.in_process import NAME, embedded, model_for, served_as
from conformance.protocol.exchange import Exchange
from conformance.runs.cassette_answers import turn_of
from conformance.runs.results import Answer, Unanswered
from conformance.runs.selection import Selection, SelectionError, cassettes, why_unsupported


def is_chosen(selection: Selection) -> bool:
    """True if the self-test is selected: by name, or because no target is named.

    False if no target is named and the reference endpoint does not serve the chosen profile, or
    without a choice any profile of the suite. Raises SelectionError if it is named in such a case.
    """
    named = NAME in selection.targets
    served = [name for name in PROFILES if name in selection.suite.profiles]
    if selection.profile in served or (selection.profile is None and served):
        return named or not selection.targets
    if named:
        wanted = f"profile {selection.profile}" if selection.profile else "profile of this suite"
        raise SelectionError(
            f"--target {NAME}: the self-test has no {wanted}, only {', '.join(served or PROFILES)}"
        )
    return False


def paths_of(folder: Path, selection: Selection) -> list[Path]:
    """Return the cassettes of the selected targets other than the self-test.

    Returns [] if only the self-test is named. Raises SelectionError like ``cassettes``.
    """
    named = [target for target in selection.targets if target != NAME]
    return cassettes(folder, named) if named or not selection.targets else []


def ask(cases: Iterable[Case], selection: Selection) -> Iterator[Answer | Unanswered]:
    """Yield an answer for each turn of each case, or why the case is not supported.

    The profile is the chosen one, otherwise the first served one of the suite that supports the
    case.
    """
    profiles = selection.suite.profiles
    for case in cases:
        name = selection.profile or served_as(case, profiles)
        if name is None or model_for(case, profiles[name]) is None:
            needs = ", ".join(sorted(case.needs))
            why = why_unsupported(case, profiles[name], "") if name else ""
            yield Unanswered(
                NAME, case.id, why or f"not supported by any served {name or 'profile'}: {needs}"
            )
            continue
        for number, exchange in enumerate(converse(case, embedded(name, profiles[name])), 1):
            assert isinstance(exchange, Exchange)  # in process there is always an answer
            yield Answer(NAME, turn_of(case.id, number), exchange)
