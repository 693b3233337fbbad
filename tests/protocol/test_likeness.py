"""Only items that the schemas cannot distinguish are dropped: the same requirements are tested."""

import json
import random
from typing import Any

import pytest

from conformance.protocol import schema
from conformance.protocol.likeness import Likeness, likeness_of
from conformance.protocol.value_pieces import is_within
from tests.judging.conftest import completion, stream

_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    1,
    -1,
    2.5,
    1e9,
    "",
    "a",
    "stop",
    "assistant",
    "x y",
    [],
    {},
    [1],
    {"a": 1},
)
CHUNKS: list[dict[str, Any]] = [
    json.loads(line[6:])
    for line in (stream().response.body or b"").decode().splitlines()
    if line.startswith("data: {")
]
MESSAGE: dict[str, Any] = json.loads(completion().response.body or b"")


def places(value: Any) -> list[tuple[Any, Any]]:
    """Yield each array or object in a value with each of its indexes or keys."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    below = [pair for _, item in pairs if isinstance(item, dict | list) for pair in places(item)]
    return [(value, key) for key, _ in pairs] + below


def mutated(value: Any, chance: random.Random) -> Any:
    value = json.loads(json.dumps(value))
    for _ in range(chance.randrange(3)):
        holder, key = chance.choice(places(value))
        holder[key] = chance.choice(_VALUES)
    return value


def rows_without(shape: schema.Shape, value: Any, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the requirements that a value exercises if no item is dropped."""
    with monkeypatch.context() as patched:
        patched.setattr(Likeness, "distinct", lambda _, whole: whole)
        return shape.exercised(value)


@pytest.mark.parametrize("seed", range(6))
def test_a_large_stream_tests_the_same_without_the_items_that_are_alike(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    shape = schema.compiled("chunk", set())
    base = mutated(chance.choice(CHUNKS), chance)
    value = [mutated(base, chance) for _ in range(300)]
    assert not is_within(value, 2_000)
    assert shape.exercised(value) == rows_without(shape, value, monkeypatch)


@pytest.mark.parametrize("seed", range(6))
def test_a_large_completion_tests_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    shape = schema.compiled("completion", set())
    token = {"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": []}
    choice = MESSAGE["choices"][0] | {
        "logprobs": {"content": [mutated(token, chance) for _ in range(400)], "refusal": None}
    }
    value = MESSAGE | {"choices": [choice, *(mutated(choice, chance) for _ in range(60))]}
    assert shape.exercised(value) == rows_without(shape, value, monkeypatch)


def test_items_that_differ_only_in_free_texts_are_alike() -> None:
    chunks = [
        {"id": "chatcmpl-1", "choices": [{"index": 0, "delta": {"content": f"word {number}"}}]}
        for number in range(1000)
    ]
    assert len(schema._likeness().distinct(chunks)) == 2


def test_what_a_schema_tells_apart_is_kept() -> None:
    own = likeness_of(
        {
            "a": {
                "properties": {
                    "kind": {"$ref": "b.json#/$defs/kind"},
                    "many": {"items": {"minLength": 2}},
                    "free": {"type": "string", "minLength": 1},
                    "size": {"maximum": 7},
                }
            },
            "b": {"$defs": {"kind": {"anyOf": [{"const": "x"}, {"type": "null"}]}}},
        }
    )
    assert (set(own.names), own.limits) == ({"kind", "many"}, (7.0,))
    unlike: list[Any] = [
        *({"kind": text} for text in "xyz"),
        *({"many": [text]} for text in "xyz"),
        *({"size": size} for size in (6, 7, 8, 6.5, True, None, "8")),
        *({"free": text} for text in ("", "a", None)),
        *({}, [], "", "a", 0, False, None),
    ]
    alike = [{"size": 5}, {"size": 9}, {"free": "b"}, {"size": "9"}]
    value = [{}, {}, *unlike, *alike * 20]
    assert own.distinct(value) == [{}, {}, *unlike[:-7], *unlike[-6:]]


def test_a_short_array_is_kept_whole() -> None:
    value = [{"a": "b"}] * 49
    assert schema._likeness().distinct(value) == value


def test_the_schemas_have_no_keyword_that_likeness_does_not_know() -> None:
    text = json.dumps([schema.document(name) for name in schema.DOCUMENTS])
    for keyword in ("multipleOf", "uniqueItems", "patternProperties", "propertyNames"):
        assert f'"{keyword}":' not in text
