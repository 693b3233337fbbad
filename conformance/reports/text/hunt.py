"""The result of a hunt as text: each failure with its evidence and the smallest request that shows
it, as code to paste."""

import json
from collections.abc import Iterable, Iterator
from textwrap import fill, indent

from conformance._text import many, one_line
from conformance.cases import Case
from conformance.cases.minting import PLAINEST
from conformance.endpoints.client.live_target import LiveTarget
from conformance.reports.request_code import CODES
from conformance.reports.text.findings import evidence as evidence_of
from conformance.reports.text.findings import heading, located, message
from conformance.runs.hunt import Failure, Hunt
from conformance.runs.reported_finding import report_finding


def render(found: Hunt, target: LiveTarget, saved: Iterable[Case] = ()) -> str:
    """The hunt as text."""
    lines = [line for failure in found.failures for line in (*_failure(failure, target), "")]
    lines += [f"Saved as {case.id}." for case in saved]
    ended = f", ended early: {one_line(found.ended)}" if found.ended else ""
    refused = f", {found.refused:,} of them not answered with status 200" if found.refused else ""
    broken = many(len(found.failures), "requirement") + " broken"
    return "\n".join(
        [
            *lines,
            fill(
                f"{target.name} as {target.profile}:"
                f" {many(found.asked, 'request')}{refused}{ended}, {broken}."
            ),
            "",
        ]
    )


def _failure(failure: Failure, target: LiveTarget) -> Iterator[str]:
    told = report_finding(failure.judged)
    yield fill(heading(failure.requirement, failure.judged.level))
    yield fill(
        f"shown by: {', '.join(failure.listed_features) or PLAINEST}",
        initial_indent="  ",
        subsequent_indent="    ",
    )
    for line in filter(None, (located(failure.case.id, told), message(told), *evidence_of(told))):
        yield f"  {line}"
    for name, code in CODES.items():
        yield f"\n  {name}:"
        yield indent(code(failure.case, target).rstrip(), "    ")


def shown(failure: Failure) -> str:
    """A failure as a test shows it, with the request that shows it."""
    told = report_finding(failure.judged)
    body = json.dumps(failure.case.body, ensure_ascii=False)
    return "\n".join(
        (
            heading(failure.requirement, failure.judged.level),
            message(told),
            *evidence_of(told),
            f"Request:  {body}",
        )
    )
