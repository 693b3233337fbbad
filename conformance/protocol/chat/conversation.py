"""Conversations: which request continues another one, and whether it sends the answer back."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.request_rewrites import Body, without, without_defaults
from conformance.protocol.chat.tool_calls import Call, function_of
from conformance.protocol.exchange import Json, Request
from conformance.protocol.json_access import dict_items

_SETTINGS = without("messages", "stream", "stream_options", "tool_choice", "function_call")
"""Takes out of a request what a client changes from turn to turn; the settings remain."""

_EMPTY: tuple[Json, ...] = (None, "", [], {})


class Replay(NamedTuple):
    """A turn that continues an earlier one.

    ``answer`` are the facts of the earlier turn, ``turn`` those of this one and ``number`` its
    number in the conversation, from 1. ``message`` is the assistant message that the request sends
    back, ``added`` are the messages after it.
    """

    answer: Facts
    turn: Facts
    number: int
    message: Body
    added: tuple[Json, ...]


def continues(earlier: Request, later: Request) -> bool:
    """Return whether a request continues an earlier one.

    It does if it has the same URL, the same model and the same messages, followed by an assistant
    message. False if one of the bodies is not a JSON object.
    """
    if (
        earlier.url != later.url
        or not isinstance(earlier.body, dict)
        or not isinstance(later.body, dict)
    ):
        return False
    before, after = _messages(earlier), _messages(later)
    same_model = earlier.body.get("model") == later.body.get("model")
    return (
        same_model
        and 0 < len(before) < len(after)
        and after[: len(before)] == before
        and _is_of_assistant(after[len(before)])
    )


def keeps_settings(earlier: Request, later: Request) -> bool:
    """Return whether two requests have the same settings.

    Messages, ``stream``, ``stream_options``, ``tool_choice`` and ``function_call`` may differ, as
    clients change them from turn to turn. False if one of the bodies is not a JSON object.
    """
    return (
        isinstance(earlier.body, dict)
        and isinstance(later.body, dict)
        and _SETTINGS(without_defaults(earlier.body)) == _SETTINGS(without_defaults(later.body))
    )


def replays(turns: Sequence[Facts]) -> Iterator[Replay]:
    """Yield each turn that continues an earlier one, with the latest turn that it continues."""
    for number, turn in enumerate(turns):
        request = turn.exchange.request
        answer = next(
            (
                earlier
                for earlier in reversed(turns[:number])
                if continues(earlier.exchange.request, request)
            ),
            None,
        )
        if answer is not None:
            message, *added = _messages(request)[len(_messages(answer.exchange.request)) :]
            yield Replay(answer, turn, number + 1, message, tuple(added))


def _messages(request: Request) -> list[Json]:
    messages = request.body.get("messages") if isinstance(request.body, dict) else None
    return messages if isinstance(messages, list) else []


def _is_of_assistant(message: Json) -> bool:
    return isinstance(message, dict) and message.get("role") == "assistant"


def calls_sent_back(message: Body) -> list[Body]:
    """Return the tool calls of an assistant message that are objects."""
    return dict_items(message.get("tool_calls"))


def stems_from(message: Body, choice: Choice) -> bool:
    """Return whether an assistant message was built from a choice.

    It was if it has the ids of the choice's calls, in their order, or, if neither has calls, the
    text of the choice.
    """
    ids = [call.get("id") for call in calls_sent_back(message)]
    return (
        ids == [call.id for call in choice.calls]
        if ids or choice.calls
        else bool(choice.text) and message.get("content") == choice.text
    )


def is_verbatim(message: Body, choice: Choice) -> bool:
    """Return whether an assistant message is exactly the choice as it was answered.

    Empty members, and the index of a streamed call, do not count.
    """
    return _without_empty(message) == _without_empty(message_of(choice))


def _without_empty(message: Body) -> Body:
    kept = {key: value for key, value in message.items() if value not in _EMPTY}
    calls = [
        {key: value for key, value in call.items() if key != "index" and value not in _EMPTY}
        for call in calls_sent_back(message)
    ]
    return kept | ({"tool_calls": calls} if calls else {})


def message_of(choice: Choice) -> Body:
    """Return the message of a choice: as it was answered, or assembled from its deltas."""
    values = [piece.value for piece in choice.messages]
    if len(values) == 1 and choice.messages[0].event is None:
        return values[0]
    keys = ("content", "refusal", "reasoning", "reasoning_content")
    texts = {
        key: "".join([text for value in values if isinstance(text := value.get(key), str)])
        for key in keys
    }
    extra = next((value["extra_content"] for value in values if value.get("extra_content")), None)
    return {
        "role": "assistant",
        **texts,
        "tool_calls": list(map(_call, choice.calls)),
        "extra_content": extra,
    }


def _call(call: Call) -> Body:
    """Return a call in the form that it has in a message."""
    values = [fragment.value for fragment in call.fragments]
    extra = next((value["extra_content"] for value in values if value.get("extra_content")), None)
    name = next(
        (name for fragment in call.fragments if (name := function_of(fragment).get("name"))), None
    )
    return {
        "id": call.id,
        "type": call.type,
        "function": {"name": name, "arguments": call.arguments},
        "extra_content": extra,
    }
