"""What a fault is: the report it comes from, the requirement that must catch it, and the pure
function that puts it into an exchange."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

from conformance.protocol.exchange import Exchange

Group: TypeAlias = tuple[Exchange, ...]
"""Exchanges that belong together: the two of a twin, or the turns of a conversation in their order.
"""

Predicate: TypeAlias = Callable[[Exchange], object]
"""Whether an exchange has what a fault spoils: any true value says yes."""

Of = TypeVar("Of", Exchange, Group)


@dataclass(frozen=True, slots=True)
class Fault(Generic[Of]):
    """One way in which a server goes wrong.

    ``caught_by`` is the requirement that must speak, under ``profile``; those in ``also`` may speak
    too, and no other. None stands for what is legal and must stay silent. ``report`` is the id in
    reports.toml of the public reports that tell of it, "" for a fault that was thought out from its
    requirement. ``note`` says why the fault differs from its report, where it does. ``change``
    gives the faulty exchange, None where it does not apply.
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
        """What the server does, in a sentence: the first line of the function's docstring."""
        paragraph, _, _ = (self.change.__doc__ or "").strip().partition("\n\n")
        return " ".join(paragraph.split())

    @property
    def source(self) -> tuple[str, ...]:
        """The public issues that tell of it, the clearest first."""
        return tuple(reports()[self.report]) if self.report else ()

    def __call__(self, base: Of) -> Of | None:
        """The exchange, or exchanges, with the fault in it; None for one that the fault does not
        apply to or changes nothing in."""
        exchanges = (base,) if isinstance(base, Exchange) else base
        if not all(predicate(exchange) for predicate in self.applies for exchange in exchanges):
            return None
        changed = self.change(base)
        return None if changed == base else changed


@cache
def reports() -> Mapping[str, list[str]]:
    """The public issues of each report, by its id."""
    return tomllib.loads((Path(__file__).parents[1] / "reports.toml").read_text(encoding="utf-8"))


_faults: dict[str, Fault[Exchange]] = {}
_of_groups: dict[str, Fault[Group]] = {}


def fault(
    name: str,
    caught_by: str | None,
    *,
    also: tuple[str, ...] = (),
    profile: str = "openai",
    report: str = "",
    note: str = "",
    applies: tuple[Predicate, ...] = (),
) -> Callable[[Callable[[Exchange], Exchange | None]], Callable[[Exchange], Exchange | None]]:
    """Register the decorated function as a fault of one exchange."""

    def register(
        change: Callable[[Exchange], Exchange | None],
    ) -> Callable[[Exchange], Exchange | None]:
        _add(
            _faults, Fault(name, caught_by, frozenset(also), profile, report, note, change, applies)
        )
        return change

    return register


def group_fault(
    name: str,
    caught_by: str,
    *,
    also: tuple[str, ...] = (),
    profile: str = "openai",
    report: str = "",
    note: str = "",
    applies: tuple[Predicate, ...] = (),
) -> Callable[[Callable[[Group], Group | None]], Callable[[Group], Group | None]]:
    """Register the decorated function as a fault that only several exchanges show; ``applies`` is
    asked of each of them."""

    def register(change: Callable[[Group], Group | None]) -> Callable[[Group], Group | None]:
        _add(
            _of_groups,
            Fault(name, caught_by, frozenset(also), profile, report, note, change, applies),
        )
        return change

    return register


def _add(registry: dict[str, Fault[Of]], made: Fault[Of]) -> None:
    if made.name in _faults or made.name in _of_groups:
        raise ValueError(f"there are two faults named {made.name}")
    registry[made.name] = made


def registered() -> dict[str, Fault[Exchange]]:
    """The faults of one exchange registered so far, by name."""
    return _faults


def registered_of_groups() -> dict[str, Fault[Group]]:
    """The faults of several exchanges registered so far, by name."""
    return _of_groups
