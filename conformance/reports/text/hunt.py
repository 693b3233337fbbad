"""The result of a hunt as text: failures with evidence and the smallest request as code."""

import json
from collections.abc import Iterable, Iterator
from textwrap import indent, wrap

from conformance._text import many, one_line, safe_json, without_command
from conformance.cases import Case
from conformance.cases.minting import PLAINEST
from conformance.endpoints.client.live_target import LiveTarget
from conformance.reports.repeatable_request import request_of_case
from conformance.reports.request_code import CODES
from conformance.reports.text.findings import evidence as evidence_of
from conformance.reports.text.findings import heading, located, message
from conformance.runs.hunt import Failure, Hunt
from conformance.runs.reported_finding import report_finding


def render(found: Hunt, target: LiveTarget, saved: Iterable[Case] = ()) -> str:
    """Return the failures, the ids of the saved cases, and a line of counts."""
    lines = [line for failure in found.failures for line in (*_failure(failure, target), "")]
    lines += [f"Request saved as case {case.id}." for case in saved]
    ended = f", ended early: {one_line(found.ended)}" if found.ended else ""
    refused = f" ({found.refused:,} answered without status 200)" if found.refused else ""
    broken = many(len(found.failures), "requirement") + " broken"
    return "\n".join(
        [
            *lines,
            _filled(
                f"{target.name}, judged as {target.profile}:"
                f" {many(found.asked, 'request')}{refused}{ended}, {broken}."
            ),
            "",
        ]
    )


def _failure(failure: Failure, target: LiveTarget) -> Iterator[str]:
    finding = report_finding(failure.judged)
    yield _filled(heading(failure.entry, failure.judged.level))
    yield _filled(f"triggered by: {', '.join(failure.listed_features) or PLAINEST}", "  ", "    ")
    for line in filter(
        None, (located(failure.case.id, finding), message(finding), *evidence_of(finding))
    ):
        yield f"  {line}"
    for name, code in CODES.items():
        yield f"\n  {name}:"
        yield indent(code(request_of_case(failure.case, target)).rstrip(), "    ")


def _filled(text: str, first: str = "", others: str = "") -> str:
    """Return a text on lines of 70 columns, with an indent for the first line and the others."""
    lines = wrap(text, initial_indent=first, subsequent_indent=others)
    return "\n".join(map(without_command, lines))


def shown(failure: Failure) -> str:
    """Return a failure as the message of a failing test, with its request as JSON."""
    finding = report_finding(failure.judged)
    body = json.dumps(failure.case.body, ensure_ascii=False)
    body = body if body.isprintable() else json.dumps(failure.case.body)
    body = safe_json(body.encode()).decode()
    return "\n".join(
        (
            heading(failure.entry, failure.judged.level),
            message(finding),
            *evidence_of(finding),
            f"Request:  {body}",
        )
    )
