"""The fault catalogue is consistent: names, sources, requirements, and pure functions."""

import re
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from conformance.faults import Fault, faults, group_faults
from conformance.faults.kit.fault import fault, reports
from conformance.judging.profiles import profile
from conformance.judging.requirements import requirements
from conformance.protocol.exchange import Exchange, Json, Request, Response
from tests.faults.bases import goldens
from tests.faults.matrix import shipped
from tests.helpers.every import fails

ALL: list[Fault[Any]] = [*faults().values(), *group_faults().values()]


def test_a_fault_is_named_in_words_and_says_what_it_does() -> None:
    assert [
        each.name for each in ALL if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each.name)
    ] == []
    assert [each.name for each in ALL if not each.does.endswith(".")] == []


def test_a_fault_breaks_a_requirement_that_its_profile_demands() -> None:
    assert fails(breaks_what_its_profile_demands, ALL, lambda each: each.name) == []


def breaks_what_its_profile_demands(each: Fault[Any]) -> None:
    if each.caught_by is not None:
        assert profile(each.profile).levels[each.caught_by] in ("must", "should")
    assert each.also <= requirements().keys() - {each.caught_by}


def test_a_fault_needs_one_or_several_exchanges_as_its_requirement_does() -> None:
    single = {requirements()[each.caught_by].needs for each in faults().values() if each.caught_by}
    several = {
        requirements()[each.caught_by].needs for each in group_faults().values() if each.caught_by
    }
    assert single == {"exchange", "probe"}
    assert several == {"twin", "session"}


def test_every_requirement_of_several_exchanges_is_broken_by_a_fault() -> None:
    ids = {
        requirement.id
        for requirement in requirements().values()
        if requirement.needs in ("twin", "session")
    }
    assert ids == {each.caught_by for each in group_faults().values()}


def test_every_report_has_its_fault_and_names_public_issues() -> None:
    assert reports().keys() == {each.report for each in ALL} - {""}
    for sources in reports().values():
        assert sources
        assert all(re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", source) for source in sources)


def test_a_fault_of_a_report_has_its_sources() -> None:
    assert faults()["no-id"].source == ()
    assert faults()["empty-call-id"].source[0] == "lmstudio-ai/lmstudio-bug-tracker#830"


def test_a_name_is_taken_once() -> None:
    with pytest.raises(ValueError, match="two faults named no-id"):
        fault("no-id", "ENV-003")(lambda exchange: exchange)


def test_a_fault_returns_none_if_it_does_not_apply_or_changes_nothing() -> None:
    plain = next(base.exchange for base in goldens() if base.exchange.id == "openai/plain")
    same = Fault("same", None, frozenset(), "openai", "", "", change=lambda exchange: exchange)
    other = Fault(
        "other",
        None,
        frozenset(),
        "openai",
        "",
        "",
        change=lambda exchange: replace(exchange, id="other"),
        applies=(lambda exchange: False,),
    )
    assert same(plain) is None
    assert other(plain) is None


@pytest.mark.parametrize("each", faults().values(), ids=faults())
def test_a_fault_is_pure(each: Fault[Exchange]) -> None:
    for base in [base for base in shipped() if each.profile in base.profiles][:40]:
        before = replace(base.exchange)
        assert each(base.exchange) == each(base.exchange)
        assert base.exchange == before


RAGGED: list[Json] = [
    None,
    "no JSON",
    {},
    {
        "messages": None,
        "tools": [None],
        "stop": [1],
        "n": "2",
        "stream": True,
        "response_format": "x",
        "extra_body": 3,
        "stream_options": 4,
        "tool_choice": {},
    },
    {
        "model": 3,
        "messages": ["x", {"content": ["a", {"image_url": 3}]}, {"content": {"a": 1}}],
        "tools": [
            {"type": "function", "function": {"name": "f", "parameters": [1]}},
            3,
            {"function": 3},
        ],
        "tool_choice": "required",
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "schema": {"properties": {"a": 3}, "required": [1], "enum": 3, "type": ["x"]}
            },
        },
        "extra_body": {"google": {"thinking_config": 3, "thought_tag_marker": 4}},
        "max_tokens": "a",
        "stop": {},
        "top_logprobs": "x",
        "reasoning_effort": "none",
    },
]
BODIES = [
    b"",
    b"[1]",
    b'{"choices":[null,1,{}]}',
    b'{"choices":[{"index":"x","message":{"content":3,"tool_calls":[null,{"function":null},{"function":{"name":3},"id":[]}]},"finish_reason":[]}],"usage":[]}',
    b'{"choices":[{"index":0,"delta":{"tool_calls":[{"id":{}}],"audio":4},"logprobs":{"content":[{},1]}}],"usage":{"prompt_tokens":"a"}}',
    b'[{"error":{}}]',
    b'{"error":"x"}',
]


def test_no_fault_crashes_on_a_malformed_exchange() -> None:
    """`serve` puts faults into responses to any request, and into responses with another fault."""
    streams = [b"data: " + body + b"\n\ndata: [DONE]\n\n" for body in BODIES]
    odd = [
        Response(status, (), body, (), False, "bytes")
        for status, body in product((200, 400), BODIES + streams)
    ]
    answers = odd + [base.exchange.response for base in goldens()[::7]]
    for request, response in product(RAGGED, answers):
        exchange = Exchange(
            "odd",
            Request(headers=(("authorization", "Bearer example-credential"),), body=request),
            response,
            {"probes": ("CHO-008", "MM-001")},
        )
        for each in faults().values():
            each(exchange)
