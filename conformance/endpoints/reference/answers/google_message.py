"""The message of a choice as Google sends it, whole and in deltas.

Only what is there has a key: a message without text has no ``content``, and a chunk before the last
one no ``finish_reason``.
"""

from collections.abc import Iterator
from typing import Any

from conformance.endpoints.reference.answers.drafts import Draft
from conformance.endpoints.reference.answers.envelope import flagged, image, tags, whole_call
from conformance.endpoints.reference.answers.step import Step
from conformance.endpoints.reference.answers.tool_calls import Call
from conformance.endpoints.reference.dialects.dialect import Dialect, generation
from conformance.endpoints.reference.generators.tokens import tokens
from conformance.endpoints.reference.request.parsing import Asked

_GROUP = 4
"""Text tokens in each delta."""


def google_message(asked: Asked, draft: Draft) -> dict[str, Any]:
    """Return the message of a choice that is not streamed."""
    message: dict[str, Any] = {"role": "assistant"}
    thought = "".join(draft.thought) if asked.thinking.shown else ""
    text = "".join(draft.text)
    if thought:
        opened, closed = tags(asked)
        message["content"] = f"{opened}{thought}{closed}{text}"
    elif text or (draft.finish == "stop" and not draft.image):
        message["content"] = text
    elif draft.image or (draft.calls and asked.tooling.legacy):
        message["content"] = None
    message |= flagged(signature=draft.signature, thought=bool(thought))
    if draft.image:
        message["audio"] = image()
    if draft.calls and asked.tooling.legacy:
        message["function_call"] = _legacy(draft.calls[0])
    elif draft.calls:
        message["tool_calls"] = [whole_call(call) for call in draft.calls]
    return message


def google_steps(asked: Asked, draft: Draft, dialect: Dialect) -> Iterator[Step]:
    """Yield the deltas of one choice, each with the role; the last has the finish reason.

    On the Gemini API, the calls of a Gemini 3 are followed by one more delta, which finishes with
    ``stop``.
    """
    deltas = list(_deltas(asked, draft)) or [{}]
    if draft.refused:
        deltas = [{"refusal": "".join(draft.text)}]
    finish = draft.finish
    if dialect.profile == "gemini-api" and generation(asked.model) >= 3 and finish == "tool_calls":
        deltas.append({})
        finish = "stop"
    for number, delta in enumerate(deltas, 1):
        last = number == len(deltas)
        yield Step(draft.index, {"role": "assistant"} | delta, None, finish if last else None)


def _deltas(asked: Asked, draft: Draft) -> Iterator[dict[str, Any]]:
    """Yield the deltas of thoughts, text, image and tool calls, without the role."""
    between = ""
    if asked.thinking.shown and draft.thought:
        opened, between = tags(asked)
        for number, piece in enumerate(_groups(draft.thought)):
            content = piece if number else opened + piece
            yield {"content": content} | flagged(thought=True)
    pieces = _groups(draft.text) or ([""] if between else [])
    for number, piece in enumerate(pieces):
        yield {"content": piece if number else between + piece}
    if draft.image:
        yield {"content": None, "audio": image()} | flagged(signature=draft.signature)
    elif draft.signature:
        yield {"content": ""} | flagged(signature=draft.signature)
    yield from _call_deltas(asked, draft.calls)


def _groups(pieces: tuple[str, ...]) -> list[str]:
    return ["".join(pieces[place : place + _GROUP]) for place in range(0, len(pieces), _GROUP)]


def _call_deltas(asked: Asked, calls: tuple[Call, ...]) -> Iterator[dict[str, Any]]:
    """Yield the deltas of tool calls.

    A call comes whole and without an index: before Gemini 3 all calls in one delta, from then on
    each in its own. With ``stream_function_call_arguments`` it comes in fragments with an index.
    """
    if not calls:
        return
    if asked.tooling.legacy:
        yield {"function_call": _legacy(calls[0])}
    elif asked.fragments:
        for number, call in enumerate(calls):
            yield from _fragments(call, number)
    elif generation(asked.model) >= 3:
        yield from ({"tool_calls": [whole_call(call)]} for call in calls)
    else:
        yield {"tool_calls": [whole_call(call) for call in calls]}


def _fragments(call: Call, number: int) -> Iterator[dict[str, Any]]:
    """Yield the deltas of a call whose arguments are streamed; each repeats its id and name."""
    for place, piece in enumerate(["", *tokens(call.arguments)]):
        fragment = {
            "index": number,
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": piece},
        }
        yield {"tool_calls": [fragment | (flagged(signature=call.signature) if not place else {})]}


def _legacy(call: Call) -> dict[str, str]:
    return {"name": call.name, "arguments": call.arguments}
