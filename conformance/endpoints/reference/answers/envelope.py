"""What stands round an answer, and what completions and chunks have in common."""

import base64
from typing import Any, Literal

from conformance.endpoints.reference.answers.drafts import Draft
from conformance.endpoints.reference.answers.tool_calls import Call
from conformance.endpoints.reference.dialects.dialect import Dialect
from conformance.endpoints.reference.generators.dice import Dice
from conformance.endpoints.reference.generators.logprobs import logprobs_of
from conformance.endpoints.reference.request.parsing import Asked

# the start of 2026: no clock is asked, so that the same request has the same answer
_EPOCH = 1_767_225_600
_IMAGE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mP4z8CAFTEMLQkAKP8"
    "/wc53yE8AAAAASUVORK5CYII="
)


def envelope(
    asked: Asked, dialect: Dialect, kind: Literal["chat.completion", "chat.completion.chunk"]
) -> dict[str, Any]:
    """The fields of an answer, or of each of its chunks, beside choices and usage."""
    dice = asked.name_dice
    created = _EPOCH + dice.number("created", 10_000_000)
    made: dict[str, Any] = {
        "id": _identifier(dice, created, dialect),
        "object": kind,
        "created": created,
        "model": asked.model,
    }
    match dialect.profile:
        case "vertex-gemini":
            made["system_fingerprint"] = ""
        case "vertex-vllm":
            made |= {"service_tier": None, "system_fingerprint": None}
        case "openai":
            made |= {
                "service_tier": "default",
                "system_fingerprint": f"fp_{dice.bytes('fingerprint', 5).hex()}",
            }
    return made


def _identifier(dice: Dice, created: int, dialect: Dialect) -> str:
    if dialect.is_google:  # as Google's own, it begins with the time
        return (
            base64.urlsafe_b64encode(created.to_bytes(4, "little") + dice.bytes("id", 12))
            .decode()
            .rstrip("=")
        )
    return f"chatcmpl-{dice.bytes('id', 16).hex()}"


def flagged(*, signature: str = "", thought: bool = False) -> dict[str, Any]:
    """The key ``extra_content`` with Google's marks, nothing where there is no mark."""
    google = ({"thought": True} if thought else {}) | (
        {"thought_signature": signature} if signature else {}
    )
    return {"extra_content": {"google": google}} if google else {}


def whole_call(call: Call) -> dict[str, Any]:
    """A tool call as a message has it."""
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    } | flagged(signature=call.signature)


def image() -> dict[str, Any]:
    """A generated image where OpenAI's messages have their audio."""
    return {"data": _IMAGE, "extra_content": {"google": {"mime_type": "image/png"}}}


def tags(asked: Asked) -> tuple[str, str]:
    """What stands before and after the thoughts that are shown."""
    tag = asked.thinking.tag
    return (f"<{tag}>", f"</{tag}>") if tag else ("", "")


def log(asked: Asked, draft: Draft, first: int, end: int) -> dict[str, Any] | None:
    """The ``logprobs`` of the tokens of a text between two places, None where they are not wanted
    or there are no tokens."""
    if asked.top_logprobs is None or first >= end:
        return None
    return logprobs_of(
        draft.text[first:end],
        first,
        asked.top_logprobs,
        asked.dice.under(f"logprobs {draft.index}"),
    )
