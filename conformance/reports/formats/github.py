"""Annotations for GitHub Actions: workflow commands that a job prints.

GitHub shows at most ten annotations of each kind for a step. This is the only output in which a
workflow command may stand; every value in it is escaped.
"""

import re
from collections import Counter
from collections.abc import Iterator

from conformance._text import one_line
from conformance.reports.formats.found import (
    Found,
    Severity,
    example_lines,
    file_and_line,
    found_in,
    label,
    severity,
    what,
    where,
)
from conformance.reports.formats.markdown import render_found as summary_of
from conformance.runs.broken import Broken
from conformance.runs.results import Report

MOST = 10
"""The most annotations of one kind."""

_FILE_AND_LINE = re.compile(r"(?P<file>[^\n]+?):(?P<line>[0-9]{1,9}): ")
_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report) -> bytes:
    """Return the annotations about a run, a line each: the verdict, then the worst."""
    return render_found(found_in(report))


def render_found(found: Found) -> bytes:
    """Return the annotations about what a run or a lint found."""
    return "".join(f"{line}\n" for line in _annotations(found)).encode()


def step_summary(found: Found) -> bytes:
    """Return what to append to the file that ``GITHUB_STEP_SUMMARY`` names: Markdown."""
    return b"\n" + summary_of(found)


def _annotations(found: Found) -> Iterator[str]:
    verdict: Severity = "error" if found.code else "note"
    yield _command(verdict, {"title": "chat-conformance"}, found.verdict)
    counted = Counter[Severity]([verdict])
    for problem in found.problems:
        counted["error"] += 1
        if counted["error"] <= MOST:
            yield _command("error", _place_of(problem), problem)
    for broken in found.broken:
        kind = severity(broken)
        counted[kind] += 1
        if counted[kind] <= MOST:
            yield _command(kind, _properties(broken, found), _message(broken))


def _place_of(problem: str) -> dict[str, str]:
    """Return the file and line with which a line about an expectation begins."""
    found = _FILE_AND_LINE.match(problem)
    place = {"file": found["file"], "line": found["line"]} if found else {}
    return {**place, "title": "expectation out of date"}


def _properties(broken: Broken, found: Found) -> dict[str, str]:
    title = {"title": f"{broken.entry.id} ({label(broken)})"}
    if not found.in_files:
        return title
    file, line = file_and_line(broken.examples[0].case)
    return {"file": file, **({"line": str(line)} if line else {}), **title}


def _message(broken: Broken) -> str:
    first = broken.examples[0]
    lines = [
        f"{what(first)} ({broken.share_of_answers}, first in {where(first)})",
        one_line(broken.entry.sentence),
        *(line.strip() for line in [*example_lines(first)][1:3]),
        f"more: conformance explain {broken.entry.id}",
    ]
    return "\n".join(lines)


def _command(kind: Severity, properties: dict[str, str], message: str) -> str:
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = "\n".join(map(one_line, message.split("\n")))
    return f"::{_COMMANDS[kind]} {listed}::{_data(text)}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(one_line(value)).replace(":", "%3A").replace(",", "%2C")
