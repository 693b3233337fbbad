"""Counts, values and texts are short, on one line and safe for a terminal."""

from typing import Any

import orjson
import pytest

from conformance._text import (
    BRIEF,
    did_you_mean,
    duration,
    few,
    many,
    one_line,
    printable,
    safe_json,
)
from conformance.reports.text.findings import value
from conformance.traffic.redaction.excerpt import shown


@pytest.mark.parametrize(("count", "said"), [(0, "0 cases"), (1, "1 case"), (1200, "1,200 cases")])
def test_a_count_has_its_noun(count: int, said: str) -> None:
    assert many(count, "case") == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", '""'),
        ("12", '"12"'),
        (12, "12"),
        (None, "null"),
        ([], "[]"),
        ({"a": "é\n"}, '{"a":"é\\n"}'),
        ("\u202e\x1b", '"\\u202e\\u001b"'),
    ],
)
def test_a_value_is_its_json(given: Any, said: str) -> None:
    assert value(given) == said


def test_a_long_value_is_cut_once_and_not_quoted_twice() -> None:
    long = {"text": "x" * 1000}
    said = value(shown(long))
    assert said == value(long)
    assert said.startswith('{"text":"xxx')
    assert said.endswith("…")
    assert len(said) == BRIEF


def test_a_text_is_one_line_without_controls() -> None:
    assert one_line("a\r\n b\x1b[2J\u202e") == "a b\\x1b[2J\\u202e"
    assert len(one_line("x" * 1000)) == 2 * BRIEF
    assert printable("x" * 1000) == "x" * 1000


@pytest.mark.parametrize(("most", "said"), [(2, "a, b and 1 more"), (3, "a, b, c"), (4, "a, b, c")])
def test_a_list_names_a_few(most: int, said: str) -> None:
    assert few(["a", "b", "c"], most) == said


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("chat-plian", " (did you mean chat-plain?)"),
        ("aab", " (did you mean aac or aaa?)"),
        ("xyz", ""),
    ],
)
def test_what_is_near_is_offered(name: str, meant: str) -> None:
    assert did_you_mean(name, iter(["chat-plain", "aaa", "aac"])) == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("::error::x", "\\x3a:error::x"),
        (" \n::error::x", "\\x3a:error::x"),
        ("a ::error::x std::vector", "a ::error::x std::vector"),
        ("a ##[error]b ###[c] ##vso[d]", "a \\x23#[error]b #\\x23#[c] \\x23#vso[d]"),
        ("## Heading [1] #[x]", "## Heading [1] #[x]"),
    ],
)
def test_a_text_is_no_workflow_command(text: str, said: str) -> None:
    assert printable(text) == said
    assert printable(said) == said


def test_json_is_escaped_and_keeps_its_values() -> None:
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x30000))))
    value = {every: [every, "\\\x7f", "\\##[x]", "##vso[", "é€", 1.5, None]}
    encoded = orjson.dumps(value)
    safe = safe_json(encoded)
    assert orjson.loads(safe) == value
    raw = set(safe.decode())
    unsafe = {0x7F, 0x61C, *range(0x80, 0xA0), *range(0x200E, 0x2010), *range(0x2028, 0x202F)}
    assert not raw & set(map(chr, unsafe | set(range(0x2066, 0x206A))))
    assert len(raw) == len(set(encoded.decode())) - len(unsafe) - 4
    assert b"##[" not in safe and b"##vso[" not in safe


def test_ordinary_json_is_unchanged() -> None:
    encoded = orjson.dumps({"text": "# Überschrift\n## Zwei [1] 👋🏽 \u200d — std::vector ::"})
    assert safe_json(encoded) == encoded


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.0 s"),
        (0.44, "0.4 s"),
        (9.94, "9.9 s"),
        (10, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (75, "1 min 15 s"),
        (3599.4, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (7 * 3600 + 125, "7 h 2 min"),
    ],
)
def test_a_time_has_two_units_at_most(seconds: float, said: str) -> None:
    assert duration(seconds) == said
