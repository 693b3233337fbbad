"""Choices: what the entries of one index give together; malformed entries are skipped."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.protocol.chat.choices import Choice, ChoiceEntry, Finish, Logprobs, Role, choice_of


def entry(event: int, delta: Any = ..., position: int = 0, **more: Any) -> ChoiceEntry:
    return event, position, more if delta is ... else {"delta": delta} | more


def streamed(*entries: ChoiceEntry) -> Choice:
    return choice_of(0, entries, "delta")


CALL = {"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def test_deltas_join_to_an_answer() -> None:
    choice = streamed(
        entry(0, {"role": "assistant", "content": "", "refusal": None}),
        entry(1, {"reasoning_content": "Hm"}),
        entry(2, {"reasoning_content": "m.", "content": None}),
        entry(3, {"content": "Hel"}),
        entry(4, {"content": "lo", "refusal": "N"}),
        entry(5, {"refusal": "o."}),
        entry(6, {}, finish_reason="stop"),
    )
    assert (choice.text, choice.refusal, choice.reasoning, choice.finish_reason) == (
        "Hello",
        "No.",
        "Hmm.",
        "stop",
    )
    assert [piece.event for piece in choice.messages] == [0, 1, 2, 3, 4, 5, 6]
    assert choice.roles == (Role(0, 0, 0, "assistant"),)
    assert choice.finishes == (Finish(6, 0, "stop"),)
    assert choice.says_something
    assert not (
        choice.finished_early or choice.calls or choice.late or choice.function_call or choice.audio
    )


def test_a_message_says_the_same_as_its_deltas() -> None:
    message = {
        "role": "assistant",
        "content": "Hello",
        "reasoning": "Hm",
        "tool_calls": [CALL],
        "audio": {"id": "x"},
        "function_call": {"name": "f"},
    }
    choice = choice_of(
        0,
        [
            (
                None,
                2,
                {"message": message, "finish_reason": "length", "delta": {"content": "not this"}},
            )
        ],
        "message",
    )
    assert (
        choice.text,
        choice.reasoning,
        choice.finish_reason,
        choice.finished_early,
        choice.audio,
        choice.function_call,
    ) == (
        "Hello",
        "Hm",
        "length",
        True,
        True,
        True,
    )
    assert choice.calls[0].first.pointer == "/choices/2/message/tool_calls/0"
    assert choice.finishes == (Finish(None, 2, "length"),)


def test_each_entry_of_a_message_is_a_call_whatever_its_index() -> None:
    calls = [
        {"index": 0, "function": {"arguments": "{"}},
        {"index": 0, "function": {"arguments": "}"}},
    ]
    choice = choice_of(0, [(None, 0, {"message": {"tool_calls": calls}})], "message")
    assert [call.arguments for call in choice.calls] == ["{", "}"]


@pytest.mark.parametrize(
    ("reason", "cut"),
    [
        ("stop", False),
        ("tool_calls", False),
        ("", False),
        (None, False),
        (7, False),
        ("length", True),
        ("content_filter", True),
        ("content_filter: SAFETY", True),
        ("function_call_filter: MALFORMED_FUNCTION_CALL", True),
    ],
)
def test_a_limit_or_a_filter_cuts(reason: Any, cut: bool) -> None:
    assert streamed(entry(0, {}, finish_reason=reason)).finished_early is cut


def test_the_last_reason_that_is_text_counts() -> None:
    choice = streamed(
        entry(0, {}, finish_reason="length"),
        entry(1, {}, finish_reason="stop"),
        entry(2, {}, finish_reason=None),
        entry(3, {}, finish_reason=7),
    )
    assert choice.finish_reason == "stop"
    assert [finish.reason for finish in choice.finishes] == ["length", "stop", 7]


@pytest.mark.parametrize(
    ("late", "is_late"),
    [
        ({"content": "x"}, True),
        ({"tool_calls": [CALL]}, True),
        ({"content": ""}, False),
        ({"role": "assistant"}, False),
    ],
)
def test_what_comes_after_the_finish_is_late(late: dict[str, Any], is_late: bool) -> None:
    choice = streamed(
        entry(0, {"content": "a"}), entry(1, {"content": "b"}, finish_reason="stop"), entry(2, late)
    )
    assert [piece.event for piece in choice.late] == [2] * is_late


def test_an_empty_reason_makes_nothing_late() -> None:
    assert (
        streamed(entry(0, {"content": "a"}, finish_reason=""), entry(1, {"content": "b"})).late
        == ()
    )


@pytest.mark.parametrize(
    "key",
    [
        "content",
        "refusal",
        "reasoning",
        "reasoning_content",
        "tool_calls",
        "role",
        "audio",
        "function_call",
    ],
)
@pytest.mark.parametrize("value", [7, True, [], {}, [None], [[]], [7], {"x": 1}, 1.5])
def test_a_value_of_a_wrong_shape_is_left_out(key: str, value: Any) -> None:
    choice = streamed(
        entry(0, {"content": "a"}), entry(1, {key: value, "x": 0}), entry(2, {"content": "b"})
    )
    assert (choice.text, choice.refusal, choice.reasoning, choice.calls) == ("ab", "", "", ())


@pytest.mark.parametrize("value", [None, 7, "text", [], [{}], True])
def test_a_delta_that_is_no_object_is_no_piece(value: Any) -> None:
    choice = streamed(entry(0, {"content": "a"}), entry(1, value, finish_reason="stop"))
    assert [piece.event for piece in choice.messages] == [0]
    assert choice.finish_reason == "stop"


def test_logprobs_are_joined_over_the_chunks() -> None:
    choice = streamed(
        entry(0, {}, logprobs=None),
        entry(1, {}, logprobs={"content": [{"token": "a"}]}),
        entry(2, {}, logprobs=[]),
        entry(3, {}, logprobs={"content": None, "refusal": []}),
        entry(4, {}, logprobs={"content": [{"token": "b"}, 7]}, position=1),
    )
    assert choice.tokens == [{"token": "a"}, {"token": "b"}, 7]
    assert choice.logprobs[-1] == Logprobs(4, 1, {"content": [{"token": "b"}, 7]})


@given(
    text=st.text(max_size=30),
    data=st.data(),
    key=st.sampled_from(["content", "refusal", "reasoning"]),
)
def test_any_splitting_of_a_text_joins_to_it(text: str, data: st.DataObject, key: str) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    choice = streamed(*[entry(number, {key: piece}) for number, piece in enumerate(pieces)])
    assert {"content": choice.text, "refusal": choice.refusal, "reasoning": choice.reasoning}[
        key
    ] == text
