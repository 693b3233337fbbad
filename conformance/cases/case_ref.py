"""The reference to a case in reports: ``ID``, ``ID#2`` for its second turn, ``A+B`` for a group."""

from collections.abc import Iterable
from typing import NamedTuple


class CaseRef(NamedTuple):
    """A case and the number of a turn of it, from 1."""

    id: str
    turn: int = 1

    def __str__(self) -> str:
        """``ID``, or ``ID#N`` for a later turn."""
        return f"{self.id}#{self.turn}" if self.turn > 1 else self.id


def parse_case(reference: str) -> CaseRef:
    """Parse ``ID`` or ``ID#N``; what follows ``#`` counts as turn 1 if it is not a number."""
    name, _, turn = reference.partition("#")
    return CaseRef(name, int(turn) if turn.isdecimal() else 1)


def parse_group(reference: str) -> list[CaseRef]:
    """Parse references joined by ``+``: the exchanges that were judged together."""
    return [parse_case(part) for part in reference.split("+")]


def names_of(reference: str) -> tuple[str, ...]:
    """Return the names by which a user may mean what a reference stands for.

    They are the whole reference and, of a turn, twins or a conversation, the ids of its cases.
    """
    return tuple(dict.fromkeys((reference, *(part.id for part in parse_group(reference)))))


def join_group(references: Iterable[str]) -> str:
    """Join the references of exchanges that are judged together with ``+``."""
    return "+".join(references)
