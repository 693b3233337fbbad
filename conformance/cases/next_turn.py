"""How a conversation goes on: from an answer to the case that is asked next."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.cases import Case, Turn
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.conversation import calls_sent_back, message_of
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange, Json

NO_RESULT = "{}"
"""The result of a function of which the case does not speak."""

_FORCING = ("tool_choice", "function_call")


def next_case(case: Case, turn: Turn, answer: Exchange) -> Case | None:
    """The case that goes on from the answer to one; None where the answer has nothing to go on
    from.

    A call is forced only in the first turn, so that the model can come to an end in the next,
    unless that turn says so.
    """
    choice = next(iter(fold(answer).choices), None)
    if choice is None or not isinstance(case.body, dict):
        return None
    message = _sent_back(choice, turn)
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


def _sent_back(choice: Choice, turn: Turn) -> dict[str, Json]:
    """The message of a choice as a client sends it back: as it came, or what its deltas make
    without what stayed empty."""
    message = message_of(choice)
    if choice.messages[0].event is not None:
        message = _filled(message)
        message |= (
            {"tool_calls": list(map(_filled, calls))} if (calls := calls_sent_back(message)) else {}
        )
        message.setdefault("content", None if calls else "")
    return _unsigned(message) if turn.without == "signature" else message


def _filled(value: dict[str, Json]) -> dict[str, Json]:
    return {key: each for key, each in value.items() if each not in (None, "", [])}


def _unsigned(message: dict[str, Json]) -> dict[str, Json]:
    """The message without what Google puts beside it and its calls, where the thought signature
    stands."""
    kept = {key: value for key, value in message.items() if key != "extra_content"}
    calls = [
        {key: value for key, value in call.items() if key != "extra_content"}
        for call in calls_sent_back(message)
    ]
    return kept | ({"tool_calls": calls} if calls else {})


def _results(message: dict[str, Json], turn: Turn) -> Iterator[dict[str, Any]]:
    """The results of the calls of a message; of a deprecated function_call too."""
    for call in calls_sent_back(message):
        yield {
            "role": "tool",
            "tool_call_id": call.get("id"),
            "content": turn.results.get(_name(call.get("function")), NO_RESULT),
        }
    if isinstance(called := message.get("function_call"), dict):
        yield {
            "role": "function",
            "name": _name(called),
            "content": turn.results.get(_name(called), NO_RESULT),
        }


def _name(function: Json) -> str:
    return str(function.get("name")) if isinstance(function, dict) else ""
