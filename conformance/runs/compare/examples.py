"""The answers of both sides that show best what a comparison says about a question."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from conformance.comparison.result import Comparison, MetricResult
from conformance.comparison.sample import Sample
from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import Exchange
from conformance.runs.compare.comparing import complete_pairs, measured_of
from conformance.runs.compare.settings import Settings

_MOST = 5
"""Of how many questions of a metric the answers are shown."""


def examples_of(
    comparison: Comparison, samples: Sequence[Sample], settings: Settings
) -> Mapping[str, tuple[Exchange | None, Exchange | None]]:
    """Return an answer of OLD and one of NEW for the most harmed questions of each metric.

    Of the pairs of a question the one is taken that differs most by the worst metric that names it.
    """
    wanted: dict[str, MetricResult] = {}
    for result in comparison.results:
        for each in result.by_question[:_MOST]:
            wanted.setdefault(each.question, result)
    pairs: dict[str, list[tuple[Sample, Sample]]] = defaultdict(list)
    for old, new in complete_pairs(samples):
        if old.question in wanted:
            pairs[old.question].append((old, new))
    examples: dict[str, tuple[Exchange | None, Exchange | None]] = {}
    for question, result in wanted.items():
        if question in pairs:
            old, new = _most_different(pairs[question], result, settings)
            examples[question] = old.exchange, new.exchange
    return examples


def _most_different(
    pairs: Sequence[tuple[Sample, Sample]], result: MetricResult, settings: Settings
) -> tuple[Sample, Sample]:
    name = result.metric.name
    sign = -1 if result.metric.worse == "less" else 1

    def harm(pair: tuple[Sample, Sample]) -> float:
        old, new = measured_of(pair, settings, shipped_suite())
        if name not in old.values or name not in new.values:
            return 0.0
        return sign * (new.values[name] - old.values[name])

    return max(pairs, key=harm)
