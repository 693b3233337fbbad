"""Undo the content coding of a body, read by read and in bounded memory.

One coding is undone: gzip, deflate (with its zlib wrapper or, as some servers send it, without),
br if brotli 1.2 or newer is installed, and zstd if zstandard is. A body with two codings, or with
an unknown one, is not judged.
"""

import importlib
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from conformance.protocol.exchange import Headers

MAX_DECODED = 64 << 20
"""The most bytes that a compressed body may decompress to."""

MAX_RATIO = 1000
"""The most bytes that each byte of a compressed body may decompress to, on the whole."""

ALWAYS_DECODED = 1 << 20
"""A body that decompresses to fewer bytes than this may exceed ``MAX_RATIO``."""

GZIP_START = b"\x1f\x8b"

_GZIP, _ZLIB, _BARE_DEFLATE = 31, 15, -15
_SLICE = 1 << 14
"""Compressed bytes per call: what follows the end of a gzip member is copied by each call."""

_ZSTD_SLICE = 64
"""Compressed bytes per call of zstandard, which decompress to 2 MB at most."""

_MAX_WINDOW = 8 << 20
"""The most memory that zstd data may ask for, as RFC 9659 says."""


class NotDecoded(ValueError):
    """A body cannot be decompressed; the message says why and fits after "the body"."""


class _Coding(Protocol):
    """Undoes a coding.

    ``add`` returns what the next bytes decompress to, or ``room`` + 1 bytes or more of it if that
    is more than ``room``. It raises any exception for data that does not have this coding.
    ``ended`` is whether the data so far is complete.
    """

    @property
    def ended(self) -> bool: ...

    def add(self, data: bytes, room: int) -> bytes: ...


class Inflater:
    """Undoes the content coding of one body.

    Args:
        codings: What ``codings`` returns for its header fields.
        most: The most bytes that the body may decompress to.

    Raises:
        NotDecoded: There is more than one coding, or one that cannot be undone here.
    """

    __slots__ = ("_coding", "_most", "_size", "_size_before")

    def __init__(self, codings: tuple[str, ...], most: int = MAX_DECODED) -> None:
        if len(codings) > 1:
            raise NotDecoded(f"has {len(codings)} content codings, of which only one is undone")
        self._coding = _coding(codings[0]) if codings else None
        self._most = most
        self._size = self._size_before = 0

    @property
    def is_complete(self) -> bool:
        """Whether the body may end here."""
        return self._coding is None or not self._size_before or self._coding.ended

    def add(self, data: bytes) -> bytes:
        """Return what the next bytes of the body decompress to.

        Raises:
            NotDecoded: The bytes do not have the coding, or exceed a limit.
        """
        if self._coding is None:
            return data
        self._size_before += len(data)
        limit = min(self._most, max(ALWAYS_DECODED, MAX_RATIO * self._size_before))
        try:
            decoded = self._coding.add(data, limit - self._size)
        except Exception:  # each library has its own
            raise NotDecoded("does not match its content-encoding") from None
        self._size += len(decoded)
        if self._size > limit:
            raise NotDecoded(
                f"decompresses to more than {limit:,} bytes"
                if limit in (self._most, ALWAYS_DECODED)
                else f"decompresses to more than {MAX_RATIO:,} times its size"
            )
        return decoded


def codings(headers: Headers) -> tuple[str, ...]:
    """Return the content codings of a body in lower case, in the order of the header fields."""
    return tuple(
        coding
        for name, value in headers
        if name == "content-encoding"
        for part in value.split(",")
        if (coding := part.strip().lower()) not in ("", "identity")
    )


def _coding(name: str) -> _Coding:
    match name:
        case "gzip" | "x-gzip":
            return _Zlib(_GZIP)
        case "deflate":
            return _Deflate()
        case "br" if make := _brotli():
            return _Brotli(make())
        case "zstd" if make := _zstandard():
            return _Zstd(make)
    raise NotDecoded(f"is compressed with {_shown(name)}, which is not supported")


def _shown(name: str) -> str:
    return name[:20] if name.isprintable() else ascii(name[:20])


def _slices(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


class _Zlib:
    """gzip, one member after another, or zlib; other data after the end is left out."""

    def __init__(self, window: int) -> None:
        self.ended = False
        self._window = window
        self._inflater: Any = zlib.decompressobj(window)
        self._rest = b""  # the beginning of what follows a member

    def add(self, data: bytes, room: int) -> bytes:
        pieces: list[bytes] = []
        for part in _slices(data, _SLICE):
            room = self._add(part, room, pieces)
            if room < 0:
                break
        return b"".join(pieces)

    def _add(self, data: bytes, room: int, pieces: list[bytes]) -> int:
        """Append what one slice decompresses to; return the room that is left."""
        data = self._rest + data
        self._rest = b""
        while data and room >= 0:
            if self.ended:
                if self._window != _GZIP or not data.startswith(GZIP_START[: len(data)]):
                    break
                if len(data) < len(GZIP_START):
                    self._rest = data
                    break
                self._inflater = zlib.decompressobj(self._window)
            pieces.append(self._inflater.decompress(data, room + 1))
            room -= len(pieces[-1])
            self.ended = self._inflater.eof
            data = self._inflater.unused_data
        return room


class _Deflate:
    """deflate, whose first two bytes tell whether it has the wrapper of zlib."""

    def __init__(self) -> None:
        self._start = b""
        self._zlib: _Zlib | None = None

    @property
    def ended(self) -> bool:
        return self._zlib is not None and self._zlib.ended

    def add(self, data: bytes, room: int) -> bytes:
        if self._zlib is None:
            data = self._start = self._start + data
            if len(data) < 2:
                return b""
            wrapped = data[0] & 15 == 8 and int.from_bytes(data[:2]) % 31 == 0
            self._zlib = _Zlib(_ZLIB if wrapped else _BARE_DEFLATE)
        return self._zlib.add(data, room)


def _brotli() -> Callable[[], Any] | None:
    """Return the decompressor of brotli or brotlicffi, or None without one that has a limit."""
    for name in ("brotli", "brotlicffi"):
        try:
            make: Callable[[], Any] = importlib.import_module(name).Decompressor
            make().process(b"", output_buffer_limit=1)
        except (ImportError, AttributeError, TypeError):
            continue
        return make
    return None


class _Brotli:
    def __init__(self, decompressor: Any) -> None:
        self.ended = False
        self._decompressor = decompressor

    def add(self, data: bytes, room: int) -> bytes:
        pieces: list[bytes] = []
        while room >= 0:
            pieces.append(self._decompressor.process(data, output_buffer_limit=room + 1))
            room -= len(pieces[-1])
            data = b""
            if self._decompressor.can_accept_more_data() or not pieces[-1]:
                break
        self.ended = self._decompressor.is_finished()
        return b"".join(pieces)


def _zstandard() -> Callable[[], Any] | None:
    """Return what makes a decompressor of zstandard, or None without the package."""
    try:
        library = importlib.import_module("zstandard")
    except ImportError:
        return None
    return lambda: library.ZstdDecompressor(max_window_size=_MAX_WINDOW).decompressobj()


class _Zstd:
    """zstd, one frame after another."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.ended = False
        self._make = make
        self._frame = make()

    def add(self, data: bytes, room: int) -> bytes:
        pieces: list[bytes] = []
        for part in _slices(data, _ZSTD_SLICE):
            rest = part
            while rest and room >= 0:
                if self.ended:
                    self._frame = self._make()
                pieces.append(self._frame.decompress(rest))
                room -= len(pieces[-1])
                self.ended = self._frame.eof
                rest = self._frame.unused_data if self.ended else b""
        return b"".join(pieces)
