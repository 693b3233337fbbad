"""Two reports compared, as JSON, a change a line; schemas/diff.json describes it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from conformance.judging.requirements import requirements
from conformance.report.diff import KINDS, Change, Compared, Diff
from conformance.report.reading import ReadTarget
from conformance.report.run_json import lines_of

SCHEMA_VERSION = 2
"""Goes up with each change of schemas/diff.json by which a document of before is none any more."""


def as_json(diff: Diff) -> bytes:
    """The diff; the same reports give the same bytes. ``target`` is the number of the compared targets that something is about, from 0."""
    numbered = list(enumerate(diff.targets))
    return lines_of({
        "schema_version": SCHEMA_VERSION,
        "edition": diff.new.edition,
        "summary": summary(diff),
        "notes": list(diff.notes),
        "targets": [{"old": _target(target.old), "new": _target(target.new), "cases": target.cases} for target in diff.targets],
        "changes": [{"target": number} | _change(change) for number, target in numbered for change in target.changes],
        "restated": [{"target": number} | asdict(case) for number, target in numbered for case in target.restated],
        "left_open": [{"target": number} | asdict(case) for number, target in numbered for case in target.left_open],
        "only_old": [{"target": number} | asdict(case) for number, target in numbered for case in target.only_old],
        "only_new": [{"target": number} | asdict(case) for number, target in numbered for case in target.only_new],
    })  # fmt: skip


def summary(diff: Diff) -> dict[str, int]:
    """How many changes there are of each kind and how many of them decide, and how many cases are in both reports or in one."""
    changes = [change for target in diff.targets for change in target.changes]
    kinds = Counter(change.kind for change in changes)
    return {
        "cases": sum(target.cases for target in diff.targets),
        "restated": _sum(diff.targets, "restated"),
        "lost": sum(each.lost for target in diff.targets for each in target.restated),
        "left_open": _sum(diff.targets, "left_open"),
        "only_old": _sum(diff.targets, "only_old"),
        "only_new": _sum(diff.targets, "only_new"),
        **{kind: kinds[kind] for kind in KINDS},
        "deciding": sum(change.decides for change in changes),
    }


def _sum(targets: Iterable[Compared], name: str) -> int:
    return sum(len(getattr(target, name)) for target in targets)


def _target(target: ReadTarget) -> dict[str, Any]:
    return {"name": target.name, "profiles": list(target.profiles), "model": target.model, "server": target.server}


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "requirement": change.requirement,
        "about": requirements()[change.requirement].about,
        "level": change.level,
        "case": change.case,
        "old": change.old,
        "new": change.new,
        "decides": change.decides,
        "findings": [asdict(finding) for finding in change.findings],
    }
