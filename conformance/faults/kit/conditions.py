"""Conditions that an exchange must meet for a fault to apply.

They look at the recorded request and response directly, independently of the judge.
"""

from conformance.faults.kit.body_edits import Object, is_event_stream, json_of, request_body
from conformance.faults.kit.fault import Predicate
from conformance.faults.kit.part_edits import (
    calls,
    choices,
    envelopes,
    function_of,
    messages,
    reasons,
    requested_functions,
    text,
    usages,
)
from conformance.faults.kit.well_formed import COUNTS, is_well_formed
from conformance.protocol.exchange import Exchange
from conformance.protocol.json_access import get_path


def is_completion(exchange: Exchange) -> bool:
    """Return whether the response has status 200 and a well-formed JSON object as its body."""
    return (
        exchange.response.status == 200
        and isinstance(json_of(exchange), dict)
        and is_well_formed(exchange)
    )


def is_stream(exchange: Exchange) -> bool:
    """Return whether the response has status 200 and is a well-formed event stream."""
    return is_event_stream(exchange) and is_well_formed(exchange)


def is_error(exchange: Exchange) -> bool:
    """Return whether the status is 400 or above and the body is non-empty JSON."""
    return exchange.response.status >= 400 and bool(json_of(exchange))


def is_answer(exchange: Exchange) -> bool:
    """Return whether the response is a completion or a stream with at least one choice."""
    return (is_completion(exchange) or is_stream(exchange)) and any(True for _ in choices(exchange))


def is_complete(exchange: Exchange) -> bool:
    """Return whether the body was recorded up to its end."""
    return "end" in exchange.evidence


def has_headers(exchange: Exchange) -> bool:
    """Return whether the response headers were recorded."""
    return bool(exchange.response.headers)


def is_verbatim(exchange: Exchange) -> bool:
    """Return whether the body was recorded as the server sent it."""
    return "text" in exchange.evidence


def asks(key: str, *values: object) -> Predicate:
    """Make a condition: the request gives this parameter one of these values.

    Without values, any value except null, false, 0 and empty ones meets the condition.
    """
    return lambda exchange: (
        request_body(exchange).get(key) in values if values else request_body(exchange).get(key)
    )


def knows_request(exchange: Exchange) -> bool:
    """Return whether the request body was recorded."""
    return bool(request_body(exchange))


def probes(requirement: str) -> Predicate:
    """Make a condition: the request was made to test this requirement."""
    return lambda exchange: requirement in (exchange.meta.get("probes") or ())


def asks_usage(exchange: Exchange) -> bool:
    """Return whether the request asks for usage in the stream."""
    return get_path(request_body(exchange), "stream_options", "include_usage") is True


def asks_no_usage(exchange: Exchange) -> bool:
    """Return whether the request was recorded and does not ask for usage in the stream."""
    return knows_request(exchange) and not asks_usage(exchange)


def tool_choice(exchange: Exchange) -> str:
    """Return the request's `tool_choice` as one word: none, auto, required or named.

    The default is auto; an object counts as named.
    """
    choice = request_body(exchange).get("tool_choice")
    return "named" if isinstance(choice, dict) else str(choice or "auto")


def names_no_tool(exchange: Exchange) -> bool:
    """Return whether the request was recorded and its `tool_choice` does not name a function."""
    return knows_request(exchange) and tool_choice(exchange) != "named"


def asks_tools(exchange: Exchange) -> bool:
    """Return whether the request declares functions."""
    return bool(requested_functions(exchange))


def response_format(exchange: Exchange) -> str:
    """Return the type of the requested `response_format`, or "" without one."""
    kind = get_path(request_body(exchange), "response_format", "type")
    return kind if isinstance(kind, str) else ""


def asks_json(exchange: Exchange) -> bool:
    """Return whether the request asks for JSON, with or without a schema."""
    return response_format(exchange) in ("json_object", "json_schema")


def asks_no_json(exchange: Exchange) -> bool:
    """Return whether the request does not ask for JSON."""
    return not asks_json(exchange)


def stop_strings(exchange: Exchange) -> list[str]:
    """Return the stop strings of the request; malformed and empty ones are skipped."""
    stop = request_body(exchange).get("stop")
    return (
        [stop]
        if isinstance(stop, str)
        else [
            text
            for text in (stop if isinstance(stop, list) else ())
            if isinstance(text, str) and text
        ]
    )


def no_stop_string_in(words: str) -> Predicate:
    """Make a condition: these words contain none of the request's stop strings.

    A server would have stopped at such a string, so a fault must not add it.
    """
    return lambda exchange: not any(stop in words for stop in stop_strings(exchange))


def token_limit(exchange: Exchange) -> int | None:
    """Return the requested token limit, the newer parameter first; None without one."""
    limit = request_body(exchange).get("max_completion_tokens") or request_body(exchange).get(
        "max_tokens"
    )
    return limit if isinstance(limit, int) else None


def has_no_limit(exchange: Exchange) -> bool:
    """Return whether the request sets no token limit."""
    return token_limit(exchange) is None


def has_text(exchange: Exchange) -> bool:
    """Return whether the response has text."""
    return bool(text(exchange))


def has_calls(exchange: Exchange) -> bool:
    """Return whether the response has function calls among its tool calls."""
    return any(function_of(call) for call in calls(exchange))


def has_no_calls(exchange: Exchange) -> bool:
    """Return whether the response has no tool call and no legacy function call."""
    return not calls(exchange) and not any(
        message.get("function_call") for message in messages(exchange)
    )


def has_several_calls(exchange: Exchange) -> bool:
    """Return whether the response calls two or more functions."""
    return sum(1 for call in calls(exchange) if function_of(call).get("name")) > 1


def has_continued_calls(exchange: Exchange) -> bool:
    """Return whether a streamed tool call has fragments after the one with the function name."""
    return is_stream(exchange) and any(
        function_of(call) and not function_of(call).get("name") for call in calls(exchange)
    )


def has_usage(exchange: Exchange) -> bool:
    """Return whether the response has usage and each usage has all three token counts."""
    return bool(usages(exchange)) and all(
        isinstance(usage.get(count), int) for usage in usages(exchange) for count in COUNTS
    )


def has_logprobs(exchange: Exchange) -> bool:
    """Return whether the response has log-probabilities."""
    return any(
        isinstance(entry, dict) and entry.get("content")
        for choice in choices(exchange)
        for entry in [choice.get("logprobs")]
    )


def has_no_logprobs(exchange: Exchange) -> bool:
    """Return whether the response has no log-probabilities."""
    return not has_logprobs(exchange)


def has_one_choice(exchange: Exchange) -> bool:
    """Return whether the response has exactly one choice, with index 0."""
    return {choice.get("index", 0) for choice in choices(exchange)} == {0}


def has_several_choices(exchange: Exchange) -> bool:
    """Return whether the response has two or more choices."""
    return len({choice.get("index") for choice in choices(exchange)}) > 1


def finishes(*wanted: str) -> Predicate:
    """Make a condition: every finish reason in the response is one of these, and there is one."""
    return lambda exchange: (
        (found := reasons(exchange)) and all(reason in wanted for reason in found)
    )


def every_choice_finishes(exchange: Exchange) -> bool:
    """Return whether every choice has a finish reason."""
    return {choice.get("index") for choice in choices(exchange)} == {
        choice.get("index") for choice in choices(exchange) if choice.get("finish_reason")
    }


def thinking_off(exchange: Exchange) -> bool:
    """Return whether the request turns thinking off."""
    budget = get_path(google_options(exchange), "thinking_config", "thinking_budget")
    return request_body(exchange).get("reasoning_effort") == "none" or (
        budget == 0 and budget is not False
    )


def calls_without_parameters(exchange: Exchange) -> bool:
    """Return whether a called function is declared without parameters."""
    return any(map(_is_bare, _called(exchange)))


def calls_only_without_parameters(exchange: Exchange) -> bool:
    """Return whether all called functions are declared without parameters, and there is one."""
    return has_calls(exchange) and all(map(_is_bare, _called(exchange)))


def _called(exchange: Exchange) -> list[Object | None]:
    """Return the declaration of each called function; None for undeclared ones."""
    declared = requested_functions(exchange)
    return [
        declared.get(str(name))
        for call in calls(exchange)
        if (name := function_of(call).get("name"))
    ]


def _is_bare(function: Object | None) -> bool:
    return function is not None and not get_path(function, "parameters", "properties")


def owes_no_call(exchange: Exchange) -> bool:
    """Return whether the model may answer without a tool call (`tool_choice` auto or none)."""
    return tool_choice(exchange) in ("auto", "none")


def keeps_created(exchange: Exchange) -> bool:
    """Return whether all chunks have the same `created` time."""
    return len({envelope.get("created") for envelope in envelopes(exchange)}) == 1


def google_options(exchange: Exchange) -> Object:
    """Return the request's `extra_body.google`; an empty dict without it."""
    options = get_path(request_body(exchange), "extra_body", "google")
    return options if isinstance(options, dict) else {}
