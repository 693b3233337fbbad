"""The verdicts on a target by chapter, as a table of text."""

from collections.abc import Iterator

from conformance._text import many, one_line, shortened
from conformance.runs.results import Report, TargetVerdicts
from conformance.runs.summary import ChapterCounts, by_chapter

_WIDTH, _WIDTH_BESIDE_ACCEPTED = 32, 27
"""Columns of the titles of chapters; a line with titles keeps to 80 columns."""


def heading(target: TargetVerdicts, *, live: bool = False) -> str:
    """Return the name of a target, the number of cases, and by which profile it was judged.

    ``live`` is true if the answers were asked for in this run.
    """
    server = " ".join(filter(None, (target.server, target.server_version)))
    assumed = " (assumed; to change it, use --profile NAME)" if target.assumed else ""
    provenance = target.provenance or "unknown provenance"
    if live and provenance == "recorded":
        provenance = "live"
    parts = (
        *(["self-test"] if target.self_test else []),
        provenance,
        *([f"from {server}"] if server else []),
        f"judged as {target.profile}{assumed}",
    )
    return one_line(f"{target.name}: {many(target.cases, 'case')}, {', '.join(parts)}")


def table(target: TargetVerdicts, report: Report, *, titles: bool) -> Iterator[str]:
    """Yield a header and one line per chapter, the worst first.

    A line counts verdicts by outcome, then how many requirements of the chapter were tested. There
    is a column for accepted failures if there are any; titles are then shortened to make room.
    """
    accepted = any(verdict.verdict == "accepted" for verdict in target.verdicts)
    width = (_WIDTH_BESIDE_ACCEPTED if accepted else _WIDTH) if titles else 5
    yield f"{'':<{width}}{'must':>5}{'should':>7}"
    taken = f"{'accepted':>9}" if accepted else ""
    outcomes = f"{'stale':>6}{'error':>6}{taken}{'known':>6}{'pass':>7}{'tested':>7}"
    yield f"{'':<{width}}{'fails':>5}{'fails':>7}{outcomes}"
    for protocol in (True, False):
        for number, row in enumerate(by_chapter(target, report.requirements, protocol=protocol)):
            if not number and not protocol:
                yield "about the model's output:"
            name = shortened(f"{row.prefix} {row.title}", width) if titles else row.prefix
            yield f"{name:<{width}}{_cells(row, accepted=accepted)}"


def _cells(row: ChapterCounts, *, accepted: bool) -> str:
    widths = (
        (row.must, 5),
        (row.should, 7),
        (row.stale, 6),
        (row.error, 6),
        *([(row.accepted, 9)] if accepted else []),
        (row.known, 6),
        (row.passed, 7),
    )
    return (
        "".join(f"{count or '':>{width}}" for count, width in widths)
        + f"{f'{row.exercised}/{row.rows}':>7}"
    )
