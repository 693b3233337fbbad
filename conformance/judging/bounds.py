"""What is not judged of an exchange because judging it would take too long.

Each bound stands beside the code that it bounds; here it gets its name in the output.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from conformance.judging.predicates.json_in_text import document
from conformance.judging.predicates.schema_refusal import MOST_KEYWORDS, names_too_many
from conformance.judging.rules.choices import (
    LONGEST_HALVED,
    MOST_STOP_STRINGS,
    judged_stop_strings,
)
from conformance.judging.rules.errors import LONGEST, error_message, has_long_message
from conformance.judging.rules.structured_output import answers, asked_keywords
from conformance.protocol import stray_json
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.requested_schema import is_too_large, too_slow_for
from conformance.protocol.chat.tool_calls import MOST_TRIES, Call, has_untried
from conformance.protocol.event_stream import FIELDS
from conformance.protocol.exchange import Json
from conformance.protocol.schema import MAX_NODES


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound of the judging.

    ``what`` says what is not judged beyond it; it fits after "not judged: ". ``is_exceeded`` is
    whether an exchange has such a part.
    """

    what: str
    is_exceeded: Callable[[Facts], bool]


OF_LARGE_BODIES = f"violations after the beginning of an answer of more than {MAX_NODES:,} values"
"""What the judge itself says, as it depends on whether the answer matches the schema."""


def _has_many_stop_strings(facts: Facts) -> bool:
    return len(facts.chat_request.stop_strings) > MOST_STOP_STRINGS


def _has_long_stop_strings(facts: Facts) -> bool:
    return bool(facts.chat_request.stop_strings) and any(
        len(stop) > LONGEST_HALVED for stop in judged_stop_strings(facts)
    )


def _names_many_keywords(facts: Facts) -> bool:
    return (
        facts.status == 400
        and bool(facts.chat_request.schemas)
        and names_too_many(asked_keywords(facts), error_message(facts))
    )


def _has_large_schema(facts: Facts) -> bool:
    return any(is_too_large(schema) for schema in _schemas_in_use(facts))


def _schemas_in_use(facts: Facts) -> Iterator[Json]:
    """Yield the schemas by which a value of the answer is judged, each once."""
    found = {id(schema): schema for schema, _ in _checked_texts(facts)}
    return iter(found.values())


def _has_slow_schema(facts: Facts) -> bool:
    slow = {
        id(schema): is_slow
        for schema in _schemas_in_use(facts)
        if (is_slow := too_slow_for(schema))
    }
    return bool(slow) and any(
        slow[id(schema)](document(text).value)
        for schema, text in _checked_texts(facts)
        if id(schema) in slow
    )


def _checked_texts(facts: Facts) -> Iterator[tuple[Json, str]]:
    """Yield the texts whose values are checked by a schema of the request, with the schema."""
    if facts.chat_request.asked_schema is not None:
        for choice in answers(facts):
            yield facts.chat_request.asked_schema, choice.text
    for choice in facts.choices:
        for call in choice.calls:
            if call.arguments and (parameters := _parameters(call, facts)):
                yield parameters, call.arguments


def _parameters(call: Call, facts: Facts) -> Json:
    return facts.chat_request.functions_by_name.get(call.name or "", {}).get("parameters")


def _has_untried_calls(facts: Facts) -> bool:
    return facts.kind == "stream" and any(
        has_untried(call) for choice in facts.choices for call in choice.calls
    )


def _has_long_stray_text(facts: Facts) -> bool:
    if facts.stream.fields <= FIELDS and not facts.stream.unterminated:
        return False
    return stray_json.has_unread(facts.exchange.response.body or b"")


BOUNDS = (
    Bound(f"stop strings after the first {MOST_STOP_STRINGS}", _has_many_stop_strings),
    Bound(
        f"half of a stop string of more than {LONGEST_HALVED:,} characters at the end of a text",
        _has_long_stop_strings,
    ),
    Bound(f"an error message after its first {LONGEST:,} characters", has_long_message),
    Bound(
        f"schema keywords in an error message after the first {MOST_KEYWORDS}",
        _names_many_keywords,
    ),
    Bound("values by a schema that is too large", _has_large_schema),
    Bound("values by a schema with too many alternatives", _has_slow_schema),
    Bound(
        f"whether a call begins where one id has more than {MOST_TRIES} indexes",
        _has_untried_calls,
    ),
    Bound(
        f"more than {stray_json.LONGEST:,} bytes in a stream outside of its fields",
        _has_long_stray_text,
    ),
)


def not_judged(facts: Facts) -> Iterator[str]:
    """Yield what is not judged of an exchange; see ``Bound``."""
    return (bound.what for bound in BOUNDS if bound.is_exceeded(facts))
