"""JSON as a tree that can hold what a JSON library cannot write: repeated names, numbers of any
size, NaN, and text that is no JSON at all."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any, TypeAlias

Node: TypeAlias = Any
"""None, bool, int, float, str, ``list``, ``Members`` or ``Raw``."""

Place: TypeAlias = tuple[list[Any], int]
"""A list, and the position of a node in it: an item of a JSON list, or a ``[name, value]``."""


class Members(list[Any]):
    """The members of a JSON object in order, each a list of name and value."""


@dataclass(frozen=True)
class Raw:
    """Text that is written as it is."""

    text: str


def parsed(text: str) -> Node:
    """The tree of a JSON text. Raises ValueError or RecursionError."""
    return json.loads(text, object_pairs_hook=_members, strict=False)


def _members(pairs: list[tuple[str, Node]]) -> Members:
    return Members([name, value] for name, value in pairs)


def written(node: Node, *, ascii_only: bool = True) -> str:
    """The text of a tree."""
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
    """Every node below a list and in it: of members, the values."""
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
