"""A comparison as text: the verdict, the metrics that changed, then what limits it."""

from collections.abc import Iterator

from rich.console import Console

from conformance._text import few, many, printable, shortened
from conformance.comparison.result import Comparison, Judgement, MetricResult
from conformance.reports.comparison import words
from conformance.reports.text.page import PAGE, Line, filled, fitting, height, show

_STYLES: dict[Judgement, str] = {"worse": "red", "changed": "yellow", "better": "green"}
_MOST_SHAPES, _MOST_LOST = 4, 4
_LONGEST_SIDE, _LONGEST_METRIC = 200, 30

_BETWEEN = 5
"""Lines that are kept free: two empty ones, and three for the names of metrics without a line."""
_FOLDED: tuple[Judgement, ...] = ("cannot tell", "no worse")


def render(comparison: Comparison, console: Console, *, verbose: bool = False) -> None:
    """Print the comparison on at most 40 lines; with ``verbose``, all metrics and changes."""
    width = console.width
    head = list(_head(comparison, width))
    tail = list(_tail(comparison, width, verbose=verbose))
    listed = [result for result in comparison.results if verbose or result.judgement in words.SHOWN]
    blocks = [list(_metric(result, width)) for result in listed]
    if not verbose:
        least = height(blocks[0], width) if blocks else 0
        tail = _cut(tail, width, PAGE - height(head, width) - least - _BETWEEN)
    room = PAGE - height(head, width) - height(tail, width) - _BETWEEN
    fit = len(blocks) if verbose else fitting(blocks, width, room)
    show(console, head)
    if blocks:
        show(console, [Line("")])
    for block in blocks[:fit]:
        show(console, block)
    if left := listed[fit:]:
        names = few([shortened(result.metric.name, _LONGEST_METRIC) for result in left], 3)
        show(console, filled(f"and {many(len(left), 'more metric')}: {names}", width, 2, 2))
    show(console, [Line(""), *tail] if tail else [])


def _cut(lines: list[Line], width: int, room: int) -> list[Line]:
    """Return the lines, or their beginning and end if they do not fit into the room."""
    if height(lines, width) <= room:
        return lines
    end = filled(words.OWN_QUESTIONS, width, style="dim")
    kept = max(room - len(end) - 1, 0)
    left = len(lines) - len(end) - kept
    more = filled(f"and {many(left, 'more line')}: see --format json", width, 2, 2)
    return [*lines[:kept], *more, *end]


def _head(comparison: Comparison, width: int) -> Iterator[Line]:
    yield from filled(words.verdict_line(comparison), width, style="bold", break_words=True)
    for side, what in (("OLD", comparison.old), ("NEW", comparison.new)):
        shown = shortened(printable(what), _LONGEST_SIDE)
        yield from filled(f"{side}  {shown}", width, hang=5, break_words=True)


def _metric(result: MetricResult, width: int) -> Iterator[Line]:
    verdict, name = words.judgement(result), result.metric.name
    line = f"{name}  {words.rates(result)}, {words.difference(result)}: {verdict}"
    style = _STYLES.get(result.judgement, "")
    yield from filled(line, width, 2, 2, style, break_words=True)
    what = "; ".join(
        part
        for part in (
            words.title(result.metric),
            words.counts(result),
            words.answered(result),
            words.example(result),
        )
        if part
    )
    yield from filled(what, width, 6, break_words=True)


def _tail(comparison: Comparison, width: int, *, verbose: bool) -> Iterator[Line]:
    if lost := comparison.lost_tool_calls:
        named = [words.question_name(name) for name in lost]
        names = few(named, len(named) if verbose else _MOST_LOST)
        text = f"Lost their tool call ({many(len(lost), 'question')}): {names}"
        yield from filled(text, width, hang=2, style="red", break_words=True)
    if changes := comparison.shape:
        yield Line(f"Shape of the answers ({many(len(changes), 'change')}):")
        most = len(changes) if verbose else _MOST_SHAPES
        for change in changes[:most]:
            yield from filled(words.shape(change), width, 2, 2, break_words=True)
        if len(changes) > most:
            yield Line(f"  and {len(changes) - most:,} more")
    for line in words.errors(comparison):
        yield from filled(line, width, hang=2, break_words=True)
    for word in () if verbose else _FOLDED:
        if folded := words.folded(comparison, word):
            yield from filled(words.counted(word, folded), width, hang=2, break_words=True)
    if line := words.unbroken(comparison):
        yield Line(line)
    for note in comparison.notes:
        yield from filled(f"Note: {printable(note)}.", width, hang=6, break_words=True)
    if line := words.calibration(comparison):
        yield from filled(line, width, hang=2)
    yield from filled(words.OWN_QUESTIONS, width, style="dim")
