"""The example of a requirement: a conforming golden, and the same with a fault that is reported."""

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from conformance.faults import Fault, faults, group_faults
from conformance.judging.judge import judge_for
from conformance.judging.requirements import requirements
from conformance.judging.suite import shipped_suite
from conformance.runs.explaining.example import example_of
from conformance.runs.explaining.goldens import goldens

SUITE = shipped_suite()

UNTESTED = {
    "CHO-018",
    "ERR-014",
    "ERR-015",
    "ERR-027",
    "MM-013",
    "MSG-006",
    "MSG-014",
    "MSG-015",
    "SEQ-016",
}
"""Requirements whose example shows a conforming answer that does not exercise them."""


@pytest.mark.parametrize("name", requirements())
def test_every_requirement_has_an_example(name: str) -> None:
    entry = requirements()[name]
    example = example_of(entry, SUITE)
    assert example is not None
    known: dict[str, Fault[Any]] = {**faults(), **group_faults()}
    fault = known[example.fault]
    assert fault.caught_by == name
    assert example.profile == fault.profile
    assert example.does == fault.does
    assert example.finding.message
    assert example.conforming != example.violating
    assert [each.request for each in example.conforming] == [
        each.request for each in example.violating
    ]
    assert len(example.conforming) == {"twin": 2, "session": 2}.get(entry.needs, 1)


@pytest.mark.parametrize(
    "name", [each.id for each in requirements().values() if each.needs in ("exchange", "probe")]
)
def test_the_conforming_answer_passes(name: str) -> None:
    example = example_of(requirements()[name], SUITE)
    assert example is not None
    judge = judge_for(SUITE.profile(example.profile), SUITE)
    outcome = next(
        each.outcome for each in judge.verdicts(example.conforming[0]) if each.requirement == name
    )
    assert outcome == ("not exercised" if name in UNTESTED else "pass")


def test_the_smallest_golden_is_taken() -> None:
    example = example_of(requirements()["SSE-003"], SUITE)
    assert example is not None
    fault = faults()[example.fault]
    sizes = [
        len(golden.response.body or b"")
        for golden in goldens()
        if golden.meta["profile"] == "openai" and fault(golden) is not None
    ]
    assert len(sizes) > 2
    assert len(example.conforming[0].response.body or b"") == min(sizes)


def test_a_requirement_without_a_fault_has_no_example() -> None:
    unknown = replace(requirements()["SSE-003"], id="SSE-999")
    suite = replace(
        SUITE, requirements=MappingProxyType({**SUITE.requirements, "SSE-999": unknown})
    )
    assert example_of(unknown, suite) is None
