"""From samples to the comparison: measure, test, look at the shape, and say what limits it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus

from conformance._text import few, many
from conformance.comparison.calibration import calibrate
from conformance.comparison.metric import Metric
from conformance.comparison.metrics import METRICS, measure, requirement_metric
from conformance.comparison.result import Comparison
from conformance.comparison.sample import Measured, Sample, Side
from conformance.comparison.shape import shape_changes
from conformance.comparison.statistics import compare, confirm
from conformance.judging.judge import Judge, judge_for
from conformance.judging.suite import Suite, shipped_suite
from conformance.protocol.chat.facts import fold
from conformance.runs.compare.settings import FEWEST_FOR_CALIBRATION, Settings

_SPLITS = 200
_HALF = 0.5
_MOST_NAMED = 3


def compared(
    samples: Sequence[Sample], settings: Settings, suite: Suite | None = None
) -> Comparison:
    """Return the comparison of all complete pairs among the samples.

    The same samples and settings give the same comparison. ``suite`` judges; None is the shipped
    one.
    """
    suite = suite or shipped_suite()
    first = [sample for sample in samples if sample.number <= settings.samples]
    again = [sample for sample in samples if sample.number > settings.samples]
    measured = measured_of(first, settings, suite)
    metrics = metrics_of(measured, suite)
    results = compare(measured, metrics)
    if again:
        results = confirm(results, measured_of(again, settings, suite), metrics)
    pairs = complete_pairs(first)
    alarms, splits = _alarms(measured, metrics, settings)
    return Comparison(
        settings.old,
        settings.new,
        _about(settings, pairs),
        settings.samples,
        results,
        lost_tool_calls(pairs),
        tuple(shape_changes(first)),
        (*settings.notes, *_notes(first, pairs, settings)),
        {side: errors_of(first, side) for side in ("old", "new")},
        alarms,
        splits,
    )


def _about(settings: Settings, pairs: Sequence[tuple[Sample, Sample]]) -> str:
    """Return on what the sides were compared: of a run that ended early, how many questions."""
    if not settings.ended:
        return settings.about
    return f"{len({old.question for old, _ in pairs}):,} of the {settings.about}"


def measured_of(samples: Iterable[Sample], settings: Settings, suite: Suite) -> list[Measured]:
    """Return the numbers of each sample, judged by the profile of its side."""
    profiles = {"old": settings.old_profile, "new": settings.new_profile}
    return [measure(sample, _judge(sample, profiles[sample.side], suite)) for sample in samples]


def _judge(sample: Sample, profile: str | None, suite: Suite) -> Judge:
    if sample.exchange is None:
        return judge_for(suite.profile(profile) if profile else suite.fallback, suite)
    return judge_for(suite.choose_profile(sample.exchange, profile).profile, suite)


def metrics_of(measured: Iterable[Measured], suite: Suite) -> dict[str, Metric]:
    """Return the metrics that have a value: those of behaviour first, then the requirements."""
    names = {name for each in measured for name in each.values}
    return {name: METRICS[name] for name in METRICS if name in names} | {
        name: requirement_metric(entry)
        for name, entry in suite.requirements.items()
        if name in names
    }


def complete_pairs(samples: Iterable[Sample]) -> list[tuple[Sample, Sample]]:
    """Return the pairs of which both sides were asked, OLD first, whatever they answered."""
    sides: dict[Side, dict[tuple[str, int], Sample]] = {"old": {}, "new": {}}
    for sample in samples:
        sides[sample.side][sample.case, sample.number] = sample
    return [(old, sides["new"][key]) for key, old in sides["old"].items() if key in sides["new"]]


def lost_tool_calls(pairs: Iterable[tuple[Sample, Sample]]) -> tuple[str, ...]:
    """Return the cases that lost their tool call.

    At least half of the answers of OLD have one, and no answer of NEW; only pairs count in which
    both sides answered.
    """
    calls: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for old, new in pairs:
        if has_answer(old) and has_answer(new):
            calls[old.case].append((_has_call(old), _has_call(new)))
    return tuple(
        sorted(
            case
            for case, both in calls.items()
            if sum(old for old, _ in both) >= _HALF * len(both) and not any(new for _, new in both)
        )
    )


def has_answer(sample: Sample) -> bool:
    """Return whether a sample says something about its side: no rate limit, failure or time-out."""
    if sample.exchange is None or sample.exchange.response.truncated:
        return False
    status = sample.exchange.response.status
    return status != HTTPStatus.TOO_MANY_REQUESTS and status < HTTPStatus.INTERNAL_SERVER_ERROR


def _has_call(sample: Sample) -> bool:
    if sample.exchange is None:
        return False
    return any(choice.calls or choice.function_call for choice in fold(sample.exchange).choices)


def errors_of(samples: Iterable[Sample], side: Side) -> dict[str, int]:
    """Return how many samples of a side have no usable answer, by reason, the commonest first.

    An error is a usable answer to a case that has to be refused.
    """
    reasons = Counter(
        why for sample in samples if sample.side == side and (why := _why_no_answer(sample))
    )
    return dict(reasons.most_common())


def _why_no_answer(sample: Sample) -> str:
    if sample.exchange is None:
        return sample.why or "no response"
    status = sample.exchange.response.status
    if status >= HTTPStatus.BAD_REQUEST:
        asked_for = sample.asked is not None and sample.asked.wants_refusal and has_answer(sample)
        return "" if asked_for else f"status {status}"
    return "truncated" if sample.exchange.response.truncated else ""


def _alarms(
    measured: Sequence[Measured], metrics: Mapping[str, Metric], settings: Settings
) -> tuple[float | None, int]:
    if not settings.calibrate or settings.samples < FEWEST_FOR_CALIBRATION:
        return None, 0
    old = [each for each in measured if each.sample.side == "old"]
    return calibrate(old, metrics, settings.seed, splits=_SPLITS)


def _notes(
    samples: Sequence[Sample], pairs: Sequence[tuple[Sample, Sample]], settings: Settings
) -> Iterator[str]:
    if not settings.together:
        yield (
            "the two sides were not asked at the same time: latency may differ by the load, and NEW"
            " by a drift of the service"
        )
    if settings.ended:
        yield settings.ended
    for side in ("old", "new"):
        yield from _refused(samples, side)
    lone = len({(sample.case, sample.number) for sample in samples}) - len(pairs)
    if lone:
        yield f"{many(lone, 'sample')} of one side without its counterpart not compared"


def _refused(samples: Sequence[Sample], side: Side) -> Iterator[str]:
    """Yield a note if a side refused everything."""
    own = [sample for sample in samples if sample.side == side]
    reasons = errors_of(own, side)
    if own and sum(reasons.values()) == len(own):
        named = few([f"{why} ({count:,})" for why, count in reasons.items()], _MOST_NAMED)
        yield f"{side.upper()} answered none of its {many(len(own), 'request')}: {named}"
