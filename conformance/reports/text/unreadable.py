"""What could not be read, in a few lines a file."""

from collections.abc import Iterable, Iterator

from conformance._text import printable
from conformance.traffic import Unreadable

_FEW = 5


def unreadable(listed: Iterable[Unreadable], more: int = 0) -> Iterator[str]:
    """A line for each of the first few of a file, and one for the rest; one for ``more`` that are
    not listed."""
    by_file: dict[str, list[str]] = {}
    for each in listed:
        file = each.where.rpartition(":")[0] or each.where.rpartition("#")[0] or each.where
        by_file.setdefault(file, []).append(printable(f"unreadable {each.where}: {each.why}"))
    for file, lines in by_file.items():
        yield from lines[:_FEW]
        if len(lines) > _FEW:
            yield printable(f"unreadable {file}: {len(lines) - _FEW:,} more")
    if more:
        yield f"unreadable: {more:,} more"
