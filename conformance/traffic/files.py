"""Open recordings as streams of plain bytes, and detect their format."""

import codecs
import errno
import gzip
import io
import re
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias, cast

STDIN = "-"
SUFFIXES = (".jsonl", ".ndjson", ".har", ".yaml", ".yml", ".json")
"""The suffixes of the files that are read in a folder, each also followed by ``.gz``."""

GZIP_MAGIC = b"\x1f\x8b"
"""The first bytes of gzip data."""

BROKEN = (OSError, EOFError, zlib.error)
"""The exceptions a stream raises if the rest of its file cannot be read."""

Advance: TypeAlias = Callable[[int], object]
"""Called with the number of bytes just read."""

Format: TypeAlias = Literal["jsonl", "har", "cassette"]

_BUFFER = 1 << 20
_HEAD = 1 << 13
_IN_MEMORY = 32 << 20

MAX_COPIED = 1 << 30
"""The most bytes of a pipe that are copied to disk."""

_FIRST_KEY = re.compile(rb'\s*\{\s*"([^"\\]*)"\s*:')
_YAML_START = re.compile(rb"^(?:(?:interactions|conformance|version)[ ]*:|---|%YAML)", re.MULTILINE)


class Stream(Protocol):
    """The methods of a binary file that the readers use.

    ``read1`` returns the data before a damaged end before the error is raised.
    """

    def read1(self, size: int = ..., /) -> bytes: ...  # noqa: D102
    def readline(self, size: int = ..., /) -> bytes: ...  # noqa: D102
    def seek(self, offset: int, /) -> int: ...  # noqa: D102


class Opened(NamedTuple):
    """The decompressed content of a file.

    ``head`` holds the first bytes, b"" for an empty file. ``seekable`` is whether the stream can be
    read a second time.
    """

    stream: Stream
    head: bytes
    seekable: bool


class _Counted(io.FileIO):
    """A file that reports how many bytes were read from it."""

    def __init__(self, path: str, advance: Advance) -> None:
        super().__init__(path)
        self._advance = advance

    def readinto(self, buffer: Any, /) -> int | None:
        """Read into the buffer, and report the number of bytes."""
        size = super().readinto(buffer)
        self._advance(size or 0)
        return size


@contextmanager
def opened(path: str, advance: Advance | None = None) -> Iterator[Opened]:
    """Open a file, or standard input for ``-``; undo gzip and drop a byte order mark.

    Standard input is not closed. ``advance`` is called with the number of bytes read from disk,
    before decompression.

    Raises:
        OSError: the file cannot be opened, or standard input is closed.
    """
    with _file(path, advance) as raw:
        if not raw.peek(2).startswith(GZIP_MAGIC):
            yield _skip_bom(raw, raw.seekable())
            return
        with gzip.GzipFile(fileobj=raw) as plain:
            yield _skip_bom(plain, raw.seekable())


def _file(path: str, advance: Advance | None) -> AbstractContextManager[io.BufferedReader]:
    if path != STDIN:
        return io.BufferedReader(_Counted(path, advance) if advance else io.FileIO(path), _BUFFER)
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    raw = sys.stdin.buffer
    return nullcontext(
        raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, raw))
    )


def _skip_bom(stream: gzip.GzipFile | io.BufferedReader, seekable: bool) -> Opened:
    head = stream.peek(_HEAD)[:_HEAD]
    if head.startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))
    return Opened(stream, head.removeprefix(codecs.BOM_UTF8), seekable)


@contextmanager
def spooled(stream: Stream) -> Iterator[Stream]:
    """Copy a stream that cannot be rewound, such as a pipe, into one that can.

    The copy is on disk from 32 MB on, to keep memory use constant. If the stream is damaged or has
    more than ``MAX_COPIED`` bytes, the copy contains what came before, and the error is raised when
    the context exits.
    """
    broken: Exception | None = None
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
        try:
            room = MAX_COPIED
            while chunk := stream.read1(_BUFFER):
                copy.write(chunk[:room])
                room -= len(chunk)
                if room < 0:
                    raise OSError(
                        errno.EFBIG,
                        f"a cassette of more than {MAX_COPIED >> 20:,} MB is not read from a pipe:"
                        " save it as a file",
                    )
        except BROKEN as error:
            broken = error
        copy.seek(0)
        yield cast(Stream, copy)
    if broken:
        raise broken


def format_of(name: str, head: bytes) -> Format:
    """Detect the format from the first bytes, or from the suffix if they are ambiguous."""
    suffix = Path(name.removesuffix(".gz")).suffix
    in_yaml = suffix in (".yaml", ".yml")
    if key := _FIRST_KEY.match(head):
        if key[1] == b"log" or suffix == ".har":
            return "har"
        return "cassette" if in_yaml or key[1] in (b"interactions", b"version") else "jsonl"
    if suffix == ".har":
        return "har"
    if in_yaml or (suffix not in SUFFIXES and _YAML_START.search(head)):
        return "cassette"
    return "jsonl"


def stem_of(name: str) -> str:
    """Return the file name without folders and without the suffixes of recordings."""
    base = Path(name).name.removesuffix(".gz")
    return next((base.removesuffix(suffix) for suffix in SUFFIXES if base.endswith(suffix)), base)


def why_broken(error: Exception) -> str:
    """Return why a file cannot be read, for one of the exceptions in ``BROKEN``."""
    if isinstance(error, FileNotFoundError):
        return "no such file or folder"
    if isinstance(error, PermissionError):
        return "permission denied"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "the gzip data is damaged or incomplete; everything before that point was read"
