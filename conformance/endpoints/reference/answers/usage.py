"""Count the tokens of an answer in the form of each dialect."""

from collections.abc import Sequence
from typing import Any

from conformance.endpoints.reference.answers.drafts import Draft
from conformance.endpoints.reference.dialects.dialect import Dialect, is_partners
from conformance.endpoints.reference.request.parsing import Asked

_TRAFFIC = {"priority": "ON_DEMAND_PRIORITY", "flex": "ON_DEMAND_FLEX"}


def usage_of(asked: Asked, drafts: Sequence[Draft], dialect: Dialect) -> dict[str, Any]:
    """Return the usage of an answer: the prompt counted once, plus the tokens of all choices."""
    thought = sum(len(draft.thought) for draft in drafts)
    answered = sum(draft.spent for draft in drafts)
    completion = answered + thought if dialect.thinking_in == "completion" else answered
    usage: dict[str, Any] = {
        "prompt_tokens": asked.prompt,
        "completion_tokens": completion,
        "total_tokens": asked.prompt + answered + thought,
    }
    match dialect.vendor:
        case "openai":
            usage["prompt_tokens_details"] = {"cached_tokens": 0, "audio_tokens": 0}
            usage["completion_tokens_details"] = {
                "reasoning_tokens": thought,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            }
        case "google":
            if asked.cached:
                usage["prompt_tokens_details"] = {"cached_tokens": asked.cached}
            if not answered and not any(draft.refused for draft in drafts):
                del usage["completion_tokens"]
            if dialect.thinking_in == "details":
                usage |= (
                    {"completion_tokens_details": {"reasoning_tokens": thought}} if thought else {}
                )
                if not is_partners(asked.model):
                    traffic = _TRAFFIC.get(asked.tier, "ON_DEMAND")
                    usage["extra_properties"] = {"google": {"traffic_type": traffic}}
    return usage
