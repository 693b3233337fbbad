"""TOOL, the fragments of calls: what conforms stays silent, what breaks a row is told by that row,
what is not known is not judged."""

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from conformance.protocol.exchange import Exchange, Json

Build: TypeAlias = Callable[[Any], Exchange]

WITH_USAGE = {"stream_options": {"include_usage": True}}
GEMINI: dict[str, Any] = {"id": "Zm9vYmFyYmF6cXV4MTIzNA", "model": "google/gemini-2.5-flash"}
USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
NAMED = {"tool_choice": {"type": "function", "function": {"name": "get_weather"}}}
NOW = {"type": "function", "function": {"name": "now"}}
LONG = '{"city":"Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"}'
FAILURE = {"object": "error", "error": {"message": "Failed."}}
PLACE = "/choices/0/delta/tool_calls/0"


def opening(
    index: Json = 0,
    identifier: Json = "call_1",
    name: Json = "get_weather",
    arguments: Json = "",
    **more: Json,
) -> dict[str, Any]:
    """The fragment that opens a call; ``...`` leaves a key out."""
    function = {
        key: value
        for key, value in {"name": name, "arguments": arguments}.items()
        if value is not ...
    }
    fragment = {"index": index, "id": identifier, "type": "function", "function": function} | more
    return {key: value for key, value in fragment.items() if value is not ...}


def more(arguments: Json, index: Json = 0, name: Json = ..., **fields: Json) -> dict[str, Any]:
    """A later fragment of a call."""
    return opening(index, ..., name, arguments, **({"type": ...} | fields))


def fragments(
    make: Any,
    *deltas: Json,
    finish: Json = "tool_calls",
    tools: tuple[Json, ...] = (),
    asked: Json = None,
    **rest: Any,
) -> Exchange:
    """A stream whose deltas hold these fragments, one each, or a list of them."""
    deltas_ = [{"tool_calls": delta if isinstance(delta, list) else [delta]} for delta in deltas]
    made: Exchange = make.stream(
        *deltas_,
        finish=finish,
        request={"tools": [*make.tools(), *tools]} | WITH_USAGE | (asked or {}),
        **rest,
    )
    return made


def vertex(make: Any, *deltas: Json, finish: Json = "tool_calls") -> Exchange:
    """A stream of Gemini behind Vertex that was asked for arguments in fragments."""
    asked = {
        "model": GEMINI["model"],
        "extra_body": {"google": {"stream_function_call_arguments": True}},
    }
    return fragments(make, *deltas, finish=finish, asked=asked, usage=USAGE, **GEMINI)


CITY = (opening(), more('{"ci'), more('ty":"Paris"}'))
CONFORMING: dict[str, tuple[str, Build]] = {
    "a call in fragments": ("openai", lambda make: fragments(make, *CITY)),
    "a call in one fragment": (
        "openai",
        lambda make: fragments(make, opening(arguments='{"city":"Paris"}')),
    ),
    "a function without parameters": (
        "openai",
        lambda make: fragments(make, opening(name="now"), more("{}"), tools=(NOW,)),
    ),
    "two calls, one after the other": (
        "openai",
        lambda make: fragments(make, *CITY, opening(1, "call_2"), more('{"city":"Rome"}', 1)),
    ),
    "two calls, interleaved": (
        "openai",
        lambda make: fragments(
            make,
            opening(),
            opening(1, "call_2"),
            more('{"city":"', 1),
            more('{"city":'),
            more('Rome"}', 1),
            more('"Oslo"}'),
        ),
    ),
    "two calls in one delta": (
        "openai",
        lambda make: fragments(
            make,
            [
                opening(arguments='{"city":"Oslo"}'),
                opening(1, "call_2", arguments='{"city":"Rome"}'),
            ],
        ),
    ),
    "a named call that stops": (
        "openai",
        lambda make: fragments(make, *CITY, finish="stop", asked=NAMED),
    ),
    "a cut call": ("openai", lambda make: fragments(make, *CITY[:2], finish="length")),
    "a filtered call": ("openai", lambda make: fragments(make, *CITY[:2], finish="content_filter")),
    "fragments of Gemini, that repeat id and name": (
        "vertex-gemini",
        lambda make: vertex(
            make, opening(), opening(arguments=LONG[:20]), opening(arguments=LONG[20:])
        ),
    ),
    "a short call of Gemini": (
        "vertex-gemini",
        lambda make: vertex(make, opening(arguments='{"city":"Paris"}')),
    ),
    "a long call of Gemini that is cut": (
        "vertex-gemini",
        lambda make: vertex(
            make, opening(arguments=""), opening(arguments=LONG[:20]), finish="length"
        ),
    ),
    "a custom call": (
        "openai",
        lambda make: fragments(
            make,
            {"index": 0, "id": "c", "type": "custom", "custom": {"name": "run", "input": ""}},
            {"index": 0, "custom": {"input": "ls"}},
            tools=({"type": "custom", "custom": {"name": "run"}},),
        ),
    ),
}

VIOLATING: dict[str, tuple[str, Build, str, tuple[int | None, str]]] = {
    "no index": (
        "openai",
        lambda make: fragments(make, *[each | {"index": None} for each in CITY]),
        "TOOL-007",
        (1, f"{PLACE}/index"),
    ),
    "no index at all": (
        "openai",
        lambda make: fragments(make, opening(...), more('{"city":"Paris"}', ...)),
        "TOOL-007",
        (1, PLACE),
    ),
    "an index below 0": (
        "openai",
        lambda make: fragments(make, opening(-1, arguments='{"city":"Paris"}')),
        "TOOL-007 TOOL-027",
        (1, f"{PLACE}/index"),
    ),
    "a text as index": (
        "openai",
        lambda make: fragments(make, opening("0", arguments='{"city":"Paris"}')),
        "TOOL-007",
        (1, f"{PLACE}/index"),
    ),
    "one id at two indexes": (
        "vertex-gemini",
        lambda make: vertex(make, opening(), opening(1, arguments='{"city":"Paris"}')),
        "TOOL-008",
        (2, PLACE),
    ),
    "fragments that do not join": (
        "openai",
        lambda make: fragments(make, opening(), more('{"city":"Par')),
        "TOOL-009",
        (1, PLACE),
    ),
    "no arguments of a function that takes some": (
        "openai",
        lambda make: fragments(make, opening()),
        "TOOL-009",
        (1, PLACE),
    ),
    "the arguments twice": (
        "openai",
        lambda make: fragments(make, *CITY, opening(arguments='"{\\"city\\":\\"Paris\\"}"')),
        "TOOL-009 TOOL-022 TOOL-023",
        (1, PLACE),
    ),
    "arguments twice of a function without parameters": (
        "openai",
        lambda make: fragments(make, opening(name="now"), more("{}"), more("{}"), tools=(NOW,)),
        "TOOL-009",
        (1, PLACE),
    ),
    "fragments at the index of another call": (
        "openai",
        lambda make: fragments(
            make, opening(), opening(1, "call_2"), more('{"city":"Oslo"}'), more('{"city":"Rome"}')
        ),
        "TOOL-009",
        (1, PLACE),
    ),
    "no id": (
        "openai",
        lambda make: fragments(make, opening(identifier=...), *CITY[1:]),
        "TOOL-010",
        (1, PLACE),
    ),
    "an empty id": (
        "openai",
        lambda make: fragments(make, opening(identifier=""), *CITY[1:]),
        "TOOL-010",
        (1, PLACE),
    ),
    "no name": (
        "openai",
        lambda make: fragments(make, opening(name=...), *CITY[1:]),
        "TOOL-010",
        (1, PLACE),
    ),
    "the name after the id": (
        "openai",
        lambda make: fragments(make, opening(name=...), more("", name="get_weather"), *CITY[1:]),
        "TOOL-010 TOOL-023",
        (1, PLACE),
    ),
    "another id later": (
        "openai",
        lambda make: fragments(make, opening(), more('{"city":"Paris"}', id="call_2")),
        "TOOL-011 TOOL-022 TOOL-028",
        (2, PLACE),
    ),
    "another name later": (
        "openai",
        lambda make: fragments(make, opening(), more('{"city":"Paris"}', name="now")),
        "TOOL-011 TOOL-023",
        (2, PLACE),
    ),
    "calls that stop": (
        "openai",
        lambda make: fragments(make, *CITY, finish="stop"),
        "TOOL-012",
        (4, "/choices/0/finish_reason"),
    ),
    "required calls that stop": (
        "openai",
        lambda make: fragments(make, *CITY, finish="stop", asked={"tool_choice": "required"}),
        "TOOL-012",
        (4, "/choices/0/finish_reason"),
    ),
    "long arguments in one piece": (
        "vertex-gemini",
        lambda make: vertex(make, opening(), opening(arguments=LONG)),
        "TOOL-020",
        (1, PLACE),
    ),
    "an empty id later": (
        "openai",
        lambda make: fragments(make, CITY[0], *[each | {"id": ""} for each in CITY[1:]]),
        "TOOL-021",
        (2, PLACE),
    ),
    "an empty name later": (
        "openai",
        lambda make: fragments(make, opening(), more('{"city":"Paris"}', name="")),
        "TOOL-021",
        (2, PLACE),
    ),
    "the id again": (
        "openai",
        lambda make: fragments(make, CITY[0], *[each | {"id": "call_1"} for each in CITY[1:]]),
        "TOOL-022",
        (2, PLACE),
    ),
    "the name again": (
        "openai",
        lambda make: fragments(make, opening(), more('{"city":"Paris"}', name="get_weather")),
        "TOOL-023",
        (2, PLACE),
    ),
    "null as id, type and name later": (
        "openai",
        lambda make: fragments(
            make, opening(), more('{"city":"Paris"}', name=None, id=None, type=None)
        ),
        "TOOL-024",
        (2, f"{PLACE}/function/name"),
    ),
    "null as name later": (
        "openai",
        lambda make: fragments(make, opening(), more('{"city":"Paris"}', name=None)),
        "TOOL-024",
        (2, f"{PLACE}/function/name"),
    ),
    "indexes from 1": (
        "openai",
        lambda make: fragments(make, opening(1, arguments='{"city":"Paris"}')),
        "TOOL-027",
        (1, PLACE),
    ),
    "a gap in the indexes": (
        "openai",
        lambda make: fragments(make, *CITY, opening(2, "call_2", arguments='{"city":"Rome"}')),
        "TOOL-027",
        (1, PLACE),
    ),
    "one index for two calls": (
        "openai",
        lambda make: fragments(
            make,
            opening(arguments='{"city":"Oslo"}'),
            opening(0, "call_2", arguments='{"city":"Rome"}'),
        ),
        "TOOL-028",
        (2, PLACE),
    ),
}

UNJUDGED: dict[str, tuple[str, Build]] = {
    "the fragments of a stream that was cut": (
        "TOOL-009",
        lambda make: fragments(make, *CITY[:2], finish=..., done=False, truncated=True),
    ),
    "the fragments of a stream that failed": (
        "TOOL-009",
        lambda make: make.stream(
            {"tool_calls": [opening()]}, FAILURE, finish=..., request={"tools": make.tools()}
        ),
    ),
    "the first fragment of a stream quoted in part": (
        "TOOL-010",
        lambda make: fragments(make, *CITY[1:], meta={"partial": True}),
    ),
    "the indexes of a stream quoted in part": (
        "TOOL-027",
        lambda make: fragments(make, opening(1), meta={"partial": True}),
    ),
    "the later fragments of a call that has none": (
        "TOOL-021",
        lambda make: fragments(make, opening(arguments="{}")),
    ),
    "fragments that nobody asked for": (
        "TOOL-020",
        lambda make: fragments(
            make, opening(arguments=LONG), asked={"model": GEMINI["model"]}, **GEMINI
        ),
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
    assert (
        outcomes(build(make), "vertex-gemini" if row == "TOOL-020" else "openai")[row]
        == "not exercised"
    )


def test_a_stream_that_never_finished_may_have_lost_the_rest_of_its_arguments(
    make: Any, findings: Any
) -> None:
    assert "TOOL-009" not in findings(fragments(make, *CITY[:2], finish=None))


def test_calls_without_index_are_told_apart_by_their_ids(make: Any, findings: Any) -> None:
    whole = (
        opening(..., arguments='{"city":"Oslo"}'),
        opening(..., "call_2", arguments='{"city":"Rome"}'),
    )
    for exchange in (fragments(make, *whole, **GEMINI), fragments(make, [*whole], **GEMINI)):
        assert "TOOL-007" in findings(exchange, "gemini-api")
        assert not {"TOOL-009", "TOOL-010", "TOOL-027"} & set(findings(exchange, "gemini-api"))


def test_each_call_is_joined_whatever_the_one_before_it(make: Any, findings: Any) -> None:
    calls = opening(arguments=...), opening(1, "call_2"), more('{"city', 1)
    assert findings(fragments(make, *calls))["TOOL-009"].event == 2


RAW = "raw line breaks in strings"
NO_PLACE = "fragments without id and index"


@pytest.mark.parametrize(
    ("deltas", "cause"),
    [
        ([opening(arguments='{"city":"Par')], None),
        ([opening(arguments='{"city":"Par\nis"}')], RAW),
        ([opening(arguments='{"city":"Par'), more('\ris"}')], RAW),
        ([opening(arguments='{"city":"Par\nis"')], None),
        ([opening(arguments='{\n"city":NaN}')], None),
        ([opening(arguments='{"city":"Par\tis"}')], None),
        ([opening(..., arguments='{"city":"Par'), more("is", ...)], NO_PLACE),
        ([opening(..., arguments='{"city":"Par'), opening(..., "call_2")], None),
        ([opening(..., ..., arguments='{"city":"Par')], None),
    ],
)
def test_the_evidence_of_broken_arguments_names_a_known_cause(
    deltas: list[Any], cause: str | None, make: Any, findings: Any
) -> None:
    actual = findings(fragments(make, *deltas))["TOOL-009"].actual
    assert (actual["cause"] if isinstance(actual, dict) else None) == cause
    assert '"city":' in (actual["arguments"] if isinstance(actual, dict) else actual)


@pytest.mark.parametrize(("length", "outcome"), [(40, "pass"), (41, "fail")])
def test_arguments_are_long_above_40_characters(
    length: int, outcome: str, make: Any, outcomes: Any
) -> None:
    arguments = '{"city":"' + "x" * (length - 11) + '"}'
    assert (
        outcomes(vertex(make, opening(arguments=arguments)), "vertex-gemini")["TOOL-020"] == outcome
    )


@pytest.mark.parametrize(
    ("deltas", "row", "expected", "actual"),
    [
        ((opening(), more("{", 1, id="call_1")), "TOOL-008", 0, 1),
        ((opening(), more('{"city')), "TOOL-009", "JSON", '{"city'),
        (
            (opening(identifier=...), more('{"city":"Paris"}')),
            "TOOL-010",
            "id and function.name are present",
            {"id": None, "name": "get_weather"},
        ),
        (
            (opening(name=...), more('{"city":"Paris"}')),
            "TOOL-010",
            "id and function.name are present",
            {"id": "call_1", "name": None},
        ),
        ((opening(), more('{"city":"Paris"}', name="f")), "TOOL-011", "get_weather", "f"),
        (
            (opening(), more('{"city":"Paris"}', id="")),
            "TOOL-021",
            "no id and no name",
            more('{"city":"Paris"}', id=""),
        ),
        ((opening(), more('{"city":"Paris"}', id="call_1")), "TOOL-022", "no id", "call_1"),
        (
            (opening(), more('{"city":"Paris"}', name="get_weather")),
            "TOOL-023",
            "no name",
            "get_weather",
        ),
        ((opening(1), more('{"city":"Paris"}', 1)), "TOOL-027", [0], [1]),
        (
            (opening(), more('{"city":"Paris"}'), opening(identifier="call_2", arguments="{}")),
            "TOOL-028",
            "call_1",
            "call_2",
        ),
    ],
)
def test_the_evidence_says_what_was_met(
    deltas: Any, row: str, expected: Json, actual: Json, make: Any, findings: Any
) -> None:
    found = findings(fragments(make, *deltas))[row]
    assert (found.expected, found.actual) == (expected, actual)


def test_every_row_has_both(make: Any, unproven: Any) -> None:
    conforming = [(profile, build(make)) for profile, build in CONFORMING.values()]
    violating = [(profile, build(make)) for profile, build, _, _ in VIOLATING.values()]
    streamed = {
        f"TOOL-0{number}"
        for number in ("07", "08", "09", "10", "11", "12", "20", "21", "22", "23", "24", "27", "28")
    }
    assert unproven("TOOL", conforming, violating).isdisjoint(streamed)
