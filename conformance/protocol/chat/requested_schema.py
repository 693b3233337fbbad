"""Compile the JSON Schemas of requests (response_format, tool parameters).

They are untrusted: nothing is fetched for them. A schema that does not compile (Gemini's type
"STRING", a bad pattern, a remote ``$ref``), or that would take too long, is not used for judging.
A value is not judged by a schema with so many alternatives that trying them all would take too
long.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import unquote

import jsonschema_rs
import orjson

from conformance.protocol.exchange import Json
from conformance.protocol.json_access import resolved
from conformance.protocol.schema import pointer, refuse


class Violation(NamedTuple):
    """What is wrong with a value, and the JSON pointer to that place in it."""

    pointer: str
    message: str


Check: TypeAlias = Callable[[Json], Violation | None]
"""Returns the first violation in a value, or None."""

_LARGEST = 256 * 1024  # bytes; a longer schema is not used
# nodes after references are written out: definitions that each refer twice to the next one make a
# short schema grow exponentially
_LARGEST_WRITTEN_OUT = 200_000

_MOST_TRIES = 10_000_000
"""Nodes of a value times nodes of alternatives in a schema; beyond that a value is not checked."""

_WIDE = 500
"""Nodes: fewer alternatives can be tried for a value of any size."""

_TRIED_ONE_BY_ONE = frozenset(
    {"enum", "anyOf", "oneOf", "allOf", "required", "patternProperties", "dependentSchemas"}
)
"""Keywords with many values, each of which may be tried for each node of a value."""

_OF_SUBSCHEMAS = ("allOf", "anyOf", "oneOf", "prefixItems")
_OF_NAMED_SUBSCHEMAS = (
    "properties",
    "patternProperties",
    "$defs",
    "definitions",
    "dependentSchemas",
)
_OF_VALUES = ("enum", "const", "default", "examples", "required")


def compile_check(schema: Json) -> Check | None:
    """Return a function that checks values against a schema of a request.

    None if the schema is not an object, does not compile or is too large. No violation is found in
    a value that would take too long to check.
    """
    return _compiled_schema(schema).check


def is_too_large(schema: Json) -> bool:
    """Return whether a schema is not used for judging because of its size."""
    return _compiled_schema(schema).is_too_large


def too_slow_for(schema: Json) -> Callable[[Json], bool] | None:
    """Return what tells whether a value is not checked because that would take too long.

    None if the schema has few alternatives, so that every value is checked.
    """
    compiled = _compiled_schema(schema)
    return compiled.is_slow_for if compiled.widest > _WIDE else None


class _Compiled(NamedTuple):
    """A schema that was compiled, and the nodes of its widest alternatives."""

    check: Check | None = None
    widest: int = 0
    is_too_large: bool = False

    def is_slow_for(self, value: Json) -> bool:
        return self.widest > _WIDE and _has_more_nodes(value, _MOST_TRIES // self.widest)


_NOT_USED = _Compiled()
_TOO_LARGE = _Compiled(is_too_large=True)


def _compiled_schema(schema: Json) -> _Compiled:
    if not isinstance(schema, dict):
        return _NOT_USED
    try:
        text = orjson.dumps(schema)
    except (TypeError, ValueError):
        return _NOT_USED
    return _compiled(text) if len(text) <= _LARGEST else _TOO_LARGE


@lru_cache(maxsize=512)
def _compiled(text: bytes) -> _Compiled:
    try:
        schema = _without_nullable(orjson.loads(text))
        written_out = _written_out(schema)
        if written_out.size > _LARGEST_WRITTEN_OUT:
            return _TOO_LARGE
        # the regex engine that takes linear time; a schema with a pattern that it does not support,
        # such as a look-ahead, is not used
        validator = jsonschema_rs.Draft202012Validator(
            schema, retriever=refuse, pattern_options=jsonschema_rs.RegexOptions()
        )
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a panic of the compiler is not an Exception
        return _NOT_USED

    def check(value: Json) -> Violation | None:
        try:
            if compiled.is_slow_for(value):
                return None
            if validator.is_valid(value):
                return None
            # validate() could take forever here; is_valid() visits no place twice
            if written_out.recursive:
                return Violation("", "the value does not match the schema, which refers to itself")
            validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            return Violation(pointer(error.instance_path), str(error.message)[:200])
        except ValueError:
            return None
        return None

    compiled = _Compiled(check, written_out.widest)
    return compiled


def keywords(schema: Json) -> set[str]:
    """Return the keywords that a schema uses, in itself and in its subschemas.

    Names of properties and values of enum, const and the like are not keywords. The set is empty if
    the schema is not an object.
    """
    return set(_keywords(schema))


def _keywords(schema: Json) -> Iterator[str]:
    if not isinstance(schema, dict):
        return
    for key, value in schema.items():
        yield key
        if key in _OF_NAMED_SUBSCHEMAS and isinstance(value, dict):
            for subschema in value.values():
                yield from _keywords(subschema)
        elif key in _OF_SUBSCHEMAS and isinstance(value, list):
            for subschema in value:
                yield from _keywords(subschema)
        elif key not in _OF_VALUES:
            yield from _keywords(value)


def _without_nullable(node: Json) -> Json:
    """Replace OpenAPI's ``nullable: true``, which Google documents, by its JSON Schema form."""
    if isinstance(node, list):
        return [_without_nullable(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _below(key, value) for key, value in node.items()}
    if plain.get("nullable") is not True:
        return plain
    del plain["nullable"]
    return {"anyOf": [{"type": "null"}, plain]}


def _below(key: str, value: Json) -> Json:
    if key in _OF_NAMED_SUBSCHEMAS and isinstance(value, dict):
        return {name: _without_nullable(subschema) for name, subschema in value.items()}
    return value if key in _OF_VALUES else _without_nullable(value)


def _has_more_nodes(value: Json, most: int) -> bool:
    """Return whether a value has more than so many members and items, at any depth."""
    below = [value]
    while below:
        node = below.pop()
        parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        most -= len(parts)
        if most < 0:
            return True
        below += [part for part in parts if isinstance(part, dict | list)]
    return False


class _WrittenOut(NamedTuple):
    """A schema whose references are written out: its nodes, and those of its widest alternatives.

    ``recursive`` is true if a reference leads back to itself; it is then written out once.
    """

    size: int
    recursive: bool
    widest: int


def _written_out(root: dict[str, Any]) -> _WrittenOut:
    """Return how large a schema is if its references are written out.

    Raises:
        LookupError: A reference is not a JSON pointer into the schema.
    """
    sizes: dict[int, int] = {}
    recursive = False
    widest = 0

    def size(node: Json) -> int:
        nonlocal recursive, widest
        if not isinstance(node, dict | list):
            return 1
        if id(node) not in sizes:
            sizes[id(node)] = 0
            sizes[id(node)] = (
                1
                + sum(map(size, node.values() if isinstance(node, dict) else node))
                + sum(map(size, _targets(node, root)))
            )
            if isinstance(node, dict) and not _TRIED_ONE_BY_ONE.isdisjoint(node):
                widest = max(widest, sizes[id(node)])
        recursive = recursive or not sizes[id(node)]
        return sizes[id(node)]

    return _WrittenOut(size(root), recursive, widest)


def _targets(node: Json, root: Json) -> Iterator[Json]:
    for key in ("$ref", "$dynamicRef"):
        if isinstance(node, dict) and isinstance(reference := node.get(key), str):
            yield _target(reference, root)


def _target(reference: str, root: Json) -> Json:
    start, slash, way = unquote(reference).partition("/")
    if start != "#":
        raise LookupError(f"{reference} leads out of the schema")
    return resolved(root, slash + way)
