"""The one difference between two requests, found from the requests alone."""

from dataclasses import replace

import pytest

from conformance.protocol.chat.twins import Difference, TwinRelation, twin_relation, twins
from conformance.protocol.exchange import Exchange, Json, Request, Response

HELLO: dict[str, Json] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello."}]}
TEXT: Json = {"type": "text", "text": "Hello."}
IMAGE: Json = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
OTHER: Json = {"type": "image_url", "image_url": {"url": "data:image/png;base64,BBBB"}}
FUNCTION: Json = {"name": "f", "parameters": {"type": "object"}}
TOOL: Json = {"type": "function", "function": FUNCTION}
URL = "https://aiplatform.googleapis.com/v1/projects/P/chat/completions"


def asked(content: Json = "Hello.", **fields: Json) -> dict[str, Json]:
    return {**HELLO, "messages": [{"role": "user", "content": content}], **fields}


def thinking(**config: Json) -> Json:
    return {"google": {"thinking_config": config}}


TWINS: list[tuple[Difference, dict[str, Json], dict[str, Json]]] = [
    ("stream", asked(), asked(stream=True)),
    (
        "stream",
        asked(stream=False, n=1),
        asked(stream=True, stream_options={"include_usage": True}),
    ),
    ("stream", asked(tool_choice="auto", tools=[TOOL]), asked(tools=[TOOL], stream=True)),
    ("stream", asked(seed=None), asked(stream=True)),
    ("stream", asked(stream_options={"include_usage": True}), asked(stream=True)),
    ("usage", asked(stream=True), asked(stream=True, stream_options={"include_usage": True})),
    (
        "usage",
        asked(stream=True, stream_options={"include_usage": False}),
        asked(stream=True, stream_options={"include_usage": True}),
    ),
    ("tools", asked(stream=True), asked(stream=True, tools=[TOOL], tool_choice="none")),
    ("limit", asked(max_tokens=9), asked(max_completion_tokens=9)),
    ("parts", asked(), asked([TEXT])),
    ("stop", asked(stop="a"), asked(stop=["a"])),
    (
        "image-form",
        asked([TEXT, IMAGE]),
        asked([TEXT, {"type": "image_url", "image_url": "data:image/png;base64,AAAA"}]),
    ),
    ("functions", asked(tools=[TOOL]), asked(functions=[FUNCTION])),
    (
        "functions",
        asked(tools=[TOOL], tool_choice={"type": "function", "function": {"name": "f"}}),
        asked(functions=[FUNCTION], function_call={"name": "f"}),
    ),
    ("extra-field", asked(), asked(made_up=1)),
    ("extra-field", asked(), asked(user="u", store=True, metadata={"a": "b"})),
    (
        "extra-field",
        asked(),
        {**HELLO, "messages": [{"role": "user", "content": "Hello.", "made_up": 1}]},
    ),
    ("image", asked(), asked([TEXT, IMAGE])),
    ("image", asked([TEXT]), asked([TEXT, IMAGE, OTHER])),
    ("second-image", asked([TEXT, IMAGE]), asked([TEXT, IMAGE, OTHER])),
]


def told(a: Json, b: Json, urls: tuple[str, str] = (URL, URL)) -> TwinRelation | None:
    return twin_relation(Request(url=urls[0], body=a), Request(url=urls[1], body=b))


@pytest.mark.parametrize(("difference", "plain", "other"), TWINS)
def test_a_difference_is_told_whichever_comes_first(
    difference: Difference, plain: Json, other: Json
) -> None:
    assert told(plain, other) == TwinRelation(difference, second_is_baseline=False)
    assert told(other, plain) == TwinRelation(difference, second_is_baseline=True)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (asked(reasoning_effort="none"), asked(reasoning_effort="high")),
        (asked(reasoning_effort="none"), asked()),
        (asked(), asked(extra_body=thinking(thinking_budget=0))),
        (
            asked(extra_body={"google": {"cached_content": "c"}}),
            asked(extra_body={"google": {"cached_content": "c", "thinking_config": {}}}),
        ),
    ],
)
def test_neither_way_to_think_is_plain(a: Json, b: Json) -> None:
    assert told(a, b) == told(b, a) == TwinRelation("thinking", second_is_baseline=False)


def test_the_version_stands_in_the_address() -> None:
    beta = URL.replace("/v1/", "/v1beta1/")
    assert told(HELLO, HELLO, (URL, beta)) == TwinRelation("version", second_is_baseline=False)
    assert told(HELLO, HELLO, (beta, URL)) == TwinRelation("version", second_is_baseline=True)
    assert told(asked(), asked(stream=True), (URL, beta)) is None
    assert told(HELLO, HELLO, (URL, beta.replace("/P/", "/Q/"))) is None


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (HELLO, HELLO),
        (asked(), asked("Bye.")),
        (asked(), asked(stream=True, temperature=0)),
        (asked(max_tokens=9), asked(max_completion_tokens=8)),
        (asked(max_tokens=9, max_completion_tokens=9), asked(max_completion_tokens=9)),
        (asked(stop="a"), asked(stop=["b"])),
        (asked(stop="a"), asked(stop=["a", "b"])),
        (asked(), asked([TEXT, TEXT])),
        (asked([TEXT, IMAGE]), asked([TEXT, OTHER])),
        (asked(), asked([{**TEXT, "cache_control": {}}])),
        (asked(), asked([{"text": "Hello."}])),
        (asked(), asked(["Hello."])),
        (asked(extra_body=[1]), asked(extra_body=[2])),
        (asked([TEXT, IMAGE]), asked([TEXT, IMAGE, IMAGE])),
        (asked([TEXT, IMAGE]), asked([TEXT, OTHER, IMAGE])),
        (asked(), asked([{"type": "text", "text": "What is this?"}, IMAGE])),
        (asked(made_up=1), asked(made_up=2)),
        (asked(), asked(seed=1)),
        (asked(tools=[TOOL]), asked(functions=[{"name": "g"}])),
        (asked(), None),
        ("{", "["),
        ({"messages": "Hello."}, {"messages": [1, None], "n": 2}),
    ],
)
def test_equal_requests_and_those_that_differ_in_more_are_no_twins(a: Json, b: Json) -> None:
    assert told(a, b) is None
    assert told(b, a) is None


def test_another_address_or_method_makes_no_twin() -> None:
    assert told(asked(), asked(stream=True), (URL, URL.replace("/P/", "/Q/"))) is None
    assert (
        twin_relation(Request(url=URL, body=asked()), Request("GET", URL, body=asked(stream=True)))
        is None
    )


@pytest.mark.parametrize(
    "body",
    [
        {"messages": {"role": "user"}, "stream_options": [], "stream": True},
        {
            "messages": [{"role": "user", "content": [None, {"image_url": 3}, {"type": "text"}]}],
            "extra_body": {"google": []},
        },
        {
            "functions": {},
            "function_call": 1,
            "tools": 1,
            "stop": {},
            "extra_body": [],
            "stream_options": "x",
        },
        {"seed": 1 << 80},
    ],
)
def test_a_broken_request_is_compared_all_the_same(body: dict[str, Json]) -> None:
    assert told(body, HELLO) is None
    assert told({**body, "stream": False}, {**body, "stream": True}) == TwinRelation(
        "stream", second_is_baseline=False
    )
    assert list(twins([exchange(body), exchange(HELLO)])) == []


def exchange(body: Json, identifier: str = "x", url: str = URL) -> Exchange:
    return Exchange(identifier, Request(url=url, body=body), Response(200))


def test_the_twins_among_exchanges_are_those_that_comparing_each_with_each_tells() -> None:
    bodies = [body for _, plain, other in TWINS for body in (plain, other)] + [
        asked(reasoning_effort="low"),
        "{",
        None,
    ]
    all_of_them = [exchange(body, str(number)) for number, body in enumerate(bodies)]
    all_of_them.append(
        replace(
            all_of_them[0],
            id="beta",
            request=replace(all_of_them[0].request, url=URL.replace("/v1/", "/v1beta1/")),
        )
    )
    pairs = [(a, b) for number, b in enumerate(all_of_them) for a in all_of_them[:number]]
    expected = {
        (b.id, a.id) if found.second_is_baseline else (a.id, b.id)
        for a, b in pairs
        if (found := twin_relation(a.request, b.request))
    }
    found_in_passing = [(plain.id, other.id) for plain, other in twins(all_of_them)]
    assert set(found_in_passing) == expected
    assert len(found_in_passing) == len(expected) > len(TWINS)


@pytest.mark.parametrize(("difference", "plain", "other"), TWINS)
def test_a_request_is_not_changed_by_looking_at_it(
    difference: Difference, plain: Json, other: Json
) -> None:
    before = repr((plain, other))
    assert told(plain, other)
    assert repr((plain, other)) == before
