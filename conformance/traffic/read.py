"""Read all recordings: files, folders and standard input become exchanges, one at a time."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from conformance._files import special_file
from conformance.protocol.answer_limit import why_not_judged
from conformance.protocol.exchange import Exchange
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
    """Yield the exchanges of the recordings in order, without loading whole files.

    What cannot be read is yielded as ``Unreadable``, and other API calls as ``Skipped``, in the
    position where they occur; reading then continues. The content of a file never raises an
    exception.

    Args:
        paths: Files, folders, or ``-`` for standard input. A folder is read recursively in sorted
            order; hidden entries and files without a known suffix are ignored. Named pipes, sockets
            and devices in it are ``Unreadable``. Any file may be gzipped, whether or not its name
            ends in ``.gz``.
        advance: Called with the number of bytes just read from disk, for progress output.
    """
    for path in map(str, paths):
        if path != STDIN and _is_folder(path):
            yield from _folder(path, advance)
        else:
            yield from _file(path, advance)


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except OSError:  # opening it as a file will report the error
        return False


def _folder(path: str, advance: Advance | None) -> Iterator[Outcome]:
    has_files = False
    problems: list[Unreadable] = []
    for file in _recordings(path, problems):
        has_files = True
        yield from _file(file, advance)
    yield from problems
    if not (has_files or problems):
        yield Unreadable(
            _printable_path(path),
            f"the folder contains no recordings ({', '.join(SUFFIXES)}, or these plus .gz)",
        )


def _recordings(folder: str, problems: list[Unreadable]) -> Iterator[str]:
    """Yield the paths of the recordings in a folder; add what cannot be read to ``problems``."""

    def tell(error: OSError) -> None:
        problems.append(Unreadable(_printable_path(str(error.filename)), _reason(error)))

    for parent, folders, files in os.walk(folder, onerror=tell):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.startswith(".") or not name.removesuffix(".gz").endswith(SUFFIXES):
                continue
            path = Path(parent, name)
            if kind := special_file(path):
                problems.append(
                    Unreadable(_printable_path(str(path)), f"{kind}, which is not read in a folder")
                )
            else:
                yield str(path)


def size_of(paths: Iterable[str | Path]) -> int | None:
    """Return how many bytes ``read`` will read from disk, or None if the paths include ``-``.

    Files that do not exist or cannot be accessed count as 0.
    """
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
    name = "stdin" if path == STDIN else _printable_path(path)
    empty = True
    try:
        with opened(path, advance) as file:
            for outcome in _content(file, name):
                empty = False
                yield _judgeable(outcome)
        if empty:
            yield Unreadable(name, "the file contains no exchanges")
    except BROKEN as error:
        yield Unreadable(name, _reason(error))


def _judgeable(outcome: Outcome) -> Outcome:
    """Return the outcome, or why it is not judged if its answer has too many parts."""
    if isinstance(outcome, Exchange) and (why := why_not_judged(outcome.response.body)):
        return Unreadable(outcome.origin, why)
    return outcome


def _printable_path(path: str) -> str:
    """Decode a path so that it can be printed, even if its bytes are not valid UTF-8."""
    return os.fsencode(path).decode(errors="replace")


def _content(file: Opened, name: str) -> Iterator[Outcome]:
    if not file.head:
        yield Unreadable(name, "the file is empty")
    elif b"\0" in file.head:
        yield Unreadable(
            name,
            "the file is binary; expected JSONL, HAR or a YAML cassette in UTF-8, plain or gzipped",
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
                    "JSON that spans several lines: write one exchange record per line, as jq -c"
                    " does",
                )
            ]
        )
    return jsonl.read(file.stream, name)


def _har(file: Opened, name: str) -> Iterator[Outcome]:
    return har.read(file.stream, name)


def _cassette(file: Opened, name: str) -> Iterator[Outcome]:
    from conformance.traffic.formats import cassette

    if file.seekable:
        yield from cassette.read(file.stream, name)
        return
    with spooled(file.stream) as stream:
        yield from cassette.read(stream, name)


_READERS = {"jsonl": _jsonl, "har": _har, "cassette": _cassette}


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file or folder"
    if isinstance(error, PermissionError):
        return "permission denied"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "the gzip data is damaged or incomplete; everything before that point was read"
