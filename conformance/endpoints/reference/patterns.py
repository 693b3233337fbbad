"""Strings that match a regular expression, for the ``pattern`` of a schema; what is too clever for it gives none."""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

_MOST = 8  # repetitions where the pattern sets no end
_LONGEST = 10_000  # pieces


class NoMatch(Exception):
    """The pattern is one that no string was found for."""


def matching(pattern: str, pick: Callable[[int], int]) -> str:
    """A string that matches; ``pick(below)`` decides between alternatives. Raises NoMatch."""
    try:
        tree = re._parser.parse(pattern)  # type: ignore[attr-defined] # nothing public reads a pattern
        pieces = list(islice(_pieces(tree, pick), _LONGEST))
        text = "".join(pieces)
        text.encode()
    except (re.error, RecursionError, OverflowError, UnicodeEncodeError):
        raise NoMatch from None
    if len(pieces) == _LONGEST:
        raise NoMatch
    return text


def _pieces(tree: Any, pick: Callable[[int], int]) -> Iterator[str]:
    for step, argument in tree:
        match str(step):
            case "LITERAL":
                yield chr(argument)
            case "ANY":
                yield "a"
            case "IN":
                yield _one_of(argument, pick)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, body = argument
                for _ in range(least + pick(max(1, min(int(most), least + _MOST) - least + 1))):
                    yield ""  # so that repetitions of nothing have an end too
                    yield from _pieces(body, pick)
            case "SUBPATTERN":
                yield from _pieces(argument[-1], pick)
            case "BRANCH":
                yield from _pieces(argument[1][pick(len(argument[1]))], pick)
            case "AT":
                continue
            case _:
                raise NoMatch


_OF_CLASS = {"CATEGORY_DIGIT": "0123456789", "CATEGORY_WORD": "abcxyz019", "CATEGORY_SPACE": " ", "CATEGORY_NOT_DIGIT": "abc", "CATEGORY_NOT_SPACE": "abc019"}


def _one_of(members: Any, pick: Callable[[int], int]) -> str:
    if str(members[0][0]) == "NEGATE":
        return _other_than(members[1:])
    kind, value = members[pick(len(members))]
    match str(kind):
        case "LITERAL":
            return chr(value)
        case "RANGE":
            return chr(value[0] + pick(value[1] - value[0] + 1))
        case _:
            letters = _OF_CLASS.get(str(value), "-")
            return letters[pick(len(letters))]


def _other_than(members: Any) -> str:
    """A character that none of the members of a negated set is, nor one of a class in it."""
    literals = {chr(value) for kind, value in members if str(kind) == "LITERAL"}
    ranges = [value for kind, value in members if str(kind) == "RANGE"]
    classes = "".join(_OF_CLASS.get(str(value), "") for kind, value in members if str(kind) == "CATEGORY")
    for letter in "aA0-_ .~":
        if letter not in literals and letter not in classes and not any(low <= ord(letter) <= high for low, high in ranges):
            return letter
    raise NoMatch
