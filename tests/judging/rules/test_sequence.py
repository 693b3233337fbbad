"""SEQ: conforming answers give no finding, violations give one.

Nothing is judged without evidence.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from conformance.protocol.exchange import Exchange

Build: TypeAlias = Callable[[Any], Exchange]
Object: TypeAlias = dict[str, Any]

WITH_USAGE: Object = {"stream_options": {"include_usage": True}}
USAGE: Object = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
LESS: Object = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}
GEMINI: Object = {"model": "google/gemini-2.5-flash"}
VERTEX: Object = {"id": "Zm9vYmFyYmF6cXV4MTIzNA", "system_fingerprint": ""} | GEMINI
FAILURE: Object = {
    "error": {"message": "Overloaded.", "type": "server_error", "param": None, "code": None}
}
FIRST: list[Object] = [
    {
        "index": 0,
        "delta": {"role": "assistant", "content": "", "refusal": None},
        "logprobs": None,
        "finish_reason": None,
    }
]
CHOICE, DELTA = "/choices/0", "/choices/0/delta"


def laid_over(value: Object, more: Object) -> Object:
    return {key: each for key, each in (value | more).items() if each is not ...}


def chunk(number: int, *deltas: Any, request: Any = ..., usage: Any = None, **more: Any) -> Build:
    """A stream of these deltas with keys of one chunk changed (``...``: left out); chunk 0 is that
    of the role."""

    def build(make: Any) -> Exchange:
        made = make.chunks(*(deltas or ("a", "b")), usage=usage)
        made[number] = laid_over(made[number], more)
        exchange: Exchange = make.streamed(made, request=request)
        return exchange

    return build


def choice(number: int, *deltas: Any, request: Any = ..., **more: Any) -> Build:
    """A stream of these deltas with keys of the choice of one chunk changed."""

    def build(make: Any) -> Exchange:
        made = make.chunks(*(deltas or ("a", "b")))
        made[number]["choices"] = [laid_over(made[number]["choices"][0], more)]
        exchange: Exchange = make.streamed(made, request=request)
        return exchange

    return build


def choices(**more: Any) -> Build:
    """A stream with keys of the choice of each chunk changed."""

    def build(make: Any) -> Exchange:
        made = make.chunks("a", "b")
        for each in made:
            each["choices"] = [laid_over(each["choices"][0], more)]
        exchange: Exchange = make.streamed(made)
        return exchange

    return build


def ending(*last: Object, request: Any = ..., done: bool = True, **rest: Any) -> Build:
    """Return a stream of ordinary text without its finish, followed by these chunks.

    Each is merged into a copy of the last chunk of the text.
    """

    def build(make: Any) -> Exchange:
        made = make.chunks("a", "b", finish=...)
        exchange: Exchange = make.streamed(
            [*made, *[laid_over(made[-1], each) for each in last]], done, request=request, **rest
        )
        return exchange

    return build


def entry(delta: Any = ..., finish: Any = None, index: Any = 0, **more: Any) -> Object:
    """A chunk of one choice."""
    return {"choices": [laid_over({"index": index, "delta": delta, "finish_reason": finish}, more)]}


def call(make: Any, finish: Any = "tool_calls", **rest: Any) -> Exchange:
    exchange: Exchange = make.stream(
        {"tool_calls": [make.call(index=0)]}, finish=finish, request={"tools": make.tools()}, **rest
    )
    return exchange


def from_vertex(make: Any) -> Exchange:
    """Return a stream as Vertex AI sends it.

    Each delta has the role; only the last chunk has the key `finish_reason`, and it has usage.
    """
    around = VERTEX | {"object": "chat.completion.chunk", "created": 1735689600}
    first = around | {
        "choices": [{"index": 0, "delta": {"role": "assistant", "content": "a"}, "logprobs": None}]
    }
    last = around | {
        "choices": [
            {
                "index": 0,
                "delta": {"role": "assistant", "content": "b"},
                "finish_reason": "stop",
                "logprobs": None,
            }
        ],
        "usage": USAGE,
    }
    exchange: Exchange = make.streamed([first, last], request=GEMINI)
    return exchange


def counting(make: Any) -> Exchange:
    """vLLM, asked for usage on every chunk."""
    made = make.chunks("a", "b", usage=USAGE)
    for each in made[:-1]:
        each["usage"] = LESS
    exchange: Exchange = make.streamed(
        made, request={"stream_options": {"include_usage": True, "continuous_usage_stats": True}}
    )
    return exchange


def saying(make: Any, key: str, *values: Any) -> Exchange:
    """A stream of four chunks, in which a key has these values."""
    exchange: Exchange = make.streamed(
        [each | {key: value} for each, value in zip(make.chunks("a", "b"), values, strict=True)]
    )
    return exchange


def merged(make: Any) -> Exchange:
    """Return a stream whose last fragment of a call is in the chunk with the finish reason."""
    *made, fragment, end = make.chunks({"tool_calls": [make.call(index=0)]}, finish="tool_calls")
    end["choices"][0]["delta"] = fragment["choices"][0]["delta"]
    exchange: Exchange = make.streamed([*made, end], request={"tools": make.tools()})
    return exchange


def late_call(make: Any) -> Exchange:
    *made, fragment, end = make.chunks({"tool_calls": [make.call(index=0)]}, finish="tool_calls")
    exchange: Exchange = make.streamed([*made, end, fragment], request={"tools": make.tools()})
    return exchange


def one_after_the_other(make: Any) -> Exchange:
    made = make.chunks((0, "a"), (1, "b"), n=2)  # roles, a, b, finishes
    exchange: Exchange = make.streamed(
        [made[number] for number in (0, 2, 4, 1, 3, 5)], request={"n": 2}
    )
    return exchange


def both_as_one(make: Any) -> Exchange:
    """Two choices one after the other, which both say that they are the first."""
    exchange: Exchange = make.edited(one_after_the_other(make), '"index":1', '"index":0')
    return exchange


END = entry({}, "stop")
CONFORMING: dict[str, tuple[str, Build]] = {
    "ordinary": ("openai", lambda make: make.stream()),
    "usage": ("openai", lambda make: make.stream(request=WITH_USAGE)),
    "usage not wanted": (
        "openai",
        lambda make: make.stream(request={"stream_options": {"include_usage": False}}),
    ),
    "padding": ("openai", lambda make: make.stream(obfuscation="x7Qa")),
    "keys that nobody knows": (
        "openai",
        lambda make: make.stream(
            timings={"predicted_n": 3}, moderation=None, x_groq={"id": "req_1"}
        ),
    ),
    "neither logprobs nor fingerprint": (
        "openai",
        lambda make: make.edited(make.stream(system_fingerprint=...), '"logprobs":null,', ""),
    ),
    "content null at first": (
        "openai",
        lambda make: make.edited(make.stream(), '"content":""', '"content":null'),
    ),
    "nothing but the role at first": (
        "openai",
        lambda make: make.edited(make.stream(), ',"content":"","refusal":null', ""),
    ),
    "the role beside the first text": (
        "openai",
        lambda make: make.edited(make.stream(), '"content":"","refusal":null', '"content":"Oh"'),
    ),
    "text beside the finish": ("openai", ending(entry({"content": "c"}, "stop"))),
    "a fragment beside the finish": ("openai", merged),
    "an empty text after the finish": ("openai", ending(END, entry({"content": ""}))),
    "two choices in turns": (
        "openai",
        lambda make: make.stream((1, "a"), (0, "b"), (1, "c"), request={"n": 2}),
    ),
    "two choices, one after the other": ("openai", one_after_the_other),
    "a call": ("openai", call),
    "a legacy call": (
        "openai",
        lambda make: make.stream(
            {"function_call": {"name": "f", "arguments": "{}"}}, finish="function_call"
        ),
    ),
    "a chunk of moderation": (
        "openai",
        ending(END, {"choices": [], "moderation": {"flagged": False}}),
    ),
    "a chunk of filter results": (
        "openai",
        chunk(0, {"role": "assistant"}, "a", choices=[], prompt_filter_results=[]),
    ),
    "reasoning": (
        "openai-compatible",
        lambda make: make.stream(
            {"reasoning_content": "Hm", "content": None}, {"reasoning": None, "content": "a"}
        ),
    ),
    "a fingerprint on the last chunk only": (
        "vertex-vllm",
        lambda make: saying(make, "system_fingerprint", None, None, None, "fp_1"),
    ),
    "quoted from the middle": (
        "openai",
        lambda make: make.streamed(make.chunks("a", "b")[1:], meta={"partial": True}),
    ),
    "usage on every chunk, as asked": ("vertex-vllm", counting),
    "Vertex": ("vertex-gemini", from_vertex),
}


NOW = 1735689600
VIOLATING: dict[str, tuple[str, Build, str, tuple[int | None, str]]] = {
    "a whole completion's object": (
        "openai",
        lambda make: make.stream(object="chat.completion"),
        "SEQ-001",
        (0, "/object"),
    ),
    "no object at last": ("openai", chunk(-1, object=...), "SEQ-001", (3, "")),
    "a stray object": (
        "openai",
        lambda make: make.streamed([*make.chunks("a"), {"choices": [], "cost": "0"}]),
        "SEQ-001 SEQ-003 SEQ-022 SEQ-023",
        (3, ""),
    ),
    "another id": ("openai", chunk(2, id="chatcmpl-2"), "SEQ-002", (2, "/id")),
    "no id": ("openai", chunk(2, id=...), "SEQ-003", (2, "")),
    "an empty id": ("openai", chunk(2, id=""), "SEQ-003", (2, "/id")),
    "a number as id": ("openai", lambda make: make.stream(id=7), "SEQ-003", (0, "/id")),
    "a later time": (
        "openai",
        lambda make: saying(make, "created", NOW, NOW, NOW + 1, NOW + 1),
        "SEQ-004",
        (2, "/created"),
    ),
    "an earlier time": (
        "openai-compatible",
        lambda make: saying(make, "created", NOW, NOW + 1, NOW, NOW),
        "SEQ-005 SEQ-004",
        (2, "/created"),
    ),
    "another model": ("openai", chunk(2, model="gpt-4o-mini"), "SEQ-006", (2, "/model")),
    "no role": (
        "openai",
        lambda make: make.edited(make.stream(), '"role":"assistant",', ""),
        "SEQ-007",
        (0, DELTA),
    ),
    "no role before a call": (
        "openai",
        lambda make: make.edited(call(make), '"role":"assistant",', ""),
        "SEQ-007",
        (0, DELTA),
    ),
    "no role of the second choice": (
        "openai",
        lambda make: make.streamed(
            [make.chunks()[0], *make.chunks("a", (1, "b"), n=2)[2:]], request={"n": 2}
        ),
        "SEQ-007",
        (2, DELTA),
    ),
    "a null as role": (
        "openai",
        choice(0, delta={"role": None, "content": ""}),
        "SEQ-007 SEQ-021",
        (0, DELTA),
    ),
    "another role": (
        "openai",
        lambda make: make.edited(make.stream(), '"assistant"', '"model"'),
        "SEQ-007",
        (0, f"{DELTA}/role"),
    ),
    "an empty role later": (
        "openai",
        choice(2, delta={"role": "", "content": "b"}),
        "SEQ-007",
        (2, f"{DELTA}/role"),
    ),
    "the role again": (
        "openai",
        choice(2, delta={"role": "assistant", "content": "b"}),
        "SEQ-008",
        (2, f"{DELTA}/role"),
    ),
    "no key finish_reason": ("openai", choice(1, finish_reason=...), "SEQ-009", (1, CHOICE)),
    "no finish": ("openai", lambda make: make.stream(finish=...), "SEQ-010", (2, "")),
    "no finish, a null": ("openai", lambda make: make.stream(finish=None), "SEQ-010", (3, "")),
    "the finish under another key": (
        "openai",
        choice(3, finish_reason=None, finishReason="stop"),
        "SEQ-010",
        (3, ""),
    ),
    "two finishes": ("openai", ending(END, END), "SEQ-010", (4, "")),
    "a call's finish, then another": (
        "openai",
        ending(entry({}, "length"), END),
        "SEQ-010",
        (4, ""),
    ),
    "a finish in each chunk": ("openai", choices(finish_reason="stop"), "SEQ-010 SEQ-011", (1, "")),
    "the finish again beside usage": (
        "openai",
        ending(END, END | {"usage": USAGE}, request=WITH_USAGE),
        "SEQ-010 SEQ-015",
        (4, ""),
    ),
    "no finish of the first of two": (
        "openai",
        lambda make: make.streamed(
            [*make.chunks("a", (1, "b"), n=2, finish=...), make.chunks(n=2)[3]], request={"n": 2}
        ),
        "SEQ-010",
        (2, ""),
    ),
    "no choice at all": (
        "openai",
        lambda make: make.streamed([make.chunks(usage=USAGE)[-1]], request=WITH_USAGE),
        "SEQ-010",
        (0, ""),
    ),
    "text after the finish": (
        "openai",
        ending(END, entry({"content": "c"})),
        "SEQ-011",
        (4, DELTA),
    ),
    "a call after the finish": ("openai", late_call, "SEQ-011", (2, DELTA)),
    "an empty chunk": ("openai", ending(END, {"choices": []}), "SEQ-013", (4, "/choices")),
    "an empty chunk with padding": (
        "openai",
        ending(END, {"choices": [], "obfuscation": "x", "usage": None}),
        "SEQ-013",
        (4, "/choices"),
    ),
    "no usage": (
        "openai",
        lambda make: make.stream(usage=None, request=WITH_USAGE),
        "SEQ-014",
        (3, ""),
    ),
    "usage beside the finish": (
        "openai",
        ending(END | {"usage": USAGE}, request=WITH_USAGE),
        "SEQ-015",
        (3, "/choices"),
    ),
    "usage before the finish": (
        "openai",
        ending({"choices": [], "usage": USAGE}, END, request=WITH_USAGE),
        "SEQ-015",
        (3, "/usage"),
    ),
    "usage on a chunk without choices": (
        "openai",
        ending(END, {"choices": ..., "usage": USAGE}, request=WITH_USAGE),
        "SEQ-015 SEQ-024",
        (4, ""),
    ),
    "a count that goes back": (
        "openai-compatible",
        lambda make: saying(make, "usage", LESS, LESS, USAGE, LESS),
        "SEQ-016 SEQ-017 SEQ-029",
        (3, "/usage/completion_tokens"),
    ),
    "usage that nobody wanted": (
        "openai",
        ending(END, {"choices": [], "usage": USAGE}),
        "SEQ-017",
        (4, "/usage"),
    ),
    "usage that nobody wanted, beside the finish": (
        "openai",
        ending(END | {"usage": USAGE}, request={"stream_options": {}}),
        "SEQ-017",
        (3, "/usage"),
    ),
    "a number as content": (
        "openai",
        choice(1, delta={"content": 1}),
        "SEQ-018",
        (1, f"{DELTA}/content"),
    ),
    "nothing but [DONE]": ("openai", lambda make: make.streamed([]), "SEQ-019", (None, "")),
    "nothing": ("openai", lambda make: make.streamed([], False), "SEQ-019", (None, "")),
    "nothing, without headers": (
        "openai",
        lambda make: make.streamed([], False, headers={}),
        "SEQ-019",
        (None, ""),
    ),
    "a null in a delta": (
        "openai",
        choice(2, delta={"content": "b", "tool_calls": None}),
        "SEQ-021",
        (2, f"{DELTA}/tool_calls"),
    ),
    "a null as later role": (
        "openai",
        choice(2, delta={"content": "b", "role": None}),
        "SEQ-021",
        (2, f"{DELTA}/role"),
    ),
    "created is 0": ("openai", lambda make: make.stream(created=0), "SEQ-022", (0, "/created")),
    "created in milliseconds": (
        "openai",
        lambda make: make.stream(created=1735689600123),
        "SEQ-022",
        (0, "/created"),
    ),
    "no created": ("openai", lambda make: make.stream(created=...), "SEQ-022", (0, "")),
    "an empty model": ("openai", lambda make: make.stream(model=""), "SEQ-023", (0, "/model")),
    "no model": ("openai", chunk(1, model=...), "SEQ-023", (1, "")),
    "no choices": ("openai", ending(END, {"choices": ..., "timings": {}}), "SEQ-024", (4, "")),
    "choices null": ("openai", ending(END, {"choices": None}), "SEQ-024", (4, "/choices")),
    "no delta": ("openai", ending(entry(finish="stop")), "SEQ-025", (3, CHOICE)),
    "a null as delta": ("openai", ending(entry(None, "stop")), "SEQ-025", (3, DELTA)),
    "a null as choice": ("openai", ending(END, {"choices": [None]}), "SEQ-025", (4, CHOICE)),
    "no index": ("openai", choices(index=...), "SEQ-026", (0, CHOICE)),
    "an index in quotes": ("openai", choice(1, index="0"), "SEQ-026", (1, CHOICE)),
    "indexes from 1": ("openai", choices(index=1), "SEQ-026", (None, "")),
    "index 0 for two choices": (
        "openai",
        both_as_one,
        "SEQ-026 CHO-003 SEQ-008 SEQ-010",
        (None, ""),
    ),
    "three choices for two": (
        "openai",
        lambda make: make.stream("a", (1, "b"), (2, "c"), n=3, request={"n": 2}),
        "SEQ-026 CHO-003 CHO-019",
        (None, ""),
    ),
    "a whole message beside the delta": (
        "openai",
        choice(1, message={"role": "assistant", "content": "a"}),
        "SEQ-027",
        (1, f"{CHOICE}/message"),
    ),
    "a message instead of a delta": (
        "openai",
        choice(1, delta=..., message={"content": "a"}),
        "SEQ-027 SEQ-025",
        (1, f"{CHOICE}/message"),
    ),
    "no call in a list of calls": (
        "openai",
        choice(1, delta={"content": "a", "tool_calls": []}),
        "SEQ-028",
        (1, f"{DELTA}/tool_calls"),
    ),
    "usage twice": (
        "openai",
        ending(
            END, {"choices": [], "usage": LESS}, {"choices": [], "usage": USAGE}, request=WITH_USAGE
        ),
        "SEQ-029 SEQ-015",
        (5, "/usage"),
    ),
    "an empty reason": (
        "openai",
        choice(1, finish_reason=""),
        "SEQ-030 CHO-005",
        (1, f"{CHOICE}/finish_reason"),
    ),
    "a number as reason": (
        "openai",
        ending(entry({}, 1)),
        "SEQ-030 CHO-005",
        (3, f"{CHOICE}/finish_reason"),
    ),
    "another fingerprint": (
        "openai",
        lambda make: saying(make, "system_fingerprint", None, "fp_1", "fp_1", "fp_2"),
        "SEQ-031",
        (3, "/system_fingerprint"),
    ),
}


UNJUDGED: dict[str, tuple[str, Build]] = {
    "the finish of a cut stream": ("SEQ-010", lambda make: make.stream(finish=..., truncated=True)),
    "the finish of a stream quoted in part": (
        "SEQ-010",
        lambda make: make.stream(finish=..., meta={"partial": True}),
    ),
    "the finish after a failure": ("SEQ-010", ending(FAILURE)),
    "the usage after a failure": ("SEQ-014", ending(FAILURE, request=WITH_USAGE)),
    "the usage of a request that was not recorded": (
        "SEQ-017",
        lambda make: make.stream(usage=USAGE, request=None),
    ),
    "the counts of one usage": ("SEQ-016", lambda make: make.stream(request=WITH_USAGE)),
    "the chunks of a stream that failed": ("SEQ-019", lambda make: make.streamed([FAILURE])),
    "the chunks of a stream that cannot be read": ("SEQ-019", lambda make: make.streamed(["ping"])),
    "the choices of a cut stream": (
        "SEQ-026",
        lambda make: make.stream(n=1, request={"n": 2}, truncated=True),
    ),
}


@pytest.mark.parametrize("case", CONFORMING)
def test_what_conforms_stays_silent(case: str, make: Any, findings: Any) -> None:
    profile, build = CONFORMING[case]
    assert findings(build(make), profile) == {}


@pytest.mark.parametrize("case", VIOLATING)
def test_what_breaks_a_row_is_told_by_that_row(case: str, make: Any, findings: Any) -> None:
    profile, build, rows, place = VIOLATING[case]
    found = findings(build(make), profile)
    assert sorted(found) == sorted(rows.split())
    first = found[rows.split()[0]]
    assert (first.event, first.pointer) == place


@pytest.mark.parametrize("case", UNJUDGED)
def test_what_is_not_known_is_not_judged(case: str, make: Any, outcomes: Any) -> None:
    row, build = UNJUDGED[case]
    assert outcomes(build(make))[row] == "not exercised"


def last_of_two(make: Any) -> Exchange:
    """A stream whose second choice neither says anything nor finishes."""
    made = make.chunks("a", "b")
    nothing = {"index": 1, "finish_reason": None}
    exchange: Exchange = make.streamed(
        [made[0], made[1] | {"choices": [nothing]}, *made[2:]], request={"n": 2}
    )
    return exchange


@pytest.mark.parametrize(
    ("build", "row", "expected", "actual", "place"),
    [
        (chunk(2, id="chatcmpl-2"), "SEQ-002", "chatcmpl-AbCdEf123", "chatcmpl-2", (2, "/id")),
        (
            lambda make: saying(make, "created", NOW, NOW, NOW + 1, NOW + 1),
            "SEQ-004",
            NOW,
            NOW + 1,
            (2, "/created"),
        ),
        (
            lambda make: make.edited(make.stream(), '"assistant"', '"model"'),
            "SEQ-007",
            "assistant",
            "model",
            (0, f"{DELTA}/role"),
        ),
        (
            lambda make: make.edited(make.stream(), '"role":"assistant",', ""),
            "SEQ-007",
            "assistant",
            None,
            (0, DELTA),
        ),
        (
            lambda make: make.stream(usage=None, request=WITH_USAGE),
            "SEQ-014",
            "a chunk with usage",
            None,
            (3, ""),
        ),
        (ending(END, END), "SEQ-010", "one finish_reason", ["stop", "stop"], (4, "")),
        (last_of_two, "SEQ-010", "one finish_reason", None, (3, "")),
        (
            ending(
                END,
                {"choices": [], "usage": LESS},
                {"choices": [], "usage": USAGE},
                request=WITH_USAGE,
            ),
            "SEQ-015",
            1,
            2,
            (5, "/usage"),
        ),
        (
            lambda make: make.streamed(
                [make.chunks()[0] | {"usage": USAGE}, *make.chunks("a")[1:]], request=WITH_USAGE
            ),
            "SEQ-015",
            [],
            FIRST,
            (0, "/choices"),
        ),
        (
            ending({"choices": [], "usage": USAGE}, END, request=WITH_USAGE),
            "SEQ-015",
            "after event 4",
            "event 3",
            (3, "/usage"),
        ),
        (choices(index=1), "SEQ-026", [0], [1], (None, "")),
        (
            lambda make: make.stream(n=1, request={"n": 200}),
            "SEQ-026",
            [*range(128)],
            [0],
            (None, ""),
        ),
        (
            ending(
                END,
                {"choices": [], "usage": LESS},
                {"choices": [], "usage": USAGE},
                request=WITH_USAGE,
            ),
            "SEQ-029",
            1,
            USAGE,
            (5, "/usage"),
        ),
    ],
)
def test_the_evidence_says_what_was_met(
    build: Build, row: str, expected: Any, actual: Any, place: Any, make: Any, findings: Any
) -> None:
    found = findings(build(make))[row]
    assert (found.expected, found.actual, (found.event, found.pointer)) == (expected, actual, place)


def test_the_role_may_stand_in_an_event_that_cannot_be_read_only_before_the_first_delta(
    make: Any, findings: Any
) -> None:
    others = make.chunks("a")[1:]
    assert "SEQ-007" not in findings(make.streamed(['{"id":', *others]))
    assert "SEQ-007" in findings(make.streamed([*others, "ping"]))


def test_a_choice_without_a_delta_has_no_first_one(make: Any, findings: Any) -> None:
    assert "SEQ-007" not in findings(last_of_two(make))


def test_the_counts_of_two_usages_are_compared(make: Any, findings: Any) -> None:
    assert (
        findings(saying(make, "usage", None, None, USAGE, LESS), "openai-compatible")[
            "SEQ-016"
        ].event
        == 3
    )


def test_a_stream_of_other_fields_is_empty(make: Any, findings: Any) -> None:
    assert "SEQ-019" in findings(make.streamed([b"event: x\nid: 1\nretry: 1\n\n"]))


def test_every_row_has_both(make: Any, unproven: Any) -> None:
    conforming = [(profile, build(make)) for profile, build in CONFORMING.values()]
    violating = [(profile, build(make)) for profile, build, _, _ in VIOLATING.values()]
    assert unproven("SEQ", conforming, violating) == set()
