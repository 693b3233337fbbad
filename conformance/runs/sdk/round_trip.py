"""The tools round trip: whether a tool call that the SDK read goes back to the server as it came,
with a result."""

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
    """What is lost when the first message with calls is sent back, or what the SDK raises when it
    writes it."""
    choice = next((choice for choice in facts.choices if choice.calls), None)
    if choice is None:
        return
    message = next(
        (each.message for each in completion.choices if each.index == choice.index), None
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
    calls = sent.get("tool_calls") if isinstance(sent, dict) else None
    there = calls if isinstance(calls, list) else []
    for number, call in enumerate(choice.calls):
        back = there[number] if number < len(there) and isinstance(there[number], dict) else {}
        for name, value in _told(call).items():
            again = (
                (back.get("function") or {}).get(name)
                if name in ("name", "arguments")
                else back.get(name)
            )
            if again != value:
                yield Break(
                    CALL,
                    "lost",
                    f"{name} of tool call {number}: {brief(value)} goes back as {brief(again)}",
                )


def _told(call: Call) -> dict[str, Any]:
    """What the server needs back of a call."""
    extra = next(
        (
            fragment.value["extra_content"]
            for fragment in call.fragments
            if fragment.value.get("extra_content")
        ),
        None,
    )
    told = {"id": call.id, "name": call.name, "arguments": call.arguments, "extra_content": extra}
    return {name: value for name, value in told.items() if value}
