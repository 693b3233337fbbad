"""JSON texts: their values, their defects, and that no duplicate key is missed or invented."""

import json
import math
import random
from typing import Any, TypeAlias

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.protocol import json_text
from conformance.protocol.json_text import NotJson, Parsed, duplicate_keys, parse

Members: TypeAlias = tuple[tuple[str, Any], ...]
"""An object before its duplicate keys are lost; lists are lists and everything else stands for
itself."""

CHARACTERS = st.sampled_from(':a"\\u03Aé/\n\u2028😀')
KEYS = st.text(CHARACTERS, max_size=3)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(CHARACTERS, max_size=6),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.lists(st.tuples(KEYS, inner), max_size=4).map(tuple)
    ),
    max_leaves=12,
)
STYLES = st.sampled_from(["compact", "spaced", "wild"])
CHANCE = st.randoms(use_true_random=False)


def string(text: str, style: str, chance: random.Random) -> str:
    """Write a string; in the wild style also with escapes that are not necessary."""
    if style != "wild":
        return json.dumps(text, ensure_ascii=chance.random() < 0.2)
    written = ""
    for character in text:
        escapes = (
            json.dumps(character)[1:-1]
            if ord(character) > 0xFFFF
            else chance.choice([f"\\u{ord(character):04x}", f"\\u{ord(character):04X}"])
        )
        written += escapes if character in '"\\\n' or chance.random() < 0.4 else character
    return f'"{written}"'


def written(tree: Any, style: str, chance: random.Random) -> str:
    """Write a tree as JSON text, with its duplicate keys."""

    def gap() -> str:
        return chance.choice(["", "", " ", "\n", "\t \r"]) if style == "wild" else ""

    after = " " if style == "spaced" else gap()
    if isinstance(tree, tuple):
        members = [
            f"{gap()}{string(key, style, chance)}{gap()}:"
            f"{after}{written(item, style, chance)}{gap()}"
            for key, item in tree
        ]
        return "{" + (f",{after}".join(members) or gap()) + "}"
    if isinstance(tree, list):
        return (
            "["
            + (
                f",{after}".join(gap() + written(item, style, chance) + gap() for item in tree)
                or gap()
            )
            + "]"
        )
    return string(tree, style, chance) if isinstance(tree, str) else json.dumps(tree)


def value_of(tree: Any) -> Any:
    if isinstance(tree, tuple):
        return {key: value_of(item) for key, item in tree}
    return [value_of(item) for item in tree] if isinstance(tree, list) else tree


def duplicates_of(tree: Any) -> list[str]:
    """Return the defects that a tree must show, in the order in which its objects end."""
    if isinstance(tree, list):
        return [defect for item in tree for defect in duplicates_of(item)]
    if not isinstance(tree, tuple):
        return []
    inner = [defect for _, item in tree for defect in duplicates_of(item)]
    keys = [key for key, _ in tree]
    return inner + [
        f"duplicate key {key}" for number, key in enumerate(keys) if key in keys[:number]
    ]


@given(TREES, STYLES, CHANCE)
@example((("a", "x"), ("a", ":")), "wild", random.Random(1))
def test_duplicate_keys_are_found_exactly(tree: Any, style: str, chance: random.Random) -> None:
    text = written(tree, style, chance)
    expected = Parsed(value_of(tree), tuple(duplicates_of(tree)))
    assert parse(text) == expected, text
    assert parse(text.encode()) == expected, text


@given(st.lists(TREES, max_size=4), STYLES, CHANCE)
def test_duplicate_keys_of_many_texts(trees: list[Any], style: str, chance: random.Random) -> None:
    texts = [written(tree, style, chance) for tree in trees]
    expected = {
        number: tuple(found) for number, tree in enumerate(trees) if (found := duplicates_of(tree))
    }
    assert duplicate_keys(texts, [orjson.loads(text) for text in texts]) == expected


@given(TREES, STYLES, CHANCE)
def test_close_reading_gives_the_same_value(tree: Any, style: str, chance: random.Random) -> None:
    text = written(tree, style, chance)
    value = json_text._read_closely(text).value
    assert repr(value) == repr(orjson.loads(text))


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('{"a":1,"a":1}', ["a"]),
        ('{"a":1,"a":2,"a":3}', ["a", "a"]),
        ('{"a":1,"\\u0061":2}', ["a"]),
        ('{"a":{"b":1,"b":2},"a":3}', ["b", "a"]),
        ('{"":1,"":2}', [""]),
        ('[{"a":{}},{"a":[{"c":1,"c":1}]}]', ["c"]),
        ('{"a":"x","a":"\\u003a"}', ["a"]),  # as many colons written again as read
        ('{"a":"x","a":"\\u003A"}', ["a"]),
        ('{"\\u003a":1,"a":1,"a":2}', ["a"]),
        ('{"a":1,"a":"\\\\u003a"}', ["a"]),
        ('{"a":":::","a":""}', ["a"]),
        ('{"a": 1, "a": 1}', ["a"]),
        ('{\n  "a": 1,\n  "a": 1\n}', ["a"]),
        ('{"\\ud800":1,"\\ud800":2}', ["\ufffd"]),
        (b'{"\xff":1,"\xff":2}', ["\ufffd"]),
    ],
)
def test_duplicate_key(text: str | bytes, keys: list[str]) -> None:
    assert [defect for defect in parse(text).defects if defect != "invalid UTF-8"] == [
        f"duplicate key {key}" for key in keys
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"a":{"a":1},"b":{"a":1}}',
        '{"a":"\\u003a"}',
        '{"a":"\\u003A","b":":"}',
        '{"a":"\\\\u003a"}',
        '{"a": "{\\"a\\":1,\\"a\\":2}"}',
        '{"a":1,"A":2}',
        '{"\\ud800":1,"\\ud801":2}',
        '{ "é" : 1.0e-07 , "e\\u0301" : 2 }',
        " 1 ",
    ],
)
def test_no_duplicate_key(text: str) -> None:
    assert parse(text).defects == ()
    assert parse(text).failure is None


def test_one_text_with_escapes_does_not_hide_the_duplicates_of_another() -> None:
    texts = ['{"a":1,"a":2}', '{"b":"\\u003a"}', '{"c":1}']
    assert duplicate_keys(texts, [{"a": 2}, {"b": ":"}, {"c": 1}]) == {0: ("duplicate key a",)}


@pytest.mark.parametrize(
    ("text", "value", "defects"),
    [
        ('{"a":NaN}', {"a": None}, ("NaN",)),
        ("[Infinity,-Infinity,NaN,1]", [None, None, None, 1], ("Infinity", "-Infinity", "NaN")),
        ('\ufeff{"a":1}', {"a": 1}, ("byte order mark",)),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}, ("byte order mark",)),
        (b'["a\xff\xed\xa0\x80"]', ["a\ufffd\ufffd\ufffd\ufffd"], ("invalid UTF-8",)),
        (b'{"\xff":1,"\xfe":2}', {"\ufffd": 2}, ("invalid UTF-8",)),
        (
            b'\xef\xbb\xbf{"a":NaN,"a":"\xff"}',
            {"a": "\ufffd"},
            ("invalid UTF-8", "byte order mark", "NaN", "duplicate key a"),
        ),
        ('["\\ud800","\\udc00a","\\ud83d\\ude00"]', ["\ufffd", "\ufffda", "\U0001f600"], ()),
        ('{"\\ud800":"\ud800"}', {"\ufffd": "\ufffd"}, ()),
        ("[1e400,-1e400]", [1.7976931348623157e308, -1.7976931348623157e308], ()),
        (f"[1{'0' * 400},-1{'0' * 5000}]", [1.7976931348623157e308, -1.7976931348623157e308], ()),
        (f"[{2**70},{2**64 - 1},{-(2**63)}]", [float(2**70), 2**64 - 1, -(2**63)], ()),
        (
            f"[1e400,{2**70},{2**64 - 1},{-(2**63)},0.1]",
            [1.7976931348623157e308, float(2**70), 2**64 - 1, -(2**63), 0.1],
            (),
        ),
        ("null", None, ()),
    ],
)
def test_readable_all_the_same(text: str | bytes, value: Any, defects: tuple[str, ...]) -> None:
    assert parse(text) == Parsed(value, defects)


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("", "Expecting value", 0),
        (b"", "Expecting value", 0),
        ('{"a" 1}', "Expecting ':' delimiter", 5),
        ('\ufeff{"a" 1}', "Expecting ':' delimiter", 6),
        ("[DONE]", "Expecting value", 1),
        ('{"a":1}{"a":1}', "Extra data", 7),
        ('["é\x01"]', "Invalid control character at", 3),
        ("<html>", "Expecting value", 0),
        ("{}".encode("utf-16-le"), "Expecting property name enclosed in double quotes", 1),
        ("\ufeff\ufeff1", "Unexpected UTF-8 BOM (decode using utf-8-sig)", 1),
        ("[" * 100_000, "nested too deeply", 0),
        ('{"a":' * 100_000, "nested too deeply", 0),
        ("[" * 1000 + "]" * 1000, "nested too deeply", 0),
        ("[" * 300 + "]" * 300, "nested too deeply", 0),
        ("[" * 300 + "NaN" + "]" * 300, "nested too deeply", 0),
    ],
)
def test_no_json(text: str | bytes, message: str, offset: int) -> None:
    value, _, failure = parse(text)
    assert value is None
    assert failure == NotJson(message, offset)


def test_failure_keeps_the_defects_met_before_it() -> None:
    assert parse('\ufeff[NaN,{"a":1,"a":2},') == Parsed(
        None, ("byte order mark", "NaN", "duplicate key a"), NotJson("Expecting value", 20)
    )


def test_duplicate_keys_of_texts_with_other_defects() -> None:
    texts = [
        '{"a":NaN,"b":"\\ud800"}',
        '\ufeff{"c":"\ud800"}',
        '{"d":NaN,"d":1e400}',
        '{"\\ud800":1,"\\ud801":2}',
    ]
    assert duplicate_keys(texts, [parse(text).value for text in texts]) == {2: ("duplicate key d",)}
    assert duplicate_keys(texts[:2], [parse(text).value for text in texts[:2]]) == {}


def test_text_nested_too_deeply_to_check_has_no_duplicate_keys() -> None:
    deep = "[" * 300 + '{"a":1,"a":2}' + "]" * 300
    assert duplicate_keys([deep, '{"b":1,"b":2}'], [orjson.loads(deep), {"b": 2}]) == {
        1: ("duplicate key b",)
    }


@given(
    st.one_of(
        st.binary(),
        st.text(),
        st.text(st.sampled_from('[]{}:,"\\u0dDcC8aNI-+.eE1 \ud800\udc00'), max_size=16),
    )
)
def test_anything_is_read_or_refused_as_json_says(text: str | bytes) -> None:
    value, _, failure = parse(text)
    orjson.dumps(value)
    try:
        strict = json.loads(
            text.decode(errors="surrogateescape") if isinstance(text, bytes) else text
        )
    except json.JSONDecodeError as error:
        assert failure is not None or "BOM" in error.msg
    else:
        assert failure is None
        if isinstance(strict, float) and not math.isinf(strict):
            assert value == strict or (value is None and math.isnan(strict))
