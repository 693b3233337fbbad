"""What an answer holds, told from its bytes and from the SDK's objects in the same words, so that
what is lost shows."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.tool_calls import function_of

Held: TypeAlias = Mapping[str, Any]
"""What is held, by its name; what is not there, or empty, is left out."""

_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")


def whole(facts: Facts) -> Held:
    """What the bytes hold, with tool calls put together."""
    found = dict(_plain(facts))
    for choice in facts.choices:
        found |= {
            _call(number, choice.index): f"{call.name}({call.arguments})"
            for number, call in enumerate(choice.calls)
            if call.name and call.arguments
        }
    return found


def in_pieces(facts: Facts) -> Held:
    """What the bytes of a stream hold, in the order they come in."""
    found = dict(_plain(facts)) | {"chunks": len(facts.chunks)}
    for choice in facts.choices:
        functions = [function_of(fragment) for fragment in _in_order(choice)]
        found |= _calls_in_pieces(
            choice.index,
            ((function.get("name"), function.get("arguments")) for function in functions),
        )
    return found


def whole_of(completion: Any) -> Held:
    """What a completion of the SDK holds."""
    found = _usage(getattr(completion, "usage", None))
    for position, choice in enumerate(_items(completion, "choices")):
        index, message = _index(choice, position), getattr(choice, "message", None)
        found |= _said(index, [message], getattr(choice, "finish_reason", None))
        for number, call in enumerate(_items(message, "tool_calls")):
            function = getattr(call, "function", None)
            found[_call(number, index)] = (
                f"{getattr(function, 'name', None)}({getattr(function, 'arguments', None)})"
            )
    return found


def in_pieces_of(chunks: Iterable[Any]) -> Held:
    """What the chunks of the SDK hold."""
    all_chunks = list(chunks)
    found: dict[str, Any] = {"chunks": len(all_chunks)}
    deltas: dict[int, list[Any]] = {}
    reasons: dict[int, Any] = {}
    for chunk in all_chunks:
        found |= _usage(getattr(chunk, "usage", None))
        for position, choice in enumerate(_items(chunk, "choices")):
            index = _index(choice, position)
            deltas.setdefault(index, []).append(getattr(choice, "delta", None))
            reasons[index] = getattr(choice, "finish_reason", None) or reasons.get(index)
    for index, said in deltas.items():
        found |= _said(index, said, reasons[index])
        functions = [
            getattr(call, "function", None)
            for delta in said
            for call in _items(delta, "tool_calls")
        ]
        found |= _calls_in_pieces(
            index,
            ((getattr(each, "name", None), getattr(each, "arguments", None)) for each in functions),
        )
    return found


def _plain(facts: Facts) -> Iterator[tuple[str, Any]]:
    """Text, finish reason and usage, which are the same whole and in pieces."""
    for choice in facts.choices:
        said = {
            "content": choice.text,
            "refusal": choice.refusal,
            "finish_reason": choice.finish_reason,
        }
        yield from (
            (f"{name} of choice {choice.index}", value) for name, value in said.items() if value
        )
    if facts.usages:
        usage = facts.usages[-1].value
        yield from ((name, usage[name]) for name in _COUNTS if type(usage.get(name)) is int)


def _said(index: int, said: Iterable[Any], reason: Any) -> dict[str, Any]:
    texts = {
        name: "".join(text for each in said if isinstance(text := getattr(each, name, None), str))
        for name in ("content", "refusal")
    }
    return {
        f"{name} of choice {index}": value
        for name, value in {**texts, "finish_reason": reason}.items()
        if value
    }


def _in_order(choice: Choice) -> list[Any]:
    """The fragments of all calls in the order of the stream, which is that of the chunks and in
    each that of ``tool_calls``."""
    fragments = (fragment for call in choice.calls for fragment in call.fragments)
    return sorted(
        fragments,
        key=lambda fragment: (fragment.event or 0, int(fragment.pointer.rpartition("/")[2])),
    )


def _calls_in_pieces(index: int, functions: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    pairs = list(functions)
    names = [name for name, _ in pairs if isinstance(name, str) and name]
    arguments = "".join(text for _, text in pairs if isinstance(text, str))
    told = {
        f"names of the tool calls of choice {index}": names,
        f"arguments of the tool calls of choice {index}": arguments,
    }
    return {what: value for what, value in told.items() if value}


def _usage(usage: Any) -> dict[str, Any]:
    return {name: count for name in _COUNTS if (count := getattr(usage, name, None)) is not None}


def _call(number: int, index: int) -> str:
    return f"tool call {number} of choice {index}"


def _items(of: Any, name: str) -> list[Any]:
    """A list in an object of the SDK, which makes it of whatever comes."""
    value = getattr(of, name, None)
    return value if isinstance(value, list) else []


def _index(choice: Any, position: int) -> int:
    index = getattr(choice, "index", None)
    return index if isinstance(index, int) else position
