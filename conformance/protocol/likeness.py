"""Drop the items of long arrays that are alike for the schemas, as most chunks of a stream are.

Two values are alike if no keyword of the schemas can tell them apart: they have the same structure,
and differ only in texts that the schemas do not restrict, or in numbers between the same limits.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from conformance.protocol.exchange import Json
from conformance.protocol.json_access import objects_in, resolved
from conformance.protocol.value_pieces import is_within

_LONG = 50
"""Items: of a shorter array all are kept."""

_KEPT = 2
"""Items of a long array that are always kept, so that it still has more than one."""

_DEEPEST = 12
"""The levels of which long arrays are shortened; below them only equal values are alike."""

_SAME_VALUE = ("allOf", "anyOf", "oneOf")
_SAME_VALUE_ONE = ("not", "if", "then", "else", "items", "contains")
"""Keywords whose subschemas apply to the same value, or to the items under the same name."""

_OF_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_OF_STRINGS = frozenset({"pattern", "format", "maxLength", "enum", "const"})

_EMPTY, _SOME_TEXT = object(), object()


@dataclass(frozen=True, slots=True)
class Likeness:
    """What the schemas tell apart.

    ``names`` are the members whose texts some schema restricts by more than their type and that
    they are not empty. ``limits`` are the numbers in the schemas, sorted.
    """

    names: frozenset[str]
    limits: tuple[float, ...]

    def distinct(self, value: Json, levels: int = _DEEPEST) -> Json:
        """Return the value with one of the items that are alike in each long array."""
        if not levels or not isinstance(value, list | dict) or is_within(value, _LONG):
            return value
        if isinstance(value, dict):
            return {name: self.distinct(item, levels - 1) for name, item in value.items()}
        items = value if len(value) < _LONG else self._unlike(value)
        return [self.distinct(item, levels - 1) for item in items]

    def _unlike(self, items: Iterable[Json]) -> Iterator[Json]:
        seen: set[int] = set()  # hashes, as the keys themselves take more memory than the items
        for number, item in enumerate(items):
            key = hash(self._key(item, "", _DEEPEST))
            if number < _KEPT or key not in seen:
                seen.add(key)
                yield item

    def _key(self, value: Json, name: str, levels: int) -> object:
        """Return something hashable that is equal for values that are alike."""
        if isinstance(value, str):
            return value if name in self.names else _SOME_TEXT if value else _EMPTY
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int | float):
            place = bisect_left(self.limits, value), bisect_right(self.limits, value)
            return value == int(value) if _is_finite(value) else None, place
        if not levels:
            return repr(value)
        if isinstance(value, dict):
            return tuple([(key, self._key(item, key, levels - 1)) for key, item in value.items()])
        return "[", tuple([self._key(item, name, levels - 1) for item in value])


def _is_finite(number: float) -> bool:
    return abs(number) < float("inf")


def likeness_of(documents: Mapping[str, Json]) -> Likeness:
    """Return what schema documents tell apart; they refer to each other as ``NAME.json#POINTER``.

    They must not have ``multipleOf``, a keyword that compares items with each other or counts more
    than two of them, or one that restricts the texts of members of any name.
    """
    nodes = [(name, node) for name in documents for node in objects_in(documents[name])]
    restricted = {
        member
        for name, node in nodes
        if isinstance(members := node.get("properties"), dict)
        for member, schema in members.items()
        if _restricts_text(schema, name, documents, set())
    }
    limits = {
        float(number)
        for _, node in nodes
        for number in (*(node.get(keyword) for keyword in _OF_NUMBERS), *_constants(node))
        if isinstance(number, int | float)
    }
    return Likeness(frozenset(restricted), tuple(sorted(limits)))


def _constants(node: Mapping[str, Json]) -> list[Json]:
    several = node.get("enum")
    return [node.get("const"), *(several if isinstance(several, list) else ())]


def _restricts_text(
    schema: Json, document: str, documents: Mapping[str, Json], seen: set[int]
) -> bool:
    """Return whether a schema may tell two texts apart that are not empty."""
    if not isinstance(schema, dict) or id(schema) in seen:
        return False
    seen.add(id(schema))
    if not _OF_STRINGS.isdisjoint(schema) or schema.get("minLength", 0) > 1:
        return True
    below = [(schema[key], document) for key in _SAME_VALUE_ONE if key in schema]
    below += [(each, document) for key in _SAME_VALUE for each in schema.get(key, ())]
    if isinstance(reference := schema.get("$ref"), str):
        file, _, pointer = reference.partition("#")
        name = file.removesuffix(".json") or document
        below.append((resolved(documents[name], pointer), name))
    return any(_restricts_text(each, name, documents, seen) for each, name in below)
