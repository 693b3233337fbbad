"""A badge: the JSON that an endpoint badge of shields.io reads.

It has the edition, the profiles, and how many requirements were tested. Only answers that were
recorded from a server can make it say "conformant", and only if no requirement is broken, not even
in a way that the user accepts.
"""

from collections.abc import Sequence

import orjson

from conformance._text import few, many, one_line, safe_json
from conformance.reports.text.verdict_line import accepted_by, broken_by, tested_by, word_of
from conformance.runs.results import EMULATED, Report, TargetVerdicts

_MOST_PROFILES = 2
_RECORDED = "recorded"


def render(report: Report) -> bytes:
    """Return the badge for the report of a run; self-tests count only if there is nothing else."""
    targets = report.main_targets
    verdict, color = _verdict(report, targets)
    profiles = few(sorted({one_line(target.profile) for target in targets}), _MOST_PROFILES)
    tested = tested_by(verdict for target in targets for verdict in target.verdicts)
    parts = [verdict, *([profiles] if profiles else []), many(len(tested), "requirement")]
    members = {
        "schemaVersion": 1,
        "label": f"chat conformance {one_line(report.edition)}",
        "message": ", ".join(parts),
        "color": color,
    }
    return safe_json(orjson.dumps(members, option=orjson.OPT_INDENT_2)) + b"\n"


def _verdict(report: Report, targets: Sequence[TargetVerdicts]) -> tuple[str, str]:
    """Return the verdict in words with the number of accepted failures, and the color."""
    word = word_of(report)
    provenances = {target.provenance for target in targets}
    verdicts = [verdict for target in targets for verdict in target.verdicts]
    broken, accepted = broken_by(verdicts), accepted_by(verdicts)
    if word == "PASS" and provenances == {_RECORDED} and not broken and not accepted:
        return "conformant", "brightgreen"
    shown = {"PASS": ("passed", "blue"), "FAIL": ("failed", "red")}
    verdict, color = shown.get(word, (word.lower(), "lightgrey"))
    if EMULATED in provenances:
        verdict, color = f"emulated, {verdict}", "lightgrey"
    elif broken and word in ("FAIL", "PASS"):  # PASS: the user lets nothing fail the run
        verdict, color = f"{len(broken):,} broken", "red"
    return (f"{verdict}, {len(accepted):,} accepted" if accepted else verdict), color
