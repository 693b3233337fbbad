"""Reports for tests, as JSON documents and as read back."""

from pathlib import Path
from typing import Any, get_args

import orjson

from conformance import __version__
from conformance.cases.corpus import shipped_corpus
from conformance.judging.requirements import EDITION
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import Outcome
from conformance.reports.diff.saved_report import ReadReport, read_report
from conformance.reports.json.run import SCHEMA_VERSION

MUST, SHOULD, MODEL = "ENV-008", "ENV-007", "MSG-005"
DIGEST = "0123456789abcdef"


def finding(message: str = "it is so", **rest: Any) -> dict[str, Any]:
    return {
        "message": message,
        "expected": "more",
        "actual": -1,
        "event": None,
        "pointer": "/created",
        "count": 1,
        "known": None,
        **rest,
    }


def verdict(
    outcome: str, requirement: str = MUST, case: str = "chat-plain", target: str = "t", **rest: Any
) -> dict[str, Any]:
    findings = (
        [] if outcome == "pass" else [finding(known="it is known" if outcome == "known" else None)]
    )
    level = "should" if requirement == SHOULD else "must"
    return {
        "target": target,
        "case": case,
        "requirement": requirement,
        "level": level,
        "verdict": outcome,
        "findings": findings,
        **rest,
    }


def target(name: str = "t", **rest: Any) -> dict[str, Any]:
    told = {
        "profile": "openai",
        "assumed": False,
        "provenance": "recorded",
        "server": "llama.cpp",
        "server_version": "b1",
        "model": "m",
        "cases": 1,
    }
    return {"name": name, **told, "not_exercised": [], **rest}


def absent(case: str, why: str, name: str = "t") -> dict[str, Any]:
    return {"target": name, "case": case, "why": why}


def reply(case: str, name: str = "t", status: int = 200, said: str = "") -> dict[str, Any]:
    return {"target": name, "case": case, "status": status, "said": said}


def document(*verdicts: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """A report with these verdicts; its summary is not counted."""
    outcomes = dict.fromkeys(get_args(Outcome), 0)
    about = {"cases": 0, "protocol": outcomes, "model": outcomes}
    return {
        "schema_version": SCHEMA_VERSION,
        "edition": EDITION,
        "suite": __version__,
        "corpus": DIGEST,
        "profiles": {"openai": DIGEST},
        "repeat": "conformance run",
        "summary": {
            **about,
            "self_test": about,
            "refused": 0,
            "not_asked": 0,
            "unanswered": 0,
            "unreadable": 0,
        },
        "targets": [target(name) for name in dict.fromkeys(each["target"] for each in verdicts)],
        "unreadable": [],
        "not_asked": [],
        "unanswered": [],
        "replies": [
            reply(*each)
            for each in dict.fromkeys(
                (each["case"], each["target"]) for each in verdicts if "+" not in each["case"]
            )
        ],
        "attempts": [],
        "verdicts": list(verdicts),
        "examples": [],
        **rest,
    }


def written(folder: Path, made: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "report.json"
    path.write_bytes(made if isinstance(made, bytes) else orjson.dumps(made))
    return path


def read(folder: Path, *verdicts: dict[str, Any], **rest: Any) -> ReadReport:
    return read_back(written(folder, document(*verdicts, **rest)))


def read_back(path: Path) -> ReadReport:
    return read_report(path, shipped_suite(), shipped_corpus())
