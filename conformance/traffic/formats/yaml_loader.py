"""What reads YAML: PyYAML's parser, composer and resolver as one, within bounds."""

from typing import Protocol, cast

import yaml
from yaml.composer import Composer
from yaml.events import Event
from yaml.nodes import Node
from yaml.resolver import Resolver

from conformance.traffic.files import Stream
from conformance.traffic.formats.record_fields import ShapeError

MAX_ITEM = 64 << 20
"""Bytes of the file that one item may take."""

MAX_NODES = 500_000
"""Scalars, lists and mappings of one item, which take some 400 bytes each until its value is made.
"""


class Bounds:
    """How much of the file the current item has taken so far; laid over a loader, which reads
    through it and tells it of each node."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.renew()

    def renew(self) -> None:
        """Begin with the next item."""
        self._bytes = self._nodes = 0

    def read(self, size: int = -1, /) -> bytes:
        """Read on."""
        data = self._stream.read1(size)
        self._bytes += len(data)
        if self._bytes > MAX_ITEM:
            raise ShapeError(f"an item is larger than {MAX_ITEM >> 20} MB, so the rest is not read")
        return data

    def count(self) -> None:
        """Count a node."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ShapeError(f"an item has more than {MAX_NODES:,} values, so the rest is not read")


class Loader(Protocol):
    """What is used of PyYAML's parser and composer."""

    anchors: dict[str, Node]
    bounds: Bounds

    def check_event(self, *kinds: type[Event]) -> bool: ...  # noqa: D102
    def get_event(self) -> Event: ...  # noqa: D102
    def compose_node(self, parent: Node | None, index: int) -> Node | None: ...  # noqa: D102


def loader_of(stream: Stream) -> Loader:
    """Parser, composer and resolver over the stream, by libyaml where PyYAML was built with it."""
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
