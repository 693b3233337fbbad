"""Generate values from the keywords of a JSON Schema, and check them against it."""

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
_DEEP = 6  # levels below which only required properties are generated
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
    """Return a value that satisfies a schema; its texts are made of ``words``.

    Raises:
        NoInstance: No value was found, or the schema is not valid.
    """
    check = compile_check(schema)
    if check is None:
        raise NoInstance
    for number in range(_TRIES):
        try:
            value = _Generator(schema, words, dice.under(str(number))).value(schema, 0)
        except (NoInstance, LookupError, ArithmeticError, RecursionError):
            continue
        if check(value) is None:
            return value
    raise NoInstance


class _Generator:
    """Generates one instance; every random number has a label of its own."""

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
        """Return the schema with references resolved and allOf, anyOf and oneOf replaced.

        allOf is merged into the schema; of anyOf and oneOf one branch is chosen.
        """
        node: Mapping[str, Any] = schema
        for _ in range(_DEEPEST):
            key = next((name for name in ("$ref", "allOf", "anyOf", "oneOf") if name in node), None)
            if key is None:
                return node
            rest = {name: value for name, value in node.items() if name != key}
            subschemas = (
                [target(node[key], self._root)]
                if key == "$ref"
                else self._branches(key, node[key], depth)
            )
            for subschema in subschemas:
                if subschema is False:
                    raise NoInstance
                rest = merged(rest, subschema if isinstance(subschema, dict) else {})
            node = rest
        raise NoInstance

    def _branches(self, key: str, branches: Any, depth: int) -> Sequence[Json]:
        if not isinstance(branches, list) or not branches or key == "allOf":
            return branches if isinstance(branches, list) else []
        if depth > _DEEP:  # end the recursion of a schema that refers to itself
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
        default = (
            self._dice.choose(self._label(), ("string", "integer", "boolean", "object"))
            if "not" in node or "if" in node
            else "string"
        )
        return next(
            (name for name, keywords in _OF_TYPE.items() if any(key in node for key in keywords)),
            default,
        )

    def _object(self, node: Mapping[str, Any], depth: int) -> dict[str, Json]:
        properties: dict[str, Json] = _keyword(node, "properties", {})
        required: list[str] = _keyword(node, "required", [])
        names = list(dict.fromkeys([*required, *(() if depth > _DEEP else properties)]))
        names = names[: max(len(set(required)), _keyword(node, "maxProperties", _LARGEST))]
        least = _keyword(node, "minProperties", 0)
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
        first: list[Json] = _keyword(node, "prefixItems", [])
        items, least = node.get("items", True), _keyword(node, "minItems", 0)
        size = (
            least
            if depth > _DEEP
            else max(least, min(len(first) or 2, _keyword(node, "maxItems", 2)))
        )
        if items is False:
            size = min(size, len(first))
        if size > _LARGEST:
            raise NoInstance
        values: list[Json] = []
        if "contains" in node:
            values.append(
                self.value(
                    merged(items if isinstance(items, dict) else {}, node["contains"]), depth + 1
                )
            )
        while len(values) < size:
            place = len(values)
            values.append(
                self._other(
                    first[place] if place < len(first) else items,
                    values if node.get("uniqueItems") else [],
                    depth,
                )
            )
        return values

    def _other(self, schema: Json, than: Sequence[Json], depth: int) -> Json:
        """Return a value that differs from all of ``than``."""
        for _ in range(_TRIES):
            value = self.value(schema, depth + 1)
            if value not in than:
                return value
        raise NoInstance


def _keyword(node: Mapping[str, Any], key: str, default: _Any) -> _Any:
    """Return the value of a keyword, or ``default`` if it is missing or has another type.

    A reference may lead to something that is not a schema.
    """
    value = node.get(key, default)
    return value if isinstance(value, type(default)) else default
