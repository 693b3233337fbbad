"""The turns of a case are judged together, and so are the twins of a target."""

import json
from dataclasses import replace
from typing import Any

from conformance.protocol.exchange import Exchange, Request
from conformance.runs.group_judging import judge_all, judged_conversations, judged_twins
from conformance.runs.results import Answer, JudgedCase
from conformance.runs.selection import Selection
from conformance.traffic import Unreadable
from tests.judging.conftest import completion

ALL = Selection("openai")
USAGE = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}


def asked(content: Any, **changes: Any) -> Exchange:
    """An answer to words that may be a string or parts."""
    request = Request(
        url="https://api.openai.com/v1/chat/completions",
        body={"model": "m", "messages": [{"role": "user", "content": content}]},
    )
    return replace(completion(**changes), request=request)


WORDS = asked("Hi", usage=USAGE)
PARTS = asked(
    [{"type": "text", "text": "Hi"}], usage={**USAGE, "prompt_tokens": 11, "total_tokens": 12}
)


def test_twins_are_judged_whatever_order_they_come_in_and_only_those_of_one_target() -> None:
    words, parts = Answer("a", "words", WORDS), Answer("a", "parts", PARTS)
    for answers in ([words, parts], [parts, words]):
        (found,) = judged_twins(answers, ALL)
        assert (found.target, found.case, found.reply) == ("a", "words+parts", None)
        assert [(each.requirement, each.verdict) for each in found.verdicts] == [
            ("META-005", "fail")
        ]
    assert list(judged_twins([words, replace(parts, target="b")], ALL)) == []


def test_twins_that_are_equals_are_named_in_the_order_of_their_cases() -> None:
    def thinking(budget: int) -> Exchange:
        body = {"extra_body": {"google": {"thinking_config": {"thinking_budget": budget}}}}
        exchange = asked("Hi", usage=USAGE)
        assert isinstance(exchange.request.body, dict)
        return replace(
            exchange, request=replace(exchange.request, body=exchange.request.body | body)
        )

    little, much = Answer("a", "little", thinking(1)), Answer("a", "much", thinking(2))
    selection = Selection("vertex-gemini")
    for answers in ([little, much], [much, little]):
        (found,) = judged_twins(answers, selection)
        assert found.case == "little+much"


def test_twins_that_show_nothing_of_what_is_chosen_are_left_out() -> None:
    answers = [Answer("a", "words", WORDS), Answer("a", "parts", PARTS)]
    assert (
        list(judged_twins(answers, Selection("openai", requirements=frozenset({"META-001"})))) == []
    )


def test_the_turns_of_a_case_are_a_conversation() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    first = asked(
        "Hi",
        choices=[
            {
                "index": 0,
                "message": {"role": "assistant", "content": None, "tool_calls": [call]},
                "finish_reason": "tool_calls",
            }
        ],
    )
    said = [
        *first.request.body["messages"],
        json.loads(first.response.body or b"")["choices"][0]["message"],
    ]
    result = {"role": "tool", "tool_call_id": "call_1", "content": "done"}
    second = replace(
        completion(),
        request=replace(first.request, body=first.request.body | {"messages": [*said, result]}),
    )
    (found,) = judged_conversations(
        [Answer("a", "x", first), Answer("a", "y", WORDS), Answer("a", "x#2", second)], ALL
    )
    assert (found.case, found.reply) == ("x+x#2", None)
    assert ("TOOL-017", "pass") in {(each.requirement, each.verdict) for each in found.verdicts}


def test_an_unknown_profile_is_reported_once_and_the_rest_is_judged() -> None:
    odd = replace(WORDS, meta={"profile": "opnai"}, origin="a/x.yaml#1")
    found = list(judge_all([Answer("a", "x", odd), Answer("a", "words", WORDS)], Selection()))
    assert [each.where for each in found if isinstance(each, Unreadable)] == ["a/x.yaml#1"]
    assert [each.case for each in found if isinstance(each, JudgedCase)] == ["words"]
