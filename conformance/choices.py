"""Choices: what an answer says, by choice index, the same for a message as for the deltas of a stream."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from conformance.tool_calls import Call, Fragment, assemble, whole

_CUT = ("length", "content_filter", "function_call_filter")


class Piece(NamedTuple):
    """One message or delta of a choice: the number of its event (None in a completion), its position in ``choices``, its value."""

    event: int | None
    position: int
    value: dict[str, Any]


class Role(NamedTuple):
    """A role that a message or delta says (not null), and the number of that piece in its choice, from 0."""

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

    ``text``, ``refusal`` and ``reasoning`` are "" where there is none. ``finish_reason`` is the last one that is a string, None where there is none; ``cut``
    says that it tells of a limit or a filter. ``late`` are the pieces with content or calls after the finish. ``tokens`` are the entries of
    ``logprobs.content`` of all chunks. A mis-shaped node is left out: of it the schemas speak.
    """

    index: int
    pieces: tuple[Piece, ...]
    text: str
    refusal: str
    reasoning: str
    finishes: tuple[Finish, ...]
    finish_reason: str | None
    cut: bool
    roles: tuple[Role, ...]
    late: tuple[Piece, ...]
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


@dataclass(slots=True)
class ChoiceFold:
    """The choice under construction."""

    index: int
    pieces: list[Piece] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    finishes: list[Finish] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    late: list[Piece] = field(default_factory=list)
    fragments: list[Fragment] = field(default_factory=list)
    logprobs: list[Logprobs] = field(default_factory=list)
    function_call: bool = False
    audio: bool = False

    def add(self, event: int | None, position: int, choice: dict[str, Any], key: str) -> None:
        """Take in one entry of ``choices``, whose message stands under ``key`` ("message" or "delta")."""
        value = choice.get(key)
        if value.__class__ is dict:
            piece = Piece(event, position, value)
            self.pieces.append(piece)
            content = value.get("content")
            if content and content.__class__ is str:
                self.text.append(content)
            if self.finishes and (content or value.get("tool_calls")) and any(finish.reason for finish in self.finishes):
                self.late.append(piece)
            if content is None or len(value) > 1:  # not just a piece of text, which most deltas are
                self._take(event, position, value, key)
        reason = choice.get("finish_reason")
        if reason is not None:
            self.finishes.append(Finish(event, position, reason))
        logprobs = choice.get("logprobs")
        if logprobs is not None:
            self.logprobs.append(Logprobs(event, position, logprobs))

    def _take(self, event: int | None, position: int, value: dict[str, Any], key: str) -> None:
        role = value.get("role")
        if role is not None:
            self.roles.append(Role(len(self.pieces) - 1, event, position, role))
        reasoning = value.get("reasoning_content") or value.get("reasoning")
        if reasoning and isinstance(reasoning, str):
            self.reasoning.append(reasoning)
        refusal = value.get("refusal")
        if refusal and isinstance(refusal, str):
            self.refusal.append(refusal)
        if value.get("function_call"):
            self.function_call = True
        if value.get("audio"):
            self.audio = True
        calls = value.get("tool_calls")
        if isinstance(calls, list):
            pointer = f"/choices/{position}/{key}/tool_calls/"
            self.fragments += [Fragment(event, f"{pointer}{number}", call) for number, call in enumerate(calls) if isinstance(call, dict)]

    def choice(self, streamed: bool) -> Choice:
        """The finished choice."""
        if not self.fragments:
            calls: tuple[Call, ...] = ()
        elif streamed:
            calls = assemble(self.fragments)
        else:
            calls = tuple(whole(fragment) for fragment in self.fragments)
        reason = next((finish.reason for finish in reversed(self.finishes) if isinstance(finish.reason, str)), None)
        return Choice(
            self.index,
            tuple(self.pieces),
            "".join(self.text),
            "".join(self.refusal),
            "".join(self.reasoning),
            tuple(self.finishes),
            reason,
            reason is not None and reason.startswith(_CUT),
            tuple(self.roles),
            tuple(self.late),
            calls,
            self.function_call,
            self.audio,
            tuple(self.logprobs),
        )
