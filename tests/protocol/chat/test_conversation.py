"""Which exchanges are turns of one conversation, and whether they send an answer back."""

from dataclasses import replace
from itertools import pairwise

import pytest

from conformance.protocol.chat.conversation import (
    continues,
    is_verbatim,
    keeps_settings,
    message_of,
    replays,
    stems_from,
)
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange, Json, Request
from tests.judging.conftest import Object, call, completion, stream
from tests.judging.rules.groups import SIGNED, fragments, user
from tests.judging.rules.turns import SESSIONS, conversation, results, said

TURNS = {made.name: made.exchanges for made in SESSIONS}
FIRST, SECOND = (each.request for each in TURNS["results"])


def changed(request: Request, **fields: Json) -> Request:
    return replace(request, body={**request.body, **fields})


@pytest.mark.parametrize("name", TURNS)
def test_each_turn_continues_the_one_before(name: str) -> None:
    requests = [each.request for each in TURNS[name]]
    assert all(
        continues(earlier, later) and keeps_settings(earlier, later)
        for earlier, later in pairwise(requests)
    )
    assert not any(continues(later, earlier) for earlier, later in pairwise(requests))


@pytest.mark.parametrize(
    "later",
    [
        FIRST,
        changed(SECOND, model="gpt-4o-mini"),
        replace(SECOND, url="https://example.com/v1/chat/completions"),
        changed(SECOND, messages=[user("Something else."), *SECOND.body["messages"][1:]]),
        changed(SECOND, messages=[*FIRST.body["messages"], user("More.")]),
        changed(SECOND, messages="Hello."),
        replace(SECOND, body=None),
        replace(SECOND, body="{"),
        changed(SECOND, messages=[*FIRST.body["messages"], "Hello."]),
    ],
)
def test_another_model_address_or_history_is_another_conversation(later: Request) -> None:
    assert not continues(FIRST, later)


def test_a_request_that_is_not_known_begins_nothing() -> None:
    unknown = replace(FIRST, body=None)
    assert not continues(unknown, SECOND)
    assert not keeps_settings(unknown, SECOND)
    assert not keeps_settings(SECOND, unknown)
    assert not continues(
        changed(FIRST, messages=[]), changed(SECOND, messages=[said(content="Hi.")])
    )


def test_what_a_client_sets_anew_each_turn_is_no_other_setting() -> None:
    assert keeps_settings(
        FIRST,
        changed(
            SECOND, stream=True, stream_options={"include_usage": True}, tool_choice="required"
        ),
    )
    assert continues(FIRST, changed(SECOND, temperature=0))
    assert not keeps_settings(FIRST, changed(SECOND, temperature=0))


def test_a_turn_replays_the_latest_turn_it_goes_on_from() -> None:
    facts = [fold(each) for each in TURNS["calls-thrice"]]
    found = list(replays(facts))
    assert [(each.number, facts.index(each.answer)) for each in found] == [(2, 0), (3, 1), (4, 2)]
    assert [each.message["tool_calls"][0]["id"] for each in found] == ["call_1", "call_2", "call_3"]
    assert [[message["role"] for message in each.added] for each in found] == [["tool"]] * 3


def test_two_turns_may_go_on_from_one() -> None:
    """For example if a turn is sent again without its signature."""
    first, second = TURNS["results"]
    found = list(replays([fold(first), fold(second), fold(second)]))
    assert [(each.number, each.answer.exchange) for each in found] == [(2, first), (3, first)]


REASONED: Object = {"content": "391", "reasoning_content": "I multiply."}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (completion("It is fine."), {"role": "assistant", "content": "It is fine."}),
        (
            completion("It is fine."),
            {
                "role": "assistant",
                "content": "It is fine.",
                "refusal": None,
                "annotations": [],
                "tool_calls": [],
            },
        ),
        (completion(REASONED), said(**REASONED)),
        (completion({"tool_calls": [call()]}), said(call())),
        (
            completion({"tool_calls": [call(extra_content=SIGNED)]}),
            said(call(extra_content=SIGNED)),
        ),
        (
            completion({"content": "Hi.", "reasoning_details": [{"text": "Hm."}]}),
            said(content="Hi.", reasoning_details=[{"text": "Hm."}]),
        ),
        (stream("It is ", "fine."), {"role": "assistant", "content": "It is fine."}),
        (
            stream({"reasoning_content": "I mul"}, {"reasoning_content": "tiply."}, "391"),
            said(**REASONED),
        ),
        (stream(*fragments('{"city":', '"Paris"}')), said(call())),
        (stream(*fragments('{"city":', '"Paris"}')), said(call(index=0))),
        (
            stream(*fragments('{"city":"Paris"}', extra_content=SIGNED)),
            said(call(extra_content=SIGNED)),
        ),
        (
            stream({"content": "Hi.", "extra_content": SIGNED}),
            {"role": "assistant", "content": "Hi.", "extra_content": SIGNED},
        ),
    ],
)
def test_what_came_may_be_sent_back_as_it_came(answer: Exchange, message: Object) -> None:
    choice = fold(answer).choices[0]
    assert is_verbatim(message, choice)
    assert stems_from(message, choice)
    assert is_verbatim(message_of(choice), choice)


@pytest.mark.parametrize(
    ("answer", "message", "stems"),
    [
        (completion("It is fine."), {"role": "assistant", "content": "It is bad."}, False),
        (completion(REASONED), said(content="391"), True),
        (completion({"tool_calls": [call()]}), said(call(arguments='{"city": "Paris"}')), True),
        (completion({"tool_calls": [call()]}), said(call(identifier="call_2")), False),
        (completion({"tool_calls": [call()]}), said(content="Hi."), False),
        (completion({"tool_calls": [call(extra_content=SIGNED)]}), said(call()), True),
        (completion(""), {"role": "assistant", "content": ""}, False),
        (
            completion({"content": "Hi.", "reasoning_details": [{"text": "Hm."}]}),
            said(content="Hi."),
            True,
        ),
    ],
)
def test_what_was_changed_is_not_what_came(answer: Exchange, message: Object, stems: bool) -> None:
    choice = fold(answer).choices[0]
    assert is_verbatim(message, choice) is (message.get("content") == "")
    assert stems_from(message, choice) is stems


def test_a_conversation_is_built_as_it_reads() -> None:
    made = conversation(
        "x", completion("A."), completion("B."), then=([said(content="A."), user("And?")],), seed=1
    )
    assert [each.request.body["seed"] for each in made.exchanges] == [1, 1]
    assert [message["role"] for message in made.exchanges[1].request.body["messages"]] == [
        "user",
        "assistant",
        "user",
    ]
    assert results(call())[0]["tool_call_id"] == "call_1"
