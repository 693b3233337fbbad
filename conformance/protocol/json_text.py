"""Parse JSON text strictly (RFC 8259), at the speed of orjson, and name its defects."""

import json
import re
import sys
from collections.abc import Sequence
from typing import NamedTuple

import orjson

from conformance.protocol.exchange import Json

_TOO_DEEP = "nested too deeply"
_ESCAPED_COLON = re.compile(rb"\\u003[aA]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class NotJson(NamedTuple):
    """Why a text is not JSON; ``offset`` is in characters, 0 if it is nested too deeply."""

    message: str
    offset: int


class Parsed(NamedTuple):
    """The value of a JSON text, or None and the failure.

    ``defects`` lists what is wrong with a text that can be read: ``duplicate key NAME``, ``NaN``,
    ``Infinity``, ``-Infinity``, ``byte order mark``, ``invalid UTF-8``. The value can always be
    written as JSON again: of duplicate keys the last is kept, NaN and the infinities become null, a
    number beyond a double becomes the largest double, and a lone surrogate or a byte that is not
    UTF-8 becomes U+FFFD.
    """

    value: Json
    defects: tuple[str, ...] = ()
    failure: NotJson | None = None


def parse(text: bytes | str) -> Parsed:
    """Parse a JSON text; never raises."""
    try:
        value = orjson.loads(text)
        if _kept_all(text, value):
            return Parsed(value)
    except orjson.JSONDecodeError:
        pass
    except orjson.JSONEncodeError:
        return Parsed(None, failure=NotJson(_TOO_DEEP, 0))
    return _read_closely(text)


def duplicate_keys(texts: Sequence[str], values: Sequence[Json]) -> dict[int, tuple[str, ...]]:
    """Return the duplicate keys of each text that has some, by the number of the text, from 0.

    They are written as in ``Parsed.defects``. ``values`` are what ``orjson.loads`` or ``parse``
    returned for the texts. For the chunks of a stream this takes less time than ``parse`` for each.
    """
    try:
        if _kept_all(f"[{','.join(texts)}]", values):
            return {}
    except orjson.JSONEncodeError:
        pass
    defects = {
        number: tuple(filter(_is_duplicate, parse(text).defects))
        for number, text in enumerate(texts)
    }
    return {number: names for number, names in defects.items() if names}


def _is_duplicate(defect: str) -> bool:
    return defect.startswith("duplicate key ")


def _kept_all(text: bytes | str, value: Json) -> bool:
    r"""Return whether ``orjson.loads``, which drops duplicate keys, surely kept every member.

    False also for a text that has to be read closely to know. Most texts are written as orjson
    writes them: if writing the value gives the same text, nothing was lost. For any other text the
    colons are counted: each lost member is a colon that is not written again. orjson writes a colon
    in a string as it is; only an escaped one (``\u003a``) could make up for a lost one.

    Raises:
        orjson.JSONEncodeError: The value is nested more than 254 levels, which orjson cannot write.
    """
    if isinstance(text, str):
        text = text.encode(errors="surrogatepass")
    again = orjson.dumps(value, option=orjson.OPT_INDENT_2 if text[1:2] == b"\n" else None)
    return again == text or (
        again.count(b":") == text.count(b":") and not _ESCAPED_COLON.search(text)
    )


def _read_closely(text: bytes | str) -> Parsed:
    """Parse a text that has a defect or may have one; slower than orjson."""
    defects: list[str] = []

    def constant(name: str) -> None:
        defects.append(name)

    def members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        value: dict[str, Json] = {}
        for key, item in pairs:
            if key in value:
                defects.append(f"duplicate key {_writable(key)}")
            value[key] = item
        return value

    text, start = _decode(text, defects)
    try:
        value = json.loads(
            text[start:],
            object_pairs_hook=members,
            parse_constant=constant,
            parse_int=_number,
            parse_float=_number,
        )
        value = orjson.loads(_writable(json.dumps(value, ensure_ascii=False)))
        orjson.dumps(value)
    except (RecursionError, orjson.JSONDecodeError, orjson.JSONEncodeError):
        return Parsed(None, tuple(defects), NotJson(_TOO_DEEP, 0))
    except json.JSONDecodeError as error:
        return Parsed(None, tuple(defects), NotJson(error.msg, start + error.pos))
    return Parsed(value, tuple(defects))


def _decode(text: bytes | str, defects: list[str]) -> tuple[str, int]:
    """Return the decoded text and the offset at which its JSON starts; add to ``defects``.

    Each byte that is not UTF-8 becomes a lone surrogate, so that different keys stay different.
    """
    if isinstance(text, bytes):
        decoded = text.decode(errors="surrogateescape")
        if _LONE_SURROGATE.search(decoded):
            defects.append("invalid UTF-8")
        text = decoded
    if not text.startswith("\ufeff"):
        return text, 0
    defects.append("byte order mark")
    return text, 1


def _number(digits: str) -> int | float:
    """Return a number of any size; what is beyond a double becomes the largest double."""
    if len(digits) <= 20 and digits.lstrip("-").isdigit():
        return int(digits)
    return min(max(float(digits), -sys.float_info.max), sys.float_info.max)


def _writable(text: str) -> str:
    """Replace lone surrogates, which UTF-8 cannot encode."""
    return _LONE_SURROGATE.sub("\ufffd", text)
