"""The parts that completions and chunks have in common, such as id, model and created."""

import base64
from datetime import UTC, datetime
from typing import Any, Literal

from conformance.endpoints.reference.answers.drafts import Draft
from conformance.endpoints.reference.answers.tool_calls import Call
from conformance.endpoints.reference.dialects.dialect import Dialect, is_partners
from conformance.endpoints.reference.generators.dice import Dice
from conformance.endpoints.reference.generators.logprobs import logprobs_of
from conformance.endpoints.reference.request.parsing import Asked

# the start of 2026; the clock is not used, so that the same request has the same answer
_EPOCH = 1_767_225_600
_IMAGE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mP4z8CAFTEMLQkAKP8"
    "/wc53yE8AAAAASUVORK5CYII="
)


def envelope(
    asked: Asked, dialect: Dialect, kind: Literal["chat.completion", "chat.completion.chunk"]
) -> dict[str, Any]:
    """Return the fields of a completion or chunk other than choices and usage."""
    dice = asked.name_dice
    created = _EPOCH + dice.number("created", 10_000_000)
    fields: dict[str, Any] = {
        "id": _identifier(dice, created, asked.model, dialect),
        "object": kind,
        "created": created,
        "model": asked.model,
    }
    match dialect.profile:
        case "vertex-gemini":
            fields["system_fingerprint"] = ""
        case "vertex-vllm":
            fields |= {"service_tier": None, "system_fingerprint": None}
        case "openai":
            fields |= {
                "service_tier": "default",
                "system_fingerprint": f"fp_{dice.bytes('fingerprint', 5).hex()}",
            }
    return fields


def _identifier(dice: Dice, created: int, model: str, dialect: Dialect) -> str:
    if dialect.profile == "vertex-gemini" and is_partners(model):
        time = datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%d|%H:%M:%S.%f")
        return f"{time}+00|192.0.2.1|{dice.number('id', 1 << 30)}"
    if dialect.is_google:  # an id of Google begins with the time
        return (
            base64.urlsafe_b64encode(created.to_bytes(4, "little") + dice.bytes("id", 12))
            .decode()
            .rstrip("=")
        )
    return f"chatcmpl-{dice.bytes('id', 16).hex()}"


def flagged(*, signature: str = "", thought: bool = False) -> dict[str, Any]:
    """Return ``extra_content`` with Google's thought flag and signature, {} without both."""
    google = ({"thought": True} if thought else {}) | (
        {"thought_signature": signature} if signature else {}
    )
    return {"extra_content": {"google": google}} if google else {}


def whole_call(call: Call) -> dict[str, Any]:
    """Return a complete tool call, as in ``message.tool_calls``."""
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    } | flagged(signature=call.signature)


def image() -> dict[str, Any]:
    """Return the value of ``audio`` for a generated PNG image, as Vertex AI sends it."""
    return {"data": _IMAGE, "extra_content": {"google": {"mime_type": "image/png"}}}


def tags(asked: Asked) -> tuple[str, str]:
    """Return the tags around thoughts that are shown, ("", "") if they have no tag.

    A tag that the request names stands on a line of its own.
    """
    tag, line = asked.thinking.tag, "\n" if asked.thinking.tag_is_named else ""
    return (f"<{tag}>{line}", f"</{tag}>") if tag else ("", "")


def log(asked: Asked, draft: Draft, first: int, end: int) -> dict[str, Any] | None:
    """Return the ``logprobs`` of the text tokens from ``first`` up to ``end``.

    None if the request does not ask for them or the range is empty.
    """
    if asked.top_logprobs is None or first >= end:
        return None
    return logprobs_of(
        draft.text[first:end],
        first,
        asked.top_logprobs,
        asked.dice.under(f"logprobs {draft.index}"),
    )
