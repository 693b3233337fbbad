"""The conditions of rules: what a request asks for and what an answer has."""

from conformance.judging.rule import needs_request_key
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import CUT_AGAIN


@needs_request_key("stream")
def asks_stream(facts: Facts) -> bool:
    """The request asks for a stream."""
    return facts.chat_request.streams


def asks_plain(facts: Facts) -> bool:
    """The request asks for one body: ``stream`` is false, null or absent."""
    return not facts.request.get("stream")


@needs_request_key("stream_options")
def asks_usage(facts: Facts) -> bool:
    """The request asks for usage in the stream."""
    return facts.chat_request.asks_usage


def asks_no_usage(facts: Facts) -> bool:
    """The request does not ask for usage in the stream."""
    return not asks_usage(facts)


@needs_request_key("model")
def asks_model(facts: Facts) -> bool:
    """The request names a model."""
    return facts.chat_request.model is not None


@needs_request_key("n")
def asks_n(facts: Facts) -> bool:
    """The request has a legal ``n``."""
    return facts.chat_request.n is not None


def tells_choices_apart(facts: Facts) -> bool:
    """The answer has an index for each choice requested.

    With fewer, the deltas of several choices may have the same index.
    """
    return len(facts.choices) >= facts.chat_request.choices_asked


@needs_request_key("tools", "functions")
def asks_tools(facts: Facts) -> bool:
    """The request declares tools."""
    return facts.chat_request.declares_tools


@needs_request_key("tool_choice")
def chooses_tools(facts: Facts) -> bool:
    """The request has a ``tool_choice``."""
    return "tool_choice" in facts.request


@needs_request_key("tool_choice")
def asks_tool_none(facts: Facts) -> bool:
    """The request forbids tool calls (``tool_choice`` none)."""
    return facts.chat_request.tool_choice == "none"


@needs_request_key("tool_choice")
def asks_tool_required(facts: Facts) -> bool:
    """The request requires a tool call (``tool_choice`` required)."""
    return facts.chat_request.tool_choice == "required"


@needs_request_key("tool_choice")
def asks_tool_named(facts: Facts) -> bool:
    """The request requires a call of one function, which ``tool_choice`` names."""
    return facts.chat_request.tool_choice == "named"


def tool_results(facts: Facts) -> bool:
    """The request has tool results."""
    return bool(facts.chat_request.tool_results)


@needs_request_key("response_format")
def asks_json_object(facts: Facts) -> bool:
    """The request asks for any JSON object."""
    return facts.chat_request.response_format == "json_object"


@needs_request_key("response_format")
def asks_json_schema(facts: Facts) -> bool:
    """The request asks for JSON that follows a schema."""
    return facts.chat_request.response_format == "json_schema"


@needs_request_key("response_format")
def asks_json(facts: Facts) -> bool:
    """The request asks for JSON, with or without a schema."""
    return facts.chat_request.response_format in ("json_object", "json_schema")


@needs_request_key("stop")
def stop_strings(facts: Facts) -> list[str]:
    """The request has stop strings; returns those that are not empty."""
    return facts.chat_request.stop_strings


@needs_request_key("max_completion_tokens", "max_tokens")
def token_limit(facts: Facts) -> int | None:
    """The request limits the tokens of a choice; returns the limit, or None."""
    return facts.chat_request.token_limit


@needs_request_key("logprobs")
def asks_logprobs(facts: Facts) -> bool:
    """The request asks for log-probabilities."""
    return facts.request.get("logprobs") is True


def asks_no_logprobs(facts: Facts) -> bool:
    """The request does not ask for log-probabilities."""
    return not facts.request.get("logprobs")


def image_urls(facts: Facts) -> list[str]:
    """The request has images; returns their URLs."""
    return facts.chat_request.image_urls


def has_usage(facts: Facts) -> bool:
    """The answer has usage."""
    return bool(facts.usages)


def is_whole_or_cut_again(facts: Facts) -> bool:
    """The body is complete, or the connection ended inside it and inside the answer before it."""
    return "end" in facts.evidence or is_cut_again(facts)


def is_cut_again(facts: Facts) -> bool:
    """The connection ended inside this answer, and inside the one before to the same request."""
    return facts.exchange.response.truncated and bool(facts.exchange.meta.get(CUT_AGAIN))


def has_choices(facts: Facts) -> bool:
    """The answer has a choice."""
    return bool(facts.choices)


def has_text(facts: Facts) -> bool:
    """The answer has text."""
    return any(choice.text for choice in facts.choices)


def has_chunks(facts: Facts) -> bool:
    """The stream has a chunk."""
    return bool(facts.chunks)


def has_calls(facts: Facts) -> bool:
    """The answer has tool calls."""
    return any(choice.calls for choice in facts.choices)


def has_logprobs(facts: Facts) -> bool:
    """The answer has log-probabilities."""
    return any(choice.logprobs for choice in facts.choices)


def is_intact(facts: Facts) -> bool:
    """The stream has chunks, and every event is a chunk or ``[DONE]``.

    So what is missing in the chunks was really not sent. An event stream field named ``error``
    counts as an error too.
    """
    return (
        bool(facts.chunks)
        and not facts.failures
        and not facts.non_chunk_events
        and "error" not in facts.stream.fields
    )


def is_complete(facts: Facts) -> bool:
    """The answer is a completion, or a stream that is intact."""
    return facts.kind == "completion" or is_intact(facts)


def finishes_stop(facts: Facts) -> bool:
    """A choice has the finish reason ``stop``."""
    return "stop" in [choice.finish_reason for choice in facts.choices]


def finishes_length(facts: Facts) -> bool:
    """A choice has the finish reason ``length``."""
    return "length" in [choice.finish_reason for choice in facts.choices]
