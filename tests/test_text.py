"""Counts, values and texts are short, on one line and safe for a terminal."""

from typing import Any

import pytest

from conformance._text import BRIEF, did_you_mean, few, many, one_line, printable
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
