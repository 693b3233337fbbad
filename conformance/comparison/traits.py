"""The traits of an answer: its members, their types, their values, finish reasons and headers.

Free text, ids, names and numbers are no values. Reading is bounded in depth, size and number of
names, whatever an answer has in it.
"""

import re
from collections.abc import Hashable, Iterator
from typing import NamedTuple

from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Json

MOST_OF_ONE = 2_000
"""Traits that are read from one answer."""

_DEEPEST = 12
_MOST_NODES = 20_000
_MOST_ITEMS = 100
_MOST_CHUNKS = 1_000
"""Levels, values, items of an array, and chunks of a stream that are read."""

_MOST_MEMBERS = 100
"""An object with more members is a table of other things: their names are no traits."""

_LONGEST = 60
"""Characters of a name; of a longer one the beginning counts."""

FINISH_REASON = "/choices/*/finish_reason"

_NO_VALUES = frozenset(
    {
        "arguments",
        "content",
        "data",
        "detail",
        "id",
        "message",
        "model",
        "name",
        "param",
        "reasoning",
        "reasoning_content",
        "refusal",
        "signature",
        "system_fingerprint",
        "text",
        "thought_signature",
        "title",
        "token",
        "url",
    }
)
"""Members whose strings are texts, ids or names, whatever they look like."""

_WORD = re.compile(r"[A-Za-z]{1,40}(?:[_.\-/][A-Za-z]{1,40}){0,5}")
_REASON = re.compile(r"[\w.\-: ]{0,60}")

_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array"}


class Trait(NamedTuple):
    """Something that an answer has or has not.

    ``kind``, ``name`` and ``value`` are those of a ``ShapeChange``. ``place`` is where it is looked
    for: the kind of the answer with the pointer of the object, for a member, or of the member
    itself, for a type or a value. An answer without the place cannot have the trait.
    """

    kind: str
    name: str
    value: str
    place: str


class Traits(NamedTuple):
    """The traits of an answer, and the places in which it could have others."""

    traits: frozenset[Trait]
    places: frozenset[str]


def traits_of(facts: Facts) -> Traits:
    """Return the traits of an answer; those of the chunks of a stream together."""
    found: set[Trait] = set()
    places: set[str] = set()
    if facts.headers:
        places.add(f"{facts.kind} headers")
        found |= {
            Trait("header", _short(name.lower()), "", f"{facts.kind} headers")
            for name in list(facts.headers)[:_MOST_MEMBERS]
        }
    left = _MOST_NODES
    for value in _documents(facts):
        for trait, place in _of_value(value, "", facts.kind, 0):
            left -= 1
            if left < 0 or len(found) >= MOST_OF_ONE:
                return Traits(frozenset(found), frozenset(places))
            places.add(place)
            if trait:
                found.add(trait)
    return Traits(frozenset(found), frozenset(places))


def _documents(facts: Facts) -> Iterator[Json]:
    """Yield the body, or one of the chunks that are alike; of a long stream both ends."""
    if facts.kind in ("completion", "error"):
        if isinstance(facts.body, dict | list):
            yield facts.body
        return
    half = _MOST_CHUNKS // 2
    seen: set[Hashable] = set()
    for number, chunk in enumerate(facts.chunks):
        if half <= number < len(facts.chunks) - half:
            continue
        likeness = hash(_likeness(chunk, "", _DEEPEST))
        if likeness not in seen:
            seen.add(likeness)
            yield chunk


def _likeness(value: Json, name: str, levels: int) -> Hashable:
    """Return something that is equal for values with the same traits."""
    if isinstance(value, dict) and levels:
        return tuple((key, _likeness(inner, key, levels - 1)) for key, inner in value.items())
    if isinstance(value, list) and levels:
        return "[", *(_likeness(inner, name, levels - 1) for inner in value[:_MOST_ITEMS])
    if isinstance(value, str) and name not in _NO_VALUES:
        return value
    kind: Hashable = value.__class__
    return kind


def _of_value(
    value: Json, pointer: str, kind: str, depth: int
) -> Iterator[tuple[Trait | None, str]]:
    """Yield the traits in a JSON value, each with a place that it shows to be there.

    ``pointer`` is where the value is, with ``*`` for each index.
    """
    place = f"{kind} {pointer}"
    if pointer:
        type_name = _TYPES.get(type(value), "null" if value is None else "object")
        yield Trait("type", pointer, type_name, place), place
    if isinstance(value, dict):
        yield None, f"{place} {{}}"
        if depth < _DEEPEST and len(value) <= _MOST_MEMBERS:
            for key, inner in value.items():
                name = f"{pointer}/{_short(key).replace('~', '~0').replace('/', '~1')}"
                yield Trait("member", name, "", f"{place} {{}}"), f"{place} {{}}"
                yield from _of_value(inner, name, kind, depth + 1)
    elif isinstance(value, list):
        for inner in value[:_MOST_ITEMS] if depth < _DEEPEST else ():
            yield from _of_value(inner, f"{pointer}/*", kind, depth + 1)
    elif isinstance(value, str):
        if pointer == FINISH_REASON:
            if _REASON.fullmatch(value):
                yield Trait("finish reason", pointer, value, place), place
        elif _may_be_listed(value, pointer):
            yield Trait("value", pointer, value, place), place


def _may_be_listed(value: str, pointer: str) -> bool:
    """Return whether a string looks like one of a few that a member may have."""
    last = pointer.removesuffix("/*").rpartition("/")[2]
    return last not in _NO_VALUES and _WORD.fullmatch(value) is not None


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
