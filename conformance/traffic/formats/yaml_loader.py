"""Combine PyYAML's parser, composer and resolver into a loader with size limits."""

from typing import Protocol, cast

import yaml
from yaml.composer import Composer
from yaml.events import Event
from yaml.nodes import Node
from yaml.resolver import Resolver

from conformance.traffic.files import Stream
from conformance.traffic.formats.record_fields import ShapeError

MAX_ITEM = 64 << 20
"""The most bytes of the file that one item may take."""

MAX_NODES = 500_000
"""The most scalars, lists and mappings in one item; each takes about 400 bytes until the item is
converted into a value."""


class Bounds:
    """Counts the bytes and nodes of the current item and raises ``ShapeError`` over the limits.

    The loader reads through it and counts each node with it.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.renew()

    def renew(self) -> None:
        """Start counting the next item."""
        self._bytes = self._nodes = 0

    def read(self, size: int = -1, /) -> bytes:
        """Read up to ``size`` bytes from the stream, and count them."""
        data = self._stream.read1(size)
        self._bytes += len(data)
        if self._bytes > MAX_ITEM:
            raise ShapeError(f"an item is larger than {MAX_ITEM >> 20} MB, so the rest is not read")
        return data

    def count(self) -> None:
        """Count one node."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ShapeError(f"an item has more than {MAX_NODES:,} values, so the rest is not read")


class Loader(Protocol):
    """The methods of PyYAML's parser and composer that are used here."""

    anchors: dict[str, Node]
    bounds: Bounds

    def check_event(self, *kinds: type[Event]) -> bool: ...  # noqa: D102
    def get_event(self) -> Event: ...  # noqa: D102
    def compose_node(self, parent: Node | None, index: int) -> Node | None: ...  # noqa: D102


def loader_of(stream: Stream) -> Loader:
    """Return a loader over the stream, which uses libyaml if PyYAML was built with it."""
    bounds = Bounds(stream)

    class Nodes(Resolver):
        def descend_resolver(self, current_node: Node | None, current_index: int) -> None:
            bounds.count()

    if not yaml.__with_libyaml__:

        class Pure(Nodes, yaml.SafeLoader):
            pass

        loader = cast(Loader, Pure(bounds))
    else:
        from yaml._yaml import CParser

        class Fast(CParser, Composer, Nodes):
            def __init__(self) -> None:
                CParser.__init__(self, bounds)
                Composer.__init__(self)
                Resolver.__init__(self)

        loader = cast(Loader, Fast())
    loader.bounds = bounds
    return loader
