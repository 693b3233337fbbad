"""What the official SDK made of the answers of a run, for people: a line for each that breaks
it."""

from collections.abc import Iterator

from rich.console import Console

from conformance._text import many, one_line
from conformance.reports.text.terminal import prose, verbatim
from conformance.runs.sdk.reading import CaseReading, Readings


def render(readings: Readings, console: Console) -> None:
    """Print the readings of a run: those that are broken, each on a line, beneath their counts."""
    counts = readings.counts
    told = [
        f"{counts['read']:,} read",
        f"{counts['broken']:,} broken",
        f"{counts['not_strict']:,} that its types do not allow",
    ]
    told += [f"{counts['not_read']:,} not read"] if counts["not_read"] else []
    told += [many(counts["errors"], "error") + " of this suite"] if counts["errors"] else []
    prose(
        console,
        f"The openai SDK {readings.version}: {', '.join(told)}. It is no judge, and decides"
        " nothing.",
    )
    for each in readings.cases:
        for line in _lines(each):
            verbatim(console, line, 2)
    console.print()


def _lines(case: CaseReading) -> Iterator[str]:
    reading = case.reading
    if reading.error:
        yield one_line(
            f"{case.target}/{case.case}: could not be read, please report it: {reading.error}"
        )
    if reading.breaks:
        first, *others = reading.breaks
        more = f", and {len(others)} more" if others else ""
        yield one_line(
            f"{case.target}/{case.case}: {first.call} {first.outcome} {first.what}{more}"
        )
