"""The findings of a lint as one JSON document, or as one JSON object per line (NDJSON)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from conformance._text import safe_json
from conformance.runs.lint import LintFinding, Tally, UnreportedFinding

MOST = 1000
"""The maximum number of findings of one requirement in a document; the counts include all."""


def summary(tally: Tally) -> dict[str, Any]:
    """Return the counts of a lint; ``findings`` and ``by_requirement`` include known ones."""
    return {
        "exchanges": tally.exchanges,
        "unreadable": tally.all_unreadable,
        "skipped": tally.skipped,
        **({"files_left_out": tally.files_left_out} if tally.files_left_out else {}),
        **(
            {"folders_left_out": [each.where for each in tally.folders_left_out]}
            if tally.folders_left_out
            else {}
        ),
        "findings": tally.findings.total(),
        "known": tally.known.total(),
        **({"accepted": tally.accepted.total()} if tally.accepted else {}),
        "by_requirement": dict(sorted(tally.findings.items())),
        "profiles": dict(sorted(tally.profiles.items())),
        "crashed": sorted(tally.crashes),
        "not_judged": dict(sorted(tally.not_judged.items())),
    }


def lines(findings: Iterable[UnreportedFinding], tally: Tally) -> Iterator[bytes]:
    """Yield one line per finding, as soon as it is found, then one line with the summary."""
    for finding in findings:
        yield safe_json(orjson.dumps(_record(finding.report())))
    yield safe_json(orjson.dumps({"summary": summary(tally), "unreadable": _unreadable(tally)}))


def document(findings: Iterable[UnreportedFinding], tally: Tally) -> bytes:
    """Return summary and findings as one document, at most ``MOST`` findings per requirement."""
    kept: list[dict[str, Any]] = []
    seen: Counter[str] = Counter()
    for finding in findings:
        seen[finding.requirement] += 1
        if seen[finding.requirement] <= MOST:
            kept.append(_record(finding.report()))
    whole = {"summary": summary(tally), "findings": kept, "unreadable": _unreadable(tally)}
    return safe_json(orjson.dumps(whole, option=orjson.OPT_INDENT_2))


def _record(lint_finding: LintFinding) -> dict[str, Any]:
    reported = lint_finding.reported
    return {
        "exchange": lint_finding.exchange,
        "profile": lint_finding.profile,
        "requirement": lint_finding.requirement,
        "level": lint_finding.level,
        "known": reported.known,
        **({"accepted": reported.accepted} if reported.accepted else {}),
        "count": reported.count,
        "event": reported.event,
        "pointer": reported.pointer,
        "message": reported.message,
        "expected": reported.expected,
        "actual": reported.actual,
        "location": lint_finding.location,
    }


def _unreadable(tally: Tally) -> list[dict[str, str]]:
    return [{"location": item.where, "why": item.why} for item in tally.unreadable]
