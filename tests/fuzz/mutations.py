"""Mutations that respect the structure of an input.

They change values of JSON, events of an event stream, lines of a text, and the content of gzip
data. JSON or an event stream in a string is changed in the same way, at any depth. So the
mutations also reach an answer inside a recording.
"""

import gzip
import re
import zlib
from collections.abc import Callable, Sequence
from random import Random

from tests.fuzz.json_values import Members, Node, Place, parsed, places, written
from tests.fuzz.scraps import BYTES, EVENTS, NAMES, TEXTS, values

LONGEST = 1 << 16
"""The most bytes of an input, also before compression."""

_GZIP = b"\x1f\x8b"
_EVENT_START = re.compile(r"(?:\ufeff)?(?:data|event|id|retry)?:")
_BLANK_LINE = re.compile(r"(?:\r\n|\r|\n){2}")


def mutated(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Return the input after one or several changes; parts of ``others`` may be put into it."""
    for _ in range(_few(random)):
        data = _once(data, random, others)[:LONGEST]
    return data


def _few(random: Random) -> int:
    """Return 1 with probability 1/2, 2 with probability 1/4, and so on, at most 6."""
    return next((count for count in range(1, 6) if random.random() < 0.5), 6)


def _once(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    choice = random.random()
    if choice < 0.08:
        return _bytes(data, random)
    if choice < 0.1 and others:
        return _spliced(data, random.choice(others), random)
    if data.startswith(_GZIP):
        return _compressed(data, random, others)
    try:
        text = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return _bytes(data, random)
    return _text(text, random).encode("utf-8", "surrogatepass")


def _compressed(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    try:
        plain = zlib.decompressobj(31).decompress(data, LONGEST)
    except zlib.error:
        return _bytes(data, random)
    again = gzip.compress(_once(plain, random, others)[:LONGEST], 1, mtime=0)
    choice = random.random()
    if choice < 0.1:
        return again + again
    return again[: random.randrange(len(again))] if choice < 0.2 else again


def _spliced(data: bytes, other: bytes, random: Random) -> bytes:
    return data[: random.randint(0, len(data))] + other[random.randint(0, len(other)) :]


def _bytes(data: bytes, random: Random) -> bytes:
    """Change, remove or repeat some bytes, or insert another text."""
    start = random.randint(0, len(data))
    end = min(len(data), start + random.choice((0, 1, 1, 2, 4, 16, 256)))
    match random.randrange(4):
        case 0:
            middle = bytes(random.randrange(256) for _ in data[start:end])
        case 1:
            middle = b""
        case 2:
            middle = data[start:end] * random.choice((2, 3, 50))
        case _:
            middle = random.choice(BYTES)
    return data[:start] + middle + data[end:]


# --- texts


def _text(text: str, random: Random) -> str:
    """Change a text according to its form: JSON, an event stream, or lines."""
    start = text[:64].lstrip("\ufeff \t\r\n")
    if start[:1] in ("{", "["):
        try:
            return _json(parsed(text), random)
        except (ValueError, RecursionError):
            pass
    if _EVENT_START.match(text):
        return _stream(text, random)
    return _lines(text, random) if "\n" in text else _words(text, random)


def _lines(text: str, random: Random) -> str:
    lines = text.split("\n")
    at = random.randrange(len(lines))
    match random.randrange(8):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case 2:
            other = random.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = " " * random.choice((1, 2, 4)) + lines[at]
        case _:
            lines[at] = _line(lines[at], random)
    return "\n".join(lines)


def _line(line: str, random: Random) -> str:
    """Change the JSON at the end of a line if there is some, otherwise one of its words."""
    start = min((at for at in (line.find("{"), line.find("[")) if at >= 0), default=-1)
    if start >= 0 and random.random() < 0.9:
        try:
            return line[:start] + _json(parsed(line[start:]), random)
        except (ValueError, RecursionError):
            pass
    return _words(line, random)


def _words(text: str, random: Random) -> str:
    """Insert a scrap into a text, or replace a part of the text by it."""
    words = list(re.finditer(r"\w+|\W", text))
    if not words or random.random() < 0.1:
        return random.choice(TEXTS)
    word = random.choice(words)
    scrap = random.choice((*TEXTS, "", word[0] * 2, random.choice(words)[0]))
    return text[: word.start()] + scrap + text[word.end() :]


# --- event streams


def _stream(text: str, random: Random) -> str:
    blocks = _BLANK_LINE.split(text)
    at = random.randrange(len(blocks))
    match random.randrange(16):
        case 0:
            del blocks[at]
        case 1:
            blocks[at:at] = [blocks[at]] * random.choice((1, 1, 2, 300))
        case 2:
            random.shuffle(blocks)
        case 3:
            other = random.randrange(len(blocks))
            blocks[at], blocks[other] = blocks[other], blocks[at]
        case 4:
            blocks.insert(at, random.choice(EVENTS))
        case 5:
            return text.replace("\n", random.choice(("\r", "\r\n", "\n\n", " \n")))
        case 6:
            blocks[at] = blocks[at].replace("data: ", random.choice(("data:", "data", "dat: ", "")))
        case 7:
            blocks[at] = _over_lines(blocks[at], random)
        case 8:
            blocks = blocks[:at]
        case 9:
            return "\n".join(blocks)
        case _:
            blocks[at] = _line(blocks[at], random)
    return "\n\n".join(blocks)


def _over_lines(block: str, random: Random) -> str:
    """Write the data of an event on several lines, divided at spaces or anywhere."""
    cuts = [at for at, char in enumerate(block) if char in " ,"] or [len(block) // 2]
    at = random.choice(cuts) if random.random() < 0.7 else random.randint(0, len(block))
    return f"{block[:at]}\ndata: {block[at:]}"


# --- JSON


def _json(tree: Node, random: Random) -> str:
    root = [tree]
    found = list(places(root))
    nested = [
        place
        for place in found
        if isinstance(text := place[0][place[1]], str)
        and (text[:1] in ("{", "[") or _EVENT_START.match(text))
    ]
    if nested and random.random() < 0.6:
        holder, at = random.choice(nested)
        holder[at] = _text(holder[at], random)
    else:
        _change(random.choice(found), found, random)
    return written(root[0], ascii_only=random.random() < 0.8)


def _change(place: Place, found: Sequence[Place], random: Random) -> None:
    holder, at = place
    node = holder[at]
    if isinstance(node, str) and random.random() < 0.4:
        holder[at] = _text(node, random)
    elif isinstance(node, list) and node and random.random() < 0.6:
        random.choice(_OF_MEMBERS if isinstance(node, Members) else _OF_ITEMS)(node, random)
    elif random.random() < 0.25:
        other, position = random.choice(found)
        holder[at] = other[position] if not _holds(other[position], holder) else None
    else:
        holder[at] = _scrap(node, random)


def _holds(node: Node, wanted: list[Node]) -> bool:
    """Return whether a list is part of a tree; such a tree must not be put into the list."""
    return node is wanted or (
        isinstance(node, list) and any(_holds(inner, wanted) for inner in node)
    )


def _scrap(node: Node, random: Random) -> Node:
    match random.randrange(6):
        case 0:
            return [node]
        case 1:
            return Members([[random.choice(NAMES), node]])
        case 2:
            return written(node)
        case _:
            return random.choice(values())


def _drop(node: list[Node], random: Random) -> None:
    del node[random.randrange(len(node))]


def _repeat(node: list[Node], random: Random) -> None:
    """Repeat an item, or a member with the same name."""
    node.insert(
        random.randrange(len(node) + 1), [*node[0]] if isinstance(node, Members) else node[0]
    )


def _repeat_often(node: list[Node], random: Random) -> None:
    at = random.randrange(len(node))
    node[at:at] = [node[at]] * random.choice((10, 100, 500))


def _shuffle(node: list[Node], random: Random) -> None:
    random.shuffle(node)


def _rename(node: list[Node], random: Random) -> None:
    random.choice(node)[0] = random.choice((*NAMES, *TEXTS))


def _add_member(node: list[Node], random: Random) -> None:
    node.insert(random.randrange(len(node) + 1), [random.choice(NAMES), random.choice(values())])


def _repeat_name(node: list[Node], random: Random) -> None:
    node.append([random.choice(node)[0], random.choice(values())])


def _add_item(node: list[Node], random: Random) -> None:
    node.insert(random.randrange(len(node) + 1), random.choice(values()))


def _empty(node: list[Node], random: Random) -> None:
    node.clear()


_Edit = Callable[[list[Node], Random], None]
_OF_ITEMS: tuple[_Edit, ...] = (_drop, _repeat, _repeat_often, _shuffle, _add_item, _empty)
_OF_MEMBERS: tuple[_Edit, ...] = (
    _drop,
    _drop,
    _rename,
    _rename,
    _add_member,
    _add_member,
    _repeat_name,
    _repeat,
    _shuffle,
    _empty,
)
