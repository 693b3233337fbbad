"""Define faults: mistakes of servers that are put into exchanges that conform."""

import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Generic, TypeAlias, TypeVar

from conformance.protocol.exchange import Exchange

Group: TypeAlias = tuple[Exchange, ...]
"""Exchanges that are judged together: a twin's two, or the turns of a conversation in order."""

Predicate: TypeAlias = Callable[[Exchange], object]
"""Returns a true value if a fault can be put into the exchange."""

Of = TypeVar("Of", Exchange, Group)


@dataclass(frozen=True, slots=True)
class Fault(Generic[Of]):
    """One mistake that a server can make.

    `caught_by` is the requirement that must report it under `profile`; None for a control, which
    is legal and must not be reported. Only requirements in `also` may report it too. `report` is
    the id of its public reports in reports.toml, or "" for a fault derived from its requirement.
    `note` says why the fault differs from its report, if it does. `change` puts the fault into an
    exchange and returns None if that is not possible. `applies` are conditions that every exchange
    must meet.
    """

    name: str
    caught_by: str | None
    also: frozenset[str]
    profile: str
    report: str
    note: str
    change: Callable[[Of], Of | None] = field(repr=False)
    applies: tuple[Predicate, ...] = field(default=(), repr=False)

    @property
    def does(self) -> str:
        """What the server does, in a sentence: the first paragraph of the function's docstring."""
        paragraph, _, _ = (self.change.__doc__ or "").strip().partition("\n\n")
        return " ".join(paragraph.split())

    @property
    def source(self) -> tuple[str, ...]:
        """The public issues that report this fault, the clearest first; empty without a report."""
        return tuple(reports()[self.report]) if self.report else ()

    def __call__(self, base: Of) -> Of | None:
        """Put the fault into an exchange or a group of exchanges.

        Returns None if the fault does not apply or would change nothing.
        """
        exchanges = (base,) if isinstance(base, Exchange) else base
        if not all(predicate(exchange) for predicate in self.applies for exchange in exchanges):
            return None
        changed = self.change(base)
        return None if changed == base else changed


@cache
def reports() -> Mapping[str, list[str]]:
    """Return the public issues of each report, by report id."""
    return tomllib.loads((Path(__file__).parents[1] / "reports.toml").read_text(encoding="utf-8"))


def fault(
    name: str,
    caught_by: str | None,
    *,
    also: tuple[str, ...] = (),
    profile: str = "openai",
    report: str = "",
    note: str = "",
    applies: tuple[Predicate, ...] = (),
) -> Callable[[Callable[[Exchange], Exchange | None]], Fault[Exchange]]:
    """Turn the decorated function into a fault of one exchange.

    The fault is in the catalogue once the tuple `FAULTS` of its module lists it.
    """

    def of(change: Callable[[Exchange], Exchange | None]) -> Fault[Exchange]:
        return Fault(name, caught_by, frozenset(also), profile, report, note, change, applies)

    return of


def group_fault(
    name: str,
    caught_by: str,
    *,
    also: tuple[str, ...] = (),
    profile: str = "openai",
    report: str = "",
    note: str = "",
    applies: tuple[Predicate, ...] = (),
) -> Callable[[Callable[[Group], Group | None]], Fault[Group]]:
    """Turn the decorated function into a fault that only several exchanges show.

    Every exchange of the group must meet the conditions in `applies`. The fault is in the catalogue
    once the tuple `GROUP_FAULTS` of its module lists it.
    """

    def of(change: Callable[[Group], Group | None]) -> Fault[Group]:
        return Fault(name, caught_by, frozenset(also), profile, report, note, change, applies)

    return of


def by_name(faults: Iterable[Fault[Of]], taken: Collection[str] = ()) -> Mapping[str, Fault[Of]]:
    """Return a read-only mapping of the faults by their names, in the given order.

    `taken` are the names that other faults have.

    Raises:
        ValueError: two faults have the same name, or the name of a fault is taken.
    """
    named: dict[str, Fault[Of]] = {}
    for each in faults:
        if each.name in named or each.name in taken:
            raise ValueError(f"there are two faults named {each.name}")
        named[each.name] = each
    return MappingProxyType(named)
