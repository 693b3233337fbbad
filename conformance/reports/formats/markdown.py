"""Markdown for the comment on a pull request, or for the summary of a CI job.

Text from outside stands in code, so that it is no markup. The length is limited: GitHub takes at
most 65,536 characters in a comment.
"""

import re
from collections.abc import Iterator

from conformance._text import BRIEF, few, many, one_line, shortened
from conformance.reports.formats.found import (
    ACCEPTED,
    Found,
    answer,
    example_lines,
    found_in,
    label,
    sources_of,
    what,
)
from conformance.reports.formats.markdown_text import block, cell, code, html, link, text, user_link
from conformance.reports.text.broken import breaks_clients, repeat_command
from conformance.runs.broken import Broken
from conformance.runs.results import Report

MOST_ROWS = 20
"""The most broken requirements in the table, and the most expectations that are out of date."""

MOST_DETAILS = 5
"""The most broken requirements with details."""

_MOST_LINES = 12  # of evidence in the details of one requirement
_MOST_PROFILES = 5
_ISSUE = re.compile("/(issues|pull|discussions)/")


def render(report: Report) -> bytes:
    """Return the report of a run as Markdown."""
    return render_found(found_in(report))


def render_found(found: Found) -> bytes:
    """Return what a run or a lint found as Markdown."""
    return "\n".join(_lines(found)).encode() + b"\n"


def _lines(found: Found) -> Iterator[str]:
    word, _, rest = found.verdict.partition(": ")
    yield f"**{word}**: {text(rest)}"
    yield ""
    if found.broken:
        yield from _table(found)
        yield ""
        for broken in found.broken[:MOST_DETAILS]:
            yield from _details(broken, found.repeat)
            yield ""
    if found.accepted:
        yield from _accepted(found)
        yield ""
    left_out = [line for line in found.left_out if not line.startswith(ACCEPTED)]
    others = [*found.problems[:MOST_ROWS], *left_out]
    for line in others:
        yield f"- {text(line)}"
    if others:
        yield ""
    judged_by = few([*found.judged_by], _MOST_PROFILES)
    judged = f"judged as {text(judged_by)}, " if found.judged_by else ""
    yield (
        f"Requirements of edition {text(found.edition)}, {judged}chat-conformance"
        f" {text(found.suite)}"
    )


def _table(found: Found) -> Iterator[str]:
    yield "| Level | Requirement | Answers | What is wrong | First in |"
    yield "|---|---|---|---|---|"
    for broken in found.broken[:MOST_ROWS]:
        first = broken.examples[0]
        ids = ", ".join((broken.entry.id, *(each.id for each in broken.also)))
        cells = (
            label(broken),
            shortened(ids, BRIEF),
            broken.share,
            text(shortened(what(first), BRIEF)),
            code(answer(first)),
        )
        yield f"| {' | '.join(map(cell, cells))} |"
    if len(found.broken) > MOST_ROWS:
        yield ""
        yield f"and {many(len(found.broken) - MOST_ROWS, 'more requirement')}"


def _details(broken: Broken, repeat: str) -> Iterator[str]:
    """Yield a section that opens on request, with the evidence in the first answers."""
    lines = [line for each in broken.examples for line in example_lines(each)]
    left = len(lines) - _MOST_LINES
    shown = [*lines[:_MOST_LINES], *([f"and {many(left, 'more line')}"] if left > 0 else [])]
    if others := broken.answers - len(broken.examples):
        shown.append(f"and {many(others, 'more answer')}")
    if breaks := breaks_clients(broken.entry.id):
        shown.append(f"breaks: {breaks}")
    if repeat and broken.outcome != "error":
        shown.append(f"again: {one_line(repeat_command(repeat, broken))}")
    shown.append(f"more: conformance explain {broken.entry.id}")
    yield "<details>"
    yield f"<summary>{html(broken.entry.id)}: {html(broken.entry.sentence)}</summary>"
    yield ""
    yield block(shown)
    yield ""
    yield "Source:"
    yield ""
    yield from _sources(broken)
    yield ""
    yield "</details>"


def _accepted(found: Found) -> Iterator[str]:
    """Yield a section that opens on request, with the failures that the user accepts."""
    ids = {each.requirement for each in found.accepted}
    yield "<details>"
    yield f"<summary>Accepted: {many(len(ids), 'requirement')}</summary>"
    yield ""
    counted = "Findings" if found.in_files else "Answers"
    yield f"| Requirement | {counted} | Accepted because | Link |"
    yield "|---|---|---|---|"
    for each in found.accepted[:MOST_ROWS]:
        reason = text(shortened(each.reason, BRIEF))
        cells = (each.requirement, f"{each.count:,}", reason, user_link(each.link))
        yield f"| {' | '.join(map(cell, cells))} |"
    if len(found.accepted) > MOST_ROWS:
        yield ""
        yield f"and {len(found.accepted) - MOST_ROWS:,} more"
    yield ""
    yield "</details>"


def _sources(broken: Broken) -> Iterator[str]:
    """Yield a line for each source, with a link unless it is to an issue.

    GitHub notes in an issue who links to it.
    """
    for each in sources_of(broken.entry):
        linked = each.address and not _ISSUE.search(each.address)
        yield f"- {text(each.words)}{f' ({link(each.host, each.address)})' if linked else ''}"
