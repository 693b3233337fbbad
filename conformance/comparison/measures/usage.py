"""Amounts: tokens, as the answer counts them, and times, as they were recorded."""

from itertools import pairwise

from conformance.comparison.measures.answer import AskedAnswer


def measures(asked: AskedAnswer) -> dict[str, float]:
    """Return the tokens and the milliseconds of an answer, without those that are not known."""
    values: dict[str, float] = {}
    tokens = {"tokens-in": _count(asked, "prompt_tokens"), "tokens-out": tokens_out(asked)}
    values |= {name: float(count) for name, count in tokens.items() if count is not None}
    if reads := asked.facts.exchange.response.reads:
        values["first-byte"] = reads[0][0]
        values["total-time"] = reads[-1][0]
        if asked.facts.kind == "stream" and len(reads) > 1:
            values["longest-gap"] = max(after[0] - before[0] for before, after in pairwise(reads))
    return values


def tokens_out(asked: AskedAnswer) -> int | None:
    """Return the tokens of the answer, None if it does not say."""
    return _count(asked, "completion_tokens")


def _count(asked: AskedAnswer, member: str) -> int | None:
    usages = asked.facts.usages
    value = usages[-1].value if usages else None
    count = value.get(member) if isinstance(value, dict) else None
    return count if type(count) is int and count >= 0 else None
