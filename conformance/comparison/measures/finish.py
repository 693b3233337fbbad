"""How an answer ended: refused, empty, with thoughts only, cut, filtered, with a tool call."""

from conformance.comparison.measures.answer import AskedAnswer, is_cut, is_filtered
from conformance.protocol.exchange import Json
from conformance.protocol.json_access import get_path

_CALLED = frozenset({"tool_calls", "function_call", "tool_use"})


def measures(asked: AskedAnswer) -> dict[str, float]:
    """Return how the answer, which has status 200, ended; of several choices, whether any did."""
    choices, said, refused = asked.facts.choices, asked.says_something, asked.is_refused
    silent = not said and not refused
    thought = silent and _has_thoughts(asked)
    values = {
        "refused": float(refused),
        "empty": float(silent and not thought),
        "reasoning-only": float(thought),
        "finish-length": float(any(map(is_cut, choices))),
        "finish-content-filter": float(any(map(is_filtered, choices))),
    }
    if asked.facts.chat_request.declares_tools:
        reasons = {(choice.finish_reason or "").lower() for choice in choices}
        values["finish-tool-calls"] = float(not _CALLED.isdisjoint(reasons))
    return values


def _has_thoughts(asked: AskedAnswer) -> bool:
    """Return whether there are thoughts: in a member, in a tag, or as tokens that were counted."""
    return any(choice.reasoning or choice.text.strip() for choice in asked.facts.choices) or any(
        _counts_reasoning(usage) for _, usage in asked.facts.usages
    )


def _counts_reasoning(usage: Json) -> bool:
    count = get_path(usage, "completion_tokens_details", "reasoning_tokens")
    return type(count) is int and count > 0
