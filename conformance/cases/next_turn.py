"""Continue a conversation: turn a response into the next request."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.cases import Case, Turn
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.conversation import calls_sent_back, message_of
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange, Json

NO_RESULT = "{}"
"""The result of a function for which the case defines none."""

_FORCING = ("tool_choice", "function_call")


def next_case(case: Case, turn: Turn, answer: Exchange) -> Case | None:
    """Return the case for the next turn, or None if the response cannot be continued.

    A response cannot be continued if it has no message, or if there is neither a function result
    nor a user message to send. The conversation is the body plus the message of the response, the
    results and the user message. ``tool_choice`` and ``function_call`` of the case are dropped, so
    that the model can finish, unless the turn has its own ``tool_choice``.
    """
    choice = next(iter(fold(answer).choices), None)
    if choice is None or not choice.messages or not isinstance(case.body, dict):
        return None
    message = _message_to_send(choice, turn)
    added = [
        *_results(message, turn),
        *([{"role": "user", "content": turn.user}] if turn.user else []),
    ]
    if not added:
        return None
    kept = {key: value for key, value in case.body.items() if key not in _FORCING}
    kept |= {"tool_choice": turn.tool_choice} if turn.tool_choice else {}
    return replace(
        case, body=kept | {"messages": [*case.body["messages"], message, *added]}, probes=()
    )


def _message_to_send(choice: Choice, turn: Turn) -> dict[str, Json]:
    """Return the message of a choice as a client sends it back.

    A message from a plain response is unchanged. One assembled from deltas loses its empty fields.
    """
    message = message_of(choice)
    if choice.messages[0].event is not None:
        message = _without_empty(message)
        message |= (
            {"tool_calls": list(map(_without_empty, calls))}
            if (calls := calls_sent_back(message))
            else {}
        )
        message.setdefault("content", None if calls else "")
    return _without_signature(message) if turn.without == "signature" else message


def _without_empty(value: dict[str, Json]) -> dict[str, Json]:
    return {key: item for key, item in value.items() if item not in (None, "", [])}


def _without_signature(message: dict[str, Json]) -> dict[str, Json]:
    """Return the message without ``extra_content``, on itself and on its calls.

    Google puts the thought signature there.
    """
    kept = {key: value for key, value in message.items() if key != "extra_content"}
    calls = [
        {key: value for key, value in call.items() if key != "extra_content"}
        for call in calls_sent_back(message)
    ]
    return kept | ({"tool_calls": calls} if calls else {})


def _results(message: dict[str, Json], turn: Turn) -> Iterator[dict[str, Any]]:
    """Yield the results of the tool calls of a message, and of a deprecated function_call."""
    for call in calls_sent_back(message):
        yield {
            "role": "tool",
            "tool_call_id": call.get("id"),
            "content": turn.results.get(_name(call.get("function")), NO_RESULT),
        }
    if isinstance(function_call := message.get("function_call"), dict):
        yield {
            "role": "function",
            "name": _name(function_call),
            "content": turn.results.get(_name(function_call), NO_RESULT),
        }


def _name(function: Json) -> str:
    return str(function.get("name")) if isinstance(function, dict) else ""
