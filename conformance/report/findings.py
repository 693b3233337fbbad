"""What a verdict of a run found, as lines for people."""

from collections.abc import Iterator

from conformance.ledger import requirements
from conformance.report.plain import brief, one_line
from conformance.run.values import CaseVerdict


def told(verdict: CaseVerdict) -> Iterator[str]:
    """What a verdict found: the message with its place, then what was expected and what came."""
    for finding in verdict.findings:
        event = "" if finding.event is None else f"event {finding.event}"
        place = " ".join(filter(None, (event, one_line(finding.pointer))))
        times = f" ({finding.count} times)" if finding.count > 1 else ""
        known = f" [known: {finding.known}]" if finding.known else ""
        yield f"{place}{': ' if place else ''}{one_line(finding.message)}{times}{known}"
        if finding.expected is not None:
            yield f"Expected: {brief(finding.expected)}"
        if finding.expected is not None or finding.actual is not None:
            yield f"Actual:   {brief(finding.actual)}"


def heading(verdict: CaseVerdict) -> str:
    """The requirement of a verdict, its level and its sentence."""
    row = requirements()[verdict.requirement]
    return f"{row.id}  {verdict.level}{'' if verdict.about_protocol else ' (model)'}  {row.sentence}"
