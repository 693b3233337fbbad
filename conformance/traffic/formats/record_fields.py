"""Check values read from a file: each function returns a valid value or names the wrong field."""

from collections.abc import Iterable
from typing import Any

from conformance.protocol.exchange import CHAT_COMPLETIONS, Headers, Json

MAX_SHOWN = 80
"""The most characters of a text from outside that an error message quotes."""


class ShapeError(ValueError):
    """A value does not match the format; the message names the field and fits on one line."""


def object_of(value: Json, field: str) -> dict[str, Any]:
    """Return the value if it is an object.

    Raises:
        ShapeError: it is missing (None) or has another type.
    """
    if isinstance(value, dict):
        return value
    raise ShapeError(f"{field} is {'missing' if value is None else 'not an object'}")


def status_of(value: Json, field: str) -> int:
    """Return the value if it is an integer from 1 to 999.

    Raises:
        ShapeError: the status is missing, not an integer or out of range. 0 and negative values
            mean that there was no response.
    """
    if type(value) is not int:
        raise ShapeError(f"{field} is {'missing' if value is None else 'not an integer'}")
    if not -1000 < value < 1000:
        raise ShapeError(f"{field} has more than three digits")
    if value <= 0:
        raise ShapeError(f"{field} is {value}: there was no response")
    return value


def text_of(value: Json, field: str, default: str) -> str:
    """Return the value if it is a string, or the default if it is None.

    Raises:
        ShapeError: the value has another type.
    """
    if value is None:
        return default
    if isinstance(value, str):
        return value
    raise ShapeError(f"{field} is not a string")


def headers_of(value: Json, field: str) -> Headers:
    """Return header fields as pairs of a lowercase name and a value; () for None.

    Args:
        value: An object whose values are strings or lists of strings, or a list of pairs. Numbers
            become strings, bytes are decoded as Latin-1, None becomes "".
        field: The name of the field in error messages.

    Raises:
        ShapeError: the value has another shape.
    """
    if type(value) is dict:
        plain = tuple(
            [
                (name.lower(), text)
                for name, text in value.items()
                if text.__class__ is str and name.__class__ is str
            ]
        )
        return plain if len(plain) == len(value) else tuple(_pairs(value.items(), field))
    if value is None:
        return ()
    if isinstance(value, list) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 for pair in value
    ):
        return tuple(_pairs(value, field))
    raise ShapeError(f"{field} is neither an object nor a list of pairs")


def _pairs(pairs: Iterable[Any], field: str) -> Iterable[tuple[str, str]]:
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
    """Return the reads of a body as pairs (milliseconds since the request was sent, bytes).

    Returns () for None.

    Raises:
        ShapeError: the value is not a list of pairs of a number and an integer.
    """
    if value is None:
        return ()
    if not (isinstance(value, list) and all(map(_is_read, value))):
        raise ShapeError(f"{field} is not a list of pairs [milliseconds, bytes]")
    return tuple([(float(milliseconds), size) for milliseconds, size in value])


def _is_read(pair: Json) -> bool:
    return (
        isinstance(pair, list)
        and len(pair) == 2
        and type(pair[0]) in (int, float)
        and type(pair[1]) is int
    )


def cut_of(value: Json, field: str) -> bool:
    """Return whether the connection ended before the body was complete; False for None.

    Raises:
        ShapeError: the value is not a boolean.
    """
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    raise ShapeError(f"{field} is not a boolean")


def why_not_chat_completions(method: str, url: str) -> str | None:
    """Return why the request is not a Chat Completions call, or None if it is or may be one.

    An empty URL counts as a Chat Completions call. The reason contains only the method and the
    path, because hosts and query strings may be secret.
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
    """Make a text from outside fit for a message: on one line and at most 80 characters long."""
    text = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."
    return text if text.isprintable() else ascii(text)
