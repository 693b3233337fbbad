"""Files as streams of plain bytes: gzip undone, a byte order mark passed over, the format told from
the first bytes."""

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
"""What is read in a folder, each also with ``.gz``."""

GZIP_MAGIC = b"\x1f\x8b"
"""How what gzip wrote begins."""

BROKEN = (OSError, EOFError, zlib.error)
"""What a stream raises where its file cannot be read further."""

Advance: TypeAlias = Callable[[int], object]
"""Is told how many bytes more were read."""

Format: TypeAlias = Literal["jsonl", "har", "cassette"]

_BUFFER = 1 << 20
_HEAD = 1 << 13
_IN_MEMORY = 32 << 20
_FIRST_KEY = re.compile(rb'\s*\{\s*"([^"\\]*)"\s*:')
_YAML_START = re.compile(rb"^(?:(?:interactions|conformance|version)[ ]*:|---|%YAML)", re.MULTILINE)


class Stream(Protocol):
    """The part of a binary file that readers use. ``read1`` hands out what there is before a broken
    end shows."""

    def read1(self, size: int = ..., /) -> bytes: ...  # noqa: D102
    def readline(self, size: int = ..., /) -> bytes: ...  # noqa: D102
    def seek(self, offset: int, /) -> int: ...  # noqa: D102


class Opened(NamedTuple):
    """A file's plain content: the stream, its first bytes (b"" for an empty file), and whether it
    can be read twice."""

    stream: Stream
    head: bytes
    twice: bool


class _Counted(io.FileIO):
    """A file that tells how many bytes were read from it."""

    def __init__(self, path: str, advance: Advance) -> None:
        super().__init__(path)
        self._advance = advance

    def readinto(self, buffer: Any, /) -> int | None:
        """Read into the buffer, and tell."""
        size = super().readinto(buffer)
        self._advance(size or 0)
        return size


@contextmanager
def opened(path: str, advance: Advance | None = None) -> Iterator[Opened]:
    """The content of a file, or of standard input, which stays open. ``advance`` is told the bytes
    read from a file as it stands on the disk."""
    with _file(path, advance) as raw:
        if not raw.peek(2).startswith(GZIP_MAGIC):
            yield _past_bom(raw, raw.seekable())
            return
        with gzip.GzipFile(fileobj=raw) as plain:
            yield _past_bom(plain, raw.seekable())


def _file(path: str, advance: Advance | None) -> AbstractContextManager[io.BufferedReader]:
    if path != STDIN:
        return io.BufferedReader(_Counted(path, advance) if advance else io.FileIO(path), _BUFFER)
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    raw = sys.stdin.buffer
    return nullcontext(
        raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, raw))
    )


def _past_bom(stream: gzip.GzipFile | io.BufferedReader, twice: bool) -> Opened:
    head = stream.peek(_HEAD)[:_HEAD]
    if head.startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))
    return Opened(stream, head.removeprefix(codecs.BOM_UTF8), twice)


@contextmanager
def spooled(stream: Stream) -> Iterator[Stream]:
    """A copy that can be read twice, of what comes through a pipe: on disk from 32 MB on, as memory
    has to stay flat.

    Where the stream is broken, the copy holds what came before, and the error is raised when the
    copy is let go.
    """
    broken: Exception | None = None
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
        try:
            while chunk := stream.read1(_BUFFER):
                copy.write(chunk)
        except BROKEN as error:
            broken = error
        copy.seek(0)
        yield cast(Stream, copy)
    if broken:
        raise broken


def format_of(name: str, head: bytes) -> Format:
    """The format by the first bytes where they tell, by the suffix where they do not."""
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
    """The file's name without folders and the suffixes of recordings."""
    base = Path(name).name.removesuffix(".gz")
    return next((base.removesuffix(suffix) for suffix in SUFFIXES if base.endswith(suffix)), base)
