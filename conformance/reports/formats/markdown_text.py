"""Text from outside in Markdown, where it can be neither markup nor a mention nor a link."""

import re
from html import escape
from itertools import pairwise

from conformance._text import BRIEF, one_line, shortened

_QUOTED = re.compile("(`[^`]+`)")
_LIVE = re.compile(r"@|#[0-9]|(?i:gh-[0-9])|(?i:www\.)|://|:[\w+-]+:|\$")
"""What GitHub makes a mention, a reference, a link, an emoji or a formula even if it is escaped."""

_MARKUP = re.compile(r"[\\*\[\]~&<>|`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "`": "&#96;"}
_BLOCK_START = re.compile(r"[0-9]+(?=[.)](?:\s|$))|(?=[-+=#])")
"""What stands before the character that begins a list, a heading or a line."""

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:[/?#][A-Za-z0-9._~/%#?=&+:,@-]*)?")


def text(value: str) -> str:
    """Return a text on one line that shows as it is: what could be markup is escaped.

    What stands between backticks is code, and so is a word that GitHub would make something of even
    if it were escaped, such as a mention.
    """
    words: list[list[tuple[str, bool]]] = [[]]
    for number, piece in enumerate(_QUOTED.split(one_line(value))):
        if number % 2:
            words[-1].append((piece, True))
            continue
        first, *others = re.split(r"\s", piece)
        words[-1] += [(first, False)] if first else []
        words += [[(word, False)] if word else [] for word in others]
    shown = " ".join(_word(parts) for parts in words if parts)
    start = _BLOCK_START.match(shown)
    return f"{start[0]}\\{shown[start.end() :]}" if start else shown


def _word(parts: list[tuple[str, bool]]) -> str:
    """Return a word; its parts are (text, whether it stands between backticks)."""
    is_live = any(_LIVE.search(part) for part, is_code in parts if not is_code)
    if is_live or any(one[1] and other[1] for one, other in pairwise(parts)):
        return code("".join(part for part, _ in parts))
    return "".join(code(part[1:-1]) if is_code else _escaped(part) for part, is_code in parts)


def _escaped(part: str) -> str:
    return _MARKUP.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), part)


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
