"""The kill matrix: each fault in each base it applies to, and the findings that it adds."""

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
    """One fault in one base.

    `new` are the requirements that report the faulty exchange but not the base. `known` are those
    of them that a known deviation explains.
    """

    base: str
    new: frozenset[str]
    known: frozenset[str]


@cache
def _clean(profile: str, identifier: str, origin: str, probes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(found_in(profile, _one_question(_exchanges()[identifier, origin], probes)))


@cache
def _holds(predicate: Predicate, identifier: str, origin: str) -> bool:
    """Return whether a base meets a condition; cached, because many faults share conditions."""
    return bool(predicate(_exchanges()[identifier, origin]))


@cache
def _exchanges() -> dict[tuple[str, str], Exchange]:
    return {
        (base.exchange.id, base.exchange.origin): base.exchange
        for base in [*shipped(), *more_cassettes(), *recordings()]
    }


@cache
def shipped() -> tuple[Base, ...]:
    """Return the bases that every checkout has and every fault is put into."""
    return (*goldens(), *cassettes(), *probed())


def _one_question(exchange: Exchange, probes: tuple[str, ...]) -> Exchange:
    return replace(exchange, meta={**exchange.meta, "probes": probes})


def cells(fault: Fault[Exchange], bases: Sequence[Base]) -> Iterator[Cell]:
    """Make a cell for each base that the fault applies to and its requirement does not report.

    A base counts as a probe only for the requirement that the fault breaks.
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
            yield Cell(exchange.id, new, frozenset(name for name in new if found[name].known))


@cache
def matrix(with_recordings: bool) -> dict[str, tuple[Cell, ...]]:
    """Return the cells of each fault by its name: on the shipped bases, then on recordings."""
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
    """Return whether the fault's requirement reports it, and no other except those allowed.

    A control is caught if no requirement reports it.
    """
    return (fault.caught_by is None or fault.caught_by in cell.new) and cell.new <= {
        fault.caught_by
    } | fault.also


@dataclass(frozen=True, slots=True)
class Score:
    """The results of one chapter.

    `requirements` is the number of requirements that one exchange can show, and `broken` how many
    of them a fault breaks. `faults` is the number of faults, `cells` the number of their cells, and
    `kills` the number of cells in which the fault is caught.
    """

    chapter: str
    requirements: int
    broken: int
    faults: int
    cells: int
    kills: int


def scores(cells_of: dict[str, tuple[Cell, ...]]) -> list[Score]:
    """Return a score for each chapter, in the order of the requirements."""
    made = []
    shown = [
        requirement.id
        for requirement in requirements().values()
        if requirement.needs in ("exchange", "probe")
    ]
    for chapter in dict.fromkeys(requirement.partition("-")[0] for requirement in shown):
        of_chapter = [
            fault
            for fault in faults().values()
            if (fault.caught_by or "").startswith(f"{chapter}-")
        ]
        ids = {requirement for requirement in shown if requirement.startswith(f"{chapter}-")}
        pairs = [(fault, cell) for fault in of_chapter for cell in cells_of[fault.name]]
        broken = {fault.caught_by for fault, cell in pairs if caught(fault, cell)}
        made.append(
            Score(
                chapter,
                len(ids),
                len(broken),
                len(of_chapter),
                len(pairs),
                sum(caught(fault, cell) for fault, cell in pairs),
            )
        )
    return made
