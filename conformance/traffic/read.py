"""Read all recordings: files, folders and standard input become exchanges, one at a time."""

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
    why_broken,
)
from conformance.traffic.folder_contents import is_own_output, printable_path, recordings_in
from conformance.traffic.formats import har, jsonl
from conformance.traffic.read_result import LeftOut, Outcome, Unreadable, judgeable


def read(
    paths: Iterable[str | Path], advance: Advance | None = None, *, leave_out: bool = False
) -> Iterator[Outcome]:
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
        leave_out: Yield as ``LeftOut`` what is inside a folder and not meant to be judged: reports
            of this package, ``answers.before`` in the folder of a report, and folders with the file
            ``expected-to-fail.txt``. What ``paths`` names itself is always read.
    """
    for path in map(str, paths):
        if path != STDIN and _is_folder(path):
            yield from _folder(path, advance, leave_out=leave_out)
        else:
            yield from _file(path, advance)


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except OSError:  # opening it as a file will report the error
        return False


def _folder(path: str, advance: Advance | None, *, leave_out: bool) -> Iterator[Outcome]:
    has_files = False
    others: list[Outcome] = []
    for file in recordings_in(path, others, leave_out=leave_out):
        has_files = True
        yield from _file(file, advance, leave_out=leave_out)
    yield from others
    if not (has_files or others):
        yield Unreadable(
            printable_path(path),
            f"the folder contains no recordings ({', '.join(SUFFIXES)}, or these plus .gz)",
        )


def size_of(paths: Iterable[str | Path], *, leave_out: bool = False) -> int | None:
    """Return how many bytes ``read`` will read from disk, or None if the paths include ``-``.

    Files that do not exist or cannot be accessed count as 0, and reports that ``leave_out`` leaves
    out with their whole size.
    """
    total = 0
    for path in map(str, paths):
        if path == STDIN:
            return None
        with suppress(OSError):
            total += sum(
                Path(file).stat().st_size
                for file in (
                    recordings_in(path, [], leave_out=leave_out) if _is_folder(path) else (path,)
                )
            )
    return total


def _file(path: str, advance: Advance | None, *, leave_out: bool = False) -> Iterator[Outcome]:
    name = "stdin" if path == STDIN else printable_path(path)
    empty = True
    try:
        with opened(path, advance) as file:
            if leave_out and is_own_output(file.head):
                yield LeftOut(name, "a report of this tool")
                return
            for outcome in _content(file, name):
                empty = False
                yield judgeable(outcome)
        if empty:
            yield Unreadable(name, "the file contains no exchanges")
    except BROKEN as error:
        yield Unreadable(name, why_broken(error))


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
