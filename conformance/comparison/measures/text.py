"""Text: JSON by the schema asked for, and the content that the case knows to be right."""

from conformance.comparison.measures.answer import TEXT_KINDS, AskedAnswer, without_thoughts
from conformance.judging.predicates.google import asks_thoughts
from conformance.judging.predicates.json_in_text import document
from conformance.protocol.chat.requested_schema import compile_check


def measures(asked: AskedAnswer) -> dict[str, float]:
    """Return whether the text is what was asked for.

    A tool call in place of JSON is as good an answer if tools are offered: then nothing is said
    about JSON.
    """
    values: dict[str, float] = {}
    offered = asked.facts.chat_request.declares_tools
    if asked.asks_json and not (offered and asked.has_call):
        values["schema-valid"] = float(asked.is_usable and _is_valid(asked))
    if asked.checks(*TEXT_KINDS):
        values["text-right"] = float(asked.is_usable and not asked.problems(*TEXT_KINDS))
    return values


def _is_valid(asked: AskedAnswer) -> bool:
    """Return whether the text is JSON by the schema, an object if there is no usable schema.

    A Markdown fence is not JSON. Thoughts before it are left out if the request asks for them.
    """
    text = asked.choice.text if asked.choice else ""
    value, reason = document(without_thoughts(text) if asks_thoughts(asked.facts) else text)
    if reason:
        return False
    request = asked.facts.chat_request
    if request.response_format == "json_object":
        return isinstance(value, dict)
    check = compile_check(request.asked_schema)
    return check is None or check(value) is None
