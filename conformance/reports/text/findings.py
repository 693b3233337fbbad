"""What was found, in the words that every report uses: a finding of a lint and one of a run are
told alike."""

from collections.abc import Iterator
from typing import TypeAlias

import orjson

from conformance._text import BRIEF, one_line, printable, shortened
from conformance.judging.requirements import Level, requirements
from conformance.protocol.exchange import Json
from conformance.runs.lint import Row
from conformance.runs.reported_finding import ReportedFinding
from conformance.traffic.redaction.excerpt import was_cut

Found: TypeAlias = Row | ReportedFinding


def heading(requirement: str, level: Level) -> str:
    """A requirement with its level and its sentence."""
    return f"{requirement}  {level_of(requirement, level)}  {requirements()[requirement].sentence}"


def source(requirement: str) -> str:
    """Where a requirement is documented, in the words of docs/protocol.md."""
    return (
        f"Source:   {one_line(', '.join(requirements()[requirement].source))} (docs/protocol.md of"
        " chat-conformance)"
    )


def level_of(requirement: str, level: Level) -> str:
    """A level, with a mark where the requirement is about what a model says."""
    return level if requirements()[requirement].about == "protocol" else f"{level} (model)"


def located(where: str, found: Found) -> str:
    """Where the exchange is, and where in it the finding: the number of the event and the JSON
    pointer, as far as it has them."""
    event = "" if found.event is None else f"event {found.event}"
    return one_line(" ".join(filter(None, (where, event, found.pointer))))


def message(found: Found) -> str:
    """What is wrong, how often, and the known deviation that explains it."""
    times = f" ({found.count:,} times)" if found.count > 1 else ""
    known = f" [known: {found.known}]" if found.known else ""
    return f"{one_line(found.message)}{times}{known}"


def evidence(found: Found) -> Iterator[str]:
    """What was expected, in words or as a value, and what came, as JSON; nothing where the message
    says it all."""
    if found.expected is not None:
        in_words = isinstance(found.expected, str) and found.expected
        yield f"Expected: {one_line(found.expected) if in_words else value(found.expected)}"
    if found.expected is not None or found.actual is not None:
        yield f"Actual:   {value(found.actual)}"


def value(given: Json) -> str:
    """A value as JSON on one line, not long; what is the beginning of a long one already stands as
    it is."""
    text = (
        given
        if isinstance(given, str) and was_cut(given)
        else orjson.dumps(given, default=str).decode()
    )
    return printable(shortened(text, BRIEF))
