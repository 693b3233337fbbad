"""The kill matrix: every fault in every base that it applies to, and what the judge says of it that
it did not say of the base."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

from conformance.faults import Fault, faults
from conformance.faults.kit.fault import Predicate
from conformance.judging.requirements import requirements
from conformance.protocol.exchange import Exchange
from tests.faults.bases import (
    SPREAD,
    Base,
    cassettes,
    found_in,
    goldens,
    more_cassettes,
    probed,
    recordings,
    spread,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault in one base: the requirements that speak of the faulty exchange and not of the
    base, those that a known deviation explains among them."""

    base: str
    new: frozenset[str]
    known: frozenset[str]


@cache
def _clean(profile: str, identifier: str, origin: str, probes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(found_in(profile, _one_question(_exchanges()[identifier, origin], probes)))


@cache
def _holds(predicate: Predicate, identifier: str, origin: str) -> bool:
    """Whether a base has what faults spoil: asked once for all faults that ask it."""
    return bool(predicate(_exchanges()[identifier, origin]))


@cache
def _exchanges() -> dict[tuple[str, str], Exchange]:
    return {
        (base.exchange.id, base.exchange.origin): base.exchange
        for base in [*shipped(), *more_cassettes(), *recordings()]
    }


@cache
def shipped() -> tuple[Base, ...]:
    """The bases that everyone has, and every fault is put into."""
    return (*goldens(), *cassettes(), *probed())


def _one_question(exchange: Exchange, probes: tuple[str, ...]) -> Exchange:
    return replace(exchange, meta={**exchange.meta, "probes": probes})


def cells(fault: Fault[Exchange], bases: Sequence[Base]) -> Iterator[Cell]:
    """A cell for each base that a fault applies to, and of which its requirement does not speak
    already.

    A base is asked one question: whether it was made to show a requirement counts where that is the
    requirement to be broken, and for nothing else.
    """
    for base in bases:
        if fault.profile not in base.profiles or not all(
            _holds(predicate, base.exchange.id, base.exchange.origin) for predicate in fault.applies
        ):
            continue
        probes = (
            (fault.caught_by,)
            if fault.caught_by and fault.caught_by in (base.exchange.meta.get("probes") or ())
            else ()
        )
        exchange = _one_question(base.exchange, probes)
        clean = _clean(fault.profile, exchange.id, exchange.origin, probes)
        faulty = None if fault.caught_by in clean else fault(exchange)
        if faulty is not None:
            found = found_in(fault.profile, faulty)
            new = frozenset(found) - clean
            yield Cell(exchange.id, new, frozenset(row for row in new if found[row].known))


@cache
def matrix(with_recordings: bool) -> dict[str, tuple[Cell, ...]]:
    """The cells of each fault, by its name: on the bases that everyone has, then on recordings."""
    if not with_recordings:
        return {
            name: (*cells(fault, shipped()), *islice(cells(fault, spread(name)), SPREAD))
            for name, fault in faults().items()
        }
    return {
        name: (*matrix(with_recordings=False)[name], *cells(fault, recordings()))
        for name, fault in faults().items()
    }


def caught(fault: Fault[Exchange], cell: Cell) -> bool:
    """The requirement named speaks, and none but those allowed; for a control, none at all."""
    return (fault.caught_by is None or fault.caught_by in cell.new) and cell.new <= {
        fault.caught_by
    } | fault.also


@dataclass(frozen=True, slots=True)
class Score:
    """What the matrix shows of a chapter.

    How many requirements one exchange can show, how many of them a fault breaks, how many faults
    there are, and in how many of their cells they are caught.
    """

    chapter: str
    rows: int
    broken: int
    faults: int
    cells: int
    kills: int


def scores(cells_of: dict[str, tuple[Cell, ...]]) -> list[Score]:
    """A score for each chapter of the ledger, in its order."""
    made = []
    shown = [row.id for row in requirements().values() if row.needs in ("exchange", "probe")]
    for chapter in dict.fromkeys(row.partition("-")[0] for row in shown):
        of_chapter = [
            fault
            for fault in faults().values()
            if (fault.caught_by or "").startswith(f"{chapter}-")
        ]
        rows = {row for row in shown if row.startswith(f"{chapter}-")}
        pairs = [(fault, cell) for fault in of_chapter for cell in cells_of[fault.name]]
        broken = {fault.caught_by for fault, cell in pairs if caught(fault, cell)}
        made.append(
            Score(
                chapter,
                len(rows),
                len(broken),
                len(of_chapter),
                len(pairs),
                sum(caught(fault, cell) for fault, cell in pairs),
            )
        )
    return made
