"""Schemas that stand in a request (response_format, tool parameters): untrusted, compiled once by
digest, never fetched for.

A schema that does not compile (Gemini's type "STRING", a bad pattern, a remote ``$ref``) judges
nothing, nor does one that would take too long.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import unquote

import jsonschema_rs
import orjson

from conformance.protocol.exchange import Json
from conformance.protocol.schema import pointer, refuse, resolved


class Violation(NamedTuple):
    """What is wrong with a value, and the JSON pointer into the value to where it is."""

    pointer: str
    message: str


Check: TypeAlias = Callable[[Json], Violation | None]
"""Gives the first violation in a value, None where there is none."""

_LARGEST = 256 * 1024  # bytes; what is longer is not judged
# nodes: references that double from definition to definition make very many of a short schema
_LARGEST_WRITTEN_OUT = 200_000

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
    """The check of a value against a schema of a request; None for a schema that cannot be judged
    by."""
    if not isinstance(schema, dict):
        return None
    try:
        text = orjson.dumps(schema)
    except (TypeError, ValueError):
        return None
    return _compiled(text) if len(text) <= _LARGEST else None


@lru_cache(maxsize=512)
def _compiled(text: bytes) -> Check | None:
    try:
        schema = _without_nullable(orjson.loads(text))
        size, recursive = _written_out(schema)
        if size > _LARGEST_WRITTEN_OUT:
            return None
        # the linear engine: a pattern that it does not know, such as one that looks ahead, is not
        # judged, and none takes for ever
        validator = jsonschema_rs.Draft202012Validator(
            schema, retriever=refuse, pattern_options=jsonschema_rs.RegexOptions()
        )
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # the compiler is not ours and may panic, which is no Exception
        return None

    def check(value: Json) -> Violation | None:
        try:
            if validator.is_valid(value):
                return None
            if recursive:  # to say where would take for ever: only is_valid looks at no place twice
                return Violation("", "it breaks the schema, which refers to itself")
            validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            return Violation(pointer(error.instance_path), str(error.message)[:200])
        except ValueError:
            return None
        return None

    return check


def keywords(schema: Json) -> set[str]:
    """The keywords that a schema uses: the keys of its objects, but for the names of properties and
    what stands in enum, const and the like."""
    return set(_keywords(schema))


def _keywords(schema: Json) -> Iterator[str]:
    if not isinstance(schema, dict):
        return
    for key, value in schema.items():
        yield key
        if key in _OF_NAMED_SUBSCHEMAS and isinstance(value, dict):
            for each in value.values():
                yield from _keywords(each)
        elif key in _OF_SUBSCHEMAS and isinstance(value, list):
            for each in value:
                yield from _keywords(each)
        elif key not in _OF_VALUES:
            yield from _keywords(value)


def _without_nullable(node: Json) -> Json:
    """The schema with OpenAPI's ``nullable: true``, which Google documents, said as JSON Schema
    says it."""
    if isinstance(node, list):
        return [_without_nullable(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _below(key, value) for key, value in node.items()}
    if plain.get("nullable") is not True:
        return plain
    del plain["nullable"]
    return {"anyOf": [{"type": "null"}, plain]}


def _below(key: str, value: Json) -> Json:
    if key in _OF_NAMED_SUBSCHEMAS and isinstance(value, dict):
        return {name: _without_nullable(each) for name, each in value.items()}
    return value if key in _OF_VALUES else _without_nullable(value)


def _written_out(root: dict[str, Any]) -> tuple[int, bool]:
    """How many nodes a schema has once its references are written out, and whether one of them
    leads back to itself (which is then written out once).

    Raises LookupError for a reference that is no JSON pointer into the schema.
    """
    sizes: dict[int, int] = {}
    recursive = False

    def size(node: Json) -> int:
        nonlocal recursive
        if not isinstance(node, dict | list):
            return 1
        if id(node) not in sizes:
            sizes[id(node)] = 0
            sizes[id(node)] = (
                1
                + sum(map(size, node.values() if isinstance(node, dict) else node))
                + sum(map(size, _targets(node, root)))
            )
        recursive = recursive or not sizes[id(node)]
        return sizes[id(node)]

    return size(root), recursive


def _targets(node: Json, root: Json) -> Iterator[Json]:
    for key in ("$ref", "$dynamicRef"):
        if isinstance(node, dict) and isinstance(reference := node.get(key), str):
            yield _target(reference, root)


def _target(reference: str, root: Json) -> Json:
    start, slash, way = unquote(reference).partition("/")
    if start != "#":
        raise LookupError(f"{reference} leads out of the schema")
    return resolved(root, slash + way)
