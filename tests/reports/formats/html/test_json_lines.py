"""JSON is shown on indented lines and otherwise unchanged; a pointer marks its value's lines."""

import json

import pytest

from conformance.reports.formats.html.json_lines import json_lines, marked

TEXT = '{"a":1.0,"b":{},"c":[],"d":[{"x":[1,{"y":null}],"z":"q\\"{"},[[]]],"a":2}'


def shown(text: str, pointer: str = "") -> list[str]:
    return [line.text for line in json_lines(text, pointer) or []]


def at(pointer: str) -> list[str]:
    lines = json_lines(TEXT, pointer)
    assert lines
    return [lines[number].text.strip() for number in sorted(marked(lines, pointer))]


@pytest.mark.parametrize(
    "text", [TEXT, "[]", "{}", '[1,"a"]', '{"a":{"b":[1,2,{"c":"\\\\"}]}}', "[" * 60 + "]" * 60]
)
def test_the_lines_are_the_same_json(text: str) -> None:
    assert json.loads("\n".join(shown(text))) == json.loads(text)


def test_repeated_keys_and_the_form_of_numbers_stay() -> None:
    assert shown('{"a":1.0,"a":1e2}') == ["{", '  "a": 1.0,', '  "a": 1e2', "}"]


def test_short_parts_stay_on_a_line_except_around_the_value_that_is_wanted() -> None:
    text = '{"a":[{"b":1}],"c":[{"b":1}]}'
    assert shown(text, "/a/0/b") == [
        "{",
        '  "a": [',
        "    {",
        '      "b": 1',
        "    }",
        "  ],",
        '  "c": [{"b": 1}]',
        "}",
    ]


@pytest.mark.parametrize("text", ["", "hello", '"text"', "12", "[1,", '{"a"}', "[DONE]"])
def test_only_objects_and_arrays_have_lines(text: str) -> None:
    assert json_lines(text) is None


@pytest.mark.parametrize(
    ("pointer", "lines"),
    [
        ("/d/0/x/1/y", ['"y": null']),
        ("/a", ['"a": 1.0,', '"a": 2']),
        ("/d/0/missing", ["{"]),
        ("/d/1", ["[[]]"]),
        ("/nothing", ["{"]),
        ("", []),
    ],
)
def test_a_pointer_marks_its_value_or_where_it_is_missing(pointer: str, lines: list[str]) -> None:
    assert at(pointer) == lines


def test_a_pointer_may_name_keys_with_slashes() -> None:
    lines = json_lines('{"a/b":1,"m~n":2}') or []
    assert [lines[number].text for number in marked(lines, "/a~1b")] == ['  "a/b": 1,']
    assert [lines[number].text for number in marked(lines, "/m~0n")] == ['  "m~n": 2']
