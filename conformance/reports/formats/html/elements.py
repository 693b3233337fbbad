"""HTML as values: an element escapes every text in it that is not HTML already."""

from collections.abc import Iterable
from html import escape

from conformance._text import escaped, printable, without_command

_EMPTY = frozenset({"meta", "link", "input", "rect", "br"})
"""Elements without content and end tag; ``rect`` is one of SVG, which has ``/>``."""


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def el(tag: str, /, *children: str, **attributes: str | bool | None) -> Html:
    """Return an element.

    Args:
        tag: the name of the element.
        children: HTML, or texts, which are put on one line and escaped.
        attributes: values by name; ``_`` stands for ``-``, and a ``_`` at the end is dropped. True
            gives an attribute without value; False and None leave it out.
    """
    start = f"<{tag}{''.join(map(_attribute, attributes.items()))}"
    if tag in _EMPTY:
        return Html(f"{start}/>" if tag == "rect" else f"{start}>")
    return Html(f"{start}>{join(children)}</{tag}>")


def _attribute(item: tuple[str, str | bool | None]) -> str:
    name, value = item
    if value is None or value is False:
        return ""
    shown = name.rstrip("_").replace("_", "-")
    return f" {shown}" if value is True else f' {shown}="{escape(printable(str(value)))}"'


def join(children: Iterable[str], between: str = "") -> Html:
    """Return HTML and texts one after the other; the texts are escaped."""
    return Html(between.join(map(html_of, children)))


def html_of(child: str) -> Html:
    """Return HTML as it is, and a text on one line and escaped."""
    return child if isinstance(child, Html) else Html(escape(_spaced(child)))


def _spaced(text: str) -> str:
    """Return a text on one line that keeps a space at its start and end."""
    before = " " if text[:1] == " " else ""
    after = " " if text[-1:] == " " and text.strip() else ""
    return f"{before}{printable(text)}{after}"


def lines_of(text: str) -> Html:
    """Return a text of several lines for a ``pre``, each line escaped."""
    return Html("\n".join(escape(without_command(escaped(line))) for line in text.split("\n")))


def prose(sentence: str) -> Html:
    """Return a sentence in which what stands between backticks is code."""
    parts = sentence.split("`")
    if len(parts) % 2 == 0:
        return html_of(sentence)
    return join(el("code", part) if number % 2 else part for number, part in enumerate(parts))
