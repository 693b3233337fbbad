"""The answers in Google's dialects have the members of genuine answers, in their order.

The genuine answers are in google/; README.md there names their sources.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from conformance.endpoints.reference.answers.serialising import as_bytes, as_error_bytes
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Json

Ask = Callable[..., Facts]

FOLDER = Path(__file__).parent / "google"
SURFACES = ("vertex-gemini", "gemini-api")
GOOGLE = pytest.mark.parametrize("profile", SURFACES)
OLD = {"api-call-2025", "api-text-2025"}
"""Answers of a build of 2025, whose members Google has changed since."""

NOT_SEEN = {
    "vertex-gemini": (
        # a sample of V-EX has plain calls with these members in its history
        ("completion", "choices[].message.tool_calls"),
        ("completion", "choices[].message.extra_content.google.thought"),  # 4.10
        ("chunk", "choices[].delta.extra_content.google.thought_signature"),  # 4.18
        ("chunk", "choices[].delta.audio"),  # 5.1, seen in answers that are not streamed
        ("error", "[].error.details"),  # 2.2, seen on the Gemini API
    ),
    "gemini-api": (
        ("chunk", "choices[].delta.extra_content.google.thought_signature"),  # 4.18
        ("chunk", "usage.prompt_tokens_details"),  # seen in answers that are not streamed
        ("error", "[].error.details[].fieldViolations[].field"),  # 2.2
    ),
}
"""The members that no genuine body of the surface here has: their kind, and how their path begins,
with the row of docs/protocol.md that tells of them."""

OF_TEXT = {"choices[].message.content", "usage.completion_tokens"}
"""The members that only an answer with text has."""
WITHOUT_TEXT = {"arguments in pieces", "calls", "calls of 2.5", "cut", "empty"}

USAGE = {"include_usage": True}
WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
TWO = "What is the weather in Rome and in Oslo?"
THOUGHTS = {"thinking_config": {"include_thoughts": True}}
CACHE = "projects/p/locations/global/cachedContents/self-test"
REQUESTS: Mapping[str, Mapping[str, Any]] = {
    "text": {},
    "text of 2.5": {"model": "gemini-2.5-flash"},
    "calls": {"content": TWO, "tools": [WEATHER]},
    "calls of 2.5": {"content": TWO, "tools": [WEATHER], "model": "gemini-2.5-flash"},
    "thoughts": {"extra_body": {"google": THOUGHTS}},
    "cut": {"max_tokens": 20},
    "empty": {"max_tokens": 1},
    "wrong value": {"temperature": "hot"},
    "unsigned": {
        "messages": [
            {"role": "user", "content": TWO},
            {
                "role": "assistant",
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "get_weather", "arguments": "{}"},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": "12"},
        ]
    },
    "no such model": {"model": "gemini-9-flash"},
}
ONLY_OF: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "vertex-gemini": {
        "image": {"model": "google/gemini-3-pro-image-preview", "modalities": ["image"]},
        "arguments in pieces": {
            "content": TWO,
            "tools": [WEATHER],
            "extra_body": {"google": {"stream_function_call_arguments": True}},
        },
        "tag": {"extra_body": {"google": THOUGHTS | {"thought_tag_marker": "think"}}},
        "partner": {"model": "xai/grok-4.1-fast-reasoning"},
    },
    "gemini-api": {
        "unknown field": {"no_such_field": 1},
        "retired model": {"model": "gemini-2.0-flash"},
        "cache": {"extra_body": {"google": {"cached_content": CACHE}}},
    },
}


class Genuine(NamedTuple):
    """A published body; ``partial`` is True if members of it were left out."""

    id: str
    profile: str
    status: int
    text: str
    partial: bool

    @property
    def kind(self) -> str:
        """``error``, ``chunk`` for a stream, or ``completion``."""
        if self.status >= 400:
            return "error"
        return "chunk" if self.text.startswith("data:") else "completion"


def genuine() -> Iterator[Genuine]:
    for profile in SURFACES:
        for line in (FOLDER / f"{profile}.jsonl").read_text(encoding="utf-8").splitlines():
            each = json.loads(line)
            yield Genuine(each["id"], profile, each["status"], each["body"], each["partial"])


def values(kind: str, text: str) -> list[Any]:
    """The JSON values of a body: one, or the chunks of a stream."""
    if kind != "chunk":
        return [json.loads(text)]
    lines = [line for line in text.splitlines() if line.startswith("data: {")]
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def paths(value: Json, path: str = "") -> set[str]:
    """The paths of all members: names with dots between, ``[]`` for an element of an array."""
    if isinstance(value, list):
        return {each for item in value for each in paths(item, f"{path}[]")}
    if not isinstance(value, dict):
        return set()
    names = {name: f"{path}.{name}".lstrip(".") for name in value}
    return {*names.values()}.union(*(paths(value[name], names[name]) for name in names))


def answered(profile: str, ask: Ask) -> Iterator[tuple[str, str, Any]]:
    """The name of each request, the kind of its answer, and each JSON value of that."""
    for name, fields in {**REQUESTS, **ONLY_OF[profile]}.items():
        for stream in (False, True):
            asked = dict(fields)
            if profile == "vertex-gemini" and "/" not in asked.get("model", "/"):
                asked["model"] = f"google/{asked['model']}"
            facts = ask(profile, stream=stream, **{"stream_options": USAGE, **asked})
            kind = {"stream": "chunk"}.get(facts.kind, facts.kind)
            text = (facts.exchange.response.body or b"").decode()
            yield from ((name, kind, value) for value in values(kind, text))


def in_all(profile: str, kind: str) -> set[str]:
    """The paths that every genuine body of a kind has, which is whole and new."""
    sets = [
        paths(value)
        for each in genuine()
        if (each.profile, each.kind) == (profile, kind) and not each.partial and each.id not in OLD
        for value in values(kind, each.text)
    ]
    return set.intersection(*sets)


@GOOGLE
def test_each_member_occurs_in_a_genuine_answer(profile: str, ask: Ask) -> None:
    seen = {
        (each.kind, path)
        for each in genuine()
        if each.profile == profile
        for value in values(each.kind, each.text)
        for path in paths(value)
    }
    made = {
        (kind, path) for _, kind, value in answered(profile, ask) for path in paths(value)
    } - seen
    explained = {
        each: [(kind, path) for kind, path in made if kind == each[0] and path.startswith(each[1])]
        for each in NOT_SEEN[profile]
    }
    assert made - {each for some in explained.values() for each in some} == set()
    assert all(explained.values())


@GOOGLE
@pytest.mark.parametrize("kind", ["completion", "chunk", "error"])
def test_each_member_of_all_genuine_answers_occurs(profile: str, kind: str, ask: Ask) -> None:
    if kind == "error" and profile == "vertex-gemini":
        required = {"[].error", "[].error.code", "[].error.message", "[].error.status"}
    else:
        required = in_all(profile, kind)
    assert len(required) >= 4
    missing = [
        (name, lacks)
        for name, each, value in answered(profile, ask)
        if each == kind
        and (lacks := required - paths(value) - (OF_TEXT if name in WITHOUT_TEXT else set()))
    ]
    assert missing == []


INDENTED = {"vertex-image", "vertex-text", "vertex-partner"} | OLD
"""Answers that were indented by those who published them."""


@pytest.mark.parametrize(
    "each",
    [each for each in genuine() if not each.partial and each.id not in INDENTED],
    ids=lambda each: each.id,
)
def test_a_genuine_answer_is_written_as_google_writes_it(each: Genuine) -> None:
    dialect = dialect_of(each.profile)
    if each.kind == "error":
        assert as_error_bytes(json.loads(each.text), dialect).decode().strip() == each.text.strip()
        return
    lines = [
        line.removeprefix("data: ")
        for line in each.text.splitlines()
        if line.startswith(("data: {", "{"))
    ]
    assert lines
    assert [as_bytes(json.loads(line), dialect).decode() for line in lines] == lines


def test_an_error_ends_a_stream_of_vertex_as_errors_are_written() -> None:
    (text,) = [each.text for each in genuine() if each.id == "vertex-thought-streamed"]
    error = text.rpartition("\n\n")[2]
    assert as_error_bytes(json.loads(error), dialect_of("vertex-gemini")).decode().strip() == error
