"""The report of a run as JSON; schemas/report.json describes it.

Each item of a list stands on a line of its own, so that line-based tools can compare two reports.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from conformance._files import write_atomic
from conformance._text import safe_json
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import CaseReply, CaseVerdict, Report, TargetVerdicts, Unanswered
from conformance.runs.sdk.reading import Readings
from conformance.runs.shown_exchange import ShownExchange
from conformance.runs.summary import counts, verdicts_of

NAME = "report.json"

SCHEMA_VERSION = 3
"""Increases with each change of schemas/report.json that makes older reports invalid."""


def as_json(report: Report) -> bytes:
    """Return the report; equal reports give equal bytes."""
    names = _names(report.targets)
    members = {
        "schema_version": SCHEMA_VERSION,
        "edition": report.edition,
        "suite": report.suite,
        "corpus": report.corpus,
        "profiles": dict(report.profiles),
        "repeat": report.repeat,
        **({} if report.seconds is None else {"seconds": report.seconds}),
        "fail_on": {"levels": report.fail_on.levels, "stale": report.fail_on.stale},
        "summary": summary(report),
        "targets": [_target(target) for target in report.targets],
        "unreadable": [{"location": item.where, "why": item.why} for item in report.unreadable],
        **_not_judged(report, names),
        "not_asked": _unanswered(report.not_asked),
        "unanswered": _unanswered(report.unanswered),
        "replies": [
            _reply(reply, names[number])
            for number, target in enumerate(report.targets)
            for reply in target.replies
        ],
        "attempts": [asdict(attempt) for attempt in report.attempts],
        "verdicts": [
            _verdict(verdict, names[number])
            for number, target in enumerate(report.targets)
            for verdict in target.verdicts
            if verdict.verdict != "not exercised"
        ],
        "expectation_problems": list(report.expectation_problems),
        "examples": [_example(example) for example in report.examples],
        **(_sdk(report.sdk) if report.sdk else {}),
    }
    return lines_of(members)


def _not_judged(report: Report, names: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    counted = [
        {**names[number], "what": what, "answers": count}
        for number, target in enumerate(report.targets)
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


def _names(targets: Sequence[TargetVerdicts]) -> list[dict[str, Any]]:
    """Return the members that name each target in a row: with its number if two share a name."""
    counted = Counter(target.name for target in targets)
    return [
        {"target": target.name} | ({"part": number} if counted[target.name] > 1 else {})
        for number, target in enumerate(targets)
    ]


def _reply(reply: CaseReply, name: Mapping[str, Any]) -> dict[str, Any]:
    thin = {"thin": True} if reply.thin else {}
    return {**name, "case": reply.case, "status": reply.status, "said": reply.said, **thin}


def _example(example: ShownExchange) -> dict[str, Any]:
    members = {field: getattr(example, field) for field in example.__slots__}
    return members | {
        "headers": [list(pair) for pair in example.headers],
        "events": [asdict(event) for event in example.events],
    }


def _verdict(verdict: CaseVerdict, name: Mapping[str, Any]) -> dict[str, Any]:
    names = ("case", "requirement", "level", "verdict")
    return {**name, **{member: getattr(verdict, member) for member in names}} | {
        "findings": [finding_members(finding) for finding in verdict.findings]
    }


def finding_members(finding: ReportedFinding) -> dict[str, Any]:
    """Return a finding; ``accepted`` is left out if the user does not accept it."""
    members = asdict(finding)
    if finding.accepted is None:
        del members["accepted"]
    return members


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
