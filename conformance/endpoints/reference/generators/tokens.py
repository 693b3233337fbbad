"""Split texts into tokens, the units in which answers are counted, truncated and streamed."""

import re

_TOKEN = re.compile(r" ?\w{1,6}|\s|[^\w\s]")


def tokens(text: str) -> list[str]:
    """Return the tokens of a text; joined they are the text again."""
    return _TOKEN.findall(text)


def prompt_tokens(text: str) -> int:
    """Return the tokens of a text of the request: four characters each, rounded up.

    Splitting would be slow for long texts.
    """
    return (len(text) + 3) // 4
