"""What changed in the shape of answers: members, types, values, finish reasons and headers.

A trait is reported if one side has it in no answer, or in each, and chance explains that with a
probability of at most 1 in 1,000: the probability that as many questions show the same on both
sides, at the share that the other side has. Traits that come and go with what a model says are so
left out, and so are places that fewer than three questions show on a side. Free text, ids and names
are no traits; values are, if a member has few of them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from conformance.comparison.result import ShapeChange
from conformance.comparison.sample import Sample, Side
from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.exchange import Json

_CHANCE = 0.001

_FEWEST = 3
"""The fewest questions of a side that can show a change."""

_DEEPEST, _MOST_NODES, _MOST_TRAITS, _LONGEST = 12, 20_000, 5_000, 60
"""Limits: levels and nodes that are read of one answer, traits of all, characters of a name."""

_MOST_VALUES = 6
"""A member with more different values than this has no traits by value."""

_NOT_VALUES = frozenset(
    {"id", "model", "content", "text", "arguments", "name", "system_fingerprint", "signature"}
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,39}\Z")

_FINISH = "/choices/*/finish_reason"

_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array"}


class Trait(NamedTuple):
    """Something that an answer has or has not; ``within`` is what it could only be a part of."""

    kind: str
    name: str
    value: str
    within: str


@dataclass(slots=True)
class _Count:
    """How many answers and which questions of one side have a trait."""

    answers: int = 0
    questions: set[str] = field(default_factory=set)

    def add(self, question: str) -> None:
        self.answers += 1
        self.questions.add(question)


def shape_changes(samples: Iterable[Sample]) -> tuple[ShapeChange, ...]:
    """Return the traits that only one side has, or that one side has always; frequent ones first.

    Only answers with a body that can be read as JSON or as an event stream are looked at.
    """
    traits: dict[Trait, dict[Side, _Count]] = {}
    places: dict[Side, dict[str, _Count]] = {
        "old": defaultdict(_Count),
        "new": defaultdict(_Count),
    }
    for sample in samples:
        if sample.exchange is None or sample.exchange.response.truncated:
            continue
        seen = _traits(fold(sample.exchange))
        for place in {trait.within for trait in seen} | _places(seen):
            places[sample.side][place].add(sample.question)
        for trait in seen:
            if trait in traits or len(traits) < _MOST_TRAITS:
                counts = traits.setdefault(trait, {"old": _Count(), "new": _Count()})
                counts[sample.side].add(sample.question)
    crowded = _crowded(traits)
    changes = [
        _change(trait, counts, places)
        for trait, counts in traits.items()
        if (trait.kind != "value" or trait.within not in crowded)
        and _differs(trait, counts, places)
    ]
    return tuple(sorted(changes, key=_order))


def _places(seen: set[Trait]) -> set[str]:
    """Return the places of the members, in which others can be."""
    return {
        f"{trait.within.partition(' ')[0]} {trait.name}" for trait in seen if trait.kind == "member"
    }


def _crowded(traits: Iterable[Trait]) -> set[str]:
    """Return the places with too many different values."""
    values: dict[str, int] = defaultdict(int)
    for trait in traits:
        if trait.kind == "value":
            values[trait.within] += 1
    return {place for place, number in values.items() if number > _MOST_VALUES}


def _differs(
    trait: Trait, counts: Mapping[Side, _Count], places: Mapping[Side, Mapping[str, _Count]]
) -> bool:
    """Return whether a side has the trait never or always, and chance does not explain it."""
    if not all(trait.within in known for known in places.values()):
        return False  # the whole place is new or gone, which is reported instead
    shares: dict[Side, tuple[float, int]] = {}
    sides: tuple[Side, ...] = ("old", "new")
    if any(len(places[side][trait.within].questions) < _FEWEST for side in sides):
        return False
    for side in sides:
        of = places[side][trait.within]
        always = counts[side].answers == of.answers
        share = len(counts[side].questions) / len(of.questions)
        shares[side] = (1.0 if always else min(share, 1 - 0.5 / of.answers), len(of.questions))
    (old, old_of), (new, new_of) = shares["old"], shares["new"]
    return any(
        (mine == 0 and (1 - other) ** of <= _CHANCE) or (mine == 1 and other**of <= _CHANCE)
        for mine, other, of in ((old, new, old_of), (new, old, new_of))
        if mine != other
    )


def _change(
    trait: Trait, counts: Mapping[Side, _Count], places: Mapping[Side, Mapping[str, _Count]]
) -> ShapeChange:
    old, new = counts["old"].answers, counts["new"].answers
    old_of, new_of = (places[side][trait.within].answers for side in ("old", "new"))
    return ShapeChange(trait.kind, trait.name, trait.value, old, old_of, new, new_of)


def _order(change: ShapeChange) -> tuple[object, ...]:
    moved = abs(change.new / change.new_of - change.old / change.old_of)
    return (-moved, -(change.new + change.old), change.name, change.value)


def _traits(facts: Facts) -> set[Trait]:
    """Return the traits of an answer; those of the chunks of a stream together."""
    kind = facts.kind
    seen = {Trait("header", name[:_LONGEST], "", kind) for name in facts.headers}
    values = facts.chunks if kind == "stream" else (facts.body,)
    left = _MOST_NODES
    for value in values:
        for trait in _of_value(value, "", kind, 0):
            left -= 1
            if left < 0:
                return seen
            seen.add(trait)
    return seen


def _of_value(value: Json, pointer: str, kind: str, depth: int) -> Iterator[Trait]:
    """Yield the traits of a JSON value; ``pointer`` is its place, with ``*`` for each index."""
    place = f"{kind} {pointer}" if pointer else kind
    if pointer:
        yield Trait("type", pointer, _TYPES.get(type(value), "object" if value else "null"), place)
    if depth == _DEEPEST:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            name = f"{pointer}/{key[:_LONGEST]}"
            yield Trait("member", name, "", place)
            yield from _of_value(inner, name, kind, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _of_value(inner, f"{pointer}/*", kind, depth + 1)
    elif isinstance(value, str) and _is_word(value, pointer):
        name = "finish reason" if pointer == _FINISH else "value"
        yield Trait(name, pointer, value, place)


def _is_word(value: str, pointer: str) -> bool:
    last = pointer.removesuffix("/*").rpartition("/")[2]
    return last not in _NOT_VALUES and _WORD.match(value) is not None
