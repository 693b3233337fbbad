"""Change parts of a response: envelope, choices, messages or deltas, tool calls and usage.

The functions work on completions and on the chunks of a stream alike. Malformed parts are left
unchanged. Each `map_...` function returns None if nothing was changed.
"""

from collections.abc import Iterator

import orjson

from conformance.faults.kit.body_edits import (
    Change,
    Object,
    frames,
    is_event_stream,
    json_of,
    map_body,
    map_chunks,
    request_body,
    with_frames,
)
from conformance.protocol.exchange import Exchange, Json
from conformance.protocol.json_access import dict_items


def map_envelopes(exchange: Exchange, change: Change) -> Exchange | None:
    """Change the body of a completion, or each chunk of a stream.

    Returns None if nothing changed.
    """
    return map_chunks(exchange, change) if is_event_stream(exchange) else map_body(exchange, change)


def _each(node: Object, key: str, change: Change) -> Object:
    """Change each object in the list under `key`."""
    if isinstance(entries := node.get(key), list):
        node[key] = [change(entry) if isinstance(entry, dict) else entry for entry in entries]
    return node


def map_choices(exchange: Exchange, change: Change) -> Exchange | None:
    """Change each entry of `choices`."""
    return map_envelopes(exchange, lambda envelope: _each(envelope, "choices", change))


def _map_message(choice: Object, change: Change) -> Object:
    """Change the message or delta of a choice."""
    for key in ("message", "delta"):
        if isinstance(choice.get(key), dict):
            choice[key] = change(choice[key])
    return choice


def map_messages(exchange: Exchange, change: Change) -> Exchange | None:
    """Change each message or delta."""
    return map_choices(exchange, lambda choice: _map_message(choice, change))


def map_calls(exchange: Exchange, change: Change) -> Exchange | None:
    """Change each tool call of a message, or each fragment of one in a stream."""
    return map_messages(exchange, lambda message: _each(message, "tool_calls", change))


def map_opened_calls(exchange: Exchange, change: Change) -> Exchange | None:
    """Change each tool call that has a function name.

    In a stream these are the first fragments of the calls.
    """
    return map_calls(exchange, lambda call: change(call) if function_of(call).get("name") else call)


def map_continued_calls(exchange: Exchange, change: Change) -> Exchange | None:
    """Change each tool call fragment without a function name: all fragments after the first."""
    return map_calls(exchange, lambda call: call if function_of(call).get("name") else change(call))


def map_functions(exchange: Exchange, change: Change) -> Exchange | None:
    """Change the `function` of each tool call, or of each fragment of one."""
    return map_calls(
        exchange,
        lambda call: (
            call | {"function": change(dict(function_of(call)))} if function_of(call) else call
        ),
    )


def map_usages(exchange: Exchange, change: Change) -> Exchange | None:
    """Change each usage object."""
    return map_envelopes(
        exchange,
        lambda envelope: (
            envelope | {"usage": change(envelope["usage"])}
            if isinstance(envelope.get("usage"), dict)
            else envelope
        ),
    )


def without(node: Object, *keys: str) -> Object:
    """Return the object without these keys."""
    return {key: value for key, value in node.items() if key not in keys}


def with_function(call: Object, **members: Json) -> Object:
    """Add these members to the `function` of a tool call, or replace them there."""
    return call | {"function": function_of(call) | members}


def function_of(call: Object) -> Object:
    """Return the `function` of a tool call; an empty dict without one."""
    function = call.get("function")
    return function if isinstance(function, dict) else {}


def envelopes(exchange: Exchange) -> list[Object]:
    """Return the body of a completion as the only element, or the chunks of a stream.

    Empty for any other response.
    """
    if is_event_stream(exchange):
        return [chunk for frame in frames(exchange) if (chunk := frame.chunk) is not None]
    value = json_of(exchange)
    return [value] if exchange.response.status == 200 and isinstance(value, dict) else []


def choices_of(envelope: Object) -> list[Object]:
    """Return the entries of `choices` that are objects."""
    return dict_items(envelope.get("choices"))


def choices(exchange: Exchange) -> Iterator[Object]:
    """Iterate over the entries of `choices` in the completion or in all chunks."""
    return (choice for envelope in envelopes(exchange) for choice in choices_of(envelope))


def messages(exchange: Exchange) -> Iterator[Object]:
    """Iterate over all messages and deltas."""
    return (
        choice[key]
        for choice in choices(exchange)
        for key in ("message", "delta")
        if isinstance(choice.get(key), dict)
    )


def delta_of(choice: Object) -> Object:
    """Return the delta of a choice; an empty dict without one."""
    delta = choice.get("delta")
    return delta if isinstance(delta, dict) else {}


def calls(exchange: Exchange) -> list[Object]:
    """Return all tool calls, or all fragments of them."""
    return [
        call for message in messages(exchange) for call in dict_items(message.get("tool_calls"))
    ]


def usages(exchange: Exchange) -> list[Object]:
    """Return all usage objects."""
    return [
        envelope["usage"]
        for envelope in envelopes(exchange)
        if isinstance(envelope.get("usage"), dict)
    ]


def text(exchange: Exchange) -> str:
    """Return the content of all messages or deltas, joined."""
    return "".join(
        [
            content
            for message in messages(exchange)
            if isinstance(content := message.get("content"), str)
        ]
    )


def reasons(exchange: Exchange) -> list[Json]:
    """Return the finish reasons that are not null."""
    return [
        choice["finish_reason"]
        for choice in choices(exchange)
        if choice.get("finish_reason") is not None
    ]


def requested_functions(exchange: Exchange) -> dict[str, Object]:
    """Return the functions that the request declares as tools, by name."""
    declared = dict_items(
        [tool.get("function") for tool in dict_items(request_body(exchange).get("tools"))]
    )
    return {
        function["name"]: function for function in declared if isinstance(function.get("name"), str)
    }


def finish_reasons_become(exchange: Exchange, names: dict[str, Json]) -> Exchange | None:
    """Replace each finish reason by its entry in `names`, or else by the entry for "*".

    Finish reasons without an entry, and null, stay.
    """

    def renamed(choice: Object) -> Object:
        reason = choice.get("finish_reason")
        return (
            choice
            if reason is None
            else choice | {"finish_reason": names.get(reason, names.get("*", reason))}
        )

    return map_choices(exchange, renamed)


def unfinished(choice: Object) -> Object:
    """Set the finish reason of a choice to null, if it has one."""
    return choice | {"finish_reason": None} if choice.get("finish_reason") else choice


def last_text(exchange: Exchange, change: str) -> Exchange | None:
    """Append `change` to the text of each message, or of the last delta with text.

    Returns None if there is no text.
    """
    if not is_event_stream(exchange):
        return map_messages(
            exchange,
            lambda message: (
                message | {"content": message["content"] + change}
                if isinstance(message.get("content"), str)
                else message
            ),
        )
    events = frames(exchange)
    for number in reversed(range(len(events))):
        chunk = events[number].chunk
        for choice in choices_of(chunk or {}):
            delta = choice.get("delta") or {}
            if delta.get("content"):
                delta["content"] += change
                events[number] = events[number].with_data(chunk)
                return with_frames(exchange, events)
    return None


def parsed(text: Json) -> Json:
    """Parse a string as JSON; None if it is not a string or not JSON."""
    try:
        return orjson.loads(text) if isinstance(text, str) else None
    except orjson.JSONDecodeError:
        return None
