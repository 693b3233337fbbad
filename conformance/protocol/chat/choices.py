"""Choices: what an answer says, by choice index, the same for a message as for the deltas of a
stream."""

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
"""The reasons, in lower case, that tell of an end of the model's own, also in the words of other
APIs."""


ChoiceEntry: TypeAlias = tuple[int | None, int, dict[str, Any]]
"""One entry of ``choices``: the number of its event (None in a completion), its position, its
value."""


class Message(NamedTuple):
    """One message or delta of a choice: the number of its event (None in a completion), its
    position in ``choices``, its value."""

    event: int | None
    position: int
    value: dict[str, Any]


class Role(NamedTuple):
    """A role that a message or delta says (not null), and the number of that piece in its choice,
    from 0."""

    piece: int
    event: int | None
    position: int
    role: Any


class Finish(NamedTuple):
    """A finish reason that is not null, and where it stands."""

    event: int | None
    position: int
    reason: Any


class Logprobs(NamedTuple):
    """A ``logprobs`` that is not null, and where it stands."""

    event: int | None
    position: int
    value: Any


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of an answer: of a completion its message, of a stream its deltas joined.

    ``text``, ``refusal`` and ``reasoning`` are "" where there is none. ``finish_reason`` is the
    last one that is a string, None where there is none; ``cut`` says that it tells of anything but
    an end of the model's own: a limit, a filter, or what nobody knows. ``late`` are the pieces with
    content or calls after the finish. ``tokens`` are the entries of ``logprobs.content`` of all
    chunks. A mis-shaped node is left out: of it the schemas speak.
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
        """Whether the choice has text, a call, a refusal or audio."""
        return bool(self.text or self.calls or self.function_call or self.refusal or self.audio)

    @property
    def tokens(self) -> list[Any]:
        """The entries of ``logprobs.content``, joined over all chunks."""
        found: list[Any] = []
        for entry in self.logprobs:
            content = entry.value.get("content") if isinstance(entry.value, dict) else None
            if isinstance(content, list):
                found += content
        return found


def choice_of(
    index: int, entries: Sequence[ChoiceEntry], key: Literal["message", "delta"]
) -> Choice:
    """The choice that the entries of ``choices`` with one index make; their messages stand under
    ``key``."""
    make = tuple.__new__  # half the price of calling Piece, which counts where there are thousands
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
    # most deltas are a piece of text and nothing else
    rich = [
        (number, piece)
        for number, piece in enumerate(pieces)
        if len(piece.value) > 1 or "content" not in piece.value
    ]
    reason = next(
        (finish.reason for finish in reversed(finishes) if isinstance(finish.reason, str)), None
    )
    fragments = [fragment for _, piece in rich for fragment in _fragments(piece, key)]
    values = [piece.value for _, piece in rich]  # all that can say more than text
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
    """The pieces with content or calls that come after the first finish reason that says
    something."""
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
