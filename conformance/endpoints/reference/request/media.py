"""Read the images and sounds of a request: their URIs, media types and base64."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.endpoints.reference.dialects.dialect import Dialect
from conformance.endpoints.reference.dialects.refusal import Refused

_DATA = re.compile(
    r"data:(?P<type>[^;,]*)(?P<parameters>(?:;[^;,]*)*),(?P<data>.*)", re.IGNORECASE | re.DOTALL
)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
_DETAILS = ("auto", "low", "high")
_IMAGE_TOKENS = 258
_SOUND_TOKENS = 64


@dataclass(frozen=True, slots=True)
class Medium:
    """An image or a sound: its URI or data, its prompt tokens, and the ``detail`` of an image."""

    source: str
    tokens: int
    detail: str = ""


def medium_of(part: Mapping[str, Any], path: str, dialect: Dialect) -> Medium | None:
    """Return the medium of a content part that satisfies the request schema, None for text.

    Raises Refused if the dialect does not accept the type, format or URI.
    """
    kind = part["type"]
    if kind not in dialect.parts:
        raise Refused(
            f"Invalid value for '{path}.type': expected one of {', '.join(sorted(dialect.parts))}.",
            param=f"{path}.type",
            code="invalid_value",
        )
    if kind == "image_url":
        return _image(part["image_url"], f"{path}.image_url", dialect)
    if kind == "input_audio":
        return _sound(part["input_audio"], f"{path}.input_audio", dialect)
    return Medium(kind, _IMAGE_TOKENS) if kind in ("file", "video_url") else None


def _image(image: Any, path: str, dialect: Dialect) -> Medium:
    if isinstance(image, str):
        if not dialect.is_google:
            raise Refused(
                f"Invalid value for '{path}': expected a value of type object.",
                param=path,
                code="invalid_type",
            )
        image = {"url": image}
    detail = image.get("detail") or "auto"
    if detail not in _DETAILS:
        raise Refused(
            f"Invalid value for '{path}.detail': expected one of {', '.join(_DETAILS)}.",
            param=f"{path}.detail",
            code="invalid_value",
        )
    check_uri(image["url"], f"{path}.url", dialect)
    return Medium(image["url"], _IMAGE_TOKENS, detail)


def _sound(sound: Mapping[str, Any], path: str, dialect: Dialect) -> Medium:
    if not dialect.sounds.fullmatch(sound["format"].lower()):
        raise _bad(f"{path}.format", "this format is not accepted")
    data = sound["data"]
    if dialect.is_google and _SCHEME.match(data):
        check_uri(data, f"{path}.data", dialect)
    elif not is_base64(data):
        raise _bad(f"{path}.data", "it cannot be decoded")
    return Medium(data, _SOUND_TOKENS)


def check_uri(uri: str, path: str, dialect: Dialect) -> None:
    """Raise Refused for a malformed URI, or a scheme or media type that the dialect rejects."""
    scheme = _SCHEME.match(uri)
    if scheme is None or scheme[1].lower() not in dialect.schemes:
        raise _bad(path, f"expected a URI with the scheme {' or '.join(sorted(dialect.schemes))}")
    if scheme[1].lower() == "data":
        _check_data(uri, path, dialect)
    elif not uri[scheme.end() :].strip("/"):
        raise _bad(path, "it ends after its scheme")


def _check_data(uri: str, path: str, dialect: Dialect) -> None:
    match = _DATA.fullmatch(uri)
    if match is None or "base64" not in [
        parameter.strip().lower() for parameter in match["parameters"].split(";")
    ]:
        raise _bad(
            path,
            "it cannot be decoded, as it does not begin with data, a MIME type and the encoding",
        )
    kind = match["type"].strip().lower()
    if not (_MEDIA_TYPE.fullmatch(kind) and dialect.media.fullmatch(kind)):
        raise _bad(path, "its MIME type is missing or not taken")
    if not is_base64(match["data"]):
        raise _bad(path, "its data cannot be decoded")


def _bad(path: str, reason: str) -> Refused:
    """Return the refusal of the value at a path."""
    return Refused(f"Invalid value for '{path}': {reason}.", param=path, code="invalid_value")


def is_base64(text: str) -> bool:
    """Return whether a text is non-empty base64 or base64url."""
    try:
        return bool(base64.b64decode(text.translate(_ORDINARY), validate=True))
    except (binascii.Error, ValueError):
        return False


_ORDINARY = str.maketrans("-_", "+/")
