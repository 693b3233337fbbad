"""What one answer a side proves: which metrics are worse in NEW, and which only changed.

The engine is that of ``conformance compare``. The unit of chance is the question, as cases that ask
the same in the same words get similar answers. docs/adr/0009-one-answer-a-side.md says why so
little is called worse.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from conformance.cases.case_ref import parse_group
from conformance.comparison.metric import Metric
from conformance.comparison.metrics import METRICS, requirement_metric
from conformance.comparison.result import MetricResult
from conformance.comparison.sample import Measured, Sample, Side
from conformance.comparison.statistics import compare
from conformance.judging.own_checks import REQUIREMENTS
from conformance.judging.requirements import Requirement
from conformance.judging.verdict import Outcome
from conformance.reports.diff.saved_report import ReadTarget

Word: TypeAlias = Literal["worse", "always broken", "changed", "cannot tell", "better", "no worse"]
"""What the answers say about a metric.

worse, better: the exact test proves it, over all questions;
always broken: a must about the protocol that held in each case of OLD and is broken in each case of
               NEW, in at least two; not the checks of a user's cases, which depend on the model;
changed:       some of these cases are worse and none is better, which proves nothing about others;
cannot tell:   some cases are worse and some better;
no worse:      no case is worse."""

_FEWEST_ALWAYS = 2
"""The fewest cases that show that a requirement is always broken."""

_BROKEN: Mapping[Outcome | None, float] = {
    "pass": 0.0,
    "known": 0.0,
    "accepted": 0.0,
    "stale": 0.0,
    "fail": 1.0,
}
"""Only what neither profile nor user excuses counts as broken, as in the verdict of a run."""

_CALLS = METRICS["any-tool"]

_OWN_CHECKS = frozenset(entry.id for entry in REQUIREMENTS)


@dataclass(frozen=True, slots=True)
class Pair:
    """The values of both sides for one case; ``question`` is what it asks."""

    question: str
    case: str
    old: float
    new: float


@dataclass(frozen=True, slots=True)
class Proved:
    """What the cases that both reports test say about one metric.

    ``old`` and ``new`` count the cases with the value 1, such as a broken requirement or an answer
    with a tool call, of ``cases``. ``harmed`` are the cases that are worse in NEW.
    """

    result: MetricResult
    word: Word
    cases: int
    old: int
    new: int
    harmed: tuple[str, ...]

    @property
    def metric(self) -> Metric:
        """What was measured."""
        return self.result.metric

    @property
    def fails(self) -> bool:
        """True if this makes the exit code 1."""
        return self.result.fails or self.word == "always broken"

    @property
    def is_open(self) -> bool:
        """True if it gates and may be worse, without a proof."""
        return self.metric.gates and self.word in ("changed", "cannot tell")


def proved(
    old: ReadTarget,
    new: ReadTarget,
    entries: Mapping[str, Requirement],
    questions: Mapping[str, str],
    calls: Mapping[str, tuple[bool, bool]],
) -> tuple[Proved, ...]:
    """Return a result for each metric that a case tests in both reports, what fails first.

    Args:
        old: the target in OLD; ``new`` in NEW.
        entries: the requirements by id.
        questions: what each known case asks, by its id.
        calls: by case, whether the answers of OLD and of NEW have a tool call.
    """
    levels: dict[str, set[str]] = {}
    for (_, id), verdict in new.verdicts.items():
        levels.setdefault(id, set()).add(verdict.level)
    pairs = _requirement_pairs(old, new, questions)
    metrics = {id: requirement_metric(entries[id], levels[id]) for id in pairs}  # type: ignore[arg-type]
    if calls:
        metrics[_CALLS.name] = _CALLS
        pairs[_CALLS.name] = [
            Pair(_question(case, questions), case, float(had), float(has))
            for case, (had, has) in calls.items()
        ]
    results = compare(list(_measured(pairs)), metrics)
    found = [_proved(result, pairs[result.metric.name]) for result in results]
    return tuple(sorted(found, key=lambda each: not each.fails))


def _requirement_pairs(
    old: ReadTarget, new: ReadTarget, questions: Mapping[str, str]
) -> dict[str, list[Pair]]:
    """Return the cases that test a requirement in both reports, by requirement."""
    pairs: dict[str, list[Pair]] = {}
    for (case, requirement), before in sorted(old.verdicts.items()):
        after = new.verdicts.get((case, requirement))
        values = _BROKEN.get(before.verdict), _BROKEN.get(after.verdict if after else None)
        if values[0] is not None and values[1] is not None:
            pair = Pair(_question(case, questions), case, values[0], values[1])
            pairs.setdefault(requirement, []).append(pair)
    return pairs


def _question(case: str, questions: Mapping[str, str]) -> str:
    """Return what a case asks, or the first of several that were judged together."""
    id = parse_group(case)[0].id
    return questions.get(id, id)


def _measured(pairs: Mapping[str, Sequence[Pair]]) -> Iterator[Measured]:
    """Yield one sample a side and case, with its values of all metrics."""
    by_case: dict[tuple[str, str], dict[str, Pair]] = {}
    for metric, those in pairs.items():
        for pair in those:
            by_case.setdefault((pair.question, pair.case), {})[metric] = pair
    sides: tuple[Side, ...] = ("old", "new")
    for (question, case), values in by_case.items():
        for side in sides:
            yield Measured(
                Sample(question, case, side, 1, None, None),
                {metric: getattr(pair, side) for metric, pair in values.items()},
            )


def _proved(result: MetricResult, pairs: Sequence[Pair]) -> Proved:
    sign = -1 if result.metric.worse == "less" else 1
    harmed = tuple(pair.case for pair in pairs if sign * (pair.new - pair.old) > 0)
    helped = sum(sign * (pair.new - pair.old) < 0 for pair in pairs)
    return Proved(
        result,
        _word(result, pairs, len(harmed), helped),
        len(pairs),
        sum(pair.old > 0 for pair in pairs),
        sum(pair.new > 0 for pair in pairs),
        harmed,
    )


def _word(result: MetricResult, pairs: Sequence[Pair], harmed: int, helped: int) -> Word:
    if result.judgement in ("worse", "better"):
        return "worse" if result.judgement == "worse" else "better"
    if _is_always_broken(result.metric, pairs):
        return "always broken"
    if not harmed:
        return "no worse"
    return "cannot tell" if helped else "changed"


def _is_always_broken(metric: Metric, pairs: Iterable[Pair]) -> bool:
    """Return whether a must about the protocol held in each case of OLD and in none of NEW."""
    values = [(pair.old, pair.new) for pair in pairs]
    return (
        metric.gates
        and metric.is_requirement
        and metric.name not in _OWN_CHECKS
        and len(values) >= _FEWEST_ALWAYS
        and set(values) == {(0.0, 1.0)}
    )
