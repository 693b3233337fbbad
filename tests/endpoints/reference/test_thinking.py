"""Thinking: its budget, whether and where it is shown, and Google's other options."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.endpoints.reference.generators.signatures import is_genuine
from conformance.judging.predicates.google import thought_deltas
from conformance.judging.rules.errors import error_object
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Exchange, Finding, Json

Ask = Callable[..., Facts]
Unexpected = Callable[[Exchange, str], dict[str, Finding]]
OLDER = {"vertex-gemini": "google/gemini-2.5-flash", "gemini-api": "gemini-2.5-flash"}
GOOGLE = pytest.mark.parametrize("profile", ["vertex-gemini", "gemini-api"])
PLAIN_AND_STREAMED = pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])


def google(**options: Json) -> dict[str, Any]:
    return {"extra_body": {"google": options}}


def thought(facts: Facts) -> int:
    """The tokens in the total beyond prompt and completion, which are the thinking tokens."""
    usage = facts.usages[-1].value
    return int(usage["total_tokens"] - usage["prompt_tokens"] - usage["completion_tokens"])


@GOOGLE
@pytest.mark.parametrize(
    ("fields", "thinks"),
    [
        ({}, True),
        ({"reasoning_effort": "low"}, True),
        ({"reasoning_effort": "none"}, False),
        (google(thinking_config={"thinking_budget": 0}), False),
        (google(thinking_config={"thinking_budget": 5}), True),
        (google(thinkingConfig={"thinkingBudget": 0}), False),
        (google(thinking_config={"thinking_budget": -1}), True),
    ],
)
def test_how_much_gemini_2_5_thinks(
    profile: str, fields: dict[str, Json], thinks: bool, ask: Ask
) -> None:
    facts = ask(profile, model=OLDER[profile], **fields)
    assert facts.status == 200
    assert (thought(facts) > 0) is thinks
    assert thought(facts) <= (5 if "5" in str(fields) else 100)


@GOOGLE
def test_thinking_of_gemini_3_can_be_reduced_but_not_switched_off(profile: str, ask: Ask) -> None:
    efforts = [thought(ask(profile, reasoning_effort=effort)) for effort in EFFORTS]
    assert 0 < efforts[0] == thought(ask(profile, **google(thinking_config={"thinking_budget": 0})))
    assert efforts == sorted(set(efforts))
    assert thought(ask(profile)) == efforts[2]


EFFORTS = ("none", "low", "medium", "high")


@GOOGLE
@PLAIN_AND_STREAMED
def test_thinking_may_use_up_the_limit(
    profile: str, stream: bool, ask: Ask, unexpected: Unexpected
) -> None:
    facts = ask(profile, stream=stream, max_tokens=8, stream_options={"include_usage": True})
    (choice,) = facts.choices
    (counted,) = facts.usages
    assert (choice.finish_reason, choice.text) == ("length", "")
    assert all(piece.value == {"role": "assistant"} for piece in choice.messages)
    assert "completion_tokens" not in counted.value
    assert counted.value["total_tokens"] == counted.value["prompt_tokens"] + 8
    assert unexpected(facts.exchange, profile) == {}


@GOOGLE
@pytest.mark.parametrize("content", ["Say hello.", "What is the weather in Rome?"])
def test_gemini_3_signs_a_text_that_follows_thoughts(profile: str, content: str, ask: Ask) -> None:
    plain, streamed = ask(profile, content), ask(profile, content, stream=True)
    message = plain.choices[0].messages[0].value
    assert is_genuine(message["extra_content"]["google"]["thought_signature"])
    *early, last = [piece.value for piece in streamed.choices[0].messages]
    assert not any("extra_content" in delta for delta in early)
    assert last["extra_content"] == message["extra_content"]
    assert (
        "extra_content"
        not in ask(profile, content, model=OLDER[profile]).choices[0].messages[0].value
    )


@GOOGLE
@PLAIN_AND_STREAMED
def test_thoughts_are_not_told_unasked(profile: str, stream: bool, ask: Ask) -> None:
    facts = ask(profile, stream=stream, stream_options={"include_usage": True})
    assert thought(facts) > 0
    assert not thought_deltas(facts)


@PLAIN_AND_STREAMED
def test_vertex_tells_thoughts_without_tags(stream: bool, ask: Ask, unexpected: Unexpected) -> None:
    facts = ask(
        "vertex-gemini", stream=stream, **google(thinking_config={"include_thoughts": True})
    )
    assert thought_deltas(facts)
    assert "<" not in facts.choices[0].text
    assert facts.choices[0].text.endswith("\n" + ask("vertex-gemini").choices[0].text)
    assert unexpected(facts.exchange, "vertex-gemini") == {}


@PLAIN_AND_STREAMED
def test_vertex_tells_thoughts_in_the_tag_asked_for(
    stream: bool, ask: Ask, unexpected: Unexpected
) -> None:
    facts = ask(
        "vertex-gemini",
        stream=stream,
        **google(thinking_config={"include_thoughts": True}, thought_tag_marker="reflection"),
    )
    before, _, after = facts.choices[0].text.partition("</reflection>")
    assert before.startswith("<reflection>\n")
    assert after == ask("vertex-gemini").choices[0].text
    assert unexpected(facts.exchange, "vertex-gemini") == {}


@PLAIN_AND_STREAMED
def test_the_gemini_api_tells_thoughts_in_its_own_tag(
    stream: bool, ask: Ask, unexpected: Unexpected
) -> None:
    facts = ask("gemini-api", stream=stream, **google(thinking_config={"include_thoughts": True}))
    before, _, after = facts.choices[0].text.partition("</thought>")
    assert before.startswith("<thought>")
    assert after == ask("gemini-api").choices[0].text
    assert unexpected(facts.exchange, "gemini-api") == {}


def test_the_tag_that_ends_the_thoughts_of_the_gemini_api_is_glued_to_the_answer(ask: Ask) -> None:
    deltas = [
        piece.value
        for piece in (
            ask("gemini-api", stream=True, **google(thinking_config={"include_thoughts": True}))
            .choices[0]
            .messages
        )
    ]
    flagged = ["thought" in delta.get("extra_content", {}).get("google", {}) for delta in deltas]
    assert flagged == sorted(flagged, reverse=True)
    first = deltas[flagged.index(False)]["content"]
    assert first.startswith("</thought>")
    assert first != "</thought>"


def test_vllm_tells_its_reasoning_beside_the_text(ask: Ask) -> None:
    plain, streamed = (
        ask("vertex-vllm", reasoning_effort="high"),
        ask("vertex-vllm", reasoning_effort="high", stream=True),
    )
    assert plain.choices[0].reasoning == streamed.choices[0].reasoning != ""
    assert not ask("vertex-vllm").choices[0].reasoning


def test_tagged_thoughts_of_the_past_are_no_part_of_the_prompt(ask: Ask) -> None:
    def prompt(content: str, marker: str) -> int:
        messages = [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": content},
            {"role": "user", "content": "Hi again."},
        ]
        return int(
            ask("vertex-gemini", messages=messages, **google(thought_tag_marker=marker))
            .usages[0]
            .value["prompt_tokens"]
        )

    assert prompt("<think>a long thought</think>Hello.", "think") == prompt("Hello.", "think")
    assert prompt("<think>a long thought</think>Hello.", "other") > prompt("Hello.", "other")


@GOOGLE
@pytest.mark.parametrize(
    "fields",
    [
        {"reasoning_effort": "low", **google(thinking_config={"thinking_budget": 1024})},
        google(thinking_config={"thinking_budget": 1024, "thinking_level": "low"}),
        google(thinking_config={"thinking_budget": "low"}),
        google(thinking_config={"thinking_budget": True}),
        google(thinking_config={"thinking_budget": -2}),
        google(thinking_config={"thinking_level": "huge"}),
        google(thinking_config={"include_thoughts": "yes"}),
        google(thinking_config=[]),
        google(cached_content=7),
        google(cached_content="nowhere"),
    ],
)
def test_options_are_checked(profile: str, fields: Json, ask: Ask) -> None:
    facts = ask(profile, **fields)
    assert facts.status == 400
    assert error_object(facts)[0]["details"][0]["fieldViolations"][0]["field"].startswith(
        "extra_body.google."
    )


@pytest.mark.parametrize(
    "options",
    [
        {"safety_settings": {}},
        {"safety_settings": ["none"]},
        {"safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT"}]},
        {"thought_tag_marker": 1},
        {"thought_tag_marker": "<think>"},
        {"stream_function_call_arguments": "yes"},
        {"tools": {}},
        {"media_resolution": 3},
    ],
)
def test_options_of_vertex_are_checked(options: Json, ask: Ask) -> None:
    assert ask("vertex-gemini", **google(**options)).status == 400


@pytest.mark.parametrize(
    ("profile", "status"),
    [("vertex-gemini", 200), ("gemini-api", 400), ("vertex-vllm", 200), ("openai", 400)],
)
def test_an_unknown_option_is_ignored_or_refused(profile: str, status: int, ask: Ask) -> None:
    assert ask(profile, **google(no_such_option=True)).status == status


@GOOGLE
def test_what_a_cache_holds_is_told(profile: str, ask: Ask) -> None:
    usage = (
        ask(
            profile, **google(cached_content="projects/p/locations/global/cachedContents/self-test")
        )
        .usages[0]
        .value
    )
    assert 0 < usage["prompt_tokens_details"]["cached_tokens"] <= usage["prompt_tokens"]


@GOOGLE
@pytest.mark.parametrize(
    ("message", "status"),
    [
        (
            {
                "role": "assistant",
                "content": "Hello.",
                "extra_content": {"google": {"thought": False}},
            },
            200,
        ),
        (
            {
                "role": "assistant",
                "content": "Hello.",
                "extra_content": {"google": {"thought": "no"}},
            },
            400,
        ),
        (
            {
                "role": "assistant",
                "content": "Hello.",
                "extra_content": {"google": {"thought_signature": 1}},
            },
            400,
        ),
        ({"role": "assistant", "content": "Hello.", "extra_content": {"google": "thought"}}, 400),
        (
            {
                "role": "assistant",
                "content": [
                    {
                        "type": "text",
                        "text": "Hello.",
                        "extra_content": {"google": {"thought": True}},
                    }
                ],
            },
            200,
        ),
        (
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "Hello.", "extra_content": {"google": {"thought": 1}}}
                ],
            },
            400,
        ),
    ],
)
def test_extra_content_is_checked(profile: str, message: Json, status: int, ask: Ask) -> None:
    assert (
        ask(
            profile,
            messages=[
                {"role": "user", "content": "Hi"},
                message,
                {"role": "user", "content": "Hi"},
            ],
        ).status
        == status
    )
