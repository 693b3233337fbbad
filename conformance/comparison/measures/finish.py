"""How an answer ended: refused, empty, with thoughts only, cut, filtered, with a tool call."""

from conformance.comparison.measures.answer import AskedAnswer, is_filtered, is_refused


def measures(asked: AskedAnswer) -> dict[str, float]:
    """Return how the answer, which has status 200, ended."""
    facts, choices = asked.facts, asked.facts.choices
    reasons = [(choice.finish_reason or "").lower() for choice in choices]
    said = any(choice.says_something for choice in choices)
    thought = any(choice.reasoning for choice in choices)
    refused = is_refused(facts)
    values = {
        "refused": float(refused),
        "empty": float(not (said or thought or refused)),
        "reasoning-only": float(thought and not said and not refused),
        "finish-length": float("length" in reasons),
        "finish-content-filter": float(any(map(is_filtered, choices))),
    }
    if facts.chat_request.declares_tools:
        values["finish-tool-calls"] = float(bool({"tool_calls", "function_call"} & set(reasons)))
    return values
