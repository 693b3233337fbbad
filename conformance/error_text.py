"""What an error says of itself, in whichever of the usual shapes."""

import json
import re

from conformance.exchange import Exchange
from conformance.facts import fold

LONGEST = 240
"""Characters of what is told."""

_REASON = re.compile(r'"reason"\s*:\s*"(\w+)"')


def error_text(exchange: Exchange) -> str:
    """The message of an error answer and the reasons that its details give, on one line, "" where it says nothing that can be read."""
    body = fold(exchange).body
    body = body[0] if isinstance(body, list) and body else body
    error = body.get("error", body.get("message", body.get("detail"))) if isinstance(body, dict) else None
    text = error if isinstance(error, str) else error.get("message") if isinstance(error, dict) else None
    if not isinstance(text, str):
        return ""
    return " ".join(" ".join((text, *_REASON.findall(json.dumps(error)))).split())[:LONGEST]
