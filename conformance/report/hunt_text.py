"""What came of a hunt, for people and for machines: each failure with its evidence and with the smallest request, as code to paste."""

import json
from collections.abc import Iterable, Iterator
from textwrap import fill, indent

from conformance._text import many, one_line
from conformance.cases import Case
from conformance.cases.features import FEATURES
from conformance.cases.minting import PLAINEST
from conformance.endpoints.client.live_target import Target
from conformance.protocol.exchange import Json
from conformance.report.code import curl, httpx_code, openai_code
from conformance.report.findings import evidence as evidence_of
from conformance.report.findings import heading, located, message
from conformance.runs.hunt import Failure, Hunt
from conformance.runs.results import Told
from conformance.traffic.redaction import excerpt

_CODES = {"curl": curl, "httpx": httpx_code, "openai": openai_code}


def render(found: Hunt, target: Target, saved: Iterable[Case] = ()) -> str:
    """The hunt as text."""
    lines = [line for failure in found.failures for line in (*_failure(failure, target), "")]
    lines += [f"Saved as {case.id}." for case in saved]
    ended = f", ended early: {one_line(found.ended)}" if found.ended else ""
    refused = f", {found.refused:,} of them not answered with status 200" if found.refused else ""
    broken = many(len(found.failures), "requirement") + " broken"
    return "\n".join([*lines, fill(f"{target.name} as {target.profile}: {many(found.asked, 'request')}{refused}{ended}, {broken}."), ""])


def _failure(failure: Failure, target: Target) -> Iterator[str]:
    told = _told(failure)
    yield fill(heading(failure.requirement, failure.judged.level))
    yield fill(f"shown by: {', '.join(features_of(failure)) or PLAINEST}", initial_indent="  ", subsequent_indent="    ")
    for line in filter(None, (located(failure.case.id, told), message(told), *evidence_of(told))):
        yield f"  {line}"
    for name, code in _CODES.items():
        yield f"\n  {name}:"
        yield indent(code(failure.case, target).rstrip(), "    ")


def shown(failure: Failure) -> str:
    """A failure as a test shows it, with the request that shows it."""
    told = _told(failure)
    body = json.dumps(failure.case.body, ensure_ascii=False)
    return "\n".join((heading(failure.requirement, failure.judged.level), message(told), *evidence_of(told), f"Request:  {body}"))


def features_of(failure: Failure) -> list[str]:
    """The features that it takes, from plain to special."""
    return [name for name in FEATURES if name in failure.features]


def _told(failure: Failure) -> Told:
    finding = failure.judged.finding
    return Told(excerpt.shown(finding.message), excerpt.shown(finding.expected), excerpt.shown(finding.actual), finding.event, finding.pointer, finding.count)


def as_json(found: Hunt, target: Target) -> str:
    """The hunt as one JSON object."""
    document: dict[str, Json] = {
        "target": target.name,
        "profile": target.profile,
        "asked": found.asked,
        "refused": found.refused,
        "ended": found.ended,
        "failures": [_member(failure, target) for failure in found.failures],
    }
    return json.dumps(document, indent=2) + "\n"


def _member(failure: Failure, target: Target) -> Json:
    told = _told(failure)
    finding = {"message": told.message, "expected": told.expected, "actual": told.actual, "event": told.event, "pointer": told.pointer}
    return {
        "requirement": failure.requirement,
        "level": failure.judged.level,
        "features": features_of(failure),
        "finding": finding,
        "body": failure.case.request_for(target.model),
        "code": {name: code(failure.case, target) for name, code in _CODES.items()},
    }
