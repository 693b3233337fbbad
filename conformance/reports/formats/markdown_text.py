"""Text from outside in Markdown, where it can be neither markup nor a mention nor a link."""

import re
from html import escape
from itertools import groupby

from conformance._text import BRIEF, one_line, shortened

_PLAIN_WORD = re.compile(
    r"""(?!(?i:.*gh-[0-9]))[("']*[A-Za-z0-9]+(?:[-_'/,][A-Za-z0-9]+|\.[0-9]+)*[)"']*[,.;:?]*"""
)
"""A word that is no markup, no link and no reference such as GH-1."""

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:[/?#][A-Za-z0-9._~/%#?=&+:,@-]*)?")

_QUOTED_CODE = re.compile(r"`([^`]+)`([,.;:?]*)")


def text(value: str) -> str:
    """Return a text on one line whose words are plain, or code if they could be markup."""
    parts = []
    words = one_line(value).split()
    for kind, group in groupby(words, key=_kind):
        if kind == "plain":
            parts.append(" ".join(group))
        elif kind == "quoted":
            parts += [_unquoted(word) for word in group]
        else:
            parts.append(code(" ".join(group)))
    return " ".join(parts)


def _kind(word: str) -> str:
    if _PLAIN_WORD.fullmatch(word):
        return "plain"
    return "quoted" if _QUOTED_CODE.fullmatch(word) else "code"


def _unquoted(word: str) -> str:
    found = _QUOTED_CODE.fullmatch(word)
    return f"{code(found[1])}{found[2]}" if found else code(word)


def code(value: str) -> str:
    """Return a value on one line as a code span."""
    shown = one_line(value) or " "
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def cell(markdown: str) -> str:
    """Return Markdown of one line as the cell of a table."""
    return re.sub(r"\\(?=\|)", r"\\ ", markdown).replace("|", r"\|")


def link(words: str, address: str) -> str:
    """Return a link; both are texts of this package."""
    return f"[{words}]({address})"


def user_link(address: str) -> str:
    """Return an address of the user as a link if it is plain, else as code; "" stays ""."""
    if not address:
        return ""
    if len(address) > BRIEF or not _ADDRESS.fullmatch(address):
        return code(shortened(address, BRIEF))
    return link(code(address), address.replace("&", "&amp;"))


def block(lines: list[str]) -> str:
    """Return lines as a block of code."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}text", *lines, fence])


def html(sentence: str) -> str:
    """Return a text as HTML, with what is between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(one_line(sentence)))
