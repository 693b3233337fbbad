"""USG: conforming answers give no finding, violations give one.

Nothing is judged without evidence.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from conformance.judging.rules.usage import TIER_HEADER
from conformance.protocol.exchange import Exchange

Build: TypeAlias = Callable[[Any], Exchange]

GEMINI = "google/gemini-2.5-flash"
VERTEX = {"id": "Zm9vYmFyYmF6cXV4MTIzNA", "model": GEMINI}
WITH_USAGE = {"stream_options": {"include_usage": True}}
THINKING_OFF = {"extra_body": {"google": {"thinking_config": {"thinking_budget": 0}}}}


def usage(prompt: Any = 9, completion: Any = 3, total: Any = 12, **more: Any) -> dict[str, Any]:
    counts = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": total,
    } | more
    return {key: value for key, value in counts.items() if value is not ...}


def thought(tokens: int) -> dict[str, Any]:
    return {"completion_tokens_details": {"reasoning_tokens": tokens}}


def cached(tokens: int) -> dict[str, Any]:
    return {"prompt_tokens_details": {"cached_tokens": tokens}}


def traffic(kind: Any) -> dict[str, Any]:
    return {"extra_properties": {"google": {"traffic_type": kind}}}


def completion(counts: Any, **request: Any) -> Build:
    """A completion of this usage, to a request with these fields."""
    return lambda make: make.completion(usage=counts, request=request)


def stream(counts: Any, **request: Any) -> Build:
    """A stream of this usage, to a request with these fields."""
    return lambda make: make.stream("a", usage=counts, request=WITH_USAGE | request)


def vertex(counts: Any, **request: Any) -> Build:
    """A completion of this usage from Vertex."""
    return lambda make: make.completion(usage=counts, request={"model": GEMINI} | request, **VERTEX)


def tiered(tier: str, kind: Any, header: str = TIER_HEADER) -> Build:
    """A completion from Vertex, of which the header of the request chooses a tier."""
    build = vertex(usage(**(traffic(kind) if kind is not ... else {})))

    def made(make: Any) -> Exchange:
        exchange = build(make)
        return replace(exchange, request=replace(exchange.request, headers=((header, tier),)))

    return made


CONFORMING: dict[str, tuple[str, Build]] = {
    "a tier": ("vertex-gemini", tiered("flex", "ON_DEMAND_FLEX")),
    "ordinary": ("openai", lambda make: make.completion()),
    "streamed": ("openai", lambda make: make.stream("a", "b", request=WITH_USAGE)),
    "no details": ("openai", completion(usage())),
    "details null": (
        "openai",
        completion(usage(prompt_tokens_details=None, completion_tokens_details=None)),
    ),
    "counts null": (
        "openai",
        completion(
            usage(
                prompt_tokens_details={"cached_tokens": None},
                completion_tokens_details={"reasoning_tokens": None},
            )
        ),
    ),
    "keys that nobody knows": (
        "openai",
        completion(usage(queue_time=0.005, cost="0.01", prompt_cache_hit_tokens=0)),
    ),
    "the whole prompt cached": ("openai", completion(usage(**cached(9)))),
    "nothing but thoughts": (
        "openai",
        lambda make: make.completion("", finish="length", usage=usage(**thought(3))),
    ),
    "nothing": (
        "vertex-gemini",
        lambda make: make.completion(
            {"content": None},
            finish="length",
            usage=usage(9, 0, 9),
            request={"model": GEMINI},
            **VERTEX,
        ),
    ),
    "summed over the choices": (
        "openai",
        lambda make: make.completion(
            "a", "b", usage=usage(9, 24, 33), request={"n": 2, "max_completion_tokens": 12}
        ),
    ),
    "the limit reached": (
        "openai",
        lambda make: make.completion(
            finish="length", usage=usage(9, 16, 25), request={"max_tokens": 16}
        ),
    ),
    "within the newer of two limits": (
        "openai",
        completion(usage(), max_completion_tokens=16, max_tokens=2),
    ),
    "a limit that is none": ("openai", completion(usage(), max_tokens=None)),
    "thinking off": ("openai", completion(usage(**thought(0)), reasoning_effort="none")),
    "no usage owed": ("openai", lambda make: make.stream()),
    "TGI": ("vertex-tgi", lambda make: make.completion(usage=usage(), request={"model": "tgi"})),
    "Vertex, thinking": (
        "vertex-gemini",
        vertex(usage(27, 45, 576, **thought(504), **traffic("ON_DEMAND"))),
    ),
    "Vertex, not thinking": (
        "vertex-gemini",
        vertex(usage(**traffic("PROVISIONED_THROUGHPUT")), **THINKING_OFF),
    ),
    "Vertex, a limit that leaves the thoughts out": (
        "vertex-gemini",
        vertex(usage(7, 3, 261, **thought(251)), max_tokens=16),
    ),
}

SPENT = (None, "/usage/completion_tokens")
VIOLATING: dict[str, tuple[str, Build, str, tuple[int | None, str]]] = {
    "no tier": (
        "vertex-gemini",
        tiered("flex", ...),
        "USG-014",
        (None, "/usage/extra_properties/google/traffic_type"),
    ),
    "no completion_tokens": (
        "openai",
        completion(usage(completion=...)),
        "USG-001",
        (None, "/usage"),
    ),
    "no total_tokens": ("openai", completion(usage(total=...)), "USG-001", (None, "/usage")),
    "no prompt_tokens, streamed": ("openai", stream(usage(prompt=...)), "USG-001", (3, "/usage")),
    "a count below 0": ("openai", completion(usage(9, -1, 8)), "USG-001", SPENT),
    "a count in quotes": (
        "openai",
        completion(usage(prompt="9")),
        "USG-001",
        (None, "/usage/prompt_tokens"),
    ),
    "a count with a fraction": ("openai", completion(usage(9, 3.5, 12.5)), "USG-001", SPENT),
    "a count that is null": ("openai", completion(usage(completion=None)), "USG-001", SPENT),
    "no counts": ("openai", completion({}), "USG-001", (None, "/usage")),
    "a list of counts": ("openai", completion([9, 3, 12]), "USG-001", (None, "/usage")),
    "less than its parts": (
        "openai",
        completion(usage(total=3)),
        "USG-002 USG-003",
        (None, "/usage/total_tokens"),
    ),
    "less than its parts on Vertex": (
        "vertex-gemini",
        vertex(usage(total=3)),
        "USG-002 USG-004",
        (None, "/usage/total_tokens"),
    ),
    "more than its parts": (
        "openai",
        completion(usage(total=20)),
        "USG-003",
        (None, "/usage/total_tokens"),
    ),
    "more than its parts, streamed": (
        "openai",
        stream(usage(total=20)),
        "USG-003",
        (3, "/usage/total_tokens"),
    ),
    "more than its parts on Vertex": (
        "vertex-gemini",
        vertex(usage(total=20)),
        "USG-004",
        (None, "/usage/total_tokens"),
    ),
    "thoughts that are in no sum": (
        "vertex-gemini",
        vertex(usage(**thought(251))),
        "USG-004",
        (None, "/usage/total_tokens"),
    ),
    "hidden tokens, thinking off": (
        "openai",
        completion(usage(total=20), reasoning_effort="none"),
        "USG-005 USG-003",
        (None, "/usage/total_tokens"),
    ),
    "hidden tokens on Vertex, thinking off": (
        "vertex-gemini",
        vertex(usage(total=20), **THINKING_OFF),
        "USG-005 USG-004",
        (None, "/usage/total_tokens"),
    ),
    "more thoughts than tokens": (
        "openai",
        completion(usage(**thought(4))),
        "USG-006",
        (None, "/usage/completion_tokens_details/reasoning_tokens"),
    ),
    "more cached than sent": (
        "openai",
        completion(usage(**cached(10))),
        "USG-007",
        (None, "/usage/prompt_tokens_details/cached_tokens"),
    ),
    "more cached than sent, streamed": (
        "openai",
        stream(usage(**cached(10))),
        "USG-007",
        (3, "/usage/prompt_tokens_details/cached_tokens"),
    ),
    "traffic in small letters": (
        "vertex-gemini",
        vertex(usage(**traffic("on-demand"))),
        "USG-008",
        (None, "/usage/extra_properties/google/traffic_type"),
    ),
    "traffic as a number": (
        "vertex-gemini",
        vertex(usage(**traffic(1))),
        "USG-008",
        (None, "/usage/extra_properties/google/traffic_type"),
    ),
    "more than the limit": (
        "openai",
        completion(usage(9, 320, 329), max_completion_tokens=16),
        "USG-010",
        SPENT,
    ),
    "more than the limit, streamed": (
        "openai",
        stream(usage(9, 17, 26), max_tokens=16),
        "USG-010",
        (3, "/usage/completion_tokens"),
    ),
    "more than the limit of two choices": (
        "openai",
        lambda make: make.completion(
            "a", "b", usage=usage(9, 33, 42), request={"n": 2, "max_tokens": 16}
        ),
        "USG-010",
        SPENT,
    ),
    "no prompt": ("openai", completion(usage(0, 3, 3)), "USG-011", (None, "/usage/prompt_tokens")),
    "no usage": ("openai", completion(...), "USG-012", (None, "")),
    "usage null": ("openai", completion(None), "USG-012", (None, "/usage")),
}

UNJUDGED: dict[str, tuple[str, Build]] = {
    "the sum of counts of which one is missing": (
        "USG-003",
        lambda make: make.completion(usage={"prompt_tokens": 9}),
    ),
    "the limit of a request that was not recorded": (
        "USG-010",
        lambda make: make.completion(usage=usage(9, 99, 108), request=None),
    ),
    "the usage of what is no completion": (
        "USG-012",
        lambda make: make.raw('{"code": 429, "message": "Slow down."}'),
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
def test_what_is_not_known_is_not_judged(case: str, make: Any, findings: Any) -> None:
    row, build = UNJUDGED[case]
    assert row not in findings(build(make))


@pytest.mark.parametrize(
    ("profile", "build", "row", "expected", "actual", "place"),
    [
        ("openai", stream(usage(total=3)), "USG-002", 12, 3, (3, "/usage/total_tokens")),
        ("openai", completion(usage(total=20)), "USG-003", 12, 20, (None, "/usage/total_tokens")),
        (
            "vertex-gemini",
            lambda make: make.stream(
                "a", usage=usage(**thought(251)), request=WITH_USAGE | {"model": GEMINI}, **VERTEX
            ),
            "USG-004",
            263,
            12,
            (3, "/usage/total_tokens"),
        ),
        (
            "openai",
            stream(usage(**thought(4))),
            "USG-006",
            "3 or less",
            4,
            (3, "/usage/completion_tokens_details/reasoning_tokens"),
        ),
        (
            "openai",
            stream(usage(**cached(10))),
            "USG-007",
            "9 or less",
            10,
            (3, "/usage/prompt_tokens_details/cached_tokens"),
        ),
        (
            "openai",
            stream(usage(9, 17, 26), max_tokens=16),
            "USG-010",
            "16 or less",
            17,
            (3, "/usage/completion_tokens"),
        ),
    ],
)
def test_the_evidence_says_what_was_met(
    profile: str,
    build: Build,
    row: str,
    expected: Any,
    actual: Any,
    place: tuple[int | None, str],
    make: Any,
    findings: Any,
) -> None:
    found = findings(build(make), profile)[row]
    assert (found.expected, found.actual, (found.event, found.pointer)) == (expected, actual, place)


def test_a_message_says_of_what_the_total_is_not_the_sum(make: Any, findings: Any) -> None:
    found = findings(completion(usage(total=20), reasoning_effort="none")(make))
    assert (
        found["USG-003"].message
        == "total_tokens is not the sum of prompt_tokens and completion_tokens"
    )
    assert (
        found["USG-005"].message
        == "total_tokens is not the sum of prompt_tokens and completion_tokens, although thinking"
        " is off"
    )


@pytest.mark.parametrize("tokens", [None, "4", 4.5, True])
def test_a_count_that_is_no_whole_number_counts_nothing(
    tokens: Any, make: Any, outcomes: Any
) -> None:
    assert outcomes(completion(usage(**cached(tokens)))(make))["USG-007"] == "not exercised"
    assert outcomes(completion(usage(**thought(tokens)))(make))["USG-006"] == "not exercised"


def test_every_row_has_both(make: Any, unproven: Any) -> None:
    conforming = [(profile, build(make)) for profile, build in CONFORMING.values()]
    violating = [(profile, build(make)) for profile, build, _, _ in VIOLATING.values()]
    assert unproven("USG", conforming, violating) == set()


@pytest.mark.parametrize(
    ("tier", "traffic_type", "outcome"),
    [
        ("priority", "ON_DEMAND_PRIORITY", "pass"),
        ("Priority", "ON_DEMAND", "pass"),
        ("flex", "ON_DEMAND_FLEX", "pass"),
        ("flex", "ON_DEMAND", "fail"),
        ("flex", "on_demand_flex", "pass"),
        ("priority", ..., "fail"),
        ("priority", 7, "fail"),
        ("standard", ..., "not exercised"),
    ],
)
def test_the_served_tier_is_named_and_not_higher_than_the_requested_one(
    tier: str, traffic_type: Any, outcome: str, make: Any, outcomes: Any
) -> None:
    exchange = tiered(tier, traffic_type)(make)
    assert outcomes(exchange, "vertex-gemini")["USG-014"] == outcome
    other = tiered(tier, traffic_type, "x-vertex-ai-llm-request-type")(make)
    assert outcomes(other, "vertex-gemini")["USG-014"] == "not exercised"
