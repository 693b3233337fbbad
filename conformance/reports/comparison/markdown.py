"""A comparison as Markdown, for the comment on a pull request."""

from collections.abc import Iterator

from conformance._text import few, many
from conformance.comparison.result import Comparison, Judgement
from conformance.reports.comparison import words
from conformance.reports.formats.markdown_text import cell, code, text

_MOST_ROWS, _MOST_LISTED = 20, 20
_FOLDED: tuple[Judgement, ...] = ("cannot tell", "no worse")


def as_markdown(comparison: Comparison) -> bytes:
    """Return the comparison; what a server says stands in code or is escaped."""
    return ("\n".join(_lines(comparison)) + "\n").encode()


def _lines(comparison: Comparison) -> Iterator[str]:
    yield f"**{text(words.verdict_line(comparison))}**"
    yield ""
    yield f"- OLD: {text(comparison.old)}"
    yield f"- NEW: {text(comparison.new)}"
    yield ""
    listed = [each for each in comparison.results if each.judgement in words.SHOWN]
    if listed:
        yield "| Metric | OLD to NEW | Difference (99 %) | Verdict | Questions | Example |"
        yield "|---|---|---|---|---|---|"
        for result in listed[:_MOST_ROWS]:
            cells = (
                text(result.metric.name),
                words.rates(result),
                words.difference(result),
                words.judgement(result),
                words.counts(result),
                code(shown) if (shown := words.example(result).removeprefix("e.g. ")) else "",
            )
            yield f"| {' | '.join(map(cell, cells))} |"
        if len(listed) > _MOST_ROWS:
            yield ""
            yield f"and {many(len(listed) - _MOST_ROWS, 'more metric')}"
        yield ""
    if lost := comparison.lost_tool_calls:
        names = few([code(name) for name in lost], _MOST_LISTED)
        yield f"Lost their tool call ({many(len(lost), 'question')}): {names}"
        yield ""
    if changes := comparison.shape:
        yield "<details>"
        yield f"<summary>Shape of the answers: {many(len(changes), 'change')}</summary>"
        yield ""
        for change in changes[:_MOST_LISTED]:
            yield f"- {code(words.shape(change))}"
        if len(changes) > _MOST_LISTED:
            yield f"- and {len(changes) - _MOST_LISTED:,} more"
        yield ""
        yield "</details>"
        yield ""
    for word in _FOLDED:
        if folded := words.folded(comparison, word):
            yield f"- {text(words.counted(word, folded))}"
    if line := words.unbroken(comparison):
        yield f"- {line}"
    for line in (*words.errors(comparison), *(f"Note: {each}" for each in comparison.notes)):
        yield f"- {text(line)}"
    if line := words.calibration(comparison):
        yield f"- {text(line)}"
    yield f"- {text(words.OWN_QUESTIONS)}"
