"""TOOL: the fragments of tool calls in a stream; schemas/chunk.json states their fields."""

import json
from collections.abc import Iterator
from typing import NoReturn

from conformance.judging.predicates.conditions import has_calls, is_intact, tells_choices_apart
from conformance.judging.rule import STREAM, rule
from conformance.judging.rules.choices import wrong_reason_beside_calls
from conformance.judging.rules.tools import arguments_of, at, calls, takes_parameters
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.tool_calls import Call, Fragment, function_of
from conformance.protocol.exchange import Finding, Json

_LONG = 40  # characters; longer arguments are expected in two fragments or more


def later(facts: Facts) -> Iterator[tuple[Call, Fragment]]:
    """Yield each fragment after the first one of its call, with the call."""
    for _, call in calls(facts):
        for fragment in call.fragments[1:]:
            yield call, fragment


def has_later(facts: Facts) -> bool:
    """The answer has a call in several fragments."""
    return any(len(call.fragments) > 1 for choice in facts.choices for call in choice.calls)


def asks_fragments(facts: Facts) -> bool:
    """The request asks for arguments in fragments (``stream_function_call_arguments``)."""
    return facts.chat_request.google_options.get("stream_function_call_arguments") is True


@rule("TOOL-008", STREAM, has_calls)
def one_id_has_one_index(facts: Facts) -> Iterator[Finding]:
    for call, fragment in later(facts):
        index = fragment.value.get("index")
        if (
            fragment.value.get("id") == call.id
            and call.id
            and type(index) is int
            and index != call.index
        ):
            yield at(
                fragment,
                "the fragment has the id of the call, but another index",
                expected=call.index,
                actual=index,
            )


@rule("TOOL-009", STREAM, has_calls, is_intact, needs=("end",))
def fragments_join_to_json(facts: Facts) -> Iterator[Finding]:
    for choice, call in calls(facts):
        if (
            call.arguments is None
            or choice.finished_early
            or not choice.finish_reason
            or not (call.arguments or takes_parameters(facts, call))
        ):
            continue
        try:
            arguments_of(call)
        except ValueError as error:
            yield at(
                call,
                f"the joined arguments are not JSON: {error}",
                expected="JSON",
                actual=_broken_arguments(choice, call),
            )


def _broken_arguments(choice: Choice, call: Call) -> Json:
    """Return the arguments of a call that are not JSON, with the reason if a known one applies.

    That is ``{"arguments": ..., "cause": ...}`` if they are JSON except for raw line breaks in
    strings, or if fragments of the choice have neither id nor index, so that it cannot be known to
    which call they belong.
    """
    arguments = call.arguments or ""
    if _has_raw_line_breaks_only(arguments):
        return {"arguments": arguments, "cause": "raw line breaks in strings"}
    fragments = [fragment for each in choice.calls for fragment in each.fragments]
    if any(
        fragment.value.get("id") is None and fragment.value.get("index") is None
        for fragment in fragments[1:]
    ):
        return {"arguments": arguments, "cause": "fragments without id and index"}
    return arguments


def _has_raw_line_breaks_only(arguments: str) -> bool:
    if "\n" not in arguments and "\r" not in arguments:
        return False
    try:
        json.loads(arguments, strict=False, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


@rule("TOOL-010", STREAM, has_calls, is_intact, needs=("end",))
def first_fragment_has_id_and_name(facts: Facts) -> Iterator[Finding]:
    for _, call in calls(facts):
        identifier, name = call.first.value.get("id"), function_of(call.first).get("name")
        if not (isinstance(identifier, str) and identifier and isinstance(name, str) and name):
            yield at(
                call,
                "the first fragment of the call has no id or no function name",
                expected="id and function.name are present",
                actual={"id": identifier, "name": name},
            )


@rule("TOOL-011", STREAM, has_calls)
def repeated_id_and_name_are_the_same(facts: Facts) -> Iterator[Finding]:
    for call, fragment in later(facts):
        for value, first in (
            (fragment.value.get("id"), call.id),
            (function_of(fragment).get("name"), call.name),
        ):
            if value and first and value != first:
                yield at(
                    fragment,
                    "a later fragment changes the id or the name of the call",
                    expected=first,
                    actual=value,
                )


@rule("TOOL-012", STREAM, has_calls, is_intact)
def stream_with_calls_finishes_tool_calls(facts: Facts) -> Iterator[Finding]:
    return wrong_reason_beside_calls(facts)


@rule("TOOL-020", STREAM, has_calls, asks_fragments, is_intact, needs=("end",))
def long_arguments_come_in_fragments(facts: Facts) -> Iterator[Finding]:
    for _, call in calls(facts):
        pieces = sum(1 for fragment in call.fragments if function_of(fragment).get("arguments"))
        if call.arguments and len(call.arguments) > _LONG and pieces < 2:
            yield at(
                call,
                "the arguments come in one fragment",
                expected="2 fragments or more",
                actual=pieces,
            )


@rule("TOOL-021", STREAM, has_calls, has_later)
def no_empty_id_or_name_later(facts: Facts) -> Iterator[Finding]:
    for _, fragment in later(facts):
        if fragment.value.get("id") == "" or function_of(fragment).get("name") == "":
            yield at(
                fragment,
                "a later fragment has an empty id or name",
                expected="no id and no name",
                actual=fragment.value,
            )


@rule("TOOL-022", STREAM, has_calls, has_later)
def id_comes_once(facts: Facts) -> Iterator[Finding]:
    for _, fragment in later(facts):
        if fragment.value.get("id"):
            yield at(
                fragment, "the id is sent again", expected="no id", actual=fragment.value["id"]
            )


@rule("TOOL-023", STREAM, has_calls, has_later)
def name_comes_once(facts: Facts) -> Iterator[Finding]:
    for _, fragment in later(facts):
        if name := function_of(fragment).get("name"):
            yield at(fragment, "the function name is sent again", expected="no name", actual=name)


def _indexed(choice: Choice) -> Iterator[Fragment]:
    return (
        fragment
        for call in choice.calls
        for fragment in call.fragments
        if type(fragment.value.get("index")) is int
    )


@rule("TOOL-027", STREAM, has_calls, is_intact, needs=("end",))
def call_indexes_have_no_gap(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        indexes = sorted({fragment.value["index"] for fragment in _indexed(choice)})
        if indexes != list(range(len(indexes))):
            yield at(
                choice.calls[0],
                "the indexes of the tool calls are not 0, 1, 2, ...",
                expected=list(range(len(indexes))),
                actual=indexes,
            )


@rule("TOOL-028", STREAM, has_calls, tells_choices_apart)
def different_ids_have_different_indexes(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        owner: dict[int, str] = {}
        for fragment in _indexed(choice):
            identifier = fragment.value.get("id")
            first = owner.setdefault(fragment.value["index"], identifier) if identifier else None
            if first and first != identifier:
                yield at(
                    fragment,
                    "two calls with different ids have the same index",
                    expected=first,
                    actual=identifier,
                )


RULES = (
    one_id_has_one_index,
    fragments_join_to_json,
    first_fragment_has_id_and_name,
    repeated_id_and_name_are_the_same,
    stream_with_calls_finishes_tool_calls,
    long_arguments_come_in_fragments,
    no_empty_id_or_name_later,
    id_comes_once,
    name_comes_once,
    call_indexes_have_no_gap,
    different_ids_have_different_indexes,
)
