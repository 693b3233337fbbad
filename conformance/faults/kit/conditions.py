"""What an exchange must have for a fault to be one: questions to the wire itself, apart from what
the judge makes of it."""

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
    """A well-formed JSON answer of status 200."""
    return (
        exchange.response.status == 200
        and isinstance(json_of(exchange), dict)
        and is_well_formed(exchange)
    )


def is_stream(exchange: Exchange) -> bool:
    """A well-formed event stream of status 200."""
    return is_event_stream(exchange) and is_well_formed(exchange)


def is_error(exchange: Exchange) -> bool:
    """An error with a body that says so."""
    return exchange.response.status >= 400 and bool(json_of(exchange))


def is_answer(exchange: Exchange) -> bool:
    """A completion or a stream of status 200, with a choice."""
    return (is_completion(exchange) or is_stream(exchange)) and any(True for _ in choices(exchange))


def is_complete(exchange: Exchange) -> bool:
    """The body was recorded up to its end."""
    return "end" in exchange.evidence


def has_headers(exchange: Exchange) -> bool:
    """The header fields of the response were recorded."""
    return bool(exchange.response.headers)


def is_verbatim(exchange: Exchange) -> bool:
    """The body was recorded as it was sent."""
    return "text" in exchange.evidence


def asks(key: str, *values: object) -> Predicate:
    """Whether the request gives this parameter one of these values, or any but null and false where
    none is given."""
    return lambda exchange: (
        request_body(exchange).get(key) in values if values else request_body(exchange).get(key)
    )


def knows_request(exchange: Exchange) -> bool:
    """The body of the request was recorded."""
    return bool(request_body(exchange))


def probes(requirement: str) -> Predicate:
    """Whether the request was made to show this requirement."""
    return lambda exchange: requirement in (exchange.meta.get("probes") or ())


def asks_usage(exchange: Exchange) -> bool:
    """The request asks for usage in the stream."""
    return get_path(request_body(exchange), "stream_options", "include_usage") is True


def asks_no_usage(exchange: Exchange) -> bool:
    """The request is known and does not ask for usage in the stream."""
    return knows_request(exchange) and not asks_usage(exchange)


def tool_choice(exchange: Exchange) -> str:
    """The tool_choice of the request in one word: none, auto, required or named; auto where it is
    not given."""
    choice = request_body(exchange).get("tool_choice")
    return "named" if isinstance(choice, dict) else str(choice or "auto")


def names_no_tool(exchange: Exchange) -> bool:
    """The request is known, and does not name the function to be called."""
    return knows_request(exchange) and tool_choice(exchange) != "named"


def asks_tools(exchange: Exchange) -> bool:
    """The request declares functions."""
    return bool(requested_functions(exchange))


def response_format(exchange: Exchange) -> str:
    """The type of the requested response_format, "" where there is none."""
    kind = get_path(request_body(exchange), "response_format", "type")
    return kind if isinstance(kind, str) else ""


def asks_json(exchange: Exchange) -> bool:
    """The request wants JSON, with or without a schema."""
    return response_format(exchange) in ("json_object", "json_schema")


def asks_no_json(exchange: Exchange) -> bool:
    """The request wants no JSON."""
    return not asks_json(exchange)


def stop_strings(exchange: Exchange) -> list[str]:
    """The stop strings of the request."""
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
    """Whether the request has no stop string in these words, at which a server would have
    stopped."""
    return lambda exchange: not any(stop in words for stop in stop_strings(exchange))


def token_limit(exchange: Exchange) -> int | None:
    """The requested limit of tokens."""
    limit = request_body(exchange).get("max_completion_tokens") or request_body(exchange).get(
        "max_tokens"
    )
    return limit if isinstance(limit, int) else None


def has_no_limit(exchange: Exchange) -> bool:
    """The request sets no limit of tokens."""
    return token_limit(exchange) is None


def has_text(exchange: Exchange) -> bool:
    """The answer has text."""
    return bool(text(exchange))


def has_calls(exchange: Exchange) -> bool:
    """The answer has tool calls of functions."""
    return any(function_of(call) for call in calls(exchange))


def has_no_calls(exchange: Exchange) -> bool:
    """The answer has no tool call, of whatever kind."""
    return not calls(exchange) and not any(
        message.get("function_call") for message in messages(exchange)
    )


def has_several_calls(exchange: Exchange) -> bool:
    """The answer has several tool calls."""
    return sum(1 for call in calls(exchange) if function_of(call).get("name")) > 1


def has_continued_calls(exchange: Exchange) -> bool:
    """A tool call comes in several fragments."""
    return is_stream(exchange) and any(
        function_of(call) and not function_of(call).get("name") for call in calls(exchange)
    )


def has_usage(exchange: Exchange) -> bool:
    """The answer has usage, with all its counts."""
    return bool(usages(exchange)) and all(
        isinstance(usage.get(count), int) for usage in usages(exchange) for count in COUNTS
    )


def has_logprobs(exchange: Exchange) -> bool:
    """The answer has log-probabilities."""
    return any(
        isinstance(entry, dict) and entry.get("content")
        for choice in choices(exchange)
        for entry in [choice.get("logprobs")]
    )


def has_no_logprobs(exchange: Exchange) -> bool:
    """The answer has no log-probabilities."""
    return not has_logprobs(exchange)


def has_one_choice(exchange: Exchange) -> bool:
    """All of the answer is one choice."""
    return {choice.get("index", 0) for choice in choices(exchange)} == {0}


def has_several_choices(exchange: Exchange) -> bool:
    """The answer has more choices than one."""
    return len({choice.get("index") for choice in choices(exchange)}) > 1


def finishes(*wanted: str) -> Predicate:
    """Whether every choice that finishes does so for one of these reasons, and one does."""
    return lambda exchange: (
        (found := reasons(exchange)) and all(reason in wanted for reason in found)
    )


def every_choice_finishes(exchange: Exchange) -> bool:
    """None of the choices is without a finish reason at its end."""
    return {choice.get("index") for choice in choices(exchange)} == {
        choice.get("index") for choice in choices(exchange) if choice.get("finish_reason")
    }


def thinking_off(exchange: Exchange) -> bool:
    """The request switches thinking off."""
    budget = get_path(google_options(exchange), "thinking_config", "thinking_budget")
    return request_body(exchange).get("reasoning_effort") == "none" or (
        budget == 0 and budget is not False
    )


def calls_without_parameters(exchange: Exchange) -> bool:
    """A function is called that takes no parameters, as the request declares it."""
    return any(map(_is_bare, _called(exchange)))


def calls_only_without_parameters(exchange: Exchange) -> bool:
    """None of the functions called takes parameters, as the request declares them."""
    return has_calls(exchange) and all(map(_is_bare, _called(exchange)))


def _called(exchange: Exchange) -> list[Object | None]:
    """The functions called, as the request declares them, None for those it does not."""
    declared = requested_functions(exchange)
    return [
        declared.get(str(name))
        for call in calls(exchange)
        if (name := function_of(call).get("name"))
    ]


def _is_bare(function: Object | None) -> bool:
    return function is not None and not get_path(function, "parameters", "properties")


def owes_no_call(exchange: Exchange) -> bool:
    """The request leaves it to the model whether tools are called."""
    return tool_choice(exchange) in ("auto", "none")


def keeps_created(exchange: Exchange) -> bool:
    """All chunks say the same time of creation."""
    return len({envelope.get("created") for envelope in envelopes(exchange)}) == 1


def google_options(exchange: Exchange) -> Object:
    """The ``extra_body.google`` of the request, empty where it has none."""
    options = get_path(request_body(exchange), "extra_body", "google")
    return options if isinstance(options, dict) else {}
