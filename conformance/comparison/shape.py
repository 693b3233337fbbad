"""What changed in the shape of answers: members, types, values, finish reasons and headers.

The unit of chance is the question, as for metrics. A trait is reported if

- one side has it in no answer in which it could be, or in each, and
- either the other side is the opposite, with at least three questions a side, or the exact test of
  Fisher says that chance divides the questions like this with a probability of at most 1 %,
  divided by the number of traits that differ at all (Bonferroni).

So traits that come and go with what a model says are left out. Answers with a whole body, streams
and errors are looked at apart, as they differ anyway. A trait could be only where its place is: a
member of a tool call in answers with tool calls. If the place itself is new or gone, that alone is
reported. A string counts as a value only if there are few different ones at its place, each for
several questions.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import comb
from typing import TypeVar

from conformance.comparison.measures.errors import is_recorded
from conformance.comparison.result import ShapeChange
from conformance.comparison.sample import Sample, Side
from conformance.comparison.traits import Trait, traits_of
from conformance.protocol.chat.facts import fold

_Key = TypeVar("_Key")

_ALPHA = 0.01

_FEWEST = 3
"""The fewest questions of a side that show a change."""

_MOST_TRAITS = 10_000
"""Traits of all answers; if there are more, those of a single question are forgotten."""

_MOST_VALUES = 8
_QUESTIONS_A_VALUE = 3
"""A member has traits by value if it has few, and on average this many questions for each."""


@dataclass(slots=True)
class _Count:
    """How many answers of one side have something, and how many answers to each question."""

    answers: int = 0
    questions: Counter[str] = field(default_factory=Counter)

    def add(self, question: str) -> None:
        self.answers += 1
        self.questions[question] += 1


@dataclass(frozen=True, slots=True)
class _Seen:
    """A trait with its counts, and those of its place, of OLD and of NEW."""

    trait: Trait
    has: tuple[_Count, _Count]
    of: tuple[_Count, _Count]

    @property
    def differs(self) -> bool:
        """Whether the sides have different shares of answers, whether by chance or not."""
        (old, new), (old_of, new_of) = self.has, self.of
        return old.answers * new_of.answers != new.answers * old_of.answers


_NONE = _Count()


def shape_changes(samples: Iterable[Sample]) -> tuple[ShapeChange, ...]:
    """Return the traits that only one side has, or that one side has always.

    Those that concern most answers come first. Only pairs are compared whose two answers are there;
    all answers, if there is no pair.
    """
    seen = [each for each in _seen(_comparable(samples)) if each.differs]
    level = _ALPHA / max(len(seen), 1)
    return tuple(sorted(_merged(each for each in seen if _is_change(each, level)), key=_order))


def _comparable(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Yield the samples whose answers are whole and, if there are such, in pairs."""
    whole = [
        sample
        for sample in samples
        if sample.exchange is not None
        and not sample.exchange.response.truncated
        and is_recorded(sample.exchange)
    ]
    keys = Counter((sample.question, sample.case, sample.number) for sample in whole)
    is_paired = any(number > 1 for number in keys.values())
    for sample in whole:
        if not is_paired or keys[sample.question, sample.case, sample.number] > 1:
            yield sample


def _seen(samples: Iterable[Sample]) -> Iterator[_Seen]:
    """Yield each trait whose place both sides have often enough."""
    traits: dict[Trait, dict[Side, _Count]] = {}
    places: dict[str, dict[Side, _Count]] = {}
    for sample in samples:
        if sample.exchange is None:
            continue
        found = traits_of(fold(sample.exchange))
        for place in found.places:
            _count(places, place, sample)
        for trait in found.traits:
            _count(traits, trait, sample)
    unlisted = _unlisted(traits, places)
    for trait, has in traits.items():
        of = places.get(trait.place, {})
        pair = _both(of)
        if min(len(count.questions) for count in pair) < _FEWEST:
            continue  # too rare, or new or gone, which is reported instead
        if trait.kind != "value" or trait.place not in unlisted:
            yield _Seen(trait, _both(has), pair)


def _count(counts: dict[_Key, dict[Side, _Count]], key: _Key, sample: Sample) -> None:
    if key not in counts:
        if len(counts) >= _MOST_TRAITS:
            _forget_rare(counts)
        if len(counts) >= _MOST_TRAITS:
            return
        counts[key] = {}
    counts[key].setdefault(sample.side, _Count()).add(sample.question)


def _forget_rare(counts: dict[_Key, dict[Side, _Count]]) -> None:
    rare = [key for key, sides in counts.items() if sum(_questions(sides).values()) <= 1]
    for key in rare:
        del counts[key]


def _questions(sides: Mapping[Side, _Count]) -> Mapping[Side, int]:
    return {side: len(count.questions) for side, count in sides.items()}


def _both(sides: Mapping[Side, _Count]) -> tuple[_Count, _Count]:
    return sides.get("old", _NONE), sides.get("new", _NONE)


def _unlisted(
    traits: Iterable[Trait], places: Mapping[str, Mapping[Side, _Count]]
) -> frozenset[str]:
    """Return the places of strings that have too many different values to be a list of them."""
    values = Counter(trait.place for trait in traits if trait.kind == "value")
    return frozenset(
        place
        for place, number in values.items()
        if number > _MOST_VALUES
        or number * _QUESTIONS_A_VALUE > sum(_questions(places.get(place, {})).values())
    )


def _is_change(seen: _Seen, level: float) -> bool:
    (old, new), (old_of, new_of) = seen.has, seen.of
    never = 0 in (old.answers, new.answers)
    always = old.answers == old_of.answers or new.answers == new_of.answers
    if never and always:
        return True
    if never:
        return _by_chance([_some(old), _some(new)], [_some(old_of), _some(new_of)]) <= level
    if always:
        lacking = [_lacking(old, old_of), _lacking(new, new_of)]
        return _by_chance(lacking, [_some(old_of), _some(new_of)]) <= level
    return False


def _some(count: _Count) -> int:
    """Return the number of questions of which any answer has it."""
    return len(count.questions)


def _lacking(has: _Count, of: _Count) -> int:
    """Return the number of questions of which any answer lacks it."""
    return sum(has.questions[question] < number for question, number in of.questions.items())


def _by_chance(has: Sequence[int], of: Sequence[int]) -> float:
    """Return the probability that chance gives the side with none so few of all that have it."""
    total = sum(has)
    none = of[1] if has[0] else of[0]
    return comb(sum(of) - none, total) / comb(sum(of), total)


def _merged(changes: Iterable[_Seen]) -> list[ShapeChange]:
    """Return one change for the same in bodies, in streams and in errors."""
    counts: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for seen in changes:
        (old, new), (old_of, new_of) = seen.has, seen.of
        added = (old.answers, old_of.answers, new.answers, new_of.answers)
        key = (seen.trait.kind, seen.trait.name, seen.trait.value)
        counts[key] = [one + more for one, more in zip(counts[key], added, strict=True)]
    return [ShapeChange(*key, *numbers) for key, numbers in counts.items()]


def _order(change: ShapeChange) -> tuple[object, ...]:
    moved = abs(change.new / change.new_of - change.old / change.old_of)
    return -moved * max(change.old_of, change.new_of), change.name, change.value
