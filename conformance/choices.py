"""Choices: what an answer says, by choice index, the same for a message as for the deltas of a stream."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from conformance.tool_calls import Call, Fragment, assemble, whole


class Piece(NamedTuple):
    """One message or delta of a choice: the number of its event (None in a completion), its position in ``choices``, its value."""

    event: int | None
    position: int
    value: dict[str, Any]


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

    ``text``, ``refusal`` and ``reasoning`` are "" where there is none. ``finish_reason`` is the last one that is not null. ``tokens`` are the entries of
    ``logprobs.content`` of all chunks. A mis-shaped node is left out: of it the schemas speak.
    """

    index: int
    pieces: tuple[Piece, ...]
    text: str
    refusal: str
    reasoning: str
    finishes: tuple[Finish, ...]
    calls: tuple[Call, ...]
    function_call: bool
    audio: bool
    logprobs: tuple[Logprobs, ...]

    @property
    def finish_reason(self) -> str | None:
        """The last finish reason that is a string, None where there is none."""
        return next((finish.reason for finish in reversed(self.finishes) if isinstance(finish.reason, str)), None)

    @property
    def cut(self) -> bool:
        """Whether the answer was cut: by its length or by a filter."""
        reason = self.finish_reason
        return reason is not None and (reason == "length" or reason.startswith(("content_filter", "function_call_filter")))

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
    fragments: list[Fragment] = field(default_factory=list)
    logprobs: list[Logprobs] = field(default_factory=list)
    function_call: bool = False
    audio: bool = False

    def add(self, event: int | None, position: int, choice: dict[str, Any], key: str) -> None:
        """Take in one entry of ``choices``, whose message stands under ``key`` ("message" or "delta")."""
        reason = choice.get("finish_reason")
        if reason is not None:
            self.finishes.append(Finish(event, position, reason))
        logprobs = choice.get("logprobs")
        if logprobs is not None:
            self.logprobs.append(Logprobs(event, position, logprobs))
        value = choice.get(key)
        if isinstance(value, dict):
            self.pieces.append(Piece(event, position, value))
            self._take(event, position, value, key)

    def _take(self, event: int | None, position: int, value: dict[str, Any], key: str) -> None:
        content = value.get("content")
        if content and isinstance(content, str):
            self.text.append(content)
        if len(value) == 1 and content is not None:
            return  # by far the most frequent delta
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
        return Choice(
            self.index,
            tuple(self.pieces),
            "".join(self.text),
            "".join(self.refusal),
            "".join(self.reasoning),
            tuple(self.finishes),
            calls,
            self.function_call,
            self.audio,
            tuple(self.logprobs),
        )


def entries(choices: object) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """The well-shaped entries of a ``choices`` array: position, choice index (the position where it has none), entry."""
    if isinstance(choices, list):
        for position, entry in enumerate(choices):
            if isinstance(entry, dict):
                index = entry.get("index")
                yield position, index if type(index) is int else position, entry
