"""Collect the facts of a stream in one pass over its events.

Malformed parts are skipped; nothing raises.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import orjson

from conformance.protocol import json_text
from conformance.protocol.chat.choices import ChoiceEntry
from conformance.protocol.exchange import Event, Json


class EventValue(NamedTuple):
    """A value and the number of the event that has it (None in a completion)."""

    event: int | None
    value: Any


Head: TypeAlias = tuple[Json, Json, Json, Json]
"""The id, model, system_fingerprint and created of a chunk."""

_DEEP = 254
"""A text with fewer opening brackets cannot be nested deeper than ``json_text`` reads."""

_LONG = 2 * _DEEP
"""A text with fewer characters cannot have that many pairs of brackets."""


@dataclass(slots=True)
class StreamFold:
    """The facts of a stream while they are collected.

    The fields are named as in ``Facts``; ``choices`` maps each index to its entries.
    """

    chunks: list[dict[str, Any]] = field(default_factory=list)
    chunk_events: list[int] = field(default_factory=list)
    failures: list[EventValue] = field(default_factory=list)
    non_chunk_events: list[EventValue] = field(default_factory=list)
    defects: list[EventValue] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    choiceless_chunks: list[EventValue] = field(default_factory=list)
    choices_without_index: list[EventValue] = field(default_factory=list)
    choices: dict[int, list[ChoiceEntry]] = field(default_factory=dict)

    def take(self, events: Iterable[Event]) -> None:
        """Add the events of a stream; call it once."""
        for number, event in enumerate(events):
            data = event.data
            if data == "[DONE]":
                self.done.append(number)
                continue
            try:
                value = (
                    orjson.loads(data)
                    if len(data) < _LONG or data.count("{") + data.count("[") < _DEEP
                    else self.closely(number, data)
                )
            except orjson.JSONDecodeError:
                value = self.closely(number, data)
            if value.__class__ is not dict:
                if value is not None or data.strip() == "null":
                    self.non_chunk_events.append(EventValue(number, "JSON, but not an object"))
                if error := error_in(value):
                    self.failures.append(EventValue(number, error))
            elif (
                value.get("error") is not None
                or event.name == "error"
                or ("choices" not in value and _is_error(value))
            ):
                self.failures.append(EventValue(number, value))
            else:
                self.chunk(number, value)

    def closely(self, number: int, data: str) -> Json:
        """Parse data that orjson cannot read or that may be nested too deeply.

        None if it is not JSON; then the event is added to ``non_chunk_events``.
        """
        value, defects, failure = json_text.parse(data)
        if failure:
            self.non_chunk_events.append(
                EventValue(number, f"not JSON: {failure.message} at character {failure.offset}")
            )
        self.defects += [EventValue(number, defect) for defect in defects]
        return value

    def chunk(self, number: int, chunk: dict[str, Any]) -> None:
        """Add one chunk."""
        self.chunks.append(chunk)
        self.chunk_events.append(number)
        entries = chunk.get("choices")
        if not entries or entries.__class__ is not list:
            self.choiceless_chunks.append(EventValue(number, chunk))
            return
        for position, entry in enumerate(entries):
            if entry.__class__ is dict:
                index = entry.get("index")
                if index.__class__ is not int:  # its position counts as its index
                    self.choices_without_index.append(EventValue(number, position))
                    index = position
                if index not in self.choices:
                    self.choices[index] = []
                self.choices[index].append((number, position, entry))

    def changes(self) -> list[tuple[int, Head]]:
        """Return the head of the first chunk and each head that differs from the one before.

        Each comes with the number of its event.
        """
        heads = [
            (
                chunk.get("id"),
                chunk.get("model"),
                chunk.get("system_fingerprint"),
                chunk.get("created"),
            )
            for chunk in self.chunks
        ]
        if heads and heads.count(heads[0]) == len(heads):
            return [(self.chunk_events[0], heads[0])]
        numbered = list(zip(self.chunk_events, heads, strict=True))
        return [
            (event, head)
            for (event, head), before in zip(numbered, [None, *heads], strict=False)
            if head != before
        ]

    def usages(self) -> tuple[EventValue, ...]:
        """Return each usage that is an object, with its event."""
        return tuple(
            [
                EventValue(self.chunk_events[number], chunk["usage"])
                for number, chunk in enumerate(self.chunks)
                if chunk.get("usage").__class__ is dict
            ]
        )


def first_events(changes: Iterable[tuple[int, Head]], part: int) -> dict[str, int]:
    """Return the strings at one position of the heads, each with the first event that has it."""
    first: dict[str, int] = {}
    for event, head in changes:
        if isinstance(text := head[part], str):
            first.setdefault(text, event)
    return first


def times(changes: Iterable[tuple[int, Head]]) -> tuple[EventValue, ...]:
    """Return the first ``created`` and each one that differs from the one before."""
    created: list[EventValue] = []
    for event, head in changes:
        if type(head[3]) is int and not (created and created[-1].value == head[3]):
            created.append(EventValue(event, head[3]))
    return tuple(created)


def error_in(value: Json) -> dict[str, Any] | None:
    """Return the object that is an error, from an array its first item; None if it is not one."""
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict) or (first.get("error") is None and "choices" in first):
        return None
    return first if first.get("error") is not None or _is_error(first) else None


def _is_error(value: dict[str, Any]) -> bool:
    """Return whether an object without ``choices`` is an error in the form of another API."""
    return value.get("object") == "error" or "message" in value or "detail" in value
