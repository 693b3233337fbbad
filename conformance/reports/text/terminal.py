"""Print lines on a terminal: prose is wrapped, lines to copy or search for are not."""

from rich.console import Console
from rich.text import Text

from conformance._text import without_command


def prose(console: Console, text: str, indent: int = 0, hang: int = 0, style: str = "") -> None:
    """Print a text, wrapped to the width of the console.

    All lines are indented by ``indent`` columns, those after the first by ``hang`` more.
    """
    width = max(console.width - indent - hang, 1)
    for number, line in enumerate(Text(text, style=style).wrap(console, width)):
        line.rstrip()
        if (safe := without_command(line.plain)) != line.plain:
            line = Text(safe, style=style)
        margin = Text(" " * (indent + (hang if number else 0)))
        console.print(margin + line, soft_wrap=True)


def verbatim(console: Console, text: str, indent: int = 0, style: str = "") -> None:
    """Print a text without wrapping it."""
    line = without_command(" " * indent + text)
    console.print(Text(line, style=style), soft_wrap=True)
