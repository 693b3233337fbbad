"""Texts that make a regular expression slow if anything does: its own pieces, many times."""

import random
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_MISSES = ("", "!", "\0", "\n ", "\u20ac")
"""What may follow the pieces, so that a match fails after it has gone through them."""

_CATEGORIES = {
    "CATEGORY_DIGIT": "7",
    "CATEGORY_SPACE": " \n",
    "CATEGORY_WORD": "a_",
    "CATEGORY_NOT_DIGIT": "a",
    "CATEGORY_NOT_SPACE": "a",
    "CATEGORY_NOT_WORD": " ",
}


class Pump(NamedTuple):
    """A text made of ``piece`` many times, between ``head`` and ``tail``."""

    head: str
    piece: str
    tail: str

    def text(self, size: int) -> str:
        """Return the text, about as long as ``size``."""
        return self.head + self.piece * (size // len(self.piece)) + self.tail


def pumps(pattern: re.Pattern[Any], most: int) -> list[Pump]:
    """Return up to ``most`` pumps made of the pattern's own branches, the same at each call."""
    source = pattern.pattern
    tree = re._parser.parse(  # type: ignore[attr-defined] # no public parser
        source, pattern.flags & ~re.UNICODE if isinstance(source, bytes) else pattern.flags
    )
    repeats = list(dict.fromkeys(_repeats(tree, "")))
    wholes = list(dict.fromkeys(filter(None, _samples(tree, 4))))
    starts = list(dict.fromkeys(filter(None, _starts(tree, ""))))
    bodies = list(dict.fromkeys(body for _, body in repeats))
    dice = random.Random(repr(source))
    found = [Pump("", piece, "") for piece in (*wholes, *starts)]
    for head, body in repeats:
        found += [Pump(head, body, miss) for miss in _MISSES[:3]]
        found += [Pump("", head + body, "!"), Pump("", body, "!")]
    for _ in range(most // 4):
        pieces = [*bodies, *starts, *wholes]
        if pieces:
            mixed = "".join(dice.choices(pieces, k=dice.randint(2, 3)))
            found.append(Pump(dice.choice(["", *starts]), mixed, dice.choice(_MISSES)))
    found = [pump for pump in dict.fromkeys(found) if pump.piece and len(pump.piece) < 1000]
    if len(found) > most:
        dice.shuffle(found)
    return found[:most]


def _samples(tree: Any, most: int) -> Iterator[str]:
    """Yield short texts of a sequence, each with other branches and class members."""
    return (_sample(tree, turn) for turn in range(most))


def _sample(tree: Any, turn: int) -> str:
    return "".join(_one(str(step), argument, turn) for step, argument in tree)


def _one(step: str, argument: Any, turn: int) -> str:
    """Return a text of one element of a sequence; "" for one that takes no characters."""
    if step == "LITERAL":
        return chr(argument)
    if step == "NOT_LITERAL":
        return "a" if chr(argument) != "a" else "b"
    if step == "ANY":
        return "a .\\"[turn % 4]
    if step == "IN":
        return _member(argument, turn)
    if step == "BRANCH":
        branches = argument[1]
        return _sample(branches[turn % len(branches)], turn // len(branches))
    if step == "SUBPATTERN":
        return _sample(argument[-1], turn)
    if step == "ATOMIC_GROUP":
        return _sample(argument, turn)
    if step in _REPEATS:
        least, most, body = argument
        return "".join(
            _sample(body, turn + number) for number in range(min(max(least, turn % 2), most))
        )
    return ""


def _member(argument: Any, turn: int) -> str:
    members = "".join(islice(_members(argument), 40)) or "a"
    return members[turn % len(members)]


def _members(argument: Any) -> Iterator[str]:
    """Yield characters of a class, of each of its parts."""
    steps = [(str(step), value) for step, value in argument]
    if steps[0][0] == "NEGATE":
        excluded = set("".join(_plain_members(steps[1:])))
        yield from (char for char in "a .\\7\n\"'-/:<" if char not in excluded)
    else:
        yield from _plain_members(steps)


def _plain_members(steps: list[tuple[str, Any]]) -> Iterator[str]:
    for step, value in steps:
        if step == "LITERAL":
            yield chr(value)
        elif step == "RANGE":
            yield chr(value[0])
        elif step == "CATEGORY":
            yield from _CATEGORIES[str(value)]


def _repeats(tree: Any, head: str) -> Iterator[tuple[str, str]]:
    """Yield what stands before each repetition, and texts of its body."""
    for step, argument in tree:
        name = str(step)
        for branch in _below(name, argument):
            yield from _repeats(branch, head)
        if name in _REPEATS and argument[1] > 1:
            for body in dict.fromkeys(filter(None, _samples(argument[2], 6))):
                yield head, body
        head += _one(name, argument, 0)


def _starts(tree: Any, head: str) -> Iterator[str]:
    """Yield what stands before each element, with what the element itself begins with."""
    for step, argument in tree:
        name = str(step)
        for branch in _below(name, argument):
            yield from _starts(branch, head)
        head += _one(name, argument, 0)
        yield head


def _below(step: str, argument: Any) -> list[Any]:
    """Return the sequences inside an element."""
    if step == "BRANCH":
        return list(argument[1])
    if step == "SUBPATTERN":
        return [argument[-1]]
    if step == "ATOMIC_GROUP":
        return [argument]
    if step in ("ASSERT", "ASSERT_NOT"):
        return [argument[1]]
    return [argument[2]] if step in _REPEATS else []
