"""A text that should be JSON: read as one document, or as the beginning of one."""

import pytest

from conformance.judging.predicates.json_in_text import may_go_on

WHOLE = '{"a": [1.5e+20, -3, true, null, false, "x\\\\\\"\\u20ac\\n", {"b": {}}], "c": "\u00e9"}'


@pytest.mark.parametrize("end", range(1, len(WHOLE)))
def test_every_beginning_of_a_document_may_go_on(end: int) -> None:
    assert may_go_on(WHOLE[:end])


@pytest.mark.parametrize("text", ["1", "12.", "-", "tr", '"a', "\n[1 ", '{"a": "b\\'])
def test_so_may_those_of_numbers_words_and_strings(text: str) -> None:
    assert may_go_on(text)


@pytest.mark.parametrize("text", [WHOLE, "{}", "[] ", '"a"', "true"])
def test_what_is_whole_does_not_go_on(text: str) -> None:
    assert not may_go_on(text)


@pytest.mark.parametrize(
    "text",
    [
        "Paris",
        "{}\n{}",
        "{} x",
        "```json\n{",
        '{"a":1}}',
        "{a",
        '{"a" 1',
        "1 2",
        "tu",
        '{"a": nope',
        '"a\nb',
    ],
)
def test_nor_does_what_no_document_begins_with(text: str) -> None:
    assert not may_go_on(text)
