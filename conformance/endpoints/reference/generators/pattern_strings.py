"""Generate strings that match a regular expression, for the ``pattern`` of a schema.

Groups, alternatives, sets and repetitions are supported; lookarounds and back references are not.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

_MOST = 8  # more repetitions than the least, if the pattern allows them
_LONGEST = 10_000  # pieces


class NoMatch(Exception):
    """No string was found for the pattern."""


def matching(pattern: str, pick: Callable[[int], int]) -> str:
    """Return a string built from a pattern, without checking that it matches.

    ``pick(below)`` returns a number from 0 to ``below - 1`` and decides between alternatives.
    Raises NoMatch if the pattern is malformed, not supported or too long.
    """
    try:
        tree = re._parser.parse(pattern)  # type: ignore[attr-defined] # no public parser
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
            case "NOT_LITERAL":
                yield _one_of([("NEGATE", None), ("LITERAL", argument)], pick)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, body = argument
                for _ in range(least + pick(max(1, min(int(most), least + _MOST) - least + 1))):
                    yield ""  # so that repetitions of an empty body reach the limit too
                    yield from _pieces(body, pick)
            case "SUBPATTERN":
                yield from _pieces(argument[-1], pick)
            case "BRANCH":
                yield from _pieces(argument[1][pick(len(argument[1]))], pick)
            case "AT":
                continue
            case _:
                raise NoMatch


_LETTERS = "abcxyz019-_ .~A"
_IS: Mapping[str, Callable[[str], bool]] = {
    "CATEGORY_DIGIT": str.isdecimal,
    "CATEGORY_WORD": lambda letter: letter.isalnum() or letter == "_",
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_NOT_DIGIT": lambda letter: not letter.isdecimal(),
    "CATEGORY_NOT_WORD": lambda letter: not (letter.isalnum() or letter == "_"),
    "CATEGORY_NOT_SPACE": lambda letter: not letter.isspace(),
}


def _one_of(members: Any, pick: Callable[[int], int]) -> str:
    if str(members[0][0]) == "NEGATE":
        letters = [
            letter
            for letter in _LETTERS
            if not any(_holds(member, letter) for member in members[1:])
        ]
    else:
        kind, value = members[pick(len(members))]
        if str(kind) == "RANGE":
            return chr(value[0] + pick(value[1] - value[0] + 1))
        letters = (
            [chr(value)]
            if str(kind) == "LITERAL"
            else [letter for letter in _LETTERS if _holds((kind, value), letter)]
        )
    if not letters:
        raise NoMatch
    return letters[pick(len(letters))]


def _holds(member: Any, letter: str) -> bool:
    """Return whether a member of a set contains a character."""
    kind, value = member
    match str(kind):
        case "LITERAL":
            return letter == chr(value)
        case "RANGE":
            low, high = value
            return int(low) <= ord(letter) <= int(high)
    return _IS[str(value)](letter)
