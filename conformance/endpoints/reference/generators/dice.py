"""What takes the place of chance: numbers that follow from a digest, so that the same request has
the same answer."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import orjson

from conformance.protocol.exchange import Json

_Any = TypeVar("_Any")


@dataclass(frozen=True, slots=True)
class Dice:
    """A source of numbers: each label has its own, always the same."""

    seed: bytes

    def bytes(self, label: str, size: int) -> bytes:
        """So many bytes, 64 at most."""
        return hashlib.blake2b(label.encode(), key=self.seed, digest_size=size).digest()

    def number(self, label: str, below: int) -> int:
        """A number from 0 to one less than ``below``."""
        return int.from_bytes(self.bytes(label, 8)) % below

    def choose(self, label: str, values: Sequence[_Any]) -> _Any:
        """One of the values, of which there is at least one."""
        return values[self.number(label, len(values))]

    def under(self, label: str) -> "Dice":
        """A source of its own."""
        return Dice(self.bytes(label, 32))


def dice_for(value: Json) -> Dice:
    """The source that belongs to a JSON value, whatever the order of its keys."""
    return Dice(hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).digest())
