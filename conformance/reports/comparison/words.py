"""The sentences about a comparison that all its reports share."""

import math
from collections.abc import Sequence

from conformance._text import few, many, one_line, printable, shortened
from conformance.comparison.metric import Metric
from conformance.comparison.result import (
    Comparison,
    Judgement,
    MetricResult,
    QuestionResult,
    ShapeChange,
)

SHOWN: tuple[Judgement, ...] = ("worse", "changed", "better")
"""The judgements whose metrics are listed one by one; the others are counted."""

OWN_QUESTIONS = (
    "The rates are about these questions, not about your application: compare with --cases FILE to"
    " use your own."
)

_MEANING = {
    "no worse": "the harm is proved to be below the margin, which is not to be the same",
    "cannot tell": "neither harm nor its absence is proved",
}

_LONGEST_NAME, _LONGEST_SENTENCE, _LONGEST_REASON, _LONGEST_QUESTION = 120, 90, 120, 60
_MOST_NAMED, _MOST_COUNTED = 3, 4

_LARGEST_BOUND = 100
"""The largest bound of a ratio that is shown as a number: 10,000 %."""


def word_of(comparison: Comparison) -> str:
    """Return the verdict in a word or two: "worse", "no worse", "cannot tell", "nothing to tell".

    It is about the metrics that count: a comparison is only as good as the worst of them.
    """
    judgements = {result.judgement for result in counting(comparison)}
    if comparison.fails:
        return "worse"
    if not comparison.results:
        return "nothing to tell"
    if "cannot tell" in judgements or "changed" in judgements or "worse" in judgements:
        return "cannot tell"
    return "no worse"


def verdict_line(comparison: Comparison) -> str:
    """Return the verdict, and on what, in one line."""
    about, word = printable(comparison.about), word_of(comparison)
    if word == "worse":
        failing = [result for result in comparison.results if result.fails]
        more = f", and by {many(len(failing) - 1, 'more metric')}" if failing[1:] else ""
        first = failing[0]
        return f"NEW is worse than OLD on {about}: {first.metric.name} {rates(first)}{more}."
    if word == "nothing to tell":
        return f"Nothing could be compared on {about}: no question has an answer of both sides."
    within = [result for result in counting(comparison) if result.judgement == "worse"]
    changed = [result for result in counting(comparison) if result.judgement == "changed"]
    told = counting(comparison)
    if word == "no worse":
        return (
            f"NEW is no worse than OLD on {about}: any harm is below the margin, by each of"
            f" {_that_count(len(told))}."
        )
    if within:
        named = few([f"{each.metric.name} {rates(each)}" for each in within], _MOST_NAMED)
        return f"NEW is worse than OLD on {about}, but within the margin: {named}."
    if changed:
        named = few([each.metric.name for each in changed], _MOST_NAMED)
        return (
            f"Cannot tell whether NEW is worse than OLD on {about}; some questions changed always:"
            f" {named}."
        )
    still = [each.metric.name for each in told if each.judgement == "cannot tell"]
    return (
        f"Cannot tell whether NEW is worse than OLD on {about}: nothing is proved to be worse, and"
        f" {len(still)} of {_that_count(len(told))} may be."
    )


def _that_count(number: int) -> str:
    return f"{many(number, 'metric')} that count{'s' if number == 1 else ''}"


def counting(comparison: Comparison) -> list[MetricResult]:
    """Return the results of metrics that gate, without the requirements that no answer breaks."""
    return [
        result for result in comparison.results if result.metric.gates and not is_unbroken(result)
    ]


def is_unbroken(result: MetricResult) -> bool:
    """True for a requirement that no answer of either side breaks; there is nothing to compare."""
    return result.metric.is_requirement and not result.differing and result.new == 0


def unbroken(comparison: Comparison) -> str:
    """Return how many requirements no answer breaks, "" for none."""
    count = sum(map(is_unbroken, comparison.results))
    return f"Broken by no answer of either side: {many(count, 'requirement')}." if count else ""


def title(metric: Metric) -> str:
    """Return what a metric is: in short for a requirement, which says what answers must be."""
    if metric.is_requirement:
        return f"answers that break it: {shortened(metric.title, _LONGEST_SENTENCE)}"
    return metric.title


def rates(result: MetricResult) -> str:
    """Return the values of both sides, such as "96 % -> 64 %"."""
    return f"{amount(result.old, result)} -> {amount(result.new, result)}"


def amount(value: float, result: MetricResult) -> str:
    """Return a value in the unit of its metric."""
    if result.metric.unit == "share":
        return f"{_percent(value)} %"
    if result.metric.unit == "milliseconds":
        return f"{value:,.0f} ms"
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def difference(result: MetricResult) -> str:
    """Return the difference with its interval, such as "-32 points (-41 to -23)"."""
    low, high = result.interval
    unit = "points" if result.metric.unit == "share" else "%"
    between = f" ({_bound(low)} to {_bound(high)})" if math.isfinite(low + high) else ""
    return f"{_signed(result.difference)} {unit}{between}"


def margin(result: MetricResult) -> str:
    """Return the margin, such as "5 points"."""
    number = f"{result.metric.margin * 100:g}"
    return f"{number} points" if result.metric.unit == "share" else f"{number} %"


def judgement(result: MetricResult) -> str:
    """Return the verdict on a metric, and what limits it."""
    word: str = result.judgement
    if word == "worse" and not result.beyond_margin:
        return f"worse, within {margin(result)}"
    if word == "changed":
        return "changed on these questions"
    return word


def counts(result: MetricResult) -> str:
    """Return how many questions differ, and whether the metric can fail the comparison."""
    differ = "differs" if result.differing == 1 else "differ"
    text = f"{result.differing:,} of {many(result.questions, 'question')} {differ}"
    if result.confirmed is not None:
        text += ", confirmed when asked again" if result.confirmed else ", not confirmed"
    return text if result.metric.gates else f"{text}; for information only"


def example(result: MetricResult) -> str:
    """Return the question with the largest harm, with the values of both sides, or ""."""
    if not result.by_question or not result.metric.gates:
        return ""
    first = result.by_question[0]
    return f"e.g. {question_name(first.question)}: {_side(first, result, 'old')} ->" + (
        f" {_side(first, result, 'new')}"
    )


def question_name(question: str) -> str:
    """Return the name of a question, shortened for a line."""
    return shortened(printable(question), _LONGEST_QUESTION)


def _side(question: QuestionResult, result: MetricResult, side: str) -> str:
    value = question.old if side == "old" else question.new
    answers = question.old_answers if side == "old" else question.new_answers
    if result.metric.unit != "share":
        return amount(value, result)
    return f"{round(value * answers):,} of {answers:,}"


def answered(result: MetricResult) -> str:
    """Return the shares among usable answers, "" if they say nothing else."""
    old, new = result.old_answered, result.new_answered
    if result.metric.unit != "share" or old is None or new is None:
        return ""
    if _percent(old) == _percent(result.old) and _percent(new) == _percent(result.new):
        return ""
    return f"among usable answers {_percent(old)} % -> {_percent(new)} %"


def counted(word: Judgement, results: Sequence[MetricResult]) -> str:
    """Return one line for the metrics of a judgement that are not listed one by one."""
    names = [
        f"{result.metric.name} (about {result.more_questions:,} more questions would tell)"
        if result.more_questions and result.metric.gates
        else result.metric.name
        for result in results
    ]
    return (
        f"{word.capitalize()} ({len(names):,}): {few(names, _MOST_COUNTED)}. That is:"
        f" {_MEANING[word]}."
    )


def folded(comparison: Comparison, word: Judgement) -> list[MetricResult]:
    """Return the results of a judgement, without the requirements that no answer breaks."""
    return [
        result
        for result in comparison.results
        if result.judgement == word and not is_unbroken(result)
    ]


def errors(comparison: Comparison) -> list[str]:
    """Return one line for each side that has samples without a usable answer."""
    return [
        f"{side.upper()} without an answer: "
        + few(
            [
                f"{shortened(one_line(why), _LONGEST_REASON)} ({count:,})"
                for why, count in reasons.items()
            ],
            _MOST_NAMED,
        )
        for side, reasons in (comparison.errors or {}).items()
        if reasons
    ]


def shape(change: ShapeChange) -> str:
    """Return a change of shape, such as "+ /service_tier in 322 of 322"."""
    gone = change.new / change.new_of < change.old / change.old_of
    count, of = (change.old, change.old_of) if gone else (change.new, change.new_of)
    other, other_of = (change.new, change.new_of) if gone else (change.old, change.old_of)
    kind = "" if change.kind == "member" else f"{change.kind} "
    name = shortened(printable(change.name), _LONGEST_NAME)
    value = f" {shortened(printable(change.value), _LONGEST_NAME)}" if change.value else ""
    side, other_side = ("OLD", "NEW") if gone else ("NEW", "OLD")
    rest = f", in {other_side} {other:,} of {other_of:,}" if other else ""
    return f"{'-' if gone else '+'} {kind}{name}{value} in {count:,} of {of:,} of {side}{rest}"


def calibration(comparison: Comparison) -> str:
    """Return how often OLD's own samples alarm, "" if that was not asked for."""
    if comparison.alarms is None:
        return ""
    if not comparison.splits:
        return "Calibration: no question has at least 4 answers of OLD, so nothing was split."
    return (
        f"Calibration: {comparison.splits:,} splits of OLD's own answers into two sides gave a"
        f" false alarm in {_percent(comparison.alarms)} %."
    )


def _percent(share: float) -> str:
    """Return a share in percent, with a decimal where a whole number would hide the difference."""
    value = share * 100
    return f"{value:.0f}" if value in (0, 100) or 1 <= value <= 99 else f"{value:.1f}"


def _bound(share: float) -> str:
    """Return a bound of an interval; of few values it may be larger than any number that helps."""
    return f"over +{_LARGEST_BOUND * 100:,}" if share > _LARGEST_BOUND else _signed(share)


def _signed(share: float) -> str:
    value = share * 100
    return f"{value:+,.0f}" if abs(value) >= 1 or value == 0 else f"{value:+.1f}"
