"""Choose the exchanges that a report shows in full: the first that break each requirement."""

from collections.abc import Iterable

from conformance.cases.case_ref import parse_group
from conformance.runs.broken import broken_in
from conformance.runs.results import Answer, Report
from conformance.runs.shown_exchange import ShownExchange, shown_exchange

MOST = 200
"""The most exchanges that a report shows in full."""


def examples_of(report: Report, answers: Iterable[Answer]) -> tuple[ShownExchange, ...]:
    """Return the exchanges behind the examples of each broken requirement, the worst first."""
    by_name = {(answer.target, answer.case): answer for answer in answers}
    events: dict[tuple[str, str], set[int]] = {}
    for broken in broken_in(report):
        for sighting in broken.examples:
            numbers = {found.event for found in sighting.findings if found.event is not None}
            for case in parse_group(sighting.case):
                events.setdefault((sighting.target, str(case)), set()).update(numbers)
    return tuple(
        shown_exchange(*name, by_name[name].exchange, numbers)
        for name, numbers in [*events.items()][:MOST]
        if name in by_name
    )
