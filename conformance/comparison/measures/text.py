"""Text: JSON by the schema asked for, and the content that the case knows to be right."""

from conformance.comparison.measures.answer import TEXT_KINDS, AskedAnswer
from conformance.protocol import json_text
from conformance.protocol.chat.requested_schema import compile_check


def measures(asked: AskedAnswer) -> dict[str, float]:
    """Return whether the text is what was asked for."""
    values: dict[str, float] = {}
    if asked.facts.chat_request.response_format in ("json_object", "json_schema"):
        values["schema-valid"] = float(_is_valid(asked))
    if asked.checks(*TEXT_KINDS):
        values["text-right"] = float(not asked.problems(*TEXT_KINDS))
    return values


def _is_valid(asked: AskedAnswer) -> bool:
    """True if the text of the first choice is JSON by the schema, an object without a schema."""
    parsed = json_text.parse(asked.choice.text if asked.choice else "")
    if parsed.failure:
        return False
    check = compile_check(asked.facts.chat_request.asked_schema)
    return isinstance(parsed.value, dict) if check is None else check(parsed.value) is None
