"""Comparisons with results of every verdict, made from samples."""

from dataclasses import replace

from conformance.comparison.metric import Metric
from conformance.comparison.result import Comparison, MetricResult, ShapeChange
from conformance.comparison.sample import Side
from conformance.comparison.statistics import compare
from tests.comparison.made_samples import drawn, metric

GOOD = metric("right-tool", title="answers with the right tool", worse="less")
SLOW = metric("total-time", title="time", unit="milliseconds", margin=0.1, gates=False)


def result(of: Metric, old: float, new: float, questions: int = 100) -> MetricResult:
    """Return the result for values that each side has for this share of its questions."""

    def draw(side: Side, question: int, position: int) -> dict[str, float]:
        if of.unit != "share":
            return {of.name: old if side == "old" else new}
        limit = round((old if side == "old" else new) * questions)
        return {of.name: float(question < limit)}

    (only,) = compare(drawn(draw, questions), {of.name: of})
    return only


def comparison(*results: MetricResult, **changes: object) -> Comparison:
    """Return a comparison of two endpoints on a hundred questions."""
    made = Comparison("m-1 at http://old", "m-2 at http://new", "100 questions", 3, results)
    return replace(made, **changes)  # type: ignore[arg-type]


def worse() -> Comparison:
    """Return a comparison in which a metric that counts is worse, with everything else there is."""
    return comparison(
        result(GOOD, 0.96, 0.64),
        result(SLOW, 410, 560),
        result(metric("empty", title="empty answers"), 0, 0),
        result(metric("refused", title="refusals"), 0, 0, questions=20),
        lost_tool_calls=("q64", "q65"),
        shape=(ShapeChange("member", "/service_tier", "", 0, 322, 322, 322),),
        notes=("two answers were lost",),
        errors={"old": {}, "new": {"status 400": 3}},
        alarms=0.01,
        splits=200,
    )
