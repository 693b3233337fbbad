"""Choose the functions that an answer calls, and their arguments."""

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

_MAX_CALLS = 4


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call of an answer; ``signature`` is its thought signature, "" for none."""

    id: str
    name: str
    arguments: str
    signature: str

    @property
    def tokens(self) -> int:
        """The number of tokens of the call."""
        return len(tokens(self.name)) + len(tokens(self.arguments))


def called_tools(tooling: Tooling, turns: Sequence[Turn]) -> list[Tool]:
    """Return the tools to call, [] for a text answer.

    These are the tools whose name shares a word with the last user message, at most four. A single
    tool is called twice if the message has "and" in it. With the choice "required" or "named", the
    first tool is called if the message names none.
    """
    last = turns[-1]
    if tooling.choice == "none" or (tooling.choice == "auto" and last.role != "user"):
        return []
    text = question(turns)
    mentioned = [tool for tool in tooling.tools if tool.is_spoken_of(text)]
    wanted = mentioned if tooling.choice == "auto" else (mentioned or list(tooling.tools[:1]))
    if len(wanted) == 1 and " and " in text and tooling.choice != "named":
        wanted = wanted * 2
    return wanted[: _MAX_CALLS if tooling.parallel else 1]


def question(turns: Sequence[Turn]) -> str:
    """Return the text of the last user message, "" without one."""
    return next((turn.text for turn in reversed(turns) if turn.role == "user"), "")


def calls_of(
    tools: Sequence[Tool], text: str, dice: Dice, model: str, dialect: Dialect
) -> tuple[Call, ...]:
    """Return a call of each tool; on Gemini 3 the first has a thought signature.

    Raises:
        Refused: The parameters of a tool are too complex to generate arguments for.
    """
    signed = dialect.is_google and generation(model) >= 3
    words = words_of(text)
    calls = []
    for number, tool in enumerate(tools):
        own = dice.under(f"call {number}")
        # each call is about another of the things that the user asked for
        arguments = _arguments(tool, [words[number % len(words)]], own)
        calls.append(
            Call(
                _identifier(own, number, model, dialect),
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
    """Return a JSON value as compact text, with non-ASCII letters unescaped."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _identifier(dice: Dice, number: int, model: str, dialect: Dialect) -> str:
    digits = dice.bytes("id", 16)
    match dialect.profile:
        case "vertex-gemini":
            text = digits.hex()
            return f"function-call-{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
        case "gemini-api" if generation(model) >= 3:
            return f"call_{100_000 + 100 * dice.number('id', 9_000) + number}"
        case "gemini-api":
            return f"function-call-{int.from_bytes(digits[:8])}"
        case "vertex-vllm":
            return f"chatcmpl-tool-{digits.hex()}"
    return f"call_{digits.hex()[:24]}"


def within(calls: Sequence[Call], limit: int) -> tuple[Call, ...]:
    """Return the calls that fit into ``limit`` tokens.

    The arguments of the last call may be truncated; a call whose name does not fit is left out.
    """
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
