"""Lines are wrapped to the width of the terminal, and counted after wrapping."""

from io import StringIO

import pytest
from rich.console import Console

from conformance.reports.text.page import Line, filled, fitting, height, show


def test_a_text_is_wrapped_with_indents() -> None:
    assert filled("one two three four", 13, indent=1, hang=2, style="bold") == [
        Line(" one two", "bold"),
        Line("   three four", "bold"),
    ]


def test_a_long_word_is_not_broken() -> None:
    word = "https://example.org/a-b-c-d"
    assert [line.text for line in filled(f"see {word}", 12)] == ["see", word]


def test_a_long_word_is_broken_on_request() -> None:
    lines = filled(f"got: {'x' * 20}", 12, hang=2, break_words=True)
    assert [line.text for line in lines] == ["got: xxxxxxx", "  xxxxxxxxxx", "  xxx"]


def test_an_empty_text_has_no_line() -> None:
    assert filled("", 80) == []


def test_no_line_is_a_workflow_command() -> None:
    assert [line.text for line in filled("first ::error::x", 10)] == ["first", "\\x3a:error::x"]


@pytest.mark.parametrize(
    ("text", "lines"), [("", 1), ("x" * 10, 1), ("x" * 11, 2), ("x" * 21, 3), ("日" * 6, 2)]
)
def test_a_line_is_as_high_as_a_terminal_shows_it(text: str, lines: int) -> None:
    assert height([Line(text)], 10) == lines
    assert height([Line(text), Line("")], 10) == lines + 1


@pytest.mark.parametrize(("room", "count"), [(0, 1), (2, 1), (3, 2), (5, 2), (6, 3), (99, 3)])
def test_as_many_blocks_fit_as_the_room_has_but_at_least_one(room: int, count: int) -> None:
    blocks = [[Line("a"), Line("b")], [Line("c")], [Line("x" * 25)]]
    assert fitting(blocks, 10, room) == count


def test_without_blocks_none_fits() -> None:
    assert fitting([], 10, 5) == 0


def test_lines_are_printed_as_they_are() -> None:
    out = StringIO()
    console = Console(file=out, width=10, color_system=None)
    show(console, [Line("[bold] " + "x" * 20, "red"), Line("")])
    assert out.getvalue() == f"[bold] {'x' * 20}\n\n"
