"""Tool calls: which functions an answer calls, and with what arguments."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from conformance.endpoints.reference.dialects.dialect import Dialect, generation
from conformance.endpoints.reference.dialects.refusal import Refused
from conformance.endpoints.reference.generators.dice import Dice
from conformance.endpoints.reference.generators.schema_instances import NoInstance, instance_of
from conformance.endpoints.reference.generators.schema_merging import merged
from conformance.endpoints.reference.generators.signatures import signature
from conformance.endpoints.reference.generators.texts import words_of
from conformance.endpoints.reference.generators.tokens import tokens
from conformance.endpoints.reference.request.declared_tools import Tool, Tooling
from conformance.endpoints.reference.request.history import Turn
from conformance.protocol.exchange import Json

_MOST = 4


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call of an answer; ``signature`` is "" where none goes with it."""

    id: str
    name: str
    arguments: str
    signature: str

    @property
    def tokens(self) -> int:
        """What the call costs of the answer."""
        return len(tokens(self.name)) + len(tokens(self.arguments))


def called_tools(tooling: Tooling, turns: Sequence[Turn]) -> list[Tool]:
    """The tools to call: those the last user message speaks of, each once, or one twice where it
    asks for one thing and another."""
    last = turns[-1]
    if tooling.choice == "none" or (tooling.choice == "auto" and last.role != "user"):
        return []
    text = question(turns)
    spoken_of = [tool for tool in tooling.tools if tool.is_spoken_of(text)]
    wanted = spoken_of if tooling.choice == "auto" else (spoken_of or list(tooling.tools[:1]))
    if len(wanted) == 1 and " and " in text and tooling.choice != "named":
        wanted = wanted * 2
    return wanted[: _MOST if tooling.parallel else 1]


def question(turns: Sequence[Turn]) -> str:
    """What the user said last."""
    return next((turn.text for turn in reversed(turns) if turn.role == "user"), "")


def calls_of(
    tools: Sequence[Tool], text: str, dice: Dice, model: str, dialect: Dialect
) -> tuple[Call, ...]:
    """The calls of these tools; with Gemini 3 the first one is signed. Raises Refused where a tool
    cannot be called."""
    signed = dialect.is_google and generation(model) >= 3
    words = words_of(text)
    calls = []
    for number, tool in enumerate(tools):
        own = dice.under(f"call {number}")
        mine = [
            words[number % len(words)]
        ]  # each of several calls takes another of the things that were asked for
        arguments = _arguments(tool, mine, own)
        calls.append(
            Call(
                _identifier(own, dialect),
                tool.name,
                arguments,
                signature(dice) if signed and not number else "",
            )
        )
    return tuple(calls)


def _arguments(tool: Tool, words: Sequence[str], dice: Dice) -> str:
    if tool.parameters is None:
        return "{}"
    try:
        return as_text(instance_of(merged(tool.parameters, {"type": "object"}), words, dice))
    except NoInstance:
        message = (
            f"The parameters of the function '{tool.name[:60]}' are too complex for this endpoint."
        )
        raise Refused(message, param="tools", code="invalid_function_parameters") from None


def as_text(value: Json) -> str:
    """A JSON value as models write it: compact, in plain letters."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _identifier(dice: Dice, dialect: Dialect) -> str:
    digits = dice.bytes("id", 16)
    match dialect.profile:
        case "vertex-gemini":
            text = digits.hex()
            return f"function-call-{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
        case "gemini-api":
            return f"function-call-{int.from_bytes(digits[:8])}"
        case "vertex-vllm":
            return f"chatcmpl-tool-{digits.hex()}"
    return f"call_{digits.hex()[:24]}"


def within(calls: Sequence[Call], limit: int) -> tuple[Call, ...]:
    """As much of the calls as so many tokens hold: the last one may be cut, and has a name at
    least."""
    kept = []
    for call in calls:
        left = limit - len(tokens(call.name))
        if left < 0:
            break
        pieces = tokens(call.arguments)
        kept.append(
            call if len(pieces) <= left else replace(call, arguments="".join(pieces[:left]))
        )
        limit = left - len(pieces)
        if limit < 0:
            break
    return tuple(kept)
