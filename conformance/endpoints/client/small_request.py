"""The small request that shows whether an endpoint answers at all."""

from conformance.cases import MODEL, Case
from conformance.protocol.exchange import CHAT_COMPLETIONS

REQUEST = Case(
    "doctor",
    "a small request",
    "",
    frozenset(),
    CHAT_COMPLETIONS,
    {
        "model": MODEL,
        "messages": [{"role": "user", "content": "Say ok."}],
        "max_completion_tokens": 16,
    },
)
