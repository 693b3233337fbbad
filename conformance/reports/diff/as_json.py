"""The comparison of two reports as JSON, a change per line; see schemas/diff.json."""

from dataclasses import asdict
from typing import Any

from conformance.reports.diff.compare import Change, Diff, summary
from conformance.reports.diff.proof import Proved
from conformance.reports.diff.saved_report import ReadTarget
from conformance.reports.diff.words import verdict_line, word_of
from conformance.reports.json.run import finding_members, lines_of

SCHEMA_VERSION = 5
"""Increases with each change of schemas/diff.json that makes older documents invalid."""


def as_json(diff: Diff) -> bytes:
    """Return the comparison; equal reports give equal bytes.

    ``target`` in a change is the index in ``targets``.
    """
    numbered = list(enumerate(diff.targets))
    return lines_of(
        {
            "schema_version": SCHEMA_VERSION,
            "edition": diff.new.edition,
            "word": word_of(diff),
            "verdict": verdict_line(diff),
            "summary": summary(diff),
            "notes": list(diff.notes),
            "targets": [
                {"old": _target(target.old), "new": _target(target.new), "cases": target.cases}
                for target in diff.targets
            ],
            "results": [
                {"target": number} | _result(result)
                for number, target in numbered
                for result in target.results
                if result.result.differing or result.fails
            ],
            "lost_tool_calls": [
                {"target": number, "case": case}
                for number, target in numbered
                for case in target.lost_calls
            ],
            "changes": [
                {"target": number} | _change(change)
                for number, target in numbered
                for change in target.changes
            ],
            "restated": [
                {"target": number} | asdict(case)
                for number, target in numbered
                for case in target.restated
            ],
            "left_open": [
                {"target": number} | asdict(case)
                for number, target in numbered
                for case in target.left_open
            ],
            "only_old": [
                {"target": number} | asdict(case)
                for number, target in numbered
                for case in target.only_old
            ],
            "only_new": [
                {"target": number} | asdict(case)
                for number, target in numbered
                for case in target.only_new
            ],
        }
    )


def _target(target: ReadTarget) -> dict[str, Any]:
    return {
        "name": target.name,
        "profiles": list(target.profiles),
        "model": target.model,
        "server": target.server,
    }


def _result(result: Proved) -> dict[str, Any]:
    told = result.result
    return {
        "metric": result.metric.name,
        "title": result.metric.title,
        "word": result.word,
        "decides": result.fails,
        "gates": result.metric.gates,
        "cases": result.cases,
        "old": result.old,
        "new": result.new,
        "questions": told.questions,
        "differing": told.differing,
        "p_worse": told.p_worse,
        "p_better": told.p_better,
        "harmed": list(result.harmed),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "requirement": change.requirement,
        "about": change.entry.about,
        "level": change.level,
        "case": change.case,
        "old": change.old,
        "new": change.new,
        "decides": change.fails_run,
        "findings": [finding_members(finding) for finding in change.findings],
    }
