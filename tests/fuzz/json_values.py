"""JSON as a tree that can also hold what a JSON library cannot write.

That is: repeated names, numbers of any size, NaN, and text that is not JSON.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any, TypeAlias

Node: TypeAlias = Any
"""None, bool, int, float, str, ``list``, ``Members`` or ``Raw``."""

Place: TypeAlias = tuple[list[Any], int]
"""A list and an index in it; the list is a JSON array, or the ``[name, value]`` of a member."""


class Members(list[Any]):
    """The members of a JSON object in order; each is a list of name and value."""


@dataclass(frozen=True)
class Raw:
    """Text that is written unchanged into the JSON."""

    text: str


def parsed(text: str) -> Node:
    """Return the tree of a JSON text. Raises ValueError or RecursionError."""
    return json.loads(text, object_pairs_hook=_members, strict=False)


def _members(pairs: list[tuple[str, Node]]) -> Members:
    return Members([name, value] for name, value in pairs)


def written(node: Node, *, ascii_only: bool = True) -> str:
    """Return the text of a tree."""
    if isinstance(node, Members):
        members = (
            f"{written(name, ascii_only=ascii_only)}: {written(value, ascii_only=ascii_only)}"
            for name, value in node
        )
        return "{" + ", ".join(members) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(written(item, ascii_only=ascii_only) for item in node) + "]"
    if isinstance(node, str):
        return encode_basestring_ascii(node) if ascii_only else encode_basestring(node)
    return node.text if isinstance(node, Raw) else json.dumps(node)


def places(root: list[Any]) -> Iterator[Place]:
    """Yield the place of each node in a list, at any depth; in an object, of each value."""
    for at, item in enumerate(root):
        yield root, at
        if isinstance(item, Members):
            for member in item:
                yield member, 1
                if isinstance(member[1], list):
                    yield from _below(member[1])
        elif isinstance(item, list):
            yield from places(item)


def _below(node: list[Any]) -> Iterator[Place]:
    if not isinstance(node, Members):
        yield from places(node)
        return
    for member in node:
        yield member, 1
        if isinstance(member[1], list):
            yield from _below(member[1])
