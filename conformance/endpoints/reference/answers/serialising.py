"""Write JSON as the server of each dialect writes it."""

import json

import orjson

from conformance.endpoints.reference.dialects.dialect import Dialect
from conformance.protocol.exchange import Json


def as_bytes(value: Json, dialect: Dialect) -> bytes:
    """Return an answer or chunk as compact JSON; the keys of Google's are in alphabetical order."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS if dialect.is_google else None)


def as_error_bytes(value: Json, dialect: Dialect) -> bytes:
    """Return an error body: compact, or indented by two spaces as Google writes it.

    The brackets of Google's array are on the lines of its only element.
    """
    if not dialect.is_google:
        return orjson.dumps(value)
    element = value[0] if isinstance(value, list) else value
    text = json.dumps(element, indent=2, ensure_ascii=False)
    return (f"[{text}\n]\n" if isinstance(value, list) else f"{text}\n").encode()
