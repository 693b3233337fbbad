"""Checks of values from outside: each gives a value of our own or says which field is wrong."""

from collections.abc import Iterable
from typing import Any

from conformance.protocol.exchange import CHAT_COMPLETIONS, Headers, Json

MAX_SHOWN = 80
"""Characters of a text from outside in a message."""


class ShapeError(ValueError):
    """A value that is not what the format says; the message names the field and fits on one
    line."""


def object_of(value: Json, field: str) -> dict[str, Any]:
    """The value itself, an object."""
    if isinstance(value, dict):
        return value
    raise ShapeError(f"{field} is {'missing' if value is None else 'not an object'}")


def status_of(value: Json, field: str) -> int:
    """The value itself, an HTTP status; 0 and below stand for no answer at all."""
    if type(value) is not int:
        raise ShapeError(f"{field} is {'missing' if value is None else 'not an integer'}")
    if not -1000 < value < 1000:
        raise ShapeError(f"{field} has more than three digits")
    if value <= 0:
        raise ShapeError(f"{field} is {value}: there was no answer")
    return value


def text_of(value: Json, field: str, default: str) -> str:
    """The value itself, a string; the default where there is none."""
    if value is None:
        return default
    if isinstance(value, str):
        return value
    raise ShapeError(f"{field} is not a string")


def headers_of(value: Json, field: str) -> Headers:
    """Header fields from an object (a value or a list of values a name) or a list of pairs; () for
    none."""
    if type(value) is dict:
        plain = tuple(
            [
                (name.lower(), text)
                for name, text in value.items()
                if text.__class__ is str and name.__class__ is str
            ]
        )
        return plain if len(plain) == len(value) else tuple(_spread(value.items(), field))
    if value is None:
        return ()
    if isinstance(value, list) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 for pair in value
    ):
        return tuple(_spread(value, field))
    raise ShapeError(f"{field} is neither an object nor a list of pairs")


def _spread(pairs: Iterable[Any], field: str) -> Iterable[tuple[str, str]]:
    for name, values in pairs:
        if not isinstance(name, str):
            raise ShapeError(f"{field} has a name that is not a string")
        for value in values if isinstance(values, list) else [values]:
            yield name.lower(), _header_text(value, f"{field}.{truncated(name)}")


def _header_text(value: Json, field: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if value is None:
        return ""
    if type(value) in (int, float):
        return str(value)
    raise ShapeError(f"{field} is not a string")


def reads_of(value: Json, field: str) -> tuple[tuple[float, int], ...]:
    """The reads of a body from a list of pairs [milliseconds since the request was sent, bytes]; ()
    for none."""
    if value is None:
        return ()
    if not (isinstance(value, list) and all(map(_is_a_read, value))):
        raise ShapeError(f"{field} is not a list of pairs [milliseconds, bytes]")
    return tuple([(float(milliseconds), size) for milliseconds, size in value])


def _is_a_read(pair: Json) -> bool:
    return (
        isinstance(pair, list)
        and len(pair) == 2
        and type(pair[0]) in (int, float)
        and type(pair[1]) is int
    )


def cut_of(value: Json, field: str) -> bool:
    """Whether the connection ended before the body did; not so where nothing is said."""
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    raise ShapeError(f"{field} is neither true nor false")


def why_not_chat_completions(method: str, url: str) -> str | None:
    """Why the request is not a Chat Completions call, or None where it is or may be one: an unknown
    URL counts as one.

    The reason names the path alone: hosts and queries may be secret.
    """
    if not url or (method == "POST" and url.endswith(CHAT_COMPLETIONS)):
        return None
    path = url.partition("?")[0].partition("#")[0].rstrip("/")
    if method == "POST" and path.endswith(CHAT_COMPLETIONS.removeprefix("/")):
        return None
    _, separator, rest = path.partition("://")
    path = "/" + rest.partition("/")[2] if separator else path
    return f"not a Chat Completions call: {truncated(method)} {truncated(path)}"


def truncated(text: str) -> str:
    """A text from outside as it can stand in a message: on the line, and not long."""
    text = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."
    return text if text.isprintable() else ascii(text)
