"""Turn a stream into the equivalent completion, for servers that ignore `stream`."""

from conformance.faults.kit.body_edits import Object
from conformance.faults.kit.conditions import token_limit
from conformance.faults.kit.part_edits import envelopes, usages
from conformance.protocol.chat.facts import fold
from conformance.protocol.chat.tool_calls import Call
from conformance.protocol.exchange import Exchange


def completion_of(exchange: Exchange) -> Object:
    """Return the JSON of a completion with the same choices and usage as the stream.

    Without usage in the stream, small plausible counts are used.
    """
    first = envelopes(exchange)[0]
    entries = [
        {
            "index": choice.index,
            "message": (
                {
                    "role": "assistant",
                    "content": choice.text or None,
                    "refusal": choice.refusal or None,
                }
                | _calls(choice.calls)
            ),
            "logprobs": {"content": choice.tokens, "refusal": None} if choice.tokens else None,
            "finish_reason": choice.finish_reason,
        }
        for choice in fold(exchange).choices
    ]
    spent = min(12, token_limit(exchange) or 12)
    usage = next(
        reversed(usages(exchange)),
        {"prompt_tokens": 9, "completion_tokens": spent, "total_tokens": 9 + spent},
    )
    return first | {"object": "chat.completion", "choices": entries, "usage": usage}


def _calls(calls: tuple[Call, ...]) -> Object:
    made = [
        {
            "id": call.id,
            "type": call.type,
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for call in calls
    ]
    return {"tool_calls": made} if made else {}
