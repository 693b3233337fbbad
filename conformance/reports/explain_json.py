"""The explanations of requirements as a JSON document."""

from collections.abc import Iterable
from dataclasses import asdict

import orjson

from conformance._text import safe_json
from conformance.judging.requirements import EDITION
from conformance.judging.requirements.client_impact import ClientImpact, measured_impact
from conformance.judging.requirements.sources import Source, source
from conformance.protocol.exchange import Json
from conformance.runs.explaining.example import Example
from conformance.runs.explaining.explanation import Breaker, Explanation


def as_json(explanations: Iterable[Explanation]) -> bytes:
    """Return a JSON document with the keys ``edition`` and ``requirements``."""
    content = {"edition": EDITION, "requirements": [_explained(each) for each in explanations]}
    return safe_json(orjson.dumps(content, option=orjson.OPT_INDENT_2, default=str))


def _explained(explanation: Explanation) -> Json:
    entry = explanation.entry
    return {
        "id": entry.id,
        "sentence": entry.sentence,
        "levels": dict(entry.levels),
        "when": entry.when,
        "needs": entry.needs,
        "about": entry.about,
        "why": entry.why or None,
        "covered_by": entry.covered_by,
        "clients": _clients(explanation.impact),
        "example": _example(explanation, explanation.example),
        "known": [_breaker(each) for each in explanation.breakers],
        "sources": [_source(source(key)) for key in entry.source],
    }


def _clients(impact: ClientImpact | None) -> Json:
    """Return the effect on each client by its name and version, None if none was measured."""
    if impact is None:
        return None
    measured = measured_impact()
    return {
        "measured": measured.month,
        "effects": {
            named: {"effect": impact.effects.get(key, "ok"), "message": impact.messages.get(key)}
            for key, named in measured.clients.items()
        },
    }


def _example(explanation: Explanation, example: Example | None) -> Json:
    if example is None:
        return None
    finding = example.finding
    return {
        "fault": example.fault,
        "does": example.does,
        "profile": example.profile,
        "reports": [link for key in example.reports for link in source(key).links],
        "exchanges": [
            {"request": exchange.request.body, "changes": [asdict(change) for change in changes]}
            for exchange, changes in zip(example.conforming, explanation.changes, strict=True)
        ],
        "finding": {
            "message": finding.message,
            "event": finding.event,
            "pointer": finding.pointer,
            "expected": finding.expected,
            "actual": finding.actual,
        },
    }


def _breaker(breaker: Breaker) -> Json:
    deviation = breaker.deviation
    return {
        "profile": breaker.profile,
        "server": breaker.server or None,
        "occurs": deviation.frequency,
        "seen": deviation.seen,
        "sources": [
            _source(found) | {"links": found.links_about(breaker.profile)}
            for found in map(source, deviation.source)
        ],
    }


def _source(found: Source) -> dict[str, Json]:
    return {"key": found.key, "says": found.says or None, "links": found.links}
