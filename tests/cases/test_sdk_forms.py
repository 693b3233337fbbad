"""The official SDK sends what the cases say for the calls of the documentation page."""

from collections.abc import Callable, Iterator, Mapping
from types import GenericAlias
from typing import Any, TypeAlias

import openai
import orjson
import pydantic
import pytest

from conformance.cases import Case, cases
from conformance.runs.sdk.player import library

Send: TypeAlias = Callable[[str, Mapping[str, Any]], Any]

IN_SDK_FORM = [case for case in cases() if case.sdk]
TYPES: dict[str, type] = {"string": str, "number": float, "integer": int, "boolean": bool}


def class_of(schema: Mapping[str, Any]) -> type[pydantic.BaseModel]:
    """The pydantic class that somebody writes for a flat schema, as the page does for
    CalendarEvent."""
    fields: dict[str, Any] = {
        name: (_type_of(field), ...) for name, field in schema["properties"].items()
    }
    assert schema["required"] == list(fields)
    return pydantic.create_model(schema["title"], **fields)


def _type_of(field: Mapping[str, Any]) -> Any:
    return (
        GenericAlias(list, (_type_of(field["items"]),))
        if field["type"] == "array"
        else TYPES[field["type"]]
    )


def arguments_of(case: Case, model: str) -> dict[str, Any]:
    assert case.sdk
    arguments: dict[str, Any] = {**case.sdk["arguments"], "model": model}
    if case.sdk["call"].endswith(".parse"):
        arguments["response_format"] = class_of(arguments["response_format"])
    return arguments


@pytest.fixture
def sent() -> Iterator[Send]:
    """``sent(call, arguments)``: the JSON that a call of the SDK puts on the wire."""
    bodies: list[bytes] = []

    httpx = library()  # the one that this version of the SDK is made with

    def refuse(request: Any) -> Any:
        bodies.append(request.read())
        return httpx.Response(400, json={"error": {"message": "only captured"}})

    with httpx.Client(transport=httpx.MockTransport(refuse)) as transport:
        client = openai.OpenAI(
            base_url="https://self.test/v1", api_key="unused", max_retries=0, http_client=transport
        )

        def send(call: str, arguments: Mapping[str, Any]) -> Any:
            method: Any = client
            for name in call.split("."):
                method = getattr(method, name)
            with pytest.raises(openai.BadRequestError):
                method(**arguments)
            return orjson.loads(bodies.pop())

        yield send


@pytest.mark.parametrize("case", IN_SDK_FORM, ids=lambda case: case.id)
def test_the_sdk_sends_the_body_of_the_case(case: Case, sent: Send) -> None:
    assert case.sdk
    assert sent(
        case.sdk["call"], arguments_of(case, "google/gemini-2.0-flash-001")
    ) == case.request_for("google/gemini-2.0-flash-001")


def test_parse_has_a_newer_name_that_sends_the_same(sent: Send) -> None:
    (case,) = [
        case
        for case in IN_SDK_FORM
        if case.sdk and case.sdk["call"] == "beta.chat.completions.parse"
    ]
    assert sent("chat.completions.parse", arguments_of(case, "m")) == case.request_for("m")


STORY = [{"role": "user", "content": "Write a story about a magic backpack."}]
SKY = [{"role": "user", "content": "Why is the sky blue?"}]
SCONES = {
    "type": "image_url",
    "image_url": "gs://cloud-samples-data/generative-ai/image/scones.jpg",
}
PRIMES = {"type": "text", "text": "Are there any primes number of the form n*ceil(log(n))"}
PIXEL = {"format": "audio/mp3", "data": "gs://cloud-samples-data/generative-ai/audio/pixel.mp3"}
FAIR = [
    {"role": "system", "content": "Extract the event information."},
    {"role": "user", "content": "Alice and Bob are going to a science fair on Friday."},
]
GEMINI_2, GEMINI_25, GEMMA = (
    "google/gemini-2.0-flash-001",
    "google/gemini-2.5-flash-preview-04-17",
    "gemma-2-9b-it",
)

REST: dict[int, Any] = {
    1: {"model": GEMINI_2, "messages": STORY},
    3: {"model": GEMINI_2, "stream": True, "messages": STORY},
    6: {"messages": STORY},
    8: {"stream": True, "messages": STORY},
    15: {
        "model": GEMINI_25,
        "messages": [{"role": "user", "content": [PRIMES]}],
        "extra_body": {
            "google": {
                "thinking_config": {"include_thoughts": True, "thinking_budget": 10000},
                "thought_tag_marker": "think",
            }
        },
        "stream": True,
    },
    16: {
        "model": GEMINI_2,
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Describe this image"}, SCONES]}
        ],
    },
    17: {
        "model": GEMINI_2,
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Describe this: "},
                    {"type": "input_audio", "input_audio": PIXEL},
                ],
            }
        ],
    },
}
"""The bodies of the page's requests by curl, by the number of the example; where the page leaves
the model open, 1 and 3, it is that of the others."""

SDK: dict[int, Any] = {
    2: {"model": GEMINI_2, "messages": SKY},
    4: {"model": GEMINI_2, "messages": SKY, "stream": True},
    5: {
        "model": GEMINI_2,
        "messages": [
            {
                "role": "user",
                "content": [{"type": "text", "text": "Describe the following image:"}, SCONES],
            }
        ],
    },
    7: {"model": GEMMA, "messages": SKY},
    9: {"model": GEMMA, "messages": SKY, "stream": True},
}
"""The arguments of the page's calls of chat.completions.create."""


def case_of(example: int) -> Case:
    (found,) = [
        case
        for case in cases()
        if (head := case.source.partition(",")[0].split())[0] == "SEED" and str(example) in head
    ]
    return found


@pytest.mark.parametrize("example", REST)
def test_the_case_of_an_example_by_curl_has_its_body(example: int) -> None:
    assert case_of(example).request_for(REST[example].get("model", "")) == REST[example]


@pytest.mark.parametrize("example", SDK)
def test_the_case_of_an_example_by_the_sdk_has_its_call(example: int) -> None:
    case = case_of(example)
    assert case.sdk
    assert case.sdk["call"] == "chat.completions.create"
    assert arguments_of(case, SDK[example]["model"]) == SDK[example]


@pytest.mark.parametrize("example", REST)
def test_the_sdk_says_an_example_by_curl_in_the_same_json(example: int, sent: Send) -> None:
    body = REST[example]
    extra = {key: body[key] for key in ("extra_body",) if key in body}
    named = {"model": openai.NOT_GIVEN} | {
        key: value for key, value in body.items() if key not in extra
    }
    assert sent("chat.completions.create", {**named, "extra_body": extra}) == body


def test_the_marker_of_thoughts_is_a_key_of_google() -> None:
    assert case_of(10).body["extra_body"]["google"]["thought_tag_marker"]


def test_the_extra_body_of_the_sdk_holds_the_extra_body_of_the_wire(sent: Send) -> None:
    case = case_of(11)
    assert case.sdk
    arguments = case.sdk["arguments"]
    assert arguments["extra_body"] == {"extra_body": {"google": case.body["extra_body"]["google"]}}
    assert "google" in sent(case.sdk["call"], arguments)["extra_body"]


@pytest.mark.parametrize(
    ("example", "place"),
    [
        (12, ("messages", 1)),
        (13, ("messages", 1, "content", 0)),
        (14, ("messages", 1, "tool_calls", 0)),
    ],
    ids=["message", "part", "call"],
)
def test_extra_content_stands_where_the_page_has_it(
    example: int, place: tuple[str | int, ...]
) -> None:
    value: Any = case_of(example).body
    for step in place:
        value = value[step]
    assert set(value["extra_content"]) == {"google"}


def test_the_class_of_the_page_becomes_its_schema() -> None:
    case = case_of(18)
    assert case.sdk
    assert case.sdk["arguments"]["messages"] == FAIR
    assert list(case.sdk["arguments"]["response_format"]["properties"]) == [
        "name",
        "date",
        "participants",
    ]
    wanted = case.body["response_format"]["json_schema"]
    assert (wanted["name"], wanted["strict"], wanted["schema"]["title"]) == (
        "CalendarEvent",
        True,
        "CalendarEvent",
    )


def test_the_examples_in_sdk_form_are_all_there() -> None:
    assert {case.id for case in IN_SDK_FORM} == {case_of(example).id for example in (*SDK, 11, 18)}
