"""Build the JSON body of a chat completion that is not streamed."""

from collections.abc import Sequence
from typing import Any

from conformance.endpoints.reference.answers.drafts import Draft
from conformance.endpoints.reference.answers.envelope import envelope, log, whole_call
from conformance.endpoints.reference.answers.google_message import google_message
from conformance.endpoints.reference.answers.usage import usage_of
from conformance.endpoints.reference.dialects.dialect import Dialect
from conformance.endpoints.reference.request.parsing import Asked


def completion(asked: Asked, drafts: Sequence[Draft], dialect: Dialect) -> dict[str, Any]:
    """Return the body of a completion with a choice for each draft."""
    choices = [_choice(asked, draft, dialect) for draft in drafts]
    return envelope(asked, dialect, "chat.completion") | {
        "choices": choices,
        "usage": usage_of(asked, drafts, dialect),
    }


def _choice(asked: Asked, draft: Draft, dialect: Dialect) -> dict[str, Any]:
    choice: dict[str, Any] = {"index": draft.index}
    if not dialect.is_google:
        choice["message"] = _message(asked, draft, dialect)
    elif not draft.filtered:
        choice["message"] = google_message(asked, draft)
    choice["finish_reason"] = draft.finish
    if dialect.profile != "gemini-api":
        choice["logprobs"] = log(asked, draft, 0, len(draft.text))
    if dialect.vendor == "vllm":
        choice["stop_reason"] = None
    return choice


def _message(asked: Asked, draft: Draft, dialect: Dialect) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": "".join(draft.text)}
    if (draft.calls or draft.filtered) and not draft.text:
        message["content"] = None
    if draft.calls and asked.tooling.legacy:
        message["function_call"] = {
            "name": draft.calls[0].name,
            "arguments": draft.calls[0].arguments,
        }
    elif draft.calls:
        message["tool_calls"] = [whole_call(call) for call in draft.calls]
    match dialect.vendor:
        case "openai":
            message |= {"refusal": None, "annotations": []}
        case "vllm":
            thought = "".join(draft.thought) if asked.thinking.shown else ""
            message |= {"refusal": None, "reasoning": thought or None}
    return message
