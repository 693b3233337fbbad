"""Build a streamed answer: its chunks and the events that carry them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

from conformance.endpoints.reference.answers.drafts import Draft
from conformance.endpoints.reference.answers.envelope import envelope, log, whole_call
from conformance.endpoints.reference.answers.google_message import google_steps
from conformance.endpoints.reference.answers.serialising import as_bytes
from conformance.endpoints.reference.answers.step import Step
from conformance.endpoints.reference.answers.tool_calls import Call
from conformance.endpoints.reference.answers.usage import usage_of
from conformance.endpoints.reference.dialects.dialect import Dialect
from conformance.endpoints.reference.generators.tokens import tokens
from conformance.endpoints.reference.request.parsing import Asked


def events(asked: Asked, drafts: Sequence[Draft], dialect: Dialect) -> Iterator[bytes]:
    """Yield the events of a stream, ``[DONE]`` last, each with the blank line that ends it."""
    for chunk in _chunks(asked, drafts, dialect):
        yield b"data: " + as_bytes(chunk, dialect) + b"\n\n"
    yield b"data: [DONE]\n\n"


def _chunks(asked: Asked, drafts: Sequence[Draft], dialect: Dialect) -> Iterator[dict[str, Any]]:
    shared = envelope(asked, dialect, "chat.completion.chunk")
    usage = usage_of(asked, drafts, dialect)
    usage_chunk = asked.include_usage and dialect.streamed_usage == "own chunk"
    usage_on_last = dialect.streamed_usage == "last" or (
        asked.include_usage and dialect.streamed_usage == "last if asked"
    )
    if usage_chunk and dialect.vendor == "openai":
        shared["usage"] = None
    steps = list(_in_turn([list(_steps(asked, draft, dialect)) for draft in drafts]))
    for number, step in enumerate(steps, 1):
        last = {"usage": usage} if usage_on_last and number == len(steps) else {}
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
    if step.finish or not dialect.is_google:
        choice["finish_reason"] = step.finish
    return choice


def _steps(asked: Asked, draft: Draft, dialect: Dialect) -> Iterator[Step]:
    """Yield the deltas of one choice, as servers of this dialect send them.

    Google puts the role and the finish reason on deltas with content; the others send the role
    first and the finish reason last, in deltas of their own.
    """
    if dialect.is_google:
        yield from google_steps(asked, draft, dialect)
        return
    refusal = {"refusal": None} if dialect.vendor == "openai" else {}
    yield Step(draft.index, {"role": "assistant", "content": ""} | refusal)
    yield from _content_steps(asked, draft)
    yield Step(draft.index, {}, None, draft.finish)


def _content_steps(asked: Asked, draft: Draft) -> Iterator[Step]:
    """Yield the deltas of thoughts, text and tool calls, a token in each."""
    if asked.thinking.shown:
        yield from (Step(draft.index, {"reasoning": piece}) for piece in draft.thought)
    for place, piece in enumerate(draft.text):
        yield Step(draft.index, {"content": piece}, log(asked, draft, place, place + 1))
    for number, call in enumerate(draft.calls):
        yield from (Step(draft.index, delta) for delta in _fragments(call, number, asked))


def _fragments(call: Call, number: int, asked: Asked) -> Iterator[dict[str, Any]]:
    """Yield the deltas of a tool call: its head, then its arguments in pieces."""
    pieces = tokens(call.arguments)
    if asked.tooling.legacy:
        yield {"function_call": {"name": call.name, "arguments": ""}}
        yield from ({"function_call": {"arguments": piece}} for piece in pieces)
        return
    head = whole_call(call) | {"function": {"name": call.name, "arguments": ""}}
    yield {"tool_calls": [{"index": number} | head]}
    for piece in pieces:
        yield {"tool_calls": [{"index": number, "function": {"arguments": piece}}]}
