"""Conforming twins, the baseline first: two or more for each requirement that twins show.

They are built here, not recorded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from conformance.judging.finding_group import JudgedFinding
from conformance.judging.group_judge import verdicts_of_twins
from conformance.judging.profiles import profile
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import RuleCrash, Verdict
from conformance.protocol.event_stream import event_ends
from conformance.protocol.exchange import Exchange, Finding, Json
from tests.judging.conftest import TOOLS, USAGE, Object, call, completion, stream, told

IMAGE: Object = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
OTHER_IMAGE: Object = {"type": "image_url", "image_url": {"url": "https://example.com/other.png"}}
GREEDY: Object = {"temperature": 0, "seed": 7}
MODEL: Object = {"model": "google/gemini-3-pro"}
GEMINI: Object = {"id": "nQiNafGyF5rw998Pstqoo12", **MODEL}
SIGNED: Object = {"google": {"thought_signature": "c2lnbmVk"}}
COUNTED: Object = {"include_usage": True}


@dataclass(frozen=True, slots=True)
class Made:
    """A group of exchanges that conforms under a profile."""

    name: str
    profile: str
    exchanges: tuple[Exchange, ...]


def found_in(verdicts: Iterable[Verdict]) -> list[JudgedFinding | RuleCrash]:
    """Return the findings of verdicts, known or not."""
    return [verdict.found for verdict in verdicts if verdict.found is not None]


def found(twin: tuple[Exchange, Exchange], name: str = "openai") -> dict[str, Finding]:
    """Return the findings in a twin under a profile, known or not, by requirement."""
    judged = [
        each
        for each in found_in(verdicts_of_twins(profile(name), shipped_suite(), *twin))
        if isinstance(each, JudgedFinding)
    ]
    return {each.finding.requirement: told(each.finding) for each in judged}


def outcomes(twin: tuple[Exchange, Exchange], name: str = "openai") -> dict[str, str]:
    """Return the outcome of each verdict on a twin under a profile, by requirement."""
    return {
        verdict.requirement: verdict.outcome
        for verdict in verdicts_of_twins(profile(name), shipped_suite(), *twin)
    }


def user(content: Json = "Hello.") -> Object:
    """A message of the user."""
    return {"role": "user", "content": content}


def usage(prompt: int = 9, completion: int = 3, **more: Json) -> Object:
    """A usage of these counts; ``...`` leaves a field out."""
    counts = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
    return {key: value for key, value in {**USAGE, **counts, **more}.items() if value is not ...}


def fragments(
    *pieces: str, name: str = "get_weather", identifier: str = "call_1", **more: Json
) -> list[Object]:
    """The deltas of one streamed call whose arguments come in pieces."""
    opened = {
        "tool_calls": [
            {
                "index": 0,
                "id": identifier,
                "type": "function",
                "function": {"name": name, "arguments": ""},
                **more,
            }
        ]
    }
    return [
        opened,
        *({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in pieces),
    ]


def timed(exchange: Exchange, first: float = 100.0, step: float = 40.0) -> Exchange:
    """A stream whose events arrive one by one, in even steps of milliseconds."""
    ends = event_ends(exchange.response.body or b"")
    sizes = [ends[0], *(after - before for before, after in pairwise(ends))]
    return replace(
        exchange,
        response=replace(
            exchange.response,
            reads=tuple((first + number * step, size) for number, size in enumerate(sizes)),
        ),
    )


def at(exchange: Exchange, url: str) -> Exchange:
    """The exchange with another address."""
    return replace(exchange, request=replace(exchange.request, url=url))


def asking(exchange: Exchange, **fields: Json) -> Exchange:
    """The exchange with other fields in its request; ``...`` leaves one out."""
    body = {
        key: value for key, value in {**exchange.request.body, **fields}.items() if value is not ...
    }
    return replace(exchange, request=replace(exchange.request, body=body))


def streamed(*words: str | Object, request: Mapping[str, Json], **rest: Any) -> Exchange:
    """A stream that counts its usage."""
    return stream(*words, request={**request, "stream_options": COUNTED}, **rest)


def _both_ways(
    name: str, request: Object, text: str, *words: str, profile: str = "openai", **rest: Any
) -> Made:
    """A twin that says the same, plainly and streamed."""
    return Made(
        name,
        profile,
        (completion(text, request=request, **rest), streamed(*words, request=request, **rest)),
    )


def _streamed_twins() -> list[Made]:
    required, named = (
        {"tools": [*TOOLS], "tool_choice": choice}
        for choice in ("required", {"type": "function", "function": {"name": "get_weather"}})
    )
    called: Object = {"tool_calls": [call()]}
    pieces = fragments('{"city":', '"Paris"}')
    cut = GREEDY | {"max_tokens": 3}
    two = {"n": 2, **GREEDY}
    return [
        _both_ways("greedy", GREEDY, "Hello, you!", "Hello", ", you", "!"),
        _both_ways(
            "greedy-long",
            GREEDY | {"messages": [user("Tell me a story.")]},
            "Once upon a time.",
            "Once",
            " upon",
            " a time.",
        ),
        Made("sampled", "openai", (completion("Hello!"), stream("Good ", "day."))),
        Made(
            "greedy-uncounted",
            "openai",
            (completion("Hello!", request=GREEDY), stream("Hel", "lo!", request=GREEDY)),
        ),
        Made(
            "cut",
            "openai",
            (
                completion("One two", request=cut, finish="length"),
                streamed("One", " two", request=cut, finish="length"),
            ),
        ),
        Made(
            "two-choices",
            "openai",
            (completion("A.", "B.", request=two), stream((0, "A."), (1, "B."), request=two)),
        ),
        Made(
            "required",
            "openai",
            (
                completion(called, request=required),
                stream(*pieces, request=required, finish="tool_calls"),
            ),
        ),
        Made(
            "required-greedy",
            "openai",
            (
                completion(called, request=required | GREEDY),
                stream(*pieces, request=required | GREEDY, finish="tool_calls"),
            ),
        ),
        Made(
            "named",
            "openai",
            (
                completion(called, request=named, finish="stop"),
                stream(*pieces, request=named, finish="stop"),
            ),
        ),
        Made(
            "automatic",
            "openai",
            (
                completion(called, request={"tools": [*TOOLS]}),
                stream("It is fine.", request={"tools": [*TOOLS]}),
            ),
        ),
        Made(
            "reasoning",
            "vertex-vllm",
            (
                completion({"content": "391", "reasoning_content": "I multiply."}),
                stream({"reasoning_content": "I mul"}, {"reasoning_content": "tiply."}, "391"),
            ),
        ),
        *(_signed(name, more) for name, more in (("signed", {}), ("signed-greedy", GREEDY))),
    ]


def _signed(name: str, more: Object) -> Made:
    request = {**MODEL, "tools": [*TOOLS], **more}
    plain = completion({"tool_calls": [call(extra_content=SIGNED)]}, request=request, **GEMINI)
    return Made(
        name,
        "vertex-gemini",
        (
            plain,
            stream(
                *fragments('{"city":"Paris"}', extra_content=SIGNED),
                request=request,
                finish="tool_calls",
                **GEMINI,
            ),
        ),
    )


def _asked_twins() -> list[Made]:
    limited = {"max_tokens": 3}
    newer = {"max_completion_tokens": 3}
    parts = {"messages": [user([{"type": "text", "text": "Hello."}])]}
    tools, functions = {"tools": [*TOOLS]}, {"functions": [tool["function"] for tool in TOOLS]}
    older: Object = {"function_call": {"name": "get_weather", "arguments": '{"city":"Paris"}'}}
    return [
        *(
            Made(
                f"limit{suffix}",
                "openai",
                (
                    completion("One two", request=limited | more, finish="length"),
                    completion("One two", request=newer | more, finish="length"),
                ),
            )
            for suffix, more in (("", {}), ("-greedy", GREEDY))
        ),
        Made(
            "limit-kept",
            "openai",
            (
                completion("One.", request=limited, usage=usage(completion=2)),
                completion("Two.", request=newer, usage=usage(completion=2)),
            ),
        ),
        Made("parts", "openai", (completion(), completion("Hi.", request=parts))),
        Made(
            "parts-streamed",
            "openai",
            (streamed("Hel", "lo!", request={}), streamed("Hi", ".", request=parts)),
        ),
        *(
            Made(
                f"stop{suffix}",
                "openai",
                (
                    completion("One, ", request={"stop": "two", **more}),
                    completion("One, ", request={"stop": ["two"], **more}),
                ),
            )
            for suffix, more in (("", {}), ("-greedy", GREEDY))
        ),
        *(
            Made(
                f"functions{suffix}",
                "openai",
                (
                    completion({"tool_calls": [call()]}, request=tools | more),
                    completion(older, request=functions | more),
                ),
            )
            for suffix, more in (("", {}), ("-greedy", GREEDY))
        ),
    ]


def _image_twins() -> list[Made]:
    text = {"type": "text", "text": "What is this?"}
    by_string = {"type": "image_url", "image_url": IMAGE["image_url"]["url"]}
    asked = {
        name: {"messages": [user([text, *images])]}
        for name, images in (
            ("none", []),
            ("one", [IMAGE]),
            ("two", [IMAGE, OTHER_IMAGE]),
            ("string", [by_string]),
        )
    }
    plain = {"messages": [user("What is this?")]}
    one, two = usage(prompt=265), usage(prompt=520)
    return [
        Made(
            "image",
            "openai",
            (completion(request=plain), completion(request=asked["one"], usage=one)),
        ),
        Made(
            "image-in-parts",
            "openai",
            (completion(request=asked["none"]), completion(request=asked["one"], usage=one)),
        ),
        Made(
            "second-image",
            "openai",
            (
                completion(request=asked["one"], usage=one),
                completion(request=asked["two"], usage=two),
            ),
        ),
        Made(
            "second-image-streamed",
            "openai",
            (
                streamed("A dog.", request=asked["one"], usage=one),
                streamed("Two dogs.", request=asked["two"], usage=two),
            ),
        ),
        Made(
            "image-form",
            "vertex-gemini",
            (
                completion(request=MODEL | asked["one"], usage=one, **GEMINI),
                completion(request=MODEL | asked["string"], usage=one, **GEMINI),
            ),
        ),
        Made(
            "image-form-streamed",
            "vertex-gemini",
            (
                streamed("A dog.", request=MODEL | asked["one"], usage=one, **GEMINI),
                streamed("A cat.", request=MODEL | asked["string"], usage=one, **GEMINI),
            ),
        ),
    ]


VERTEX = "https://aiplatform.googleapis.com/{}/projects/PROJECT/locations/global/endpoints/openapi/chat/completions"


def _vertex_twins() -> list[Made]:
    google = usage(
        completion_tokens_details={"reasoning_tokens": 0},
        extra_properties={"google": {"traffic_type": "ON_DEMAND"}},
    )
    answers = {
        "plain": completion(request=MODEL, usage=google, **GEMINI),
        "counted": completion("Hi.", request=MODEL | GREEDY, usage=google, **GEMINI),
        "streamed": stream("Hel", "lo!", request=MODEL, usage=google, **GEMINI),
    }
    thoughts = {"reasoning_effort": "high"}
    made = [
        Made(
            f"version-{way}",
            "vertex-gemini",
            (at(each, VERTEX.format("v1")), at(each, VERTEX.format("v1beta1"))),
        )
        for way, each in answers.items()
    ]
    made += [
        Made(f"extra-field-{way}", "vertex-gemini", (each, asking(each, made_up=1)))
        for way, each in answers.items()
    ]
    made += [
        Made(f"thinking-{way}", "vertex-gemini", (asking(each, **thoughts), each))
        for way, each in answers.items()
    ]
    return made


def _timed_twins() -> list[Made]:
    words = ("The ", "weather ", "in ", "Paris ", "is ", "fine.")
    pieces = fragments('{"ci', 'ty"', ":", '"Pa', "ri", 's"', "}")
    tools = {"tools": [*TOOLS]}
    return [
        Made(
            "tools-added", "openai", (timed(stream(*words)), timed(stream(*words, request=tools)))
        ),
        Made("usage-added", "openai", (timed(stream(*words)), timed(streamed(*words, request={})))),
        *(
            Made(
                f"usage-added-to-calls-{name}",
                "openai",
                (
                    timed(stream(*pieces, request=tools | more, finish="tool_calls")),
                    timed(streamed(*pieces, request=tools | more, finish="tool_calls"), step=30),
                ),
            )
            for name, more in (("sampled", {}), ("greedy", GREEDY))
        ),
    ]


TWINS = (*_streamed_twins(), *_asked_twins(), *_image_twins(), *_vertex_twins(), *_timed_twins())
