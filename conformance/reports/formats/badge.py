"""A badge: the JSON that an endpoint badge of shields.io reads.

It has the edition, the profiles, and how many requirements were judged. Only answers that were
recorded from a server can make it say "conformant".
"""

import orjson

from conformance._text import few, many, one_line, safe_json
from conformance.reports.text.verdict_line import word_of
from conformance.runs.results import EMULATED, Report, TargetVerdicts

_MOST_PROFILES = 2
_RECORDED = "recorded"


def render(report: Report) -> bytes:
    """Return the badge for the report of a run; self-tests count only if there is nothing else."""
    targets = [target for target in report.targets if not target.self_test] or [*report.targets]
    verdict, color = _verdict(report, targets)
    profiles = few(sorted({one_line(target.profile) for target in targets}), _MOST_PROFILES)
    judged = {
        verdict.requirement
        for target in targets
        for verdict in target.verdicts
        if verdict.verdict != "not exercised"
    }
    parts = [verdict, *([profiles] if profiles else []), many(len(judged), "requirement")]
    members = {
        "schemaVersion": 1,
        "label": f"chat conformance {one_line(report.edition)}",
        "message": ", ".join(parts),
        "color": color,
    }
    return safe_json(orjson.dumps(members, option=orjson.OPT_INDENT_2)) + b"\n"


def _verdict(report: Report, targets: list[TargetVerdicts]) -> tuple[str, str]:
    """Return the verdict in words, and the color."""
    word = word_of(report)
    provenances = {target.provenance for target in targets}
    if word == "PASS" and targets and provenances == {_RECORDED}:
        return "conformant", "brightgreen"
    shown = {"PASS": ("passed", "blue"), "FAIL": ("failed", "red")}
    verdict, color = shown.get(word, (word.lower(), "lightgrey"))
    if EMULATED in provenances:
        return f"emulated, {verdict}", "lightgrey"
    broken = {
        verdict.requirement
        for target in targets
        for verdict in target.verdicts
        if verdict.fails_run
    }
    return (f"{len(broken):,} broken" if broken and word == "FAIL" else verdict), color
