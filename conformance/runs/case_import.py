"""Make cases from recorded traffic: the same requests, without secrets, to be asked again."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from conformance.cases import MODEL, Case, CaseError, case_of_line
from conformance.protocol import json_text
from conformance.protocol.chat.chat_request import ChatRequest
from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.chat.requested_schema import compile_check
from conformance.protocol.exchange import CHAT_COMPLETIONS, Exchange, Json
from conformance.traffic import LeftOut, Skipped, Unreadable
from conformance.traffic.redaction.redact import redact

_WORDS, _LONGEST_WORD = 5, 20
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Imported:
    """The cases, sorted by id, and how many exchanges became none, by reason."""

    cases: tuple[Case, ...]
    left_out: Mapping[str, int]


def import_cases(
    outcomes: Iterable[Exchange | Unreadable | Skipped | LeftOut], *, with_checks: bool
) -> Imported:
    """Return one case for each different request of the traffic.

    The model becomes the placeholder for it; nothing of the headers is kept. ``with_checks`` makes
    the recorded answer what the case checks: the tool called with its arguments, or JSON by the
    schema that was asked for. A text is not checked.
    """
    found: dict[str, Case] = {}
    left_out: Counter[str] = Counter()
    for outcome in outcomes:
        if not isinstance(outcome, Exchange):
            left_out[outcome.why if isinstance(outcome, Unreadable) else "not a request"] += 1
            continue
        exchange = redact(outcome)
        if why := _why_none(exchange):
            left_out[why] += 1
            continue
        row = _row(exchange, with_checks=with_checks)
        if row["id"] in found:
            left_out["the same request as another"] += 1
            continue
        try:
            found[row["id"]] = case_of_line("", json.dumps(row).encode())
        except CaseError as error:
            left_out[f"not usable as a case{str(error).partition(':')[2]}"] += 1
    return Imported(tuple(found[name] for name in sorted(found)), dict(left_out.most_common()))


def _why_none(exchange: Exchange) -> str:
    request = exchange.request
    if not isinstance(request.body, dict):
        return "the body of the request was not recorded, or is not a JSON object"
    path = request.url.partition("?")[0]
    if not path.endswith(CHAT_COMPLETIONS) and "messages" not in request.body:
        return "not a request for a chat completion"
    return ""


def _row(exchange: Exchange, *, with_checks: bool) -> dict[str, Json]:
    body: dict[str, Any] = {**exchange.request.body, "model": MODEL}
    row: dict[str, Json] = {
        "id": _id(body),
        "feature": "an imported request",
        "source": exchange.origin.rpartition("/")[2] or "recorded traffic",
        "needs": [],
        "request": {"method": "POST", "path": CHAT_COMPLETIONS, "body": body},
    }
    check = _check(fold(exchange)) if with_checks else {}
    return row | ({"check": check} if check else {})


def _id(body: Mapping[str, Any]) -> str:
    """Return the first words of the last question, and the beginning of a digest of the request."""
    digest = sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:_DIGITS]
    texts = [
        message["content"]
        for message in ChatRequest(body).messages
        if message.get("role") == "user" and isinstance(message.get("content"), str)
    ]
    plain = unicodedata.normalize("NFKD", texts[-1][:1_000] if texts else "")
    words = re.findall("[a-z0-9]+", plain.encode("ascii", "ignore").decode().lower())
    named = [word[:_LONGEST_WORD] for word in words[:_WORDS]] or ["request"]
    return "-".join(("mine", *named, digest))


def _check(facts: Facts) -> dict[str, Json]:
    choice = facts.choices[0] if facts.choices else None
    if choice is None or choice.finished_early:
        return {}
    if choice.calls and choice.calls[0].name:
        first = choice.calls[0]
        parsed = json_text.parse(first.arguments or "{}")
        check: dict[str, Json] = {"tool": first.name}
        if not parsed.failure and isinstance(parsed.value, dict) and parsed.value:
            check["arguments"] = {
                "type": "object",
                "required": [*parsed.value],
                "properties": {key: {"const": value} for key, value in parsed.value.items()},
            }
        return check
    schema = facts.chat_request.asked_schema
    return {"json_schema": schema} if compile_check(schema) is not None else {}
