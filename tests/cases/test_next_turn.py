"""The next request contains the message of the response, then what the case adds."""

import json

from conformance.cases import Case, Turn
from conformance.cases.next_turn import NO_RESULT, next_case
from conformance.protocol.chat.conversation import is_verbatim
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange
from tests.judging.conftest import completion, error, stream

USER = {"role": "user", "content": "Weather in Paris?"}
SIGNED = {"google": {"thought_signature": "c2ln"}}
CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": "{}"},
    "extra_content": SIGNED,
}
CASE = Case(
    "conversation-x",
    "x",
    "x",
    frozenset(),
    "/chat/completions",
    {"model": "{model}", "messages": [USER], "tools": [{}], "tool_choice": "required"},
    probes=("TOOL-019",),
)


def calling(*calls: object) -> Exchange:
    return completion(
        choices=[
            {
                "index": 0,
                "message": {"role": "assistant", "content": None, "tool_calls": list(calls)},
                "finish_reason": "tool_calls",
            }
        ]
    )


def messages(case: Case | None) -> list[dict[str, object]]:
    assert case is not None
    return case.body["messages"]  # type: ignore[no-any-return]


def test_the_message_comes_back_as_it_was_and_the_results_of_all_calls_after_it() -> None:
    other = {**CALL, "id": "call_2", "function": {"name": "get_time", "arguments": "{}"}}
    found = messages(next_case(CASE, Turn(results={"get_weather": "sunny"}), calling(CALL, other)))
    assert found == [
        USER,
        {"role": "assistant", "content": None, "tool_calls": [CALL, other]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
        {"role": "tool", "tool_call_id": "call_2", "content": NO_RESULT},
    ]


def test_a_call_is_forced_in_the_first_turn_only_and_probes_are_of_it() -> None:
    after = next_case(CASE, Turn(), calling(CALL))
    assert after is not None
    assert "tool_choice" not in after.body
    assert after.body["tools"] == CASE.body["tools"]
    assert after.probes == ()
    forced = next_case(CASE, Turn(tool_choice="required"), calling(CALL))
    assert forced is not None
    assert forced.body["tool_choice"] == "required"


def test_the_signature_is_left_out_of_calls_and_message() -> None:
    found = messages(next_case(CASE, Turn(without="signature"), calling(CALL)))
    assert "thought_signature" not in json.dumps(found)
    assert found[1]["tool_calls"] == [
        {key: value for key, value in CALL.items() if key != "extra_content"}
    ]


def test_what_the_user_says_comes_after_the_answer() -> None:
    found = messages(next_case(CASE, Turn(user="And in Lima?"), completion("Sunny.")))
    assert found[1]["content"] == "Sunny."
    assert found[2] == {"role": "user", "content": "And in Lima?"}


def test_a_streamed_message_is_put_together_without_what_stayed_empty() -> None:
    answer = stream()
    found = messages(next_case(CASE, Turn(user="And?"), answer))
    assert found[1]["role"] == "assistant"
    assert found[1].keys() == {"role", "content"}
    assert is_verbatim(found[1], fold(answer).choices[0])


def test_a_deprecated_call_is_answered_by_a_function_message() -> None:
    called = {
        "role": "assistant",
        "content": None,
        "function_call": {"name": "get_weather", "arguments": "{}"},
    }
    answer = completion(choices=[{"index": 0, "message": called, "finish_reason": "function_call"}])
    assert messages(next_case(CASE, Turn(results={"get_weather": "sunny"}), answer))[-1] == {
        "role": "function",
        "name": "get_weather",
        "content": "sunny",
    }


def test_there_is_nothing_to_go_on_from_an_error_or_from_words_that_call_nothing() -> None:
    assert next_case(CASE, Turn(user="And?"), error(400)) is None
    assert next_case(CASE, Turn(results={"get_weather": "sunny"}), completion("Sunny.")) is None


def test_a_choice_of_another_api_without_a_message_cannot_be_continued() -> None:
    other = completion(choices=[{"index": 0, "text": "Hello.", "finish_reason": "stop"}])
    assert next_case(CASE, Turn(user="And?"), other) is None
