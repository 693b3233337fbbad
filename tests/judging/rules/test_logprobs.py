"""LOG: conforming answers give no finding, violations give one.

Nothing is judged without evidence.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from conformance.protocol.exchange import Exchange, Json

Build: TypeAlias = Callable[[Any], Exchange]

ASKED: dict[str, Any] = {"logprobs": True, "top_logprobs": 2}
WITH_USAGE = {"stream_options": {"include_usage": True}}
PLACE = "/choices/0/logprobs"
ALTERNATIVES = (None, f"{PLACE}/content/0/top_logprobs")


def token(
    text: str | bytes, logprob: Json = -0.25, top: Json = None, **more: Json
) -> dict[str, Any]:
    """An entry; ``top`` are the log-probabilities of its alternatives, by default its own and a
    lower one; ``...`` leaves a key out."""
    raw = text if isinstance(text, bytes) else text.encode()
    shown = raw.decode(errors="replace")
    others = [
        each for each in ([logprob, -9] if top is None else top) if isinstance(each, int | float)
    ]
    alternatives = [
        {"token": f"{shown}{number or ''}", "logprob": each, "bytes": None}
        for number, each in enumerate(others)
    ]
    entry = {
        "token": shown,
        "logprob": logprob,
        "bytes": [*raw],
        "top_logprobs": alternatives,
    } | more
    return {key: value for key, value in entry.items() if value is not ...}


def of(*entries: Json) -> dict[str, Any]:
    return {"content": [*entries], "refusal": None}


ALIKE = token("Hel")["top_logprobs"]
HELLO = of(token("Hel"), token("lo"), token("!"))


def told(
    make: Any, logprobs: Json = HELLO, text: Json = "Hello!", asked: Json = None, **rest: Any
) -> Exchange:
    """A completion with these log-probabilities."""
    made: Exchange = make.completion(
        text, choice={"logprobs": logprobs}, request=ASKED if asked is None else asked, **rest
    )
    return made


def streamed(
    make: Any, *pieces: tuple[str, Json], asked: Json = None, finish: Json = "stop", **rest: Any
) -> Exchange:
    """A stream of texts, each with its log-probabilities."""
    start = {"role": "assistant", "content": "", "refusal": None}
    deltas = [
        (start, None, None),
        *(({"content": text}, logprobs, None) for text, logprobs in pieces),
        ({}, None, finish),
    ]
    choices = [
        {"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": reason}
        for delta, logprobs, reason in deltas
    ]
    chunks = [dict(make.chunks()[0]) | {"choices": [choice]} for choice in choices]
    made: Exchange = make.streamed(chunks, request=ASKED if asked is None else asked, **rest)
    return made


CONFORMING: dict[str, tuple[str, Build]] = {
    "what was asked for": ("openai", told),
    "what was asked for, streamed": (
        "openai",
        lambda make: streamed(
            make, ("Hel", of(token("Hel"))), ("lo!", of(token("lo"), token("!")))
        ),
    ),
    "no alternatives asked for": (
        "openai",
        lambda make: told(make, of(token("Hello!", top=[])), asked={"logprobs": True}),
    ),
    "fewer alternatives than asked": (
        "openai",
        lambda make: told(make, of(token("Hello!", top=[-0.25]))),
    ),
    "alternatives that are alike": (
        "openai",
        lambda make: told(make, of(token("Hello!", top=[-1, -1]))),
    ),
    "a certain token": ("openai", lambda make: told(make, of(token("Hello!", 0)))),
    "a token certain beyond 1, by rounding": (
        "openai",
        lambda make: told(make, of(token("Hello!", 1e-7))),
    ),
    "an impossible token": (
        "openai",
        lambda make: told(make, of(token("Hello!", -9999.0, [-1, -9999.0]))),
    ),
    "a token without bytes": (
        "openai",
        lambda make: told(make, of(token("Hel"), token("lo!", bytes=None))),
    ),
    "a character in two tokens": (
        "openai",
        lambda make: told(make, of(token(b"\xf0\x9f"), token(b"\x98\x80")), "\U0001f600"),
    ),
    "a character that was cut": (
        "openai",
        lambda make: told(make, of(token("a"), token(b"\xf0\x9f")), "a", finish="length"),
    ),
    "a character that was cut and replaced": (
        "openai",
        lambda make: told(make, of(token("a"), token(b"\xf0\x9f")), "a\ufffd", finish="length"),
    ),
    "a stop string that was taken off": (
        "openai",
        lambda make: told(make, of(token("Hello!"), token("\n\n")), asked=ASKED | {"stop": "\n\n"}),
    ),
    "the beginning of a stop string that was taken off": (
        "openai",
        lambda make: told(make, of(token("Hello!"), token("\n")), asked=ASKED | {"stop": "\n\n"}),
    ),
    "the token in which a stop string ends": (
        "openai",
        lambda make: told(
            make, of(token("Hello!"), token("# x")), asked=ASKED | {"stop": ["###", "#"]}
        ),
    ),
    "a character that was cut and replaced before a stop string": (
        "openai",
        lambda make: told(
            make, of(token("a"), token(b"\xf0\x9f"), token("\n")), "a\ufffd", ASKED | {"stop": "\n"}
        ),
    ),
    "alternatives out of order by rounding": (
        "openai",
        lambda make: told(make, of(token("Hello!", top=[-1, -1 + 5e-7]))),
    ),
    "alternatives out of order by as much as rounding may do": (
        "openai",
        lambda make: told(make, of(token("Hello!", top=[-1e-6, 0.0]))),
    ),
    "a text that is told as a refusal": (
        "openai",
        lambda make: told(make, {"content": None, "refusal": [token("Hello!")]}),
    ),
    "a refusal": (
        "openai",
        lambda make: told(make, {"content": None, "refusal": [token("No.")]}, {"refusal": "No."}),
    ),
    "a filtered text": ("openai", lambda make: told(make, HELLO, "Hel", finish="content_filter")),
    "no text": (
        "openai",
        lambda make: told(
            make, None, {"tool_calls": [make.call()]}, ASKED | {"tools": make.tools()}
        ),
    ),
    "none, none asked for": ("openai", lambda make: told(make, None, asked={})),
    "none at all, none asked for": ("openai", lambda make: told(make, ..., asked={})),
    "an object that holds nothing": (
        "openai",
        lambda make: told(make, {"content": None}, asked={"logprobs": False}),
    ),
    "two tokens with the same alternatives": (
        "openai",
        lambda make: told(make, of(token("a", top=[-1]), token("a", top=[-1])), "aa"),
    ),
    "none, streamed": ("openai", lambda make: make.stream(request=WITH_USAGE)),
}

VIOLATING: dict[str, tuple[str, Build, str, tuple[int | None, str]]] = {
    "null": ("openai", lambda make: told(make, None), "LOG-001", (None, PLACE)),
    "none": ("openai", lambda make: told(make, ...), "LOG-001", (None, PLACE)),
    "no entries": ("openai", lambda make: told(make, of()), "LOG-001", (None, PLACE)),
    "the shape of completions": (
        "openai",
        lambda make: told(
            make,
            {
                "text_offset": [0],
                "token_logprobs": [-0.25],
                "tokens": ["Hello!"],
                "top_logprobs": [{"Hello!": -0.25}],
            },
        ),
        "LOG-001",
        (None, PLACE),
    ),
    "null, streamed": (
        "openai",
        lambda make: streamed(make, ("Hello!", None)),
        "LOG-001",
        (0, PLACE),
    ),
    "entries without bytes": (
        "openai",
        lambda make: told(make, of(token("Hello!", bytes=...))),
        "LOG-002",
        (None, f"{PLACE}/content/0"),
    ),
    "entries without alternatives": (
        "openai",
        lambda make: told(make, of(token("Hello!", top_logprobs=...))),
        "LOG-002",
        (None, f"{PLACE}/content/0"),
    ),
    "an entry as text": (
        "openai",
        lambda make: told(make, of("Hello!")),
        "LOG-002",
        (None, f"{PLACE}/content/0"),
    ),
    "bytes as text": (
        "openai",
        lambda make: told(make, of(token("Hello!", bytes="Hello!"))),
        "LOG-002",
        (None, f"{PLACE}/content/0/bytes"),
    ),
    "bytes above 255": (
        "openai",
        lambda make: told(make, of(token("Hello!", bytes=[256]))),
        "LOG-002",
        (None, f"{PLACE}/content/0/bytes/0"),
    ),
    "bytes missing in a refusal": (
        "openai",
        lambda make: told(
            make, {"content": None, "refusal": [token("No.", bytes=...)]}, {"refusal": "No."}
        ),
        "LOG-002",
        (None, f"{PLACE}/refusal/0"),
    ),
    "a probability above 1": (
        "openai",
        lambda make: told(make, of(token("Hello!", 0.5))),
        "LOG-003",
        (None, f"{PLACE}/content/0/logprob"),
    ),
    "less than impossible": (
        "openai",
        lambda make: told(make, of(token("Hello!", -10000, [-1]))),
        "LOG-003",
        (None, f"{PLACE}/content/0/logprob"),
    ),
    "null as probability": (
        "openai",
        lambda make: told(make, of(token("Hello!", None))),
        "LOG-003",
        (None, f"{PLACE}/content/0/logprob"),
    ),
    "a text as probability, streamed": (
        "openai",
        lambda make: streamed(make, ("Hello!", of(token("Hello!", "-0.25")))),
        "LOG-003",
        (1, f"{PLACE}/content/0/logprob"),
    ),
    "an alternative above 1": (
        "openai",
        lambda make: told(make, of(token("Hello!", top=[2]))),
        "LOG-003",
        (None, f"{PLACE}/content/0/top_logprobs/0/logprob"),
    ),
    "more alternatives than asked": (
        "openai",
        lambda make: told(make, of(token("Hello!", top=[-1, -2, -3]))),
        "LOG-004",
        ALTERNATIVES,
    ),
    "alternatives out of order": (
        "openai",
        lambda make: told(make, of(token("Hello!", top=[-2, -1]))),
        "LOG-004",
        ALTERNATIVES,
    ),
    "alternatives out of order, streamed": (
        "openai",
        lambda make: streamed(
            make, ("Hel", of(token("Hel"))), ("lo!", of(token("lo"), token("!", top=[-2, -1])))
        ),
        "LOG-004",
        (2, f"{PLACE}/content/1/top_logprobs"),
    ),
    "alternatives that nobody asked for": (
        "openai",
        lambda make: told(make, of(token("Hello!")), asked={"logprobs": True, "top_logprobs": 0}),
        "LOG-004",
        ALTERNATIVES,
    ),
    "a number as bytes": (
        "openai",
        lambda make: told(make, of(token("Hello!") | {"bytes": 10**18})),
        "LOG-002",
        (None, f"{PLACE}/content/0/bytes"),
    ),
    "tokens of the reasoning": (
        "openai",
        lambda make: told(make, of(token("<think>"), token("x"), *HELLO["content"])),
        "LOG-005",
        (None, PLACE),
    ),
    "the last token alone": (
        "openai",
        lambda make: told(make, of(token("!"))),
        "LOG-005",
        (None, PLACE),
    ),
    "the end alone, which has no text": (
        "openai",
        lambda make: told(make, of(token(b""))),
        "LOG-005",
        (None, PLACE),
    ),
    "the last token alone, streamed": (
        "openai",
        lambda make: streamed(make, ("Hello", None), ("!", of(token("!")))),
        "LOG-005",
        (2, PLACE),
    ),
    "the tokens of another text after a stop string": (
        "openai",
        lambda make: told(make, of(token("Bye!")), asked=ASKED | {"stop": "\n"}),
        "LOG-005",
        (None, PLACE),
    ),
    "more than the text that is no stop string": (
        "openai",
        lambda make: told(make, of(token("Hello!"), token(" Bye!")), asked=ASKED | {"stop": "\n"}),
        "LOG-005",
        (None, PLACE),
    ),
    "a stop string that ended nothing": (
        "openai",
        lambda make: make.completion(
            "Hello!",
            finish="length",
            choice={"logprobs": of(token("Hello!"), token("\n"))},
            request=ASKED | {"stop": "\n"},
        ),
        "LOG-005",
        (None, PLACE),
    ),
    "some that nobody asked for": (
        "openai",
        lambda make: told(make, asked={}),
        "LOG-006",
        (None, PLACE),
    ),
    "some that nobody wants, streamed": (
        "openai",
        lambda make: streamed(make, ("Hello!", HELLO), asked={"logprobs": False}),
        "LOG-006",
        (1, PLACE),
    ),
    "some after an object that holds nothing": (
        "openai",
        lambda make: streamed(make, ("Hel", {"content": None}), ("lo!", HELLO), asked={}),
        "LOG-006",
        (2, PLACE),
    ),
    "the same alternatives for all": (
        "openai",
        lambda make: told(
            make, of(*(entry | {"top_logprobs": ALIKE} for entry in HELLO["content"]))
        ),
        "LOG-007",
        (None, PLACE),
    ),
}

UNJUDGED: dict[str, tuple[str, Build]] = {
    "none, request unknown": (
        "LOG-006",
        lambda make: make.completion(choice={"logprobs": HELLO}, request=None),
    ),
    "none in a stream that was cut": (
        "LOG-001",
        lambda make: streamed(make, ("Hello", None), truncated=True),
    ),
    "tokens of a stream quoted in part": (
        "LOG-005",
        lambda make: streamed(make, ("lo!", of(token("Hello!"))), meta={"partial": True}),
    ),
    "none, and none asked for": ("LOG-001", lambda make: make.completion()),
    "the alternatives of none": ("LOG-004", lambda make: make.completion()),
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


def test_the_choice_without_them_is_the_one_told_of(make: Any, findings: Any) -> None:
    choices = [
        {
            "index": number,
            "message": {"role": "assistant", "content": "Hello!", "refusal": None},
            "finish_reason": "stop",
        }
        for number in (0, 1)
    ]
    exchange = make.completion(
        choices=[choices[0] | {"logprobs": HELLO}, choices[1] | {"logprobs": None}],
        request=ASKED | {"n": 2},
    )
    assert findings(exchange)["LOG-001"].pointer == "/choices/1/logprobs"


@pytest.mark.parametrize(
    ("build", "row", "message", "expected", "actual"),
    [
        (
            lambda make: told(make, of()),
            "LOG-001",
            "choice 0 has no log-probabilities, which the request asks for",
            "logprobs.content is present",
            of(),
        ),
        (
            lambda make: told(make, of(token("Hello!", top=[-3, -2, -1]))),
            "LOG-004",
            "the token has more than 2 alternatives",
            2,
            3,
        ),
        (
            lambda make: told(make, of(token("Hello!", top=[-2, -1]))),
            "LOG-004",
            "the alternatives of the token are not sorted",
            [-1, -2],
            [-2, -1],
        ),
        (
            lambda make: told(make, of(token(b"\xff" + b"y" * 300)), "x" * 300),
            "LOG-005",
            "the tokens of the log-probabilities do not make up the text",
            "x" * 200,
            "\ufffd" + "y" * 199,
        ),
    ],
)
def test_the_evidence_says_what_was_met(
    build: Build, row: str, message: str, expected: Json, actual: Json, make: Any, findings: Any
) -> None:
    found = findings(build(make))[row]
    assert (found.message, found.expected, found.actual) == (message, expected, actual)


def test_log_probabilities_of_a_wrong_shape_have_no_alternatives(make: Any, outcomes: Any) -> None:
    assert outcomes(told(make, ["x"]))["LOG-004"] == "pass"


def test_every_row_has_both(make: Any, unproven: Any) -> None:
    conforming = [(profile, build(make)) for profile, build in CONFORMING.values()]
    violating = [(profile, build(make)) for profile, build, _, _ in VIOLATING.values()]
    assert unproven("LOG", conforming, violating) == set()


def test_alternatives_are_the_same_where_those_of_the_first_token_are(
    make: Any, findings: Any, outcomes: Any
) -> None:
    alike = of(*(entry | {"top_logprobs": ALIKE} for entry in HELLO["content"]))
    found = findings(streamed(make, ("Hel", None), ("lo!", alike)))["LOG-007"]
    assert (found.event, found.actual) == (2, ALIKE)
    none_at_first = of(token("Hel", top_logprobs=[]), *alike["content"][1:])
    assert outcomes(told(make, none_at_first))["LOG-007"] == "pass"
