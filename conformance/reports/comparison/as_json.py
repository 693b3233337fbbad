"""A comparison as JSON; see schemas/comparison.json."""

import math
from dataclasses import asdict
from typing import Any

import orjson

from conformance._text import safe_json
from conformance.comparison.result import Comparison, MetricResult
from conformance.reports.comparison import words

SCHEMA_VERSION = 1
"""Increases with each change of schemas/comparison.json that makes older documents invalid."""


def as_json(comparison: Comparison) -> bytes:
    """Return the comparison; equal comparisons give equal bytes."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "verdict": words.word_of(comparison),
        "line": words.verdict_line(comparison),
        "fails": comparison.fails,
        "old": comparison.old,
        "new": comparison.new,
        "about": comparison.about,
        "samples": comparison.samples,
        "metrics": [_metric(result) for result in comparison.results],
        "lost_tool_calls": list(comparison.lost_tool_calls),
        "shape": [asdict(change) for change in comparison.shape],
        "errors": {side: dict(reasons) for side, reasons in (comparison.errors or {}).items()},
        "notes": list(comparison.notes),
        "calibration": None
        if comparison.alarms is None
        else {"alarms": comparison.alarms, "splits": comparison.splits},
    }
    return safe_json(orjson.dumps(document, option=orjson.OPT_INDENT_2)) + b"\n"


def _metric(result: MetricResult) -> dict[str, Any]:
    metric = result.metric
    return {
        "name": metric.name,
        "title": metric.title,
        "unit": metric.unit,
        "worse": metric.worse,
        "margin": metric.margin,
        "gates": metric.gates,
        "requirement": metric.is_requirement,
        "judgement": result.judgement,
        "fails": result.fails,
        "old": result.old,
        "new": result.new,
        "old_answered": result.old_answered,
        "new_answered": result.new_answered,
        "difference": result.difference,
        "interval": [bound if math.isfinite(bound) else None for bound in result.interval],
        "p_worse": result.p_worse,
        "p_better": result.p_better,
        "questions": result.questions,
        "differing": result.differing,
        "pairs": result.pairs,
        "survives": result.survives,
        "beyond_margin": result.beyond_margin,
        "confirmed": result.confirmed,
        "more_questions": result.more_questions,
        "by_question": [asdict(question) for question in result.by_question],
    }
