"""Build a streamed answer: its chunks and the events that carry them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import orjson

from conformance.endpoints.reference.answers.drafts import Draft
from conformance.endpoints.reference.answers.envelope import (
    envelope,
    flagged,
    image,
    log,
    tags,
    whole_call,
)
from conformance.endpoints.reference.answers.tool_calls import Call
from conformance.endpoints.reference.answers.usage import usage_of
from conformance.endpoints.reference.dialects.dialect import Dialect
from conformance.endpoints.reference.generators.tokens import tokens
from conformance.endpoints.reference.request.parsing import Asked

_GROUP = {"google": 4, "openai": 1, "vllm": 1}
"""Text tokens in each delta, by vendor."""


class Step(NamedTuple):
    """One delta of a choice, with the logprobs of its text; ``finish`` is set on the last one."""

    choice: int
    delta: dict[str, Any]
    logprobs: dict[str, Any] | None = None
    finish: str | None = None


def events(asked: Asked, drafts: Sequence[Draft], dialect: Dialect) -> Iterator[bytes]:
    """Yield the events of a stream, ``[DONE]`` last, each with the blank line that ends it."""
    for chunk in _chunks(asked, drafts, dialect):
        yield b"data: " + orjson.dumps(chunk) + b"\n\n"
    yield b"data: [DONE]\n\n"


def _chunks(asked: Asked, drafts: Sequence[Draft], dialect: Dialect) -> Iterator[dict[str, Any]]:
    shared = envelope(asked, dialect, "chat.completion.chunk")
    usage = usage_of(asked, drafts, dialect)
    usage_chunk = asked.include_usage and not dialect.repeats
    if usage_chunk and dialect.vendor == "openai":
        shared["usage"] = None
    steps = list(_in_turn([list(_steps(asked, draft, dialect)) for draft in drafts]))
    for number, step in enumerate(steps, 1):
        last = {"usage": usage} if dialect.repeats and number == len(steps) else {}
        yield shared | {"choices": [_choice(step, dialect)]} | last
    if usage_chunk:
        yield shared | {"choices": [], "usage": usage}


def _in_turn(choices: Iterable[Sequence[Step]]) -> Iterator[Step]:
    """Interleave the steps of several choices: the first of each, the second of each, and so on."""
    for row in zip_longest(*choices):
        yield from (step for step in row if step is not None)


def _choice(step: Step, dialect: Dialect) -> dict[str, Any]:
    choice: dict[str, Any] = {"index": step.choice, "delta": step.delta}
    if dialect.profile != "gemini-api":
        choice["logprobs"] = step.logprobs
    if step.finish or not dialect.repeats:
        choice["finish_reason"] = step.finish
    return choice


def _steps(asked: Asked, draft: Draft, dialect: Dialect) -> Iterator[Step]:
    """Yield the deltas of one choice, as servers of this dialect send them.

    Google puts the role and the finish reason on deltas with content; the others send the role
    first and the finish reason last, in deltas of their own.
    """
    role = {"role": "assistant"}
    if not dialect.is_google:
        yield Step(
            draft.index,
            role | {"content": ""} | ({"refusal": None} if dialect.vendor == "openai" else {}),
        )
        yield from _content_steps(asked, draft, dialect)
        yield Step(draft.index, {}, None, draft.finish)
        return
    steps = list(_content_steps(asked, draft, dialect)) or [Step(draft.index, {"content": ""})]
    for number, step in enumerate(steps):
        has_role = dialect.repeats or number == 0
        yield step._replace(
            delta=(role if has_role else {}) | step.delta,
            finish=draft.finish if number == len(steps) - 1 else None,
        )


def _content_steps(asked: Asked, draft: Draft, dialect: Dialect) -> Iterator[Step]:
    """Yield the deltas of thoughts, text, image and tool calls, without role and finish."""
    size = _GROUP[dialect.vendor]
    text_first = ""
    if asked.thinking.shown and draft.thought:
        thoughts, text_first = _thoughts(asked, draft, dialect)
        yield from thoughts
    if text_first and not draft.text:
        yield Step(draft.index, {"content": text_first})
    for place in range(0, len(draft.text), size):
        text = "".join(draft.text[place : place + size])
        yield Step(
            draft.index,
            {"content": text if place else text_first + text},
            log(asked, draft, place, min(place + size, len(draft.text))),
        )
    if draft.image:
        yield Step(draft.index, {"content": None, "audio": image()})
    for number, call in enumerate(draft.calls):
        yield from (Step(draft.index, delta) for delta in _fragments(call, number, asked, dialect))


def _thoughts(asked: Asked, draft: Draft, dialect: Dialect) -> tuple[list[Step], str]:
    """Return the deltas of the thoughts, and the beginning of the text after them.

    On the Gemini API the text begins with the closing tag of the thoughts, elsewhere with "".
    """
    size = _GROUP[dialect.vendor]
    pieces = [
        "".join(draft.thought[place : place + size]) for place in range(0, len(draft.thought), size)
    ]
    if not dialect.is_google:
        return [Step(draft.index, {"reasoning": piece}) for piece in pieces], ""
    opened, closed = tags(asked)
    pieces[0] = opened + pieces[0]
    after = closed if dialect.thought_tag else ""
    pieces[-1] += "" if after else closed
    return [
        Step(draft.index, {"content": piece} | flagged(thought=True)) for piece in pieces
    ], after


def _fragments(call: Call, number: int, asked: Asked, dialect: Dialect) -> Iterator[dict[str, Any]]:
    """Yield the deltas of a tool call: one complete delta, or its arguments in pieces."""
    pieces = tokens(call.arguments)
    if asked.tooling.legacy:
        yield {"function_call": {"name": call.name, "arguments": ""}}
        yield from ({"function_call": {"arguments": piece}} for piece in pieces)
        return
    if not asked.fragments:
        yield {"tool_calls": [{"index": number} | whole_call(call)]}
        return
    head = {"index": number, "id": call.id, "type": "function"}
    yield {
        "tool_calls": [
            head
            | {"function": {"name": call.name, "arguments": ""}}
            | flagged(signature=call.signature)
        ]
    }
    for piece in pieces:
        repeated = head | {"function": {"name": call.name, "arguments": piece}}
        yield {
            "tool_calls": [
                repeated if dialect.repeats else {"index": number, "function": {"arguments": piece}}
            ]
        }
