"""Read the messages of a request into turns, and check their parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.endpoints.reference.dialects.dialect import Dialect
from conformance.endpoints.reference.dialects.refusal import Refused
from conformance.endpoints.reference.generators.tokens import prompt_tokens
from conformance.endpoints.reference.request.media import Medium, check_uri, medium_of
from conformance.protocol.exchange import Json

_OVERHEAD = 4  # tokens that each message costs in addition to its content


@dataclass(frozen=True, slots=True)
class Called:
    """A tool call in the messages; ``signature`` is its thought signature, "" for none."""

    id: str
    name: str
    arguments: str
    signature: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a request.

    ``role`` is "system" for developer messages too. ``answers`` is the id of the tool call that a
    tool message answers, None for other messages.
    """

    role: str
    text: str
    media: tuple[Medium, ...]
    calls: tuple[Called, ...]
    answers: str | None

    @property
    def tokens(self) -> int:
        """The number of prompt tokens of the message."""
        content = prompt_tokens(self.text) + sum(
            prompt_tokens(call.name + call.arguments) for call in self.calls
        )
        return _OVERHEAD + content + sum(medium.tokens for medium in self.media)

    @property
    def meaning(self) -> Json:
        """The parts of the message that the answer depends on, such as text but not ids."""
        return [
            self.role,
            self.text,
            [medium.source for medium in self.media],
            [[call.name, call.arguments] for call in self.calls],
        ]


def turns_of(messages: Sequence[Mapping[str, Any]], dialect: Dialect, tag: str) -> tuple[Turn, ...]:
    """Return the turns of messages that satisfy the request schema.

    Thoughts inside ``tag`` are removed from assistant messages. Raises Refused for a malformed
    part, tool call or ``extra_content``.
    """
    return tuple(
        _turn(message, f"messages[{number}]", dialect, tag)
        for number, message in enumerate(messages)
    )


def _turn(message: Mapping[str, Any], path: str, dialect: Dialect, tag: str) -> Turn:
    parts = message.get("content") or []
    if isinstance(parts, str):
        parts = [{"type": "text", "text": parts}]
    _check_extra(message, path)
    texts: list[str] = []
    media: list[Medium] = []
    for number, part in enumerate(parts):
        _check_extra(part, f"{path}.content[{number}]")
        if medium := medium_of(part, f"{path}.content[{number}]", dialect):
            media.append(medium)
        else:
            texts.append(part.get("text") or part.get("refusal") or "")
    if message["role"] == "tool" and dialect.is_google:
        media += _files(message, f"{path}.extra_content.google", dialect)
    text = "".join(texts)
    if tag and message["role"] == "assistant":
        text = _without(f"<{tag}>", f"</{tag}>", text)
    role = "system" if message["role"] == "developer" else message["role"]
    return Turn(role, text, tuple(media), _calls(message, path), message.get("tool_call_id"))


def _without(begin: str, end: str, text: str) -> str:
    """Return a text without its parts from ``begin`` to ``end``, both included."""
    kept = []
    place = 0
    while (start := text.find(begin, place)) >= 0:
        stop = text.find(end, start + len(begin))
        if stop < 0:
            break
        kept.append(text[place:start])
        place = stop + len(end)
    return "".join((*kept, text[place:]))


def _calls(message: Mapping[str, Any], path: str) -> tuple[Called, ...]:
    calls: list[Called] = []
    for number, call in enumerate(message.get("tool_calls") or ()):
        function = call.get("function")
        if function is None:
            name = f"{path}.tool_calls[{number}].function"
            raise Refused(
                f"Missing required parameter: '{name}'.",
                param=name,
                code="missing_required_parameter",
            )
        google = _check_extra(call, f"{path}.tool_calls[{number}]")
        calls.append(
            Called(
                call["id"],
                function["name"],
                function["arguments"],
                google.get("thought_signature") or "",
            )
        )
    return tuple(calls)


def _check_extra(value: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """Return the ``extra_content.google`` of a message, part or tool call, {} without one.

    Raises Refused if it is malformed.
    """
    extra = value.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    if google is None:
        return {}
    path = f"{path}.extra_content.google"
    if not isinstance(google, dict):
        raise Refused(f"Invalid value at '{path}': expected an object.", param=path)
    for key, expected, name in (
        ("thought", bool, "a boolean"),
        ("thought_signature", str, "base64 text"),
    ):
        if not isinstance(google.get(key), (expected, type(None))):
            raise Refused(
                f"Invalid value at '{path}.{key}': expected {name}.", param=f"{path}.{key}"
            )
    return google


def _files(message: Mapping[str, Any], path: str, dialect: Dialect) -> list[Medium]:
    """Return the media of a tool message in ``extra_content.google.parts``. Raises Refused."""
    parts = _check_extra(message, path.removesuffix(".extra_content.google")).get("parts", [])
    if not isinstance(parts, list):
        raise Refused(f"Invalid value at '{path}.parts': expected an array.", param=f"{path}.parts")
    media: list[Medium] = []
    for number, part in enumerate(parts):
        place = f"{path}.parts[{number}].file_data"
        data = part.get("file_data") if isinstance(part, dict) else None
        if not (
            isinstance(data, dict)
            and isinstance(data.get("file_uri"), str)
            and isinstance(data.get("mime_type"), str)
        ):
            raise Refused(
                f"Invalid value at '{place}': expected an object with mime_type and file_uri.",
                param=place,
            )
        check_uri(data["file_uri"], f"{place}.file_uri", dialect)
        media.append(Medium(data["file_uri"], 258))
    return media
