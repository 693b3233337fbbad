"""Amounts: tokens, as the answer counts them, and times, as they were recorded."""

from itertools import pairwise

from conformance.comparison.measures.answer import AskedAnswer
from conformance.protocol.chat.facts import Facts


def measures(asked: AskedAnswer) -> dict[str, float]:
    """Return the tokens and the milliseconds of an answer, without those that are not known."""
    tokens = {
        "tokens-in": _count(asked.facts, "prompt_tokens"),
        "tokens-out": tokens_out(asked.facts),
    }
    known = {name: float(count) for name, count in tokens.items() if count is not None}
    return known | _times(asked.facts)


def completion_tokens(facts: Facts) -> int | None:
    """Return what the answer counts as ``completion_tokens``, None if it does not say."""
    return _count(facts, "completion_tokens")


def tokens_out(facts: Facts) -> int | None:
    """Return all tokens that the model wrote, thoughts included; None if the answer does not say.

    Google counts thoughts in the total only, so it is the total without the prompt, if that is
    more.
    """
    said = completion_tokens(facts)
    total, prompt = _count(facts, "total_tokens"), _count(facts, "prompt_tokens")
    if said is None or total is None or prompt is None:
        return said
    return max(said, total - prompt)


def _times(facts: Facts) -> dict[str, float]:
    """Return the times of the reads, in milliseconds since the request was sent."""
    reads = facts.exchange.response.reads
    if not reads:
        return {}
    times = {"first-byte": reads[0][0], "total-time": reads[-1][0]}
    if facts.kind == "stream" and len(reads) > 1:
        times["longest-gap"] = max(after[0] - before[0] for before, after in pairwise(reads))
    return times


def _count(facts: Facts, member: str) -> int | None:
    """Return a count of the last usage."""
    usage = facts.usages[-1].value if facts.usages else {}
    count = usage.get(member) if isinstance(usage, dict) else None
    return count if type(count) is int and count >= 0 else None
