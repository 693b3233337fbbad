"""The smallest evidence breaks the requirement in the same way, and no other requirement."""

from collections.abc import Iterator
from itertools import islice

import orjson
import pytest

from conformance.faults import faults
from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import Judge, judge_for
from conformance.judging.profiles import profile
from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import Exchange
from conformance.runs import smallest_evidence as module
from conformance.runs.explaining.goldens import goldens
from conformance.runs.smallest_evidence import (
    smallest_evidence,
    without_members,
    without_needless,
)
from tests.judging.conftest import completion, edited, raw, stream

LONG = edited(stream(*(["word "] * 200), request={"model": "m"}), "data: [DONE]\n\n", "")


def judge(name: str = "openai") -> Judge:
    return judge_for(profile(name), shipped_suite())


def broken(exchange: Exchange, name: str = "openai") -> set[str]:
    found = judge(name).findings(exchange)
    return {each.finding.requirement for each in found if isinstance(each, JudgedFinding)}


def test_of_a_long_stream_without_its_end_only_a_few_events_stay() -> None:
    smaller = smallest_evidence(LONG, "SSE-003", judge())
    assert "SSE-003" in broken(smaller)
    assert (LONG.response.body or b"").count(b"data:") > 200
    assert (smaller.response.body or b"").count(b"data:") <= 3
    assert smaller.request == LONG.request


def test_members_and_headers_that_are_not_needed_go() -> None:
    whole = completion("Hello!", usage={"prompt_tokens": -1}, extra={"large": ["x"] * 50})
    name = min(broken(whole))
    smaller = smallest_evidence(whole, name, judge())
    assert name in broken(smaller)
    assert "large" not in orjson.loads(smaller.response.body or b"")
    assert {key for key, _ in smaller.response.headers} <= {"content-type"}


def test_an_answer_that_does_not_break_it_stays_as_it_is() -> None:
    whole = completion("Hello!")
    assert smallest_evidence(whole, "SSE-003", judge()) is whole


def test_a_body_that_is_not_json_stays() -> None:
    whole = raw("no JSON", "application/json")
    for name in broken(whole):
        assert smallest_evidence(whole, name, judge()).response.body == b"no JSON"


def test_a_body_nested_too_deeply_to_be_written_stays() -> None:
    whole = edited(completion("deep", usage={}), '"deep"', "[" * 400 + "]" * 400)
    assert broken(whole)
    for name in broken(whole):
        assert smallest_evidence(whole, name, judge()).response.body == whole.response.body


def test_the_work_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Exchange] = []
    findings = Judge.findings

    def counted(self: Judge, exchange: Exchange) -> Iterator[object]:
        asked.append(exchange)
        return findings(self, exchange)

    monkeypatch.setattr(Judge, "findings", counted)
    smallest_evidence(LONG, "SSE-003", judge())
    assert len(asked) <= module.MOST_JUDGEMENTS + 1
    monkeypatch.setattr(module, "MOST_BYTES", 0)
    assert smallest_evidence(LONG, "SSE-003", judge()).response.body == LONG.response.body


@pytest.mark.parametrize("name", sorted(faults())[::6])
def test_what_a_fault_breaks_stays_broken_and_nothing_else_breaks(name: str) -> None:
    fault = faults()[name]
    made = (faulty for golden in goldens() if (faulty := fault(golden)))
    for whole in islice(made, 1):
        before = broken(whole, fault.profile)
        for requirement in before & {fault.caught_by}:
            smaller = smallest_evidence(whole, requirement, judge(fault.profile))
            after = broken(smaller, fault.profile)
            assert requirement in after <= before
            assert len(smaller.response.body or b"") <= len(whole.response.body or b"") + 8
            assert smaller.request == whole.request


def test_a_list_keeps_only_what_is_needed() -> None:
    assert without_needless([*range(100)], lambda some: {3, 77} <= {*some}) == [3, 77]
    assert without_needless([1, 2], lambda _: True) == []
    assert without_needless([1, 2], lambda _: False) == [1, 2]


def test_json_keeps_only_what_is_needed() -> None:
    whole = {"a": [{"b": 1, "c": 2}, {"b": 1, "c": 3}], "d": {"e": [1, 2, 3]}, "f": None}
    smaller = without_members(whole, lambda value: {"b": 1, "c": 3} in value.get("a", []))
    assert smaller == {"a": [{"b": 1, "c": 3}]}
    assert without_members([1, [2, 3]], lambda value: [3] in value or [2, 3] in value) == [[3]]
