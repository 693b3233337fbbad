"""One way in for all recordings: files, folders and standard input become exchanges, lazily and one
at a time."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from conformance.traffic.files import (
    BROKEN,
    STDIN,
    SUFFIXES,
    Advance,
    Opened,
    format_of,
    opened,
    spooled,
)
from conformance.traffic.formats import har, jsonl
from conformance.traffic.read_result import Outcome, Unreadable


def read(paths: Iterable[str | Path], advance: Advance | None = None) -> Iterator[Outcome]:
    """Every exchange of the recordings, in order; what cannot be read or is another call comes as a
    value in its place, and reading goes on.

    A folder is read recursively and sorted: files with a known suffix, nothing hidden. ``-`` is
    standard input. Files may be gzipped, whatever their name. Never raises for what a file holds.
    ``advance`` is told how many bytes of the files more were read.
    """
    for path in map(str, paths):
        if path != STDIN and _is_folder(path):
            yield from _folder(path, advance)
        else:
            yield from _file(path, advance)


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except OSError:  # opening it as a file says why
        return False


def _folder(path: str, advance: Advance | None) -> Iterator[Outcome]:
    found = False
    errors: list[OSError] = []
    for file in _recordings(path, errors):
        found = True
        yield from _file(file, advance)
    yield from (Unreadable(_shown(str(error.filename)), _reason(error)) for error in errors)
    if not (found or errors):
        yield Unreadable(
            _shown(path),
            f"the folder holds no recordings ({', '.join(SUFFIXES)}, each also with .gz)",
        )


def _recordings(folder: str, errors: list[OSError]) -> Iterator[str]:
    for parent, folders, files in os.walk(folder, onerror=errors.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.removesuffix(".gz").endswith(SUFFIXES) and not name.startswith("."):
                yield str(Path(parent, name))


def size_of(paths: Iterable[str | Path]) -> int | None:
    """The bytes that ``read`` will read, None where standard input is among the paths."""
    total = 0
    for path in map(str, paths):
        if path == STDIN:
            return None
        with suppress(OSError):
            total += sum(
                Path(file).stat().st_size
                for file in (_recordings(path, []) if _is_folder(path) else (path,))
            )
    return total


def _file(path: str, advance: Advance | None) -> Iterator[Outcome]:
    name = "stdin" if path == STDIN else _shown(path)
    empty = True
    try:
        with opened(path, advance) as file:
            for outcome in _content(file, name):
                empty = False
                yield outcome
        if empty:
            yield Unreadable(name, "the file holds no exchange")
    except BROKEN as error:
        yield Unreadable(name, _reason(error))


def _shown(path: str) -> str:
    """A path as text that can be written, whatever bytes it is made of."""
    return os.fsencode(path).decode(errors="replace")


def _content(file: Opened, name: str) -> Iterator[Outcome]:
    if not file.head:
        yield Unreadable(name, "the file is empty")
    elif b"\0" in file.head:
        yield Unreadable(
            name,
            "the file is binary; JSONL, HAR and YAML cassettes in UTF-8 are read, plain or gzipped",
        )
    else:
        yield from _READERS[format_of(name, file.head)](file, name)


def _jsonl(file: Opened, name: str) -> Iterator[Outcome]:
    first, newline, _ = file.head.lstrip().partition(b"\n")
    if newline and first.strip() in (b"{", b"["):
        return iter(
            [
                Unreadable(
                    f"{name}:1",
                    "JSON over several lines: write one exchange record a line, as jq -c does",
                )
            ]
        )
    return jsonl.read(file.stream, name)


def _har(file: Opened, name: str) -> Iterator[Outcome]:
    return har.read(file.stream, name)


def _cassette(file: Opened, name: str) -> Iterator[Outcome]:
    from conformance.traffic.formats import cassette

    if file.twice:
        yield from cassette.read(file.stream, name)
        return
    with spooled(file.stream) as stream:
        yield from cassette.read(stream, name)


_READERS = {"jsonl": _jsonl, "har": _har, "cassette": _cassette}


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    if isinstance(error, PermissionError):
        return "permission denied"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "the gzip data are damaged or end early; what came before was read"
