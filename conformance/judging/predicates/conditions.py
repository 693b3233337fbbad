"""The conditions of rules: features of a request or of an answer, each a pure question to the
facts."""

from conformance.judging.rule import needs_request_key
from conformance.protocol.chat.facts import Facts
from conformance.protocol.json_access import dict_items, get_path


@needs_request_key("stream")
def asks_stream(facts: Facts) -> bool:
    """The request asks for a stream."""
    return facts.request.get("stream") is True


def asks_plain(facts: Facts) -> bool:
    """The request asks for a plain answer: stream is false, null or absent."""
    return not facts.request.get("stream")


@needs_request_key("stream_options")
def asks_usage(facts: Facts) -> bool:
    """The request asks for usage in the stream."""
    options = facts.request.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def asks_no_usage(facts: Facts) -> bool:
    """The request does not ask for usage in the stream."""
    return not asks_usage(facts)


@needs_request_key("model")
def asks_model(facts: Facts) -> bool:
    """The request names a model."""
    return isinstance(facts.request.get("model"), str)


@needs_request_key("n")
def asks_n(facts: Facts) -> bool:
    """The request says how many choices it wants."""
    n = facts.request.get("n")
    return type(n) is int and n > 0


def choices_asked(facts: Facts) -> int:
    """How many choices the request wants: ``n``, or 1 where it gives none that is legal."""
    return facts.request["n"] if asks_n(facts) else 1


def tells_choices_apart(facts: Facts) -> bool:
    """The answer has an index for each choice asked, so that the deltas of an index are those of
    one choice."""
    return len(facts.choices) >= choices_asked(facts)


@needs_request_key("tools", "functions")
def asks_tools(facts: Facts) -> bool:
    """The request declares tools."""
    return bool(facts.request.get("tools") or facts.request.get("functions"))


def tool_choice(facts: Facts) -> str | None:
    """The tool_choice of the request in one word: none, auto, required, or named."""
    choice = facts.request.get("tool_choice")
    if isinstance(choice, dict):
        return "named" if isinstance(choice.get("function"), dict) else None
    return choice if isinstance(choice, str) else None


@needs_request_key("tool_choice")
def chooses_tools(facts: Facts) -> bool:
    """The request says whether tools are to be called."""
    return "tool_choice" in facts.request


@needs_request_key("tool_choice")
def asks_tool_none(facts: Facts) -> bool:
    """The request forbids tool calls."""
    return tool_choice(facts) == "none"


@needs_request_key("tool_choice")
def asks_tool_required(facts: Facts) -> bool:
    """The request demands a tool call."""
    return tool_choice(facts) == "required"


@needs_request_key("tool_choice")
def asks_tool_named(facts: Facts) -> bool:
    """The request demands a call of one function."""
    return tool_choice(facts) == "named"


def tool_results(facts: Facts) -> bool:
    """The request holds tool results."""
    return any(
        message.get("role") == "tool" for message in dict_items(facts.request.get("messages"))
    )


def response_format(facts: Facts) -> str | None:
    """The type of the requested response_format."""
    kind = get_path(facts.request.get("response_format"), "type")
    return kind if isinstance(kind, str) else None


@needs_request_key("response_format")
def asks_json_object(facts: Facts) -> bool:
    """The request wants any JSON object."""
    return response_format(facts) == "json_object"


@needs_request_key("response_format")
def asks_json_schema(facts: Facts) -> bool:
    """The request wants JSON of a schema."""
    return response_format(facts) == "json_schema"


@needs_request_key("response_format")
def asks_json(facts: Facts) -> bool:
    """The request wants JSON, with or without a schema."""
    return response_format(facts) in ("json_object", "json_schema")


@needs_request_key("stop")
def stop_strings(facts: Facts) -> list[str]:
    """The stop strings of the request that are not empty."""
    stop = facts.request.get("stop")
    stops = [stop] if isinstance(stop, str) else stop if isinstance(stop, list) else []
    return [text for text in stops if isinstance(text, str) and text]


@needs_request_key("max_completion_tokens", "max_tokens")
def token_limit(facts: Facts) -> int | None:
    """The requested limit of tokens a choice; the newer field goes first."""
    limit = facts.request.get("max_completion_tokens") or facts.request.get("max_tokens")
    return limit if type(limit) is int and limit > 0 else None


@needs_request_key("logprobs")
def asks_logprobs(facts: Facts) -> bool:
    """The request wants log-probabilities."""
    return facts.request.get("logprobs") is True


def asks_no_logprobs(facts: Facts) -> bool:
    """The request does not want log-probabilities."""
    return not facts.request.get("logprobs")


def image_urls(facts: Facts) -> list[str]:
    """The URLs of the images of the request."""
    parts = [
        part
        for message in dict_items(facts.request.get("messages"))
        for part in dict_items(message.get("content"))
    ]
    images = [part.get("image_url") for part in parts]
    urls = [image.get("url") if isinstance(image, dict) else image for image in images]
    return [url for url in urls if isinstance(url, str)]


def has_usage(facts: Facts) -> bool:
    """The answer has usage."""
    return bool(facts.usages)


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
    """The stream has chunks, none of its events is an error or unreadable, and no error hides in a
    field of its own, so that what is missing is missing."""
    return (
        bool(facts.chunks)
        and not facts.failures
        and not facts.non_chunk_events
        and "error" not in facts.stream.fields
    )


def is_complete(facts: Facts) -> bool:
    """The answer is there in full: a completion, or a stream in which nothing is broken."""
    return facts.kind == "completion" or is_intact(facts)


def finishes_stop(facts: Facts) -> bool:
    """A choice finishes ``stop``."""
    return "stop" in [choice.finish_reason for choice in facts.choices]


def finishes_length(facts: Facts) -> bool:
    """A choice finishes ``length``."""
    return "length" in [choice.finish_reason for choice in facts.choices]
