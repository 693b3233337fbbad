"""The report of a run as JSON; schemas/report.json describes it.

Each item of a list stands on a line of its own, so that line-based tools can compare two reports.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from conformance._files import write_atomic
from conformance._text import safe_json
from conformance.runs.results import CaseVerdict, Report, TargetVerdicts, Unanswered
from conformance.runs.sdk.reading import Readings
from conformance.runs.summary import counts, verdicts_of

NAME = "report.json"

SCHEMA_VERSION = 2
"""Increases with each change of schemas/report.json that makes older reports invalid."""


def as_json(report: Report) -> bytes:
    """Return the report; equal reports give equal bytes."""
    members = {
        "schema_version": SCHEMA_VERSION,
        "edition": report.edition,
        "suite": report.suite,
        "corpus": report.corpus,
        "profiles": dict(report.profiles),
        "summary": summary(report),
        "targets": [_target(target) for target in report.targets],
        "unreadable": [{"location": item.where, "why": item.why} for item in report.unreadable],
        **_not_judged(report),
        "not_asked": _unanswered(report.not_asked),
        "unanswered": _unanswered(report.unanswered),
        "replies": [
            {"target": target.name, "case": reply.case, "status": reply.status, "said": reply.said}
            for target in report.targets
            for reply in target.replies
        ],
        "attempts": [asdict(attempt) for attempt in report.attempts],
        "verdicts": [
            _verdict(verdict)
            for target in report.targets
            for verdict in target.verdicts
            if verdict.verdict != "not exercised"
        ],
        **(_sdk(report.sdk) if report.sdk else {}),
    }
    return lines_of(members)


def _not_judged(report: Report) -> dict[str, Any]:
    counted = [
        {"target": target.name, "what": what, "answers": count}
        for target in report.targets
        for what, count in target.not_judged
    ]
    return {"not_judged": counted} if counted else {}


def lines_of(members: Mapping[str, Any]) -> bytes:
    """Return an object as JSON, with a line for each member and for each item of a list member."""
    lines = b",\n".join(_member(name, value) for name, value in members.items())
    return safe_json(b"{\n" + lines + b"\n}\n")


def write(report: Report, folder: Path) -> Path:
    """Write the report atomically as ``report.json`` into a folder; return the path of the file.

    The folder is created if it does not exist. Raises OSError.
    """
    path = folder / NAME
    write_atomic(path, as_json(report))
    return path


def summary(report: Report) -> dict[str, Any]:
    """Return the counts of a run; the self-test is counted separately from the totals."""
    return {
        "cases": sum(target.cases for target in report.targets if not target.self_test),
        **_by_what(verdicts_of(report)),
        "self_test": {
            "cases": sum(target.cases for target in report.targets if target.self_test),
            **_by_what(verdicts_of(report, self_test=True)),
        },
        "refused": sum(len(target.refusals) for target in report.targets),
        "not_asked": len(report.not_asked),
        "unanswered": len(report.unanswered),
        "unreadable": len(report.unreadable),
    }


def _by_what(verdicts: list[CaseVerdict]) -> dict[str, Any]:
    return {
        "protocol": counts(verdict for verdict in verdicts if verdict.about_protocol),
        "model": counts(verdict for verdict in verdicts if not verdict.about_protocol),
    }


def _target(target: TargetVerdicts) -> dict[str, Any]:
    names = (
        "name",
        "profile",
        "assumed",
        "provenance",
        "server",
        "server_version",
        "model",
        "cases",
    )
    return {name: getattr(target, name) for name in names} | {
        "failures": list(target.failures),
        "not_exercised": list(target.not_exercised),
    }


def _verdict(verdict: CaseVerdict) -> dict[str, Any]:
    names = ("target", "case", "requirement", "level", "verdict")
    return {name: getattr(verdict, name) for name in names} | {
        "findings": [asdict(finding) for finding in verdict.findings]
    }


def _sdk(readings: Readings) -> dict[str, Any]:
    """Return what the SDK did with the answers; only unusual results are listed one by one."""
    unusual = [
        case for case in readings.cases if case.reading.outcome != "fine" or case.reading.strict
    ]
    return {
        "sdk": {"version": readings.version, **readings.counts},
        "sdk_readings": [
            {
                "target": case.target,
                "case": case.case,
                "outcome": case.reading.outcome,
                **asdict(case.reading),
            }
            for case in unusual
        ],
    }


def _unanswered(cases: Iterable[Unanswered]) -> list[dict[str, Any]]:
    return [asdict(case) for case in cases]


def _member(name: str, value: Any) -> bytes:
    key = b"  " + orjson.dumps(name) + b": "
    if isinstance(value, list) and value:
        return key + b"[\n" + b",\n".join(b"    " + orjson.dumps(item) for item in value) + b"\n  ]"
    return key + orjson.dumps(value)
