"""The fault catalogue is consistent: names, sources, requirements, and pure functions."""

import re
from dataclasses import replace
from importlib import import_module
from itertools import product
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

import pytest

import conformance.faults
from conformance.faults import Fault, faults, group_faults
from conformance.faults.kit.fault import by_name, fault, reports
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
    first = fault("first", "ENV-003")(lambda exchange: exchange)
    second = fault("second", "ENV-003")(lambda exchange: exchange)
    assert list(by_name((second, first), taken=("third",))) == ["second", "first"]
    with pytest.raises(ValueError, match="two faults named first"):
        by_name((first, second, first))
    with pytest.raises(ValueError, match="two faults named second"):
        by_name((first, second), taken=("second",))


MODULES = [
    import_module(f"{conformance.faults.__name__}.{module.name}")
    for module in iter_modules(conformance.faults.__path__)
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_fault_of_a_module_is_in_its_tuple_in_the_order_of_definition(
    module: ModuleType,
) -> None:
    defined = [value for value in vars(module).values() if isinstance(value, Fault)]
    listed = (*getattr(module, "FAULTS", ()), *getattr(module, "GROUP_FAULTS", ()))
    assert [each.name for each in listed if each in defined] == [each.name for each in defined]


def test_the_catalogue_has_the_faults_of_every_module() -> None:
    listed = [each for module in MODULES for each in getattr(module, "FAULTS", ())]
    of_groups = [each for module in MODULES for each in getattr(module, "GROUP_FAULTS", ())]
    assert {each.name for each in listed} == faults().keys()
    assert {each.name for each in of_groups} == group_faults().keys()


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
