"""SO: structured output, judged by the requested schema, and rejections of legal schemas."""

import json
import re
from collections.abc import Iterator
from typing import Any

from conformance.judging.predicates.conditions import (
    asks_json,
    asks_json_object,
    asks_json_schema,
    asks_tools,
    is_complete,
    is_intact,
    stop_strings,
)
from conformance.judging.predicates.error_wording import gives_no_reason
from conformance.judging.predicates.google import asks_thoughts, says_prompt_blocked
from conformance.judging.predicates.json_in_text import document, may_go_on
from conformance.judging.predicates.schema_refusal import (
    has_another_reason,
    refused_keyword,
    refuses_tools_beside_format,
)
from conformance.judging.rule import ANSWER, ANY, COMPLETION, STREAM, finding, rule
from conformance.judging.rules.choices import place
from conformance.judging.rules.errors import error_message, refuses_request
from conformance.judging.rules.multimodal import remote_images
from conformance.judging.rules.thinking import asks_effort
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.request_schema import breaks_schema
from conformance.protocol.chat.requested_schema import compile_check, keywords
from conformance.protocol.exchange import Finding

_ADDITIONAL_PROPERTIES = re.compile("additional_?properties", re.IGNORECASE)
_OF_A_TOOL = re.compile(r"tools\[|function_declarations|for function\b", re.IGNORECASE)
_FENCE_BEGINS = re.compile(r"```\w*+\s*+(?=[\[{])")


def answers(facts: Facts) -> Iterator[Choice]:
    """Yield the choices whose text must be JSON.

    They finish with ``stop`` and have text, no refusal and no call. Left out are answers with
    thoughts, texts that a stop string may have ended, and the message that the prompt was blocked,
    which MSG-015 reports.
    """
    for choice in facts.choices if not asks_thoughts(facts) else ():
        is_text = (
            choice.finish_reason == "stop"
            and choice.text.strip()
            and not choice.refusal
            and not choice.calls
            and not says_prompt_blocked(choice)
        )
        if is_text and not (stop_strings(facts) and may_go_on(choice.text)):
            yield choice


def has_answer(facts: Facts) -> bool:
    """A choice has a text that must be JSON."""
    return any(True for _ in answers(facts))


def judgeable(facts: Facts) -> bool:
    """The schema of the response_format can be used for judging."""
    return compile_check(facts.chat_request.asked_schema) is not None


def _inside_fence(text: str) -> str:
    """Return the content of a Markdown fence in a text that is not JSON; "" if there is none."""
    begin = _FENCE_BEGINS.search(text) if "```" in text and document(text).reason else None
    if begin is None:
        return ""
    rest = text[begin.end() :]
    inside, fence, after = rest.rpartition("```")
    return (inside if fence and "`" not in after else rest).rstrip()


def _no_json(facts: Facts) -> Iterator[Finding]:
    for choice in answers(facts):
        if reason := document(choice.text).reason:
            event, at = place(choice)
            yield finding(
                f"the text is not one JSON document: {reason}",
                expected="one JSON document",
                actual=choice.text[:400],
                event=event,
                pointer=at,
            )


def _against_schema(facts: Facts) -> Iterator[Finding]:
    """Yield a finding for each text that does not match the schema.

    A Markdown fence around the JSON is ignored here; SO-007 reports it.
    """
    check = compile_check(facts.chat_request.asked_schema)
    for choice in answers(facts) if check else ():
        value, reason = document(_inside_fence(choice.text) or choice.text)
        if not reason and check and (violation := check(value)):
            reason = f"at {violation.pointer or 'the root'}: {violation.message}"
        if reason:
            event, at = place(choice)
            yield finding(
                f"the text does not match the schema: {reason}",
                expected="JSON that matches the requested schema",
                actual=choice.text[:400],
                event=event,
                pointer=at,
            )


@rule("SO-001", ANSWER, asks_json, asks_json_object, has_answer, is_complete, needs=("end",))
def json_object_gives_json(facts: Facts) -> Iterator[Finding]:
    return _no_json(facts)


@rule("SO-002", COMPLETION, asks_json, asks_json_schema, judgeable, has_answer, needs=("end",))
def json_keeps_to_its_schema(facts: Facts) -> Iterator[Finding]:
    return _against_schema(facts)


@rule("SO-007", ANSWER, asks_json, has_answer)
def json_has_no_fence(facts: Facts) -> Iterator[Finding]:
    for choice in answers(facts):
        if choice.text.lstrip().startswith("```") or _inside_fence(choice.text):
            event, at = place(choice)
            yield finding(
                "the JSON is in a Markdown fence",
                expected="JSON",
                actual=choice.text[:80],
                event=event,
                pointer=at,
            )


@rule(
    "SO-008", STREAM, asks_json, asks_json_schema, judgeable, has_answer, is_intact, needs=("end",)
)
def streamed_json_keeps_to_its_schema(facts: Facts) -> Iterator[Finding]:
    return _against_schema(facts)


@rule("SO-011", ANSWER, asks_json, has_answer, is_complete, needs=("end",))
def text_is_one_json_document(facts: Facts) -> Iterator[Finding]:
    return _no_json(facts)


def asked_schemas(facts: Facts) -> list[dict[str, Any]]:
    """The request has a schema: for its response_format or for a tool's parameters."""
    return facts.chat_request.schemas


def asked_keywords(facts: Facts) -> set[str]:
    """Return the keywords in the schemas of the request."""
    return {keyword for schema in asked_schemas(facts) for keyword in keywords(schema)}


def is_strict(facts: Facts) -> bool:
    """Return whether the request asks for strict mode, which supports fewer schemas."""
    return '"strict":true' in json.dumps(
        [facts.request.get("response_format"), facts.request.get("tools")], separators=(",", ":")
    )


def _is_legal(facts: Facts) -> bool:
    """Return whether the request matches the request schema and all schemas in it compile."""
    return not breaks_schema(facts.request) and all(
        compile_check(schema) is not None for schema in facts.chat_request.schemas
    )


@rule(
    "SO-006",
    ANY,
    asks_json,
    asks_json_schema,
    lambda facts: "additionalProperties" in keywords(facts.chat_request.asked_schema),
    needs=("request",),
)
def additional_properties_are_accepted(facts: Facts) -> Iterator[Finding]:
    message = error_message(facts) if refuses_request(facts) else ""
    named = _ADDITIONAL_PROPERTIES.search(message) and not _OF_A_TOOL.search(message)
    if named and not has_another_reason(message, is_strict(facts)):
        yield finding(
            "a schema with additionalProperties is rejected",
            expected="status 200",
            actual=message[:200],
        )


@rule(
    "SO-009",
    ANY,
    lambda facts: asks_json_schema(facts) or asks_tools(facts),
    asked_schemas,
    needs=("request",),
)
def legal_schema_is_not_refused(facts: Facts) -> Iterator[Finding]:
    message = error_message(facts)
    if facts.status != 400 or has_another_reason(message, is_strict(facts)) or not _is_legal(facts):
        return
    keyword = refused_keyword(asked_keywords(facts), message)
    # MM-004 and THK-019 report an error without a reason
    elsewhere = remote_images(facts) or asks_effort(facts)
    if keyword is not None or (message and gives_no_reason(message) and not elsewhere):
        yield finding(
            f"a legal schema is rejected{' for ' + keyword if keyword else ' without a reason'}",
            expected="status 200",
            actual=message[:200],
        )


@rule("SO-010", ANY, asks_json, asks_tools, needs=("request",))
def tools_and_response_format_go_together(facts: Facts) -> Iterator[Finding]:
    message = error_message(facts) if refuses_request(facts) else ""
    if refuses_tools_beside_format(message):
        yield finding(
            "a request with tools and response_format is rejected",
            expected="status 200",
            actual=message[:200],
        )


RULES = (
    json_object_gives_json,
    json_keeps_to_its_schema,
    json_has_no_fence,
    streamed_json_keeps_to_its_schema,
    text_is_one_json_document,
    additional_properties_are_accepted,
    legal_schema_is_not_refused,
    tools_and_response_format_go_together,
)
