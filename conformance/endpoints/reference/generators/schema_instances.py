"""Instances of a JSON Schema: made from its keywords, then checked against it."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from conformance.endpoints.reference.generators.dice import Dice
from conformance.endpoints.reference.generators.scalars import number_of, text_of
from conformance.endpoints.reference.generators.schema_merging import merged
from conformance.endpoints.reference.generators.schemas import target
from conformance.protocol.chat.requested_schema import compile_check
from conformance.protocol.exchange import Json

_Any = TypeVar("_Any")

_TRIES = 12
_DEEP = 6  # levels from which on only what is required is made
_DEEPEST = 60
_LARGEST = 5_000  # values
_OF_TYPE = {
    "object": (
        "properties",
        "required",
        "additionalProperties",
        "minProperties",
        "patternProperties",
    ),
    "array": ("items", "prefixItems", "minItems", "contains", "uniqueItems"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


class NoInstance(Exception):
    """No instance of the schema was found."""


def instance_of(schema: Mapping[str, Any], words: Sequence[str], dice: Dice) -> Json:
    """A value that satisfies a schema that compiles; ``words`` are the first choice for its texts.
    Raises NoInstance."""
    check = compile_check(schema)
    if check is None:
        raise NoInstance
    for number in range(_TRIES):
        try:
            value = _Maker(schema, words, dice.under(str(number))).value(schema, 0)
        except (NoInstance, LookupError, ArithmeticError, RecursionError):
            continue
        if check(value) is None:
            return value
    raise NoInstance


class _Maker:
    """Makes one instance; every value it makes is drawn with a label of its own."""

    __slots__ = ("_count", "_dice", "_root", "_words")

    def __init__(self, root: Json, words: Sequence[str], dice: Dice) -> None:
        self._root = root
        self._words = words
        self._dice = dice
        self._count = 0

    def value(self, schema: Json, depth: int) -> Json:
        """A value for a schema so many levels below the root."""
        self._count += 1
        if depth > _DEEPEST or self._count > _LARGEST or schema is False:
            raise NoInstance
        node = self._resolved(schema, depth) if isinstance(schema, dict) else {}
        if "const" in node:
            return node["const"]
        if isinstance(node.get("enum"), list) and node["enum"]:
            return self._dice.choose(self._label(), node["enum"])
        match self._type(node, depth):
            case "object":
                return self._object(node, depth)
            case "array":
                return self._array(node, depth)
            case "boolean":
                return bool(self._pick(2))
            case "null":
                return None
            case "integer" | "number" as kind:
                number = number_of(node, kind == "integer", self._pick)
                if number is None:
                    raise NoInstance
                return number
        text = text_of(node, self._words, self._pick)
        if text is None:
            raise NoInstance
        return text

    def _label(self) -> str:
        self._count += 1
        return str(self._count)

    def _pick(self, below: int) -> int:
        return self._dice.number(self._label(), below)

    def _resolved(self, schema: Mapping[str, Any], depth: int) -> Mapping[str, Any]:
        """The schema with its references followed, its allOf merged in and one branch of its anyOf
        and oneOf chosen."""
        node: Mapping[str, Any] = schema
        for _ in range(_DEEPEST):
            key = next((each for each in ("$ref", "allOf", "anyOf", "oneOf") if each in node), None)
            if key is None:
                return node
            rest = {each: value for each, value in node.items() if each != key}
            more = (
                [target(node[key], self._root)]
                if key == "$ref"
                else self._branches(key, node[key], depth)
            )
            for each in more:
                if each is False:
                    raise NoInstance
                rest = merged(rest, each if isinstance(each, dict) else {})
            node = rest
        raise NoInstance

    def _branches(self, key: str, branches: Any, depth: int) -> Sequence[Json]:
        if not isinstance(branches, list) or not branches or key == "allOf":
            return branches if isinstance(branches, list) else []
        if depth > _DEEP:  # the way out of a schema that refers to itself
            return [min(branches, key=lambda branch: "$ref" in str(branch))]
        return [self._dice.choose(self._label(), branches)]

    def _type(self, node: Mapping[str, Any], depth: int) -> str:
        kind = node.get("type")
        if isinstance(kind, list) and kind:
            kind = (
                "null"
                if depth > _DEEP and "null" in kind
                else self._dice.choose(self._label(), kind)
            )
        if isinstance(kind, str):
            return kind
        plain = (
            self._dice.choose(self._label(), ("string", "integer", "boolean", "object"))
            if "not" in node or "if" in node
            else "string"
        )
        return next(
            (name for name, keywords in _OF_TYPE.items() if any(each in node for each in keywords)),
            plain,
        )

    def _object(self, node: Mapping[str, Any], depth: int) -> dict[str, Json]:
        properties: dict[str, Json] = _taken(node, "properties", {})
        required: list[str] = _taken(node, "required", [])
        names = list(dict.fromkeys([*required, *(() if depth > _DEEP else properties)]))
        names = names[: max(len(set(required)), _taken(node, "maxProperties", _LARGEST))]
        least = _taken(node, "minProperties", 0)
        if least > _LARGEST:
            raise NoInstance
        spare = (
            name for name in (*properties, *map("key{}".format, range(least))) if name not in names
        )
        names += list(islice(spare, max(0, least - len(names))))
        ordered = [name for name in properties if name in names] + [
            name for name in names if name not in properties
        ]
        others = node.get("additionalProperties", True)
        return {name: self.value(properties.get(name, others), depth + 1) for name in ordered}

    def _array(self, node: Mapping[str, Any], depth: int) -> list[Json]:
        first: list[Json] = _taken(node, "prefixItems", [])
        items, least = node.get("items", True), _taken(node, "minItems", 0)
        size = (
            least
            if depth > _DEEP
            else max(least, min(len(first) or 2, _taken(node, "maxItems", 2)))
        )
        if items is False:
            size = min(size, len(first))
        if size > _LARGEST:
            raise NoInstance
        made: list[Json] = []
        if "contains" in node:
            made.append(
                self.value(
                    merged(items if isinstance(items, dict) else {}, node["contains"]), depth + 1
                )
            )
        while len(made) < size:
            place = len(made)
            made.append(
                self._other(
                    first[place] if place < len(first) else items,
                    made if node.get("uniqueItems") else [],
                    depth,
                )
            )
        return made

    def _other(self, schema: Json, than: Sequence[Json], depth: int) -> Json:
        """A value that is none of those there are already."""
        for _ in range(_TRIES):
            value = self.value(schema, depth + 1)
            if value not in than:
                return value
        raise NoInstance


def _taken(node: Mapping[str, Any], key: str, default: _Any) -> _Any:
    """The value of a keyword where it has the type that it has to have: what a reference leads to
    may be no schema."""
    value = node.get(key, default)
    return value if isinstance(value, type(default)) else default
