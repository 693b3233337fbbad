"""JSON text to values, and what is wrong with a text that can be read all the same: RFC 8259 to the
letter, at the speed of orjson."""

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
    """Why a text is no JSON; ``offset`` is in characters, 0 where it is nested too deeply."""

    message: str
    offset: int


class Parsed(NamedTuple):
    """The value of a JSON text, or None and the failure.

    ``defects`` names each ``duplicate key NAME``, ``NaN``, ``Infinity``, ``-Infinity``, ``byte
    order mark`` and ``invalid UTF-8`` met. The value can always be written as JSON again: the last
    of duplicate keys is kept, NaN and the infinities become null, a number beyond a double the
    largest double, a lone surrogate and a byte that is not UTF-8 become U+FFFD.
    """

    value: Json
    defects: tuple[str, ...] = ()
    failure: NotJson | None = None


def parse(text: bytes | str) -> Parsed:
    """Read a JSON text; never raises."""
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
    """Give the duplicate keys, as ``Parsed.defects`` has them, by the number of their text, from 0.

    ``values`` are what ``orjson.loads`` or ``parse`` read from the texts. For the chunks of a
    stream this costs less than to ``parse`` each.
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
    return {number: found for number, found in defects.items() if found}


def _is_duplicate(defect: str) -> bool:
    return defect.startswith("duplicate key ")


def _kept_all(text: bytes | str, value: Json) -> bool:
    r"""Tell whether ``orjson.loads``, which keeps the last of duplicate keys, kept every member of
    the text; False also for a text that needs a closer look.

    Most texts are written as orjson writes them: what comes out as it went in has lost nothing. In
    any other a lost member is at least one colon that is not written again, as orjson writes a
    colon in a string as it stands; only where the text has ``\u003a`` instead could another colon
    take its place.

    Raises orjson.JSONEncodeError for a value nested deeper than orjson writes, which is 254 levels.
    """
    if isinstance(text, str):
        text = text.encode(errors="surrogatepass")
    again = orjson.dumps(value, option=orjson.OPT_INDENT_2 if text[1:2] == b"\n" else None)
    return again == text or (
        again.count(b":") == text.count(b":") and not _ESCAPED_COLON.search(text)
    )


def _read_closely(text: bytes | str) -> Parsed:
    """Read a text in which something is wrong, or may be."""
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
    """Give the text and where its JSON starts; each byte that is not UTF-8 becomes a lone surrogate
    of its own, so that no two keys become one."""
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
    """Read a number of any size."""
    if len(digits) <= 20 and digits.lstrip("-").isdigit():
        return int(digits)
    return min(max(float(digits), -sys.float_info.max), sys.float_info.max)


def _writable(text: str) -> str:
    """Replace what UTF-8 cannot encode."""
    return _LONE_SURROGATE.sub("\ufffd", text)
