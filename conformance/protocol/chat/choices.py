"""The choices of an answer by their index, in the same form for a message and for a stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from conformance.protocol.chat.tool_calls import Call, Fragment, assemble, whole

_ENDED = (
    "stop",
    "tool_calls",
    "function_call",
    "stop_sequence",
    "eos_token",
    "end_turn",
    "tool_use",
)
"""Finish reasons, in lower case, with which a model ends an answer itself; also of other APIs."""

FILTERS = ("content_filter", "function_call_filter")
"""How a finish reason begins if a filter ended the choice."""


ChoiceEntry: TypeAlias = tuple[int | None, int, dict[str, Any]]
"""One entry of ``choices``: number of its event (None in a completion), position, value."""


class Message(NamedTuple):
    """One message or delta of a choice.

    ``event`` is the number of its event (None in a completion), ``position`` that of its entry in
    ``choices``.
    """

    event: int | None
    position: int
    value: dict[str, Any]


class Role(NamedTuple):
    """A ``role`` that is not null; ``piece`` is the number of its message or delta, from 0."""

    piece: int
    event: int | None
    position: int
    role: Any


class Finish(NamedTuple):
    """A ``finish_reason`` that is not null, and its place."""

    event: int | None
    position: int
    reason: Any


class Logprobs(NamedTuple):
    """A ``logprobs`` that is not null, and its place."""

    event: int | None
    position: int
    value: Any


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of an answer: the message of a completion, or the joined deltas of a stream.

    ``text``, ``refusal`` and ``reasoning`` are "" if there are none. ``finish_reason`` is the last
    one that is a string, or None. ``finished_early`` is true if it is not one with which the model
    itself ends: a limit, a filter, or an unknown reason. ``late`` has the messages or deltas with
    content or calls after the finish reason. Malformed nodes are skipped; the JSON Schemas report
    them.
    """

    index: int
    messages: tuple[Message, ...]
    text: str
    refusal: str
    reasoning: str
    finishes: tuple[Finish, ...]
    finish_reason: str | None
    finished_early: bool
    roles: tuple[Role, ...]
    late: tuple[Message, ...]
    calls: tuple[Call, ...]
    function_call: bool
    audio: bool
    logprobs: tuple[Logprobs, ...]

    @property
    def says_something(self) -> bool:
        """True if the choice has text, a call, a refusal or audio."""
        return bool(self.text or self.calls or self.function_call or self.refusal or self.audio)

    @property
    def tokens(self) -> list[Any]:
        """The entries of ``logprobs.content`` of all messages or deltas, well-formed or not."""
        tokens: list[Any] = []
        for entry in self.logprobs:
            content = entry.value.get("content") if isinstance(entry.value, dict) else None
            if isinstance(content, list):
                tokens += content
        return tokens


def choice_of(
    index: int, entries: Sequence[ChoiceEntry], key: Literal["message", "delta"]
) -> Choice:
    """Build a choice from all entries of ``choices`` that have its index.

    Args:
        index: The index of the choice.
        entries: One entry for a completion; for a stream one per chunk, in their order.
        key: The key of the messages in the entries.
    """
    make = tuple.__new__  # takes half the time of calling Message, and there may be thousands
    pieces = [
        make(Message, (event, position, value))
        for event, position, entry in entries
        if (value := entry.get(key)).__class__ is dict
    ]
    finishes = [
        Finish(event, position, reason)
        for event, position, entry in entries
        if (reason := entry.get("finish_reason")) is not None
    ]
    logprobs = [
        Logprobs(event, position, value)
        for event, position, entry in entries
        if (value := entry.get("logprobs")) is not None
    ]
    # most deltas have text and nothing else
    rich = [
        (number, piece)
        for number, piece in enumerate(pieces)
        if len(piece.value) > 1 or "content" not in piece.value
    ]
    reason = next(
        (finish.reason for finish in reversed(finishes) if isinstance(finish.reason, str)), None
    )
    fragments = [fragment for _, piece in rich for fragment in _fragments(piece, key)]
    values = [piece.value for _, piece in rich]  # those that may have more than text
    return Choice(
        index,
        tuple(pieces),
        _joined([piece.value for piece in pieces], "content"),
        _joined(values, "refusal"),
        _joined(values, "reasoning_content") or _joined(values, "reasoning"),
        tuple(finishes),
        reason,
        reason is not None and reason != "" and reason.lower() not in _ENDED,
        tuple(
            [
                Role(number, piece.event, piece.position, role)
                for number, piece in rich
                if (role := piece.value.get("role")) is not None
            ]
        ),
        tuple(_late(pieces, finishes)),
        assemble(fragments) if key == "delta" else tuple(map(whole, fragments)),
        any(value.get("function_call") for value in values),
        any(value.get("audio") for value in values),
        tuple(logprobs),
    )


def _joined(values: Sequence[dict[str, Any]], key: str) -> str:
    return "".join([text for value in values if (text := value.get(key)).__class__ is str])


def _fragments(piece: Message, key: str) -> list[Fragment]:
    calls = piece.value.get("tool_calls")
    if not calls or not isinstance(calls, list):
        return []
    pointer = f"/choices/{piece.position}/{key}/tool_calls/"
    return [
        Fragment(piece.event, f"{pointer}{number}", call)
        for number, call in enumerate(calls)
        if isinstance(call, dict)
    ]


def _late(pieces: Sequence[Message], finishes: Sequence[Finish]) -> list[Message]:
    """Return the pieces with content or calls after the first finish reason that is not empty."""
    finish = next(
        (finish.event for finish in finishes if finish.reason and finish.event is not None), None
    )
    if finish is None or (pieces and pieces[-1].event == finish):
        return []
    return [
        piece
        for piece in pieces
        if piece.event is not None
        and piece.event > finish
        and (piece.value.get("content") or piece.value.get("tool_calls"))
    ]
