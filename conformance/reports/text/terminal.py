"""Lines on a terminal: prose is wrapped to its width, and what one would copy or search for is left
whole."""

from rich.console import Console
from rich.text import Text


def prose(console: Console, text: str, indent: int = 0, hang: int = 0, style: str = "") -> None:
    """Print a text, wrapped; all lines are indented, those after the first by ``hang`` columns
    more."""
    width = max(console.width - indent - hang, 1)
    for number, line in enumerate(Text(text, style=style).wrap(console, width)):
        line.rstrip()
        console.print(Text(" " * (indent + (hang if number else 0))) + line)


def verbatim(console: Console, text: str, indent: int = 0, style: str = "") -> None:
    """Print a text on one line, however long: a terminal breaks it, a file keeps it."""
    console.print(Text(" " * indent + text, style=style), soft_wrap=True)
