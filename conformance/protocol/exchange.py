"""The values that all packages share: exchanges, their evidence, events and findings.

They are frozen and have almost no behaviour; this module needs only the standard library.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

Json: TypeAlias = Any
"""A parsed JSON value: None, bool, int, float, str, list or dict with str keys."""

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Header fields in the order of the wire, names in lower case; () if they were not recorded."""

Evidence: TypeAlias = Literal["request", "headers", "text", "bytes", "end", "timing"]
"""What a recording can show:

request: the body of the request;
headers: the header fields of the response;
text:    the response body verbatim (not serialised again, joined or quoted), so its framing and its
    JSON text can be judged;
bytes:   the response body as the bytes of the wire (not decoded to text), so its encoding can be
    judged;
end:     the response body up to its end (not truncated, not quoted in part);
timing:  when each read of the response body arrived.
"""

CHAT_COMPLETIONS = "/chat/completions"
"""The path of the endpoint under a base URL."""

CONNECTION_ENDED = "connection_ended"
"""In the meta of a truncated answer: true if the connection ended, not a limit of the client."""

CUT_AGAIN = "cut_again"
"""In the meta of a truncated answer: why the answer before it, to the same request, was truncated
as well; missing if the connection ended only once."""

_NOTHING: Mapping[str, Json] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Request:
    """A recorded HTTP request.

    ``body`` is the parsed JSON body, a ``str`` if the body is not JSON, and None if it was not
    recorded.
    """

    method: str = "POST"
    url: str = ""
    headers: Headers = ()
    body: Json = None


@dataclass(frozen=True, slots=True)
class Response:
    """A recorded HTTP response.

    ``body`` is None if it was not recorded. ``reads`` has, for each read of the socket, the
    milliseconds since the request was sent and the number of bytes. ``truncated`` is true if the
    connection ended before the body did. ``fidelity`` is ``bytes`` for the bytes of the wire,
    ``text`` for verbatim text that was decoded by the recorder, ``values`` for a body that was
    serialised again or quoted.
    """

    status: int
    headers: Headers = ()
    body: bytes | None = None
    reads: tuple[tuple[float, int], ...] = ()
    truncated: bool = False
    fidelity: Literal["bytes", "text", "values"] = "text"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response, as recorded.

    ``meta`` is what the recording says about itself: ``partial`` (the body is quoted in part),
    ``elided`` (JSON pointers of payloads that were left out), ``profile``, ``server``, ``case`` and
    the like. ``origin`` is the place it was read from, such as ``traffic.jsonl:12``.
    """

    id: str
    request: Request
    response: Response
    meta: Mapping[str, Json] = field(default_factory=lambda: _NOTHING)
    origin: str = ""

    @property
    def evidence(self) -> frozenset[Evidence]:
        """What the recording can show; a rule that needs more is not tested on it."""
        response = self.response
        evidence: list[Evidence] = []
        if self.request.body is not None:
            evidence.append("request")
        if response.headers:
            evidence.append("headers")
        if response.fidelity != "values":
            evidence.append("text")
        if response.fidelity == "bytes":
            evidence.append("bytes")
        if not (response.truncated or self.meta.get("partial")):
            evidence.append("end")
        if response.reads:
            evidence.append("timing")
        return frozenset(evidence)


class Event(NamedTuple):  # made by the million: half the price of a frozen dataclass
    """One event of an event stream: its data, and its name (``message`` if it has none)."""

    data: str
    name: str = "message"


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation of one requirement: what is wrong, where, what was expected and what came.

    ``event`` is the number of the event in the stream, from 0, and None for a body that is not a
    stream. ``pointer`` is the JSON pointer into the body or into the data of that event. ``count``
    says how often the requirement was violated in the exchange; the other fields describe the first
    violation.
    """

    requirement: str
    message: str
    expected: Json = None
    actual: Json = None
    event: int | None = None
    pointer: str = ""
    count: int = 1
