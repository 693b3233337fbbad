"""A YAML file of one mapping as a stream: its long list item by item, in flat memory, plain values
only.

PyYAML's own loaders take a document whole. Its parts are public, though: here libyaml parses,
PyYAML's composer makes the nodes of one item, and its safe constructor the values.
"""

from collections.abc import Collection, Iterator, MutableMapping
from typing import Any
from weakref import WeakKeyDictionary

from yaml.constructor import ConstructorError, SafeConstructor
from yaml.error import MarkedYAMLError
from yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)
from yaml.nodes import MappingNode, Node, ScalarNode

from conformance.protocol.exchange import Json
from conformance.traffic.files import Stream
from conformance.traffic.formats.record_fields import ShapeError, truncated
from conformance.traffic.formats.yaml_loader import Loader, loader_of

MAX_EXPANDED = 16 << 20
"""What an item may come to with its aliases expanded, in characters; a node counts as 16."""

_NODE = 16
_DEEPEST = 1000
_LONGEST_NUMBER = 100
_TOO_DEEP_FOR_LIBYAML = "exceeded maximum nesting depth"
_UNDEFINED_TAG = "could not determine a constructor for the tag "


class _PlainValues(SafeConstructor):
    """PyYAML's safe constructor, which builds no objects, without dates: JSON has none."""


def _number(values: Any, node: Any) -> Json:
    """The value of a number that is not long: with base 60, which YAML has, the work grows with the
    square of the length."""
    if len(node.value) > _LONGEST_NUMBER:
        raise ValueError
    return (
        values.construct_yaml_int(node)
        if node.tag.endswith("int")
        else values.construct_yaml_float(node)
    )


_PlainValues.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: str(node.value))
for _tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float"):
    _PlainValues.add_constructor(_tag, _number)


def top_level(
    stream: Stream, lists: Collection[str], values: Collection[str]
) -> Iterator[tuple[str, Json]]:
    """The members of the mapping that are named, in the order of the file: of those in ``lists``
    item by item, of those in ``values`` the value.

    A value that cannot be constructed comes as a ``ShapeError``. Raises ``ShapeError`` where the
    file is no such mapping, and ``yaml.YAMLError`` or ``RecursionError`` where it cannot be parsed
    further.
    """
    try:
        yield from _members(loader_of(stream), lists, values)
    except MarkedYAMLError as error:
        if error.problem == _TOO_DEEP_FOR_LIBYAML:
            raise RecursionError from None
        raise


def _members(
    loader: Loader, lists: Collection[str], values: Collection[str]
) -> Iterator[tuple[str, Json]]:
    sizes: MutableMapping[Node, int] = WeakKeyDictionary()
    for expected in (StreamStartEvent, DocumentStartEvent, MappingStartEvent):
        if not loader.check_event(expected):
            raise ShapeError("the file is no YAML mapping")
        loader.get_event()
    while not loader.check_event(MappingEndEvent):
        key = loader.get_event()
        name = str(key.value) if isinstance(key, ScalarEvent) else ""
        if name in lists:
            if not loader.check_event(SequenceStartEvent):
                raise ShapeError(f"{name} is not a list")
            loader.get_event()
            while not loader.check_event(SequenceEndEvent):
                yield name, _value(loader, sizes)
            loader.get_event()
        elif name in values:
            yield name, _value(loader, sizes)
        else:
            _pass_over(loader, key)
            _pass_over(loader, loader.get_event())
    for _ in (MappingEndEvent, DocumentEndEvent):
        loader.get_event()
    if not loader.check_event(StreamEndEvent):
        raise ShapeError("the file goes on with another YAML document, which is not read")


def _value(loader: Loader, sizes: MutableMapping[Node, int]) -> Json:
    """The value of the node that comes next, or what is wrong with it.

    ``sizes`` is shared by all nodes of a file: a node that has an anchor is measured before its
    value is constructed, since PyYAML's constructor changes the node in place when it merges
    mappings, and each release of PyYAML does that in another way.
    """
    loader.bounds.renew()
    node = loader.compose_node(None, 0)
    assert node is not None
    try:
        if loader.anchors and _expanded(node, sizes) > MAX_EXPANDED:
            return ShapeError(
                f"its YAML aliases expand to more than {MAX_EXPANDED >> 20} MB, or without end"
            )
        return _PlainValues().construct_document(node)
    except ConstructorError as error:
        problem = error.problem or ""
        if problem.startswith(_UNDEFINED_TAG):
            return ShapeError(
                f"the YAML tag {truncated(problem.removeprefix(_UNDEFINED_TAG))} is refused: a"
                " cassette holds plain values"
            )
        return ShapeError(truncated(problem))
    except RecursionError:
        return ShapeError("nested too deeply")
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        ArithmeticError,
    ):  # what PyYAML raises for a scalar that is not what its tag says
        return ShapeError("a value is not what its YAML tag says")


def _expanded(node: Node, sizes: MutableMapping[Node, int]) -> int:
    """How large the node is with its aliases expanded; more than is allowed where an alias stands
    inside what it names."""
    known = sizes.get(node)
    if known is not None:
        return known
    sizes[node] = MAX_EXPANDED + 1
    if isinstance(node, ScalarNode):
        size = len(node.value)
    elif isinstance(node, MappingNode):
        size = sum([_expanded(key, sizes) + _expanded(value, sizes) for key, value in node.value])
    else:
        size = sum([_expanded(item, sizes) for item in node.value])
    sizes[node] = size + _NODE
    return size + _NODE


def _pass_over(loader: Loader, event: Event) -> None:
    """Read to the end of the node that the event begins."""
    loader.bounds.renew()
    depth = 0
    while True:
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth == 0:
            return
        if depth > _DEEPEST:  # libyaml's work grows with the square of the depth
            raise RecursionError
        event = loader.get_event()
