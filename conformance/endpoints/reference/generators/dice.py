"""Deterministic random numbers, so that the same request always has the same answer."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import orjson

from conformance.protocol.exchange import Json

_Any = TypeVar("_Any")


@dataclass(frozen=True, slots=True)
class Dice:
    """A source of random numbers; the same seed and label always give the same number."""

    seed: bytes

    def bytes(self, label: str, size: int) -> bytes:
        """Return ``size`` bytes, at most 64."""
        return hashlib.blake2b(label.encode(), key=self.seed, digest_size=size).digest()

    def number(self, label: str, below: int) -> int:
        """Return a number from 0 to ``below - 1``."""
        return int.from_bytes(self.bytes(label, 8)) % below

    def choose(self, label: str, values: Sequence[_Any]) -> _Any:
        """Return one of the values; there must be at least one."""
        return values[self.number(label, len(values))]

    def under(self, label: str) -> "Dice":
        """Return an independent source for a label."""
        return Dice(self.bytes(label, 32))


def dice_for(value: Json) -> Dice:
    """Return the source for a JSON value; the order of keys in objects does not matter."""
    return Dice(hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).digest())
