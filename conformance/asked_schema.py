"""Schemas that stand in a request (response_format, tool parameters): untrusted, compiled once by digest, never fetched for.

A schema that does not compile (Gemini's type "STRING", a bad pattern, a remote ``$ref``) judges nothing.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NoReturn, TypeAlias

import jsonschema_rs
import orjson

from conformance.exchange import Json

Violation: TypeAlias = tuple[str, str]
"""The JSON pointer into the value, and what is wrong there."""

Check: TypeAlias = Callable[[Json], list[Violation]]

_LARGEST = 256 * 1024  # bytes; what is longer is not judged


def check_of(schema: Json) -> Check | None:
    """The check of a value against a schema of a request; None for a schema that cannot be judged by."""
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
        validator = jsonschema_rs.Draft202012Validator(orjson.loads(text), retriever=_refuse)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # the compiler is not ours and may panic, which is no Exception
        return None

    def check(value: Json) -> list[Violation]:
        try:
            return [] if validator.is_valid(value) else [(_pointer(error.instance_path), str(error.message)[:200]) for error in validator.iter_errors(value)]
        except ValueError:
            return []

    return check


def keywords(schema: Json) -> set[str]:
    """The keywords that a schema uses: the keys of its objects, but for the names of properties and what stands in enum, const and the like."""
    return set(_keywords(schema))


def _keywords(schema: Json) -> Iterator[str]:
    if not isinstance(schema, dict):
        return
    for key, value in schema.items():
        yield key
        if key in ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas") and isinstance(value, dict):
            for each in value.values():
                yield from _keywords(each)
        elif key in ("allOf", "anyOf", "oneOf", "prefixItems") and isinstance(value, list):
            for each in value:
                yield from _keywords(each)
        elif key not in ("enum", "const", "default", "examples", "required"):
            yield from _keywords(value)


def _pointer(path: list[str | int]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"{uri} is never fetched")
