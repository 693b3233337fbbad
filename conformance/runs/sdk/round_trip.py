"""The tools round trip: check that the SDK sends a tool call back to the server unchanged."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import openai
import orjson

from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.tool_calls import Call
from conformance.protocol.exchange import Exchange, Request, Response
from conformance.runs.sdk.excerpt import brief, line
from conformance.runs.sdk.player import Player
from conformance.runs.sdk.reading import Break

CALL = "tools round trip"
_REFUSAL = Exchange("", Request(), Response(400, (("content-type", "application/json"),), b"{}"))


def breaks(facts: Facts, completion: Any) -> Iterator[Break]:
    """Send the first message with tool calls back, with results, and yield what was lost.

    Yields nothing if no choice has tool calls, and one break if the SDK cannot write the request.
    """
    choice = next((choice for choice in facts.choices if choice.calls), None)
    if choice is None:
        return
    message = next(
        (read.message for read in completion.choices if read.index == choice.index), None
    )
    results = [
        {"role": "tool", "tool_call_id": call.id or "", "content": "{}"} for call in choice.calls
    ]
    player = Player(_REFUSAL)
    try:
        with suppress(openai.BadRequestError), player.client() as client:
            client.chat.completions.create(model="unknown", messages=[message, *results])  # type: ignore[list-item]
    except Exception as error:
        yield Break(CALL, "raised", line(error))
        return
    yield from _lost(choice, orjson.loads(player.sent[0])["messages"][0])


def _lost(choice: Choice, sent: Any) -> Iterator[Break]:
    """Yield each field of the tool calls that differs in the message that was sent back."""
    calls = sent.get("tool_calls") if isinstance(sent, dict) else None
    sent_calls = calls if isinstance(calls, list) else []
    for number, call in enumerate(choice.calls):
        back = _dict_at(sent_calls, number)
        for name, value in _fields_to_return(call).items():
            returned = (
                (back.get("function") or {}).get(name)
                if name in ("name", "arguments")
                else back.get(name)
            )
            if returned != value:
                yield Break(
                    CALL,
                    "lost",
                    f"{name} of tool call {number}: {brief(value)} is sent back as"
                    f" {brief(returned)}",
                )


def _dict_at(items: list[Any], number: int) -> dict[str, Any]:
    """Return an item of a list, {} if it is missing or not a dict."""
    return items[number] if number < len(items) and isinstance(items[number], dict) else {}


def _fields_to_return(call: Call) -> dict[str, Any]:
    """Return the fields of a call that the server needs back; empty ones are left out."""
    extra = next(
        (
            fragment.value["extra_content"]
            for fragment in call.fragments
            if fragment.value.get("extra_content")
        ),
        None,
    )
    fields = {
        "id": call.id,
        "name": call.name,
        "arguments": call.arguments,
        "extra_content": extra,
    }
    return {name: value for name, value in fields.items() if value}
