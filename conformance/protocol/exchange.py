"""The values that everything else speaks of: frozen, without behaviour of their own, standard
library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

Json: TypeAlias = Any
"""A parsed JSON value: None, bool, int, float, str, list or dict with str keys."""

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Header fields in the order of the wire, names in lower case; () where they were not recorded."""

Evidence: TypeAlias = Literal["request", "headers", "text", "bytes", "end", "timing"]
"""What a recording can show:

request: the body of the request;
headers: the header fields of the response;
text:    the response body verbatim (not serialised anew, folded or quoted), so its framing and its
    JSON text count;
bytes:   the response body as the bytes of the wire (not decoded to text), so its encoding counts;
end:     the response body up to its end (not cut, not quoted in part);
timing:  when each read of the response body arrived.
"""

CHAT_COMPLETIONS = "/chat/completions"
"""The path, under a base URL, of the calls that everything here is about."""

_NOTHING: Mapping[str, Json] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked.

    ``body`` is the parsed JSON body, a ``str`` where the body is not JSON, and None where it was
    not recorded.
    """

    method: str = "POST"
    url: str = ""
    headers: Headers = ()
    body: Json = None


@dataclass(frozen=True, slots=True)
class Response:
    """What was answered.

    ``body`` is None where it was not recorded. ``reads`` gives, for each read of the socket, the
    milliseconds since the request was sent and the number of bytes. ``cut`` says that the
    connection ended before the body did. ``fidelity`` is ``bytes`` for the bytes of the wire,
    ``text`` for verbatim text that was decoded on the way, ``values`` for a body that was
    serialised anew or quoted.
    """

    status: int
    headers: Headers = ()
    body: bytes | None = None
    reads: tuple[tuple[float, int], ...] = ()
    truncated: bool = False
    fidelity: Literal["bytes", "text", "values"] = "text"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as recorded.

    ``meta`` is what the recording says of itself: ``partial`` (the body is quoted in part),
    ``elided`` (JSON pointers of payloads that were left out), ``profile``, ``server``, ``case`` and
    the like. ``origin`` says where it was read, such as ``traffic.jsonl:12``.
    """

    id: str
    request: Request
    response: Response
    meta: Mapping[str, Json] = field(default_factory=lambda: _NOTHING)
    origin: str = ""

    @property
    def evidence(self) -> frozenset[Evidence]:
        """What is known of the exchange; what is not known is not judged."""
        response = self.response
        known: list[Evidence] = []
        if self.request.body is not None:
            known.append("request")
        if response.headers:
            known.append("headers")
        if response.fidelity != "values":
            known.append("text")
        if response.fidelity == "bytes":
            known.append("bytes")
        if not (response.truncated or self.meta.get("partial")):
            known.append("end")
        if response.reads:
            known.append("timing")
        return frozenset(known)


class Event(NamedTuple):  # made by the million: half the price of a frozen dataclass
    """One event of an event stream: its data, and its name (``message`` where none was given)."""

    data: str
    name: str = "message"


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation of one requirement, with its evidence.

    ``event`` is the number of the event in the stream, from 0; ``pointer`` the JSON pointer into
    the body or into that event's data. ``count`` says how often it was met in the exchange: the
    evidence is that of the first time.
    """

    requirement: str
    message: str
    expected: Json = None
    actual: Json = None
    event: int | None = None
    pointer: str = ""
    count: int = 1
