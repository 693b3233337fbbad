"""Read a YAML file that is one mapping, one item at a time and with constant memory.

PyYAML's own loaders read a whole document. This module combines its public parts instead: libyaml
parses, PyYAML's composer builds the nodes of one item, and its safe constructor builds plain
values.
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
"""The most characters of an item after its aliases are expanded; each node counts as 16."""

_NODE = 16
_DEEPEST = 1000
_LONGEST_NUMBER = 100
_TOO_DEEP_FOR_LIBYAML = "exceeded maximum nesting depth"
_UNDEFINED_TAG = "could not determine a constructor for the tag "


class _PlainValues(SafeConstructor):
    """PyYAML's safe constructor, which builds no objects; dates stay strings, as in JSON."""


def _number(values: Any, node: Any) -> Json:
    """Construct a number of at most 100 characters; raise ValueError for a longer one.

    YAML has base 60, for which the time grows with the square of the length.
    """
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
    """Yield the requested top-level members of a YAML mapping, in file order.

    Args:
        stream: The file.
        lists: Keys whose lists are yielded item by item.
        values: Keys whose whole value is yielded.

    Yields:
        The key and an item or value. A value that cannot be constructed is yielded as a
        ``ShapeError``.

    Raises:
        ShapeError: the file is not a YAML mapping, or a limit is exceeded.
        yaml.YAMLError: the file is not valid YAML from some point on.
        RecursionError: the file is nested too deeply.
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
            raise ShapeError("the file is not a YAML mapping")
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
            _skip(loader, key)
            _skip(loader, loader.get_event())
    for _ in (MappingEndEvent, DocumentEndEvent):
        loader.get_event()
    if not loader.check_event(StreamEndEvent):
        raise ShapeError("the file contains a second YAML document, which is not read")


def _value(loader: Loader, sizes: MutableMapping[Node, int]) -> Json:
    """Construct the value of the next node, or return a ``ShapeError`` that says what is wrong.

    ``sizes`` is shared by all nodes of a file. A node with an anchor must be measured before its
    value is constructed, because PyYAML's constructor changes the node when it merges mappings, in
    a different way in each release.
    """
    loader.bounds.renew()
    node = loader.compose_node(None, 0)
    assert node is not None
    try:
        if loader.anchors and _expanded(node, sizes) > MAX_EXPANDED:
            return ShapeError(
                f"its YAML aliases expand to more than {MAX_EXPANDED >> 20} MB, or endlessly"
            )
        return _PlainValues().construct_document(node)
    except ConstructorError as error:
        problem = error.problem or ""
        if problem.startswith(_UNDEFINED_TAG):
            return ShapeError(
                f"the YAML tag {truncated(problem.removeprefix(_UNDEFINED_TAG))} is not allowed:"
                " a cassette contains only plain values"
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
    ):  # what PyYAML raises for a scalar that does not match its tag
        return ShapeError("a value does not match its YAML tag")


def _expanded(node: Node, sizes: MutableMapping[Node, int]) -> int:
    """Return the size of a node with its aliases expanded.

    For a node that contains an alias of itself, the size exceeds ``MAX_EXPANDED``.
    """
    size = sizes.get(node)
    if size is not None:
        return size
    sizes[node] = MAX_EXPANDED + 1
    if isinstance(node, ScalarNode):
        size = len(node.value)
    elif isinstance(node, MappingNode):
        size = sum([_expanded(key, sizes) + _expanded(value, sizes) for key, value in node.value])
    else:
        size = sum([_expanded(item, sizes) for item in node.value])
    sizes[node] = size + _NODE
    return size + _NODE


def _skip(loader: Loader, event: Event) -> None:
    """Read to the end of the node that starts with this event."""
    loader.bounds.renew()
    depth = 0
    while True:
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth == 0:
            return
        if depth > _DEEPEST:  # libyaml's work grows with the square of the depth
            raise RecursionError
        event = loader.get_event()
