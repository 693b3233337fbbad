"""What a case checks in the answer: the tool called, its arguments, the JSON, or the text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from conformance.protocol import json_text
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.requested_schema import Check, compile_check
from conformance.protocol.exchange import Json

Kind: TypeAlias = Literal["tool", "arguments", "json_schema", "pattern", "value"]

KINDS: tuple[Kind, ...] = ("tool", "arguments", "json_schema", "pattern", "value")
"""What can be checked, in the order in which problems are reported."""


class CheckError(ValueError):
    """A check cannot be used; ``member`` is where, the message says why in one line."""

    def __init__(self, member: str, why: str) -> None:
        super().__init__(why)
        self.member = member


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """What must be true of the first choice of an answer, as written in a case.

    ``members`` has any of:

    tool:        the name of the function that the first call must name; null: no call at all
    arguments:   a JSON Schema for the arguments of that call
    json_schema: a JSON Schema for the text, which must be JSON
    pattern:     a regular expression that must be found in the text
    value:       the text without white space around it, or what the text is as JSON
    """

    members: Mapping[str, Json]

    @property
    def asks_tool(self) -> bool:
        """True if a call, its arguments, or that there is no call is checked."""
        return "tool" in self.members or "arguments" in self.members

    @property
    def asks_text(self) -> bool:
        """True if the text is checked."""
        return any(kind in self.members for kind in ("json_schema", "pattern", "value"))


@dataclass(frozen=True, slots=True)
class CheckProblem:
    """One thing that an answer does differently from what its case checks."""

    kind: Kind
    message: str
    expected: Json = None
    actual: Json = None


def validate(check: AnswerCheck) -> None:
    """Raise CheckError if a schema or a pattern of the check cannot be used."""
    for kind in ("json_schema", "arguments"):
        if kind in check.members and compile_check(check.members[kind]) is None:
            raise CheckError(
                kind, "not a JSON Schema that can be used: it has an error or is too large"
            )
    if "pattern" in check.members and _pattern(check) is None:
        raise CheckError(
            "pattern",
            "not a regular expression that can be used: write it without look-around and"
            " back-references",
        )


def problems(check: AnswerCheck, choice: Choice | None) -> tuple[CheckProblem, ...]:
    """Return what the first choice of an answer does differently, () if nothing.

    ``choice`` is None for an answer without a choice, such as an error. Schemas and patterns are
    evaluated in linear time, whatever the answer says.
    """
    return tuple(
        problem
        for kind in KINDS
        if kind in check.members
        for problem in _CHECKS[kind](check, choice)
    )


def _tool(check: AnswerCheck, choice: Choice | None) -> Iterator[CheckProblem]:
    wanted = check.members["tool"]
    names = _called(choice)
    if wanted is None and names:
        yield CheckProblem("tool", "a tool was called, although none fits", None, names[0])
    elif wanted is not None and not names:
        yield CheckProblem("tool", "no tool was called", wanted, None)
    elif wanted is not None and names[0] != wanted:
        yield CheckProblem("tool", "another tool was called", wanted, names[0])


def _arguments(check: AnswerCheck, choice: Choice | None) -> Iterator[CheckProblem]:
    schema = check.members["arguments"]
    wanted = check.members.get("tool")
    call = next(
        (
            call
            for call in (choice.calls if choice else ())
            if wanted is None or call.name == wanted
        ),
        None,
    )
    if call is None:
        yield CheckProblem("arguments", "there is no call with these arguments", schema)
        return
    parsed = json_text.parse(call.arguments or "")
    if parsed.failure:
        yield CheckProblem("arguments", "the arguments are not JSON", schema, call.arguments)
    elif why := _violation(compile_check(schema), parsed.value):
        yield CheckProblem("arguments", f"the arguments are wrong: {why}", schema, parsed.value)


def _json_schema(check: AnswerCheck, choice: Choice | None) -> Iterator[CheckProblem]:
    schema = check.members["json_schema"]
    parsed = json_text.parse(_text(choice))
    if parsed.failure:
        yield CheckProblem("json_schema", "the text is not JSON", schema, _text(choice))
    elif why := _violation(compile_check(schema), parsed.value):
        yield CheckProblem(
            "json_schema", f"the JSON does not match the schema: {why}", schema, parsed.value
        )


def _in_text(check: AnswerCheck, choice: Choice | None) -> Iterator[CheckProblem]:
    if _violation(_pattern(check), _text(choice)):
        pattern = check.members["pattern"]
        yield CheckProblem("pattern", "the pattern is not in the text", pattern, _text(choice))


def _value(check: AnswerCheck, choice: Choice | None) -> Iterator[CheckProblem]:
    wanted = check.members["value"]
    text = _text(choice).strip()
    if isinstance(wanted, str):
        if text != wanted:
            yield CheckProblem("value", "the text is another one", wanted, text)
        return
    parsed = json_text.parse(text)
    if parsed.failure:
        yield CheckProblem("value", "the text is not JSON", wanted, text)
    elif _violation(compile_check({"const": wanted}), parsed.value):
        yield CheckProblem("value", "the JSON is another value", wanted, parsed.value)


_CHECKS = {
    "tool": _tool,
    "arguments": _arguments,
    "json_schema": _json_schema,
    "pattern": _in_text,
    "value": _value,
}


def _called(choice: Choice | None) -> list[str | None]:
    if choice is None:
        return []
    if choice.calls:
        return [call.name for call in choice.calls]
    return [None] if choice.function_call else []


def _text(choice: Choice | None) -> str:
    return choice.text if choice else ""


def _pattern(check: AnswerCheck) -> Check | None:
    """Return a check by the engine that takes linear time, None for a wrong pattern."""
    return compile_check({"type": "string", "pattern": check.members["pattern"]})


def _violation(check: Check | None, value: Json) -> str:
    violation = check(value) if check else None
    if violation is None:
        return ""
    return f"{violation.pointer}: {violation.message}" if violation.pointer else violation.message
