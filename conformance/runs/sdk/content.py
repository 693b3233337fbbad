"""List the content of an answer from its bytes and from the SDK's objects, to compare them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.tool_calls import function_of

Held: TypeAlias = Mapping[str, Any]
"""Content by its description; missing and empty values are left out."""

_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")


def whole(facts: Facts) -> Held:
    """List the content of the bytes, with tool calls assembled from their fragments."""
    held = dict(_common_content(facts))
    for choice in facts.choices:
        held |= {
            _call(number, choice.index): f"{call.name}({call.arguments})"
            for number, call in enumerate(choice.calls)
            if call.name and call.arguments
        }
    return held


def in_pieces(facts: Facts) -> Held:
    """List the content of a stream's bytes, with tool call fragments in the order received."""
    held = dict(_common_content(facts)) | {"chunks": len(facts.chunks)}
    for choice in facts.choices:
        functions = [function_of(fragment) for fragment in _in_order(choice)]
        held |= _calls_in_pieces(
            choice.index,
            ((function.get("name"), function.get("arguments")) for function in functions),
        )
    return held


def whole_of(completion: Any) -> Held:
    """List the content of a completion object of the SDK."""
    held = _usage(getattr(completion, "usage", None))
    for position, choice in enumerate(_items(completion, "choices")):
        index, message = _index(choice, position), getattr(choice, "message", None)
        held |= _message_content(index, [message], getattr(choice, "finish_reason", None))
        for number, call in enumerate(_items(message, "tool_calls")):
            function = getattr(call, "function", None)
            held[_call(number, index)] = (
                f"{getattr(function, 'name', None)}({getattr(function, 'arguments', None)})"
            )
    return held


def in_pieces_of(chunks: Iterable[Any]) -> Held:
    """List the content of the chunk objects of the SDK."""
    all_chunks = list(chunks)
    held: dict[str, Any] = {"chunks": len(all_chunks)}
    deltas: dict[int, list[Any]] = {}
    reasons: dict[int, Any] = {}
    for chunk in all_chunks:
        held |= _usage(getattr(chunk, "usage", None))
        for position, choice in enumerate(_items(chunk, "choices")):
            index = _index(choice, position)
            deltas.setdefault(index, []).append(getattr(choice, "delta", None))
            reasons[index] = getattr(choice, "finish_reason", None) or reasons.get(index)
    for index, choice_deltas in deltas.items():
        held |= _message_content(index, choice_deltas, reasons[index])
        functions = [
            getattr(call, "function", None)
            for delta in choice_deltas
            for call in _items(delta, "tool_calls")
        ]
        held |= _calls_in_pieces(
            index,
            (
                (getattr(function, "name", None), getattr(function, "arguments", None))
                for function in functions
            ),
        )
    return held


def _common_content(facts: Facts) -> Iterator[tuple[str, Any]]:
    """Yield text, refusal, finish reason and usage, which are read alike in both ways."""
    for choice in facts.choices:
        values = {
            "content": choice.text,
            "refusal": choice.refusal,
            "finish_reason": choice.finish_reason,
        }
        yield from (
            (f"{name} of choice {choice.index}", value) for name, value in values.items() if value
        )
    if facts.usages:
        usage = facts.usages[-1].value
        yield from ((name, usage[name]) for name in _COUNTS if type(usage.get(name)) is int)


def _message_content(index: int, messages: Iterable[Any], reason: Any) -> dict[str, Any]:
    """List the joined texts of one choice's messages or deltas, and its finish reason."""
    texts = {
        name: "".join(
            text for message in messages if isinstance(text := getattr(message, name, None), str)
        )
        for name in ("content", "refusal")
    }
    return {
        f"{name} of choice {index}": value
        for name, value in {**texts, "finish_reason": reason}.items()
        if value
    }


def _in_order(choice: Choice) -> list[Any]:
    """Return the fragments of all calls, sorted by chunk and by position in ``tool_calls``."""
    fragments = (fragment for call in choice.calls for fragment in call.fragments)
    return sorted(
        fragments,
        key=lambda fragment: (fragment.event or 0, int(fragment.pointer.rpartition("/")[2])),
    )


def _calls_in_pieces(index: int, functions: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    pairs = list(functions)
    names = [name for name, _ in pairs if isinstance(name, str) and name]
    arguments = "".join(text for _, text in pairs if isinstance(text, str))
    values = {
        f"names of the tool calls of choice {index}": names,
        f"arguments of the tool calls of choice {index}": arguments,
    }
    return {what: value for what, value in values.items() if value}


def _usage(usage: Any) -> dict[str, Any]:
    return {name: count for name in _COUNTS if (count := getattr(usage, name, None)) is not None}


def _call(number: int, index: int) -> str:
    return f"tool call {number} of choice {index}"


def _items(of: Any, name: str) -> list[Any]:
    """Return a list attribute of an SDK object, [] if it is not a list; the SDK does not check."""
    value = getattr(of, name, None)
    return value if isinstance(value, list) else []


def _index(choice: Any, position: int) -> int:
    index = getattr(choice, "index", None)
    return index if isinstance(index, int) else position
