"""What could not be read, in a few lines for each file, and what was not judged."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from conformance._text import many, printable
from conformance.runs.results import Report
from conformance.traffic import Unreadable

_MAX_LINES = 5  # per file


def unreadable(listed: Iterable[Unreadable], more: int = 0) -> Iterator[str]:
    """Yield up to five lines per file, one with the count of its others, and one for ``more``.

    ``more`` is the number of problems that are not in ``listed``.
    """
    by_file: dict[str, list[str]] = {}
    for item in listed:
        file = item.where.rpartition(":")[0] or item.where.rpartition("#")[0] or item.where
        by_file.setdefault(file, []).append(printable(f"unreadable {item.where}: {item.why}"))
    for file, lines in by_file.items():
        yield from lines[:_MAX_LINES]
        if len(lines) > _MAX_LINES:
            yield printable(f"unreadable {file}: {len(lines) - _MAX_LINES:,} more")
    if more:
        yield f"unreadable: {more:,} more"


def not_judged_in(report: Report) -> Counter[str]:
    """Count the answers of a run by what of them was not judged."""
    counted = Counter[str]()
    for target in report.targets:
        counted.update(dict(target.not_judged))
    return counted


def not_judged(counts: Mapping[str, int]) -> Iterator[str]:
    """Yield a line for each kind of thing that was not judged; ``counts`` are its exchanges."""
    for what, count in sorted(counts.items()):
        yield f"not judged: {what} ({many(count, 'exchange')})"
