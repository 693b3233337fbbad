"""Which answers of a run break the official openai SDK, as text."""

from collections.abc import Iterator

from rich.console import Console

from conformance._text import many, one_line
from conformance.reports.text.terminal import prose, verbatim
from conformance.runs.sdk.reading import CaseReading, Readings


def render(readings: Readings, console: Console) -> None:
    """Print counts, then one line for each answer that breaks the SDK."""
    counts = readings.counts
    parts = [
        f"{many(counts['read'], 'answer')} parsed",
        f"{counts['broken']:,} broken",
        f"{counts['not_strict']:,} not valid for the types of the SDK",
    ]
    parts += [f"{counts['not_read']:,} not parsed"] if counts["not_read"] else []
    parts += [many(counts["errors"], "error") + " of this suite"] if counts["errors"] else []
    prose(
        console,
        f"openai SDK {readings.version}: {', '.join(parts)}. No verdict depends on the SDK.",
    )
    for case in readings.cases:
        for line in _lines(case):
            verbatim(console, line, 2)
    console.print()


def _lines(case: CaseReading) -> Iterator[str]:
    reading = case.reading
    if reading.error:
        yield one_line(
            f"{case.target}/{case.case}: the SDK check crashed, please report it: {reading.error}"
        )
    if reading.breaks:
        first, *others = reading.breaks
        more = f", and {many(len(others), 'other failure')}" if others else ""
        yield one_line(
            f"{case.target}/{case.case}: {first.call} {first.outcome} {first.what}{more}"
        )
