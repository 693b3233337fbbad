"""Define what a feature of a request is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from conformance.protocol.exchange import Json

Body: TypeAlias = dict[str, Json]
"""The JSON object of a request."""

Area: TypeAlias = str
"""A group of features that one test suite covers, such as ``streaming`` or ``tools``."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A part of the protocol that a request may use.

    Attributes:
        name: The unique name.
        area: The area it belongs to.
        phrase: A description for readers.
        source: Where it is documented.
        is_in: Whether a body has the feature. Never raises, and returns False for malformed parts.
        needs: The capabilities that a target needs to respond as documented.
        factor: Features of the same factor exclude each other; "" for none.
        excludes: The names or factors of other features that cannot be combined with this one.
        implies: Groups of features; a request must have at least one feature of each group.
    """

    name: str
    area: Area
    phrase: str
    source: str
    is_in: Callable[[Body], bool]
    needs: frozenset[str] = frozenset()
    factor: str = ""
    excludes: frozenset[str] = frozenset()
    implies: tuple[tuple[str, ...], ...] = ()


def words(text: str) -> frozenset[str]:
    """Split a text into its set of words."""
    return frozenset(text.split())
