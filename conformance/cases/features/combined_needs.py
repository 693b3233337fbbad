"""Capabilities that a request needs because of a combination of its parts."""

from collections.abc import Iterator

from conformance.cases.features.feature import Body
from conformance.cases.features.request_access import Object, extra, functions, messages
from conformance.protocol.chat.chat_request import ChatRequest
from conformance.protocol.json_access import dict_items

_JSON_FORMATS = ("json_object", "json_schema", "application/json")


def combined_needs(body: Body) -> frozenset[str]:
    """Return the capabilities that no single feature of the body needs.

    - json-with-tools: tools together with a response format that is JSON
    - unsigned-calls: a call of the current turn, the one after the last user message, whose first
      call has no thought signature
    - prefill: an assistant message at the end
    """
    return frozenset(_needed(body))


def _needed(body: Body) -> Iterator[str]:
    if functions(body) and ChatRequest(body).response_format in _JSON_FORMATS:
        yield "json-with-tools"
    if any(_is_unsigned_call(message) for message in _current_turn(body)):
        yield "unsigned-calls"
    last = messages(body)[-1:]
    if last and last[0].get("role") == "assistant":
        yield "prefill"


def _current_turn(body: Body) -> list[Object]:
    """Return the messages after the last user message; [] without a user message."""
    all_messages = messages(body)
    users = [number for number, item in enumerate(all_messages) if item.get("role") == "user"]
    return all_messages[users[-1] + 1 :] if users else []


def _is_unsigned_call(message: Object) -> bool:
    """True for an assistant message that calls a function without a thought signature.

    If it has several calls, only the first one must be signed.
    """
    calls = dict_items(message.get("tool_calls")) or dict_items([message.get("function_call")])
    return message.get("role") == "assistant" and any(
        "thought_signature" not in extra(call) for call in calls[:1]
    )
