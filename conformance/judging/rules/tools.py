"""TOOL: tool calls; schemas/completion.json and schemas/chunk.json state their fields."""

import re
from collections.abc import Iterator
from typing import Any

from conformance.judging.predicates.conditions import (
    asks_tool_named,
    asks_tool_none,
    asks_tool_required,
    asks_tools,
    chooses_tools,
    has_calls,
    is_complete,
)
from conformance.judging.predicates.google import says_prompt_blocked
from conformance.judging.predicates.json_in_text import document
from conformance.judging.rule import ANSWER, COMPLETION, finding, rule
from conformance.judging.rules.choices import place
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.requested_schema import Check, compile_check
from conformance.protocol.chat.tool_calls import Call, Fragment
from conformance.protocol.exchange import Finding

_MARKUP = re.compile(
    r"(?i:</?tool_?calls?>)|\[/?TOOL_CALLS?\]|</?function_calls?>"
    r"|<function=|<(?:\w+:)?(?:invoke|tool_call|function_calls?)[ >]"
    r"|<\|/?tool_?calls?[a-z_]{0,16}\|?>"
    r"|<\|(?:python_tag|START_ACTION|action_start|plugin)\|>|<\uff5c(?:tool\u2581calls?\u2581begin|DSML)\uff5c"
    r"|<start_function_call>|functools\[\{|```tool_code|\bdefault_api\.|\bto=functions\.|\u273fFUNCTION\u273f"
)
_MARKUP_BEGINS = (
    "<",
    "[TOOL",
    "[/TOOL",
    "functools[",
    "```tool_code",
    "default_api.",
    "to=functions.",
    "\u273fFUNCTION",
)  # faster to search for; every markup has one of them
_SAYS_NOTHING_OF_PARAMETERS = frozenset(
    {
        "type",
        "properties",
        "required",
        "additionalProperties",
        "$schema",
        "$defs",
        "title",
        "description",
        "nullable",
    }
)


def declared_types(facts: Facts) -> set[str]:
    """Return the types of call that the request allows: "function" and the types of its tools."""
    types = [tool.get("type") for tool in facts.chat_request.tools]
    return {"function", *(kind for kind in types if isinstance(kind, str))}


def declares_only_functions(facts: Facts) -> bool:
    """Return whether the request was recorded and every tool in it is a function.

    If so, the names of all possible calls are known.
    """
    return "request" in facts.evidence and facts.chat_request.declares_only_functions


def calls(facts: Facts) -> Iterator[tuple[Choice, Call]]:
    """Yield the function calls of the answer, each with its choice; custom tools are left out."""
    for choice in facts.choices:
        for call in choice.calls:
            if not call.custom:
                yield choice, call


def takes_parameters(facts: Facts, call: Call) -> bool | None:
    """Return whether the called function takes parameters; None if it is not declared."""
    function = facts.chat_request.functions_by_name.get(call.name or "")
    if function is None:
        return None
    parameters = function.get("parameters")
    return (
        bool(parameters.get("properties"))
        or any(key not in _SAYS_NOTHING_OF_PARAMETERS for key in parameters)
        if isinstance(parameters, dict)
        else False
    )


def arguments_of(call: Call) -> Any:
    """Return the arguments of a call as a JSON value.

    Raises:
        ValueError: They are not JSON.
    """
    value, reason = document(call.arguments or "")
    if reason:
        raise ValueError(reason)
    return value


def at(place: Call | Fragment, message: str, **evidence: Any) -> Finding:
    """Return a finding at the place of a call (its first fragment) or of a fragment."""
    fragment = place.first if isinstance(place, Call) else place
    return finding(message, event=fragment.event, pointer=fragment.pointer, **evidence)


@rule("TOOL-001", ANSWER, has_calls, is_complete)
def call_names_a_declared_function(facts: Facts) -> Iterator[Finding]:
    names, types = facts.chat_request.functions_by_name, declared_types(facts)
    all_known = declares_only_functions(facts)
    expected = sorted(names)
    for _, call in calls(facts):
        if call.type not in types:
            yield at(
                call,
                "the type of the call is not one of the declared tools",
                expected={"type": "function"},
                actual=call.first.value.get("type"),
            )
        elif (
            all_known
            and (call.name is not None or facts.kind == "completion")
            and call.name not in names
        ):
            yield at(
                call,
                "the called function is not declared in the request",
                expected=expected,
                actual=call.name,
            )


@rule("TOOL-003", COMPLETION, has_calls, needs=("end",))
def arguments_are_a_json_object(facts: Facts) -> Iterator[Finding]:
    for choice, call in calls(facts):
        if (
            call.arguments is not None
            and not choice.finished_early
            and (call.arguments or takes_parameters(facts, call))
        ):
            yield from _not_an_object(call)


def _not_an_object(call: Call) -> Iterator[Finding]:
    try:
        if isinstance(arguments_of(call), dict):
            return
        message = "the arguments are JSON, but not an object"
    except ValueError as error:
        message = f"the arguments are not JSON: {error}"
    yield at(call, message, expected="a JSON object", actual=call.arguments)


@rule("TOOL-004", ANSWER, has_calls, asks_tools)
def arguments_satisfy_the_declared_schema(facts: Facts) -> Iterator[Finding]:
    functions = facts.chat_request.functions_by_name
    checks: dict[str | None, Check | None] = {}
    for choice, call in calls(facts):
        if call.name not in checks:
            parameters = functions.get(call.name or "", {}).get("parameters")
            checks[call.name] = compile_check(parameters)
        check = checks[call.name]
        if check is None or choice.finished_early or not call.arguments:
            continue
        try:
            arguments = arguments_of(call)
        except ValueError:
            continue  # TOOL-003 and TOOL-009 report it
        by_tool_003 = facts.kind == "completion" and not isinstance(arguments, dict)
        if not by_tool_003 and (violation := check(arguments)):
            place = f" at {violation.pointer}" if violation.pointer else ""
            message = f"the arguments violate the declared schema{place}: {violation.message}"
            yield at(
                call,
                message,
                expected="arguments that match the declared schema",
                actual=call.arguments,
            )


@rule(
    "TOOL-006",
    ANSWER,
    has_calls,
    lambda facts: any(len(choice.calls) > 1 for choice in facts.choices),
)
def call_ids_are_unique(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        ids: set[str] = set()
        for call in choice.calls:
            if call.id in ids:
                yield at(
                    call, "two calls have the same id", expected="different ids", actual=call.id
                )
            if call.id:
                ids.add(call.id)


@rule("TOOL-013", ANSWER, chooses_tools, asks_tool_none)
def tool_choice_none_gives_no_call(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        for call in choice.calls:
            yield at(
                call,
                "a tool is called, although tool_choice is none",
                expected="no tool call",
                actual=call.name,
            )


def unexcused(facts: Facts) -> Iterator[Choice]:
    """Yield the choices that must have the required tool call.

    They finished, not early and without a refusal. Choices whose calls were lost (CHO-012 reports
    it) or are malformed (MSG-014), or which say that the prompt was blocked (MSG-015), are left
    out.
    """
    for choice in facts.choices:
        lost = not choice.calls and (
            choice.finish_reason == "tool_calls"
            or any(piece.value.get("tool_calls") for piece in choice.messages)
        )
        if (
            choice.messages
            and choice.finish_reason
            and not choice.finished_early
            and not choice.refusal
            and not says_prompt_blocked(choice)
            and not lost
        ):
            yield choice


@rule("TOOL-014", ANSWER, chooses_tools, asks_tool_required, is_complete, needs=("end",))
def tool_choice_required_gives_a_call(facts: Facts) -> Iterator[Finding]:
    for choice in unexcused(facts):
        if not choice.calls:
            event, pointer = place(choice)
            yield finding(
                "no tool is called, although tool_choice requires a call",
                expected="a tool call",
                actual=choice.text[:200],
                event=event,
                pointer=pointer,
            )


@rule("TOOL-016", ANSWER, chooses_tools, asks_tool_named, is_complete, needs=("end",))
def named_tool_choice_gives_that_call(facts: Facts) -> Iterator[Finding]:
    wanted = facts.chat_request.function_to_call
    for choice in unexcused(facts) if wanted is not None else ():
        names = [call.name for call in choice.calls]
        if not names or any(name != wanted for name in names):
            event, pointer = place(choice)
            yield finding(
                "the called function is not the one that tool_choice names",
                expected=wanted,
                actual=names,
                event=event,
                pointer=pointer,
            )


@rule("TOOL-025", ANSWER, asks_tools)
def text_holds_no_call_markup(facts: Facts) -> Iterator[Finding]:
    mentioned: dict[str, bool] = {}
    for choice in facts.choices:
        markup = (
            _MARKUP.search(choice.text)
            if any(begin in choice.text for begin in _MARKUP_BEGINS)
            else None
        )
        if markup and markup[0] not in mentioned:
            mentioned[markup[0]] = markup[0] in facts.chat_request.messages_text
        if markup and not mentioned[markup[0]]:
            start = markup.start()
            yield finding(
                "the text contains the markup of a tool call",
                expected="a call in tool_calls",
                actual=choice.text[start : start + 200],
            )


@rule(
    "TOOL-026", ANSWER, asks_tools, lambda facts: facts.request.get("parallel_tool_calls") is False
)
def calls_are_not_parallel(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        if len(choice.calls) > 1:
            yield at(
                choice.calls[1],
                "the choice has several calls, although parallel_tool_calls is false",
                expected=1,
                actual=len(choice.calls),
            )


def calls_without_parameters(facts: Facts) -> list[Call]:
    """Return the calls of functions without parameters, in choices that did not finish early."""
    return [
        call
        for choice, call in calls(facts)
        if choice.finish_reason
        and not choice.finished_early
        and takes_parameters(facts, call) is False
    ]


@rule("TOOL-035", ANSWER, has_calls, calls_without_parameters, is_complete, needs=("end",))
def no_parameters_are_an_empty_object(facts: Facts) -> Iterator[Finding]:
    for call in calls_without_parameters(facts):
        if call.arguments == "":
            yield at(call, "the arguments are an empty string", expected="{}", actual="")


RULES = (
    call_names_a_declared_function,
    arguments_are_a_json_object,
    arguments_satisfy_the_declared_schema,
    call_ids_are_unique,
    tool_choice_none_gives_no_call,
    tool_choice_required_gives_a_call,
    named_tool_choice_gives_that_call,
    text_holds_no_call_markup,
    calls_are_not_parallel,
    no_parameters_are_an_empty_object,
)
