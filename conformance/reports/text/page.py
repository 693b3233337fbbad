"""A page of lines for a terminal: wrapped to its width, so that its length is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap

from rich.cells import cell_len
from rich.console import Console

from conformance._text import without_command
from conformance.reports.text.terminal import verbatim

PAGE = 40
"""The most lines of a report on a terminal, unless more is asked for."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page; ``style`` is a style of rich, and only decoration."""

    text: str
    style: str = ""


def filled(
    text: str,
    width: int,
    indent: int = 0,
    hang: int = 0,
    style: str = "",
    *,
    break_words: bool = False,
) -> list[Line]:
    """Wrap a text to the width; lines after the first are indented by ``hang`` more columns.

    A word that is longer than a line stays whole, so that it can be copied, unless ``break_words``.
    """
    lines = wrap(
        text,
        max(width, indent + hang + 10),
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hang),
        break_long_words=break_words,
        break_on_hyphens=False,
    )
    return [Line(without_command(line), style) for line in lines]


def height(lines: Iterable[Line], width: int) -> int:
    """Return how many lines of a terminal the lines take, with those that are longer than it."""
    return sum(max(1, -(-cell_len(line.text) // width)) for line in lines)


def fitting(blocks: Sequence[Sequence[Line]], width: int, room: int) -> int:
    """Return how many of the blocks, from the first on, fit into ``room`` lines; at least one."""
    used = 0
    for number, block in enumerate(blocks):
        used += height(block, width)
        if used > room:
            return max(number, 1)
    return len(blocks)


def show(console: Console, lines: Iterable[Line]) -> None:
    """Print the lines as they are."""
    for line in lines:
        verbatim(console, line.text, style=line.style)
