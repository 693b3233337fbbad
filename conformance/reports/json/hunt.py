"""The result of a hunt as JSON."""

import json

from conformance._text import safe_json
from conformance.endpoints.client.live_target import LiveTarget
from conformance.protocol.exchange import Json
from conformance.reports.repeatable_request import request_of_case
from conformance.reports.request_code import CODES
from conformance.runs.hunt import Failure, Hunt
from conformance.runs.reported_finding import report_finding


def as_json(found: Hunt, target: LiveTarget) -> str:
    """Return the result of a hunt as one JSON object: counts, and each failure with its request."""
    document: dict[str, Json] = {
        "target": target.name,
        "profile": target.profile,
        "asked": found.asked,
        "refused": found.refused,
        "ended": found.ended,
        "failures": [_member(failure, target) for failure in found.failures],
    }
    return safe_json(json.dumps(document, indent=2).encode()).decode() + "\n"


def _member(failure: Failure, target: LiveTarget) -> Json:
    reported = report_finding(failure.judged)
    finding = {
        "message": reported.message,
        "expected": reported.expected,
        "actual": reported.actual,
        "event": reported.event,
        "pointer": reported.pointer,
    }
    return {
        "requirement": failure.requirement,
        "level": failure.judged.level,
        "features": failure.listed_features,
        "finding": finding,
        "body": failure.case.request_for(target.model),
        "code": {name: code(request_of_case(failure.case, target)) for name, code in CODES.items()},
    }
