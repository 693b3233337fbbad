"""Features are detected in bodies, and only compatible ones can be combined."""

import re
from typing import Any

import pytest

from conformance.cases import cases
from conformance.cases.features import (
    AREAS,
    FEATURES,
    completed,
    features_of,
    may_go_together,
    needs_of,
    pairs,
    pairs_of,
)
from conformance.judging.profiles import profile, profile_names
from conformance.judging.profiles.model import CAPABILITIES
from conformance.protocol.exchange import Json

ASK = {"role": "user", "content": "Hi"}


def body(**fields: Json) -> dict[str, Any]:
    return {"model": "{model}", "messages": [ASK]} | fields


def test_the_table_is_consistent() -> None:
    factors = {feature.factor for feature in FEATURES.values()}
    assert not factors & FEATURES.keys()
    for name, feature in FEATURES.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) and re.fullmatch(
            r"[a-z]+(-[a-z]+)*", feature.area
        )
        assert feature.needs <= set(CAPABILITIES)
        assert feature.excludes <= FEATURES.keys() | factors
        assert {implied for group in feature.implies for implied in group} <= FEATURES.keys()
    assert len({feature.phrase for feature in FEATURES.values()}) == len(FEATURES)


@pytest.mark.parametrize("name", FEATURES)
def test_every_feature_can_be_asked_of_some_target(name: str) -> None:
    completion = completed({name})
    assert completion and name in completion
    assert any(FEATURES[name].needs <= profile(each).capabilities for each in profile_names())


@pytest.mark.parametrize(
    ("fields", "features"),
    [
        ({}, set()),
        ({"stream": True, "temperature": 0.0}, {"stream", "temperature-zero"}),
        ({"stop": "END"}, {"stop-string"}),
        ({"stop": ["END"]}, {"stop-list"}),
        ({"n": 1}, set()),
        ({"n": True, "seed": True, "temperature": False}, set()),
        (
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"schema": {"properties": {"a": {"$ref": "#"}}}},
                }
            },
            {"json-schema", "schema-ref"},
        ),
        ({"extra_body": {"google": {"thinking_config": {"thinking_budget": 0}}}}, {"thinking-off"}),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "image_url", "image_url": "gs://a/b.jpg"}],
                    }
                ]
            },
            {"gs-image", "image-string", "medium-first"},
        ),
    ],
)
def test_features_are_told_from_a_body(fields: dict[str, Json], features: set[str]) -> None:
    assert features_of(body(**fields)) == features


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        1,
        "x",
        [],
        [None],
        {},
        {"a": None},
        [[]],
        [{"role": "assistant", "content": [1], "tool_calls": [1]}],
        True,
    ],
)
def test_a_misshaped_body_has_features_or_none_and_never_fails(wrong: Json) -> None:
    keys = (
        "messages tools functions stop n response_format extra_body modalities tool_choice"
        " stream_options thinking_config web_search_options"
    )
    assert features_of(wrong) == set() or wrong == {}
    for key in keys.split():
        features_of(body(**{key: wrong}))
    features_of(body(extra_body={"google": {"thinking_config": wrong, "tools": wrong}}))
    features_of(
        body(
            messages=[
                {"role": "user", "content": wrong},
                {"role": "tool", "content": wrong, "extra_content": wrong},
            ]
        )
    )
    features_of(
        body(
            messages=[
                {
                    "role": "user",
                    "content": [
                        {"type": "image_url", "image_url": wrong},
                        {"type": "input_audio", "input_audio": wrong},
                    ],
                }
            ]
        )
    )
    features_of(
        body(
            response_format={
                "type": "json_schema",
                "json_schema": {
                    "schema": {"properties": wrong, "$defs": wrong, "items": wrong, "anyOf": wrong}
                },
            }
        )
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("stop-string", "stop-list"),
        ("one-tool", "functions"),
        ("effort-low", "thinking-budget"),
        ("effort-low", "thought-tag"),  # by what it implies
        ("logprobs", "include-thoughts"),  # no target has both
        ("no-parameters", "one-tool"),
    ],
)
def test_what_does_not_go_together(one: str, other: str) -> None:
    assert not may_go_together({one, other})
    assert "+".join(sorted((one, other))) not in pairs()


def test_what_a_feature_implies_comes_with_it() -> None:
    assert completed({"top-logprobs"}) == frozenset({"top-logprobs", "logprobs"})
    assert completed({"reversed-results"}) == frozenset(
        {"reversed-results", "one-tool", "null-content"}
    )
    assert completed({"reversed-results", "several-tools"}) == frozenset(
        {"reversed-results", "several-tools", "null-content"}
    )
    assert completed({"stream"}, within=frozenset()) is None


def test_pairs_are_written_in_the_order_of_the_alphabet() -> None:
    assert pairs_of({"stream", "seed", "long"}) == {"long+seed", "long+stream", "seed+stream"}
    assert all(pair.split("+") == sorted(pair.split("+")) for pair in pairs())
    assert len(pairs()) > 3000


def test_every_documented_pair_may_go_together_but_those_that_are_documented_as_errors() -> None:
    shown = {case.id: pairs_of(features_of(case.body)) - pairs() for case in cases()}
    assert {name for name, wrong in shown.items() if wrong} <= {
        "effort-and-thinking-config",
        "image-detail-mixed",
    }


def test_needs_are_those_of_the_features() -> None:
    assert needs_of(body(stream=True, stop="END", messages=[ASK])) == {"stream", "stop"}
    assert set(AREAS) >= {
        "streaming",
        "multimodal",
        "extra-body",
        "extra-content",
        "response-format",
        "tools",
        "thinking",
        "histories",
        "sampling",
        "logprobs",
    }
