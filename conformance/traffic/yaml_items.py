"""A YAML file of one mapping as a stream: its long list item by item, in flat memory, plain values only.

PyYAML's own loaders take a document whole. Its parts are public, though: here libyaml parses, PyYAML's composer makes the nodes of one item, and its safe
constructor the values.
"""

from collections.abc import Collection, Iterator
from types import SimpleNamespace
from typing import Protocol, cast

import yaml
from yaml.composer import Composer
from yaml.constructor import ConstructorError, SafeConstructor
from yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamStartEvent,
)
from yaml.nodes import MappingNode, Node, ScalarNode
from yaml.resolver import Resolver

from conformance.exchange import Json
from conformance.traffic.files import Stream
from conformance.traffic.shape import ShapeError, shown

MAX_EXPANDED = 16 << 20
"""What an item may come to with its aliases expanded, in characters; a node counts as 16."""

_NODE = 16
_UNDEFINED_TAG = "could not determine a constructor for the tag "


class _PlainValues(SafeConstructor):
    """PyYAML's safe constructor, which builds no objects, without dates: JSON has none."""


_PlainValues.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: str(node.value))


class _Loader(Protocol):
    """What is used of PyYAML's parser and composer."""

    anchors: dict[str, Node]

    def check_event(self, *kinds: type[Event]) -> bool: ...
    def get_event(self) -> Event: ...
    def compose_node(self, parent: Node | None, index: int) -> Node | None: ...


def top_level(stream: Stream, lists: Collection[str], values: Collection[str]) -> Iterator[tuple[str, Json]]:
    """The members of the mapping that are named, in the order of the file: of those in ``lists`` item by item, of those in ``values`` the value.

    A value that cannot be constructed comes as a ``ShapeError``. Raises ``ShapeError`` where the file is no such mapping, and ``yaml.YAMLError`` or
    ``RecursionError`` where it cannot be parsed further.
    """
    loader = _loader(stream)
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
                yield name, _value(loader)
            loader.get_event()
        elif name in values:
            yield name, _value(loader)
        else:
            _pass_over(loader, key)
            _pass_over(loader, loader.get_event())


def _loader(stream: Stream) -> _Loader:
    """Parser, composer and resolver over the stream, by libyaml where PyYAML was built with it."""
    source = SimpleNamespace(read=stream.read1)
    if not yaml.__with_libyaml__:
        return cast(_Loader, yaml.SafeLoader(source))
    from yaml._yaml import CParser

    class Loader(CParser, Composer, Resolver):
        def __init__(self) -> None:
            CParser.__init__(self, source)
            Composer.__init__(self)
            Resolver.__init__(self)

    return cast(_Loader, Loader())


def _value(loader: _Loader) -> Json:
    """The value of the node that comes next, or what is wrong with it."""
    node = loader.compose_node(None, 0)
    assert node is not None
    try:
        if loader.anchors and _expanded(node, {}) > MAX_EXPANDED:
            return ShapeError(f"its YAML aliases expand to more than {MAX_EXPANDED >> 20} MB, or without end")
        return _PlainValues().construct_document(node)
    except ConstructorError as error:
        problem = error.problem or ""
        if problem.startswith(_UNDEFINED_TAG):
            return ShapeError(f"the YAML tag {shown(problem.removeprefix(_UNDEFINED_TAG))} is refused: a cassette holds plain values")
        return ShapeError(shown(problem))
    except RecursionError:
        return ShapeError("nested too deeply")
    except (ValueError, LookupError, TypeError, AttributeError):  # what PyYAML raises for a scalar that is not what its tag says
        return ShapeError("a value is not what its YAML tag says")


def _expanded(node: Node, sizes: dict[int, int]) -> int:
    """How large the node is with its aliases expanded; more than is allowed where an alias stands inside what it names."""
    known = sizes.get(id(node))
    if known is not None:
        return known
    sizes[id(node)] = MAX_EXPANDED + 1
    if isinstance(node, ScalarNode):
        size = len(node.value)
    elif isinstance(node, MappingNode):
        size = sum([_expanded(key, sizes) + _expanded(value, sizes) for key, value in node.value])
    else:
        size = sum([_expanded(item, sizes) for item in node.value])
    sizes[id(node)] = size + _NODE
    return size + _NODE


def _pass_over(loader: _Loader, event: Event) -> None:
    """Read to the end of the node that the event begins."""
    depth = 0
    while True:
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth == 0:
            return
        event = loader.get_event()
