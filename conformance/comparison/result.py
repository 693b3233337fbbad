"""The result of a comparison: one verdict for each metric."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from conformance.comparison.metric import Metric

Judgement: TypeAlias = Literal["worse", "better", "no worse", "cannot tell", "changed"]
"""worse, better: proved by the exact test, see ``statistics``;
no worse:     the harm is proved to be smaller than the margin;
cannot tell:  neither;
changed:      on too few questions to prove anything, but on these the answers changed always."""


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """The mean value of each side for one question, with the number of distinct answers."""

    question: str
    old: float
    new: float
    old_answers: int
    new_answers: int


@dataclass(frozen=True, slots=True)
class MetricResult:
    """What the complete pairs say about one metric.

    Attributes:
        metric: What was compared.
        judgement: The verdict.
        questions: The number of questions with at least one complete pair.
        differing: On how many of them the sides differ.
        pairs: The number of complete pairs.
        old: The mean over the questions, of OLD; ``new`` of NEW. A share, or the geometric mean of
            a ratio metric in its unit.
        old_answered: The share among usable answers only, None without one, or for other units.
        difference: NEW minus OLD for a share; NEW / OLD - 1 for other units.
        interval: The bounds of the difference at 99 %.
        p_worse: The probability of so much harm by chance, one-sided, exact.
        p_better: The same for so much benefit.
        survives: Whether "worse" stays if any tenth of the run is left out; None if not tested.
        beyond_margin: Whether the measured harm is larger than the margin.
        more_questions: How many more questions "cannot tell" would need, None if unknown.
        by_question: The differing questions, the most harmed first.
        confirmed: Whether fresh samples confirmed it; None if none were asked.
    """

    metric: Metric
    judgement: Judgement
    questions: int
    differing: int
    pairs: int
    old: float
    new: float
    old_answered: float | None
    new_answered: float | None
    difference: float
    interval: tuple[float, float]
    p_worse: float
    p_better: float
    survives: bool | None
    beyond_margin: bool
    more_questions: int | None
    by_question: tuple[QuestionResult, ...]
    confirmed: bool | None = None

    @property
    def fails(self) -> bool:
        """True if this metric makes the comparison fail.

        It does if it is worse, beyond its margin. A requirement does so too if it always fails now
        on a few questions, never did before, and fresh answers confirm it.
        """
        if not self.metric.gates:
            return False
        always_now = self.judgement == "changed" and self.confirmed is True
        return (self.judgement == "worse" and self.beyond_margin) or (
            always_now and self.metric.is_requirement
        )


@dataclass(frozen=True, slots=True)
class ShapeChange:
    """Something in the shape of answers that only one side has, or that both have differently.

    ``kind`` is such as "member", "type", "value", "finish reason" or "header"; ``name`` is a JSON
    pointer with ``*`` for each index, or the name of a header. ``value`` is the type or the value,
    "" for a member. ``old`` and ``new`` count the answers that have it, of ``old_of`` and
    ``new_of`` answers in which it could be.
    """

    kind: str
    name: str
    value: str
    old: int
    old_of: int
    new: int
    new_of: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides, compared.

    Attributes:
        old: What OLD is, in words; ``new`` likewise.
        about: On what they were compared, such as "100 questions of the suite".
        samples: The number of samples a side and question that were asked for.
        results: One for each metric that both sides were asked for.
        lost_tool_calls: The questions whose answers had a tool call in OLD and have none in NEW.
        shape: The changes of shape.
        notes: What limits the comparison, one sentence each, without a full stop.
        errors: By side, the number of samples without a usable answer, by reason.
        alarms: With --calibrate, the share of splits of OLD's own samples that alarm; else None.
        splits: How many splits ``alarms`` is a share of.
    """

    old: str
    new: str
    about: str
    samples: int
    results: tuple[MetricResult, ...]
    lost_tool_calls: tuple[str, ...] = ()
    shape: tuple[ShapeChange, ...] = ()
    notes: tuple[str, ...] = ()
    errors: Mapping[str, Mapping[str, int]] | None = None
    alarms: float | None = None
    splits: int = 0

    @property
    def fails(self) -> bool:
        """True if NEW is worse than OLD by a metric that gates, beyond its margin."""
        return any(result.fails for result in self.results)
