"""Tokens: pieces of text in which answers are counted, cut and streamed. They are whole characters
and join to the text again."""

import re

_TOKEN = re.compile(r" ?\w{1,6}|\s|[^\w\s]")


def tokens(text: str) -> list[str]:
    """The tokens of a text of an answer."""
    return _TOKEN.findall(text)


def prompt_tokens(text: str) -> int:
    """What a text of the request is counted as: four characters a token, whatever their kind, which
    costs the same for long texts."""
    return (len(text) + 3) // 4
