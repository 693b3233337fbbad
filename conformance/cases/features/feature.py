"""What a request feature is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from conformance.protocol.exchange import Json

Body: TypeAlias = dict[str, Json]
"""The JSON object that a request is."""

Area: TypeAlias = str
"""What belongs together in one suite: ``streaming``, ``tools`` and the like."""


@dataclass(frozen=True, slots=True)
class Feature:
    """Something of the protocol that a request uses or does not.

    ``phrase`` names it for readers, ``source`` where it is documented. ``is_in`` tells it from a
    body, and neither raises nor answers True for what is mis-shaped. ``needs`` are the capabilities
    without which a target does not answer as documented. Features of one ``factor`` exclude each
    other; ``excludes`` names further features, or factors. ``implies`` are groups of features of
    which one each must be there too.
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
    """The words of a text, as a set: how needs and exclusions are written."""
    return frozenset(text.split())
