"""The parts of a finding as text, the same in all reports."""

from collections.abc import Iterator
from typing import TypeGuard

import orjson

from conformance._text import BRIEF, one_line, printable, shortened
from conformance.judging.requirements import Level, Requirement
from conformance.judging.requirements.sources import source as source_of
from conformance.protocol.exchange import Json
from conformance.runs.reported_finding import ReportedFinding
from conformance.traffic.redaction.excerpt import was_cut

_KINDS = {
    "any": "any answer",
    "completion": "an answer that is not streamed",
    "stream": "a stream",
    "error": "an error response",
}
_BRIEFEST = 130  # characters of a value in a report that must fit on one page


def heading(requirement: Requirement, level: Level) -> str:
    """Return the id, level and sentence of a requirement."""
    return f"{requirement.id}  {level_of(requirement, level)}  {requirement.sentence}"


def source(requirement: Requirement) -> str:
    """Return what a requirement rests on, and the command that shows it with links."""
    words = "; ".join(shortened(source_in_words(key), _BRIEFEST) for key in requirement.source)
    return f"Source:   {words} (conformance explain {requirement.id})"


def source_in_words(key: str) -> str:
    """Return on one line what a source says or is, or its key if nothing else is known."""
    return one_line(source_of(key).says or key)


def when_in_words(entry: Requirement) -> str:
    """Return which answers a requirement is about, and what must be given, as words."""
    kind, _, given = entry.when.partition("; ")
    return f"{_KINDS[kind]}, given: {given}" if given else _KINDS[kind]


def level_of(requirement: Requirement, level: Level) -> str:
    """Return the level, marked ``(model)`` if the requirement is about the model's output."""
    return level if requirement.about == "protocol" else f"{level} (model)"


def located(where: str, finding: ReportedFinding) -> str:
    """Return ``where``, then the event number and the JSON pointer, if the finding has them."""
    event = "" if finding.event is None else f"event {finding.event}"
    return one_line(" ".join(filter(None, (where, event, finding.pointer))))


def message(finding: ReportedFinding) -> str:
    """Return what is wrong, how often, and what explains it, if anything does."""
    times = f" ({finding.count:,} times)" if finding.count > 1 else ""
    known = f" [known: {finding.known}]" if finding.known else ""
    accepted = f" [accepted: {one_line(finding.accepted)}]" if finding.accepted else ""
    return f"{one_line(finding.message)}{times}{known}{accepted}"


def evidence(finding: ReportedFinding) -> Iterator[str]:
    """Yield a line with the expected value and one with the actual value, as JSON.

    An expected value that is a string is a description and is not quoted. A finding without
    evidence yields nothing.
    """
    expected, actual = _evidence(finding)
    if expected is not None:
        yield f"Expected: {expected}"
    if actual is not None:
        yield f"Actual:   {actual}"


def brief_evidence(finding: ReportedFinding) -> Iterator[str]:
    """Yield the expected and the actual value as ``evidence`` does, each cut to about one line."""
    expected, actual = _evidence(finding)
    if expected is not None:
        yield f"expected: {shortened(expected, _BRIEFEST)}"
    if actual is not None:
        yield f"got:      {shortened(actual, _BRIEFEST)}"


def _evidence(finding: ReportedFinding) -> tuple[str | None, str | None]:
    """Return the expected and the actual value on one line, None for one that is not shown."""
    if finding.expected is None:
        return None, None if finding.actual is None else value(finding.actual)
    in_words = isinstance(finding.expected, str) and finding.expected
    expected = one_line(finding.expected) if in_words else value(finding.expected)
    return expected, value(finding.actual)


def value(given: Json) -> str:
    """Return a value as JSON on one line, shortened.

    An excerpt of a long value, and a text that is JSON itself, are not quoted once more.
    """
    text = given if is_json_text(given) else orjson.dumps(given, default=str).decode()
    return printable(shortened(text, BRIEF))


def is_json_text(given: object) -> TypeGuard[str]:
    """True for an excerpt of a long value, and for a text that looks like an object or array."""
    return isinstance(given, str) and (was_cut(given) or given.startswith(("{", "[")))
