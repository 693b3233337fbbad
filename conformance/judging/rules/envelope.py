"""ENV: the envelope of an answer; schemas/completion.json states its required fields."""

import codecs
from collections.abc import Iterator

from conformance.judging.predicates.conditions import asks_model, is_cut_again
from conformance.judging.rule import ANSWER, ANY, COMPLETION, finding, rule, start_of
from conformance.protocol import json_text
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Finding


@rule("ENV-001", COMPLETION)
def body_is_one_json_object(facts: Facts) -> Iterator[Finding]:
    if is_cut_again(facts):
        yield finding(
            "the connection ends inside the body, also when asked again",
            expected="one JSON object",
            actual=start_of(facts),
        )
    elif facts.exchange.response.truncated:
        pass  # the missing rest may make it valid JSON
    elif facts.text is not None and facts.text.failure:
        yield finding(
            f"the body is not JSON: {facts.text.failure.message} at character"
            f" {facts.text.failure.offset}",
            expected="one JSON object",
            actual=start_of(facts),
        )
    elif not isinstance(facts.body, dict):
        yield finding(
            "the body is JSON, but not an object", expected="one JSON object", actual=facts.body
        )
    if facts.media_type not in ("", "application/json"):
        yield finding(
            "the content type is not application/json",
            expected="application/json",
            actual=facts.media_type,
        )


def models(facts: Facts) -> list[tuple[int | None, str]]:
    """Return the model names in the answer, each with the first event that has it."""
    if facts.kind == "stream":
        return [(event, name) for name, event in facts.models.items() if name]
    name = facts.body.get("model") if isinstance(facts.body, dict) else None
    return [(None, name)] if isinstance(name, str) and name else []


@rule("ENV-014", ANSWER, asks_model, models)
def model_is_the_requested_one(facts: Facts) -> Iterator[Finding]:
    for event, name in models(facts):
        if name != facts.chat_request.model:
            yield finding(
                "the answer names another model than the request",
                expected=facts.chat_request.model,
                actual=name,
                event=event,
                pointer="/model",
            )


@rule("ENV-015", ANSWER, asks_model, models)
def model_has_no_path_prefix(facts: Facts) -> Iterator[Finding]:
    for event, name in models(facts):
        if "/" in name and "/" not in (facts.chat_request.model or ""):
            yield finding(
                "the model name has a path that the request does not have",
                expected=name.rpartition("/")[2],
                actual=name,
                event=event,
                pointer="/model",
            )


@rule("ENV-016", ANY, needs=("text",))
def json_has_no_duplicate_key_and_no_nan(facts: Facts) -> Iterator[Finding]:
    if facts.text is not None:
        defects = [(None, defect) for defect in facts.text.defects]
    else:
        events = facts.events
        duplicates = json_text.duplicate_keys(
            [events[event].data for event in facts.chunk_events], facts.chunks
        )
        by_event = dict(facts.defects)
        by_event |= {
            facts.chunk_events[number]: defect
            for number, names in duplicates.items()
            for defect in names
        }
        defects = list(by_event.items())  # type: ignore[arg-type]
    for event, defect in defects:
        if defect.startswith("duplicate key") or defect in ("NaN", "Infinity", "-Infinity"):
            yield finding(
                f"the JSON has a {defect}" if " " in defect else f"the JSON has {defect}",
                expected="each key once, finite numbers",
                actual=defect,
                event=event,
            )


@rule("ENV-017", ANY, needs=("bytes",))
def body_is_utf8(facts: Facts) -> Iterator[Finding]:
    if facts.stream.replaced or (
        facts.text is not None
        and "invalid UTF-8" in facts.text.defects
        and not _is_cut_in_a_character(facts)
    ):
        yield finding("the body is not valid UTF-8", expected="UTF-8")


def _is_cut_in_a_character(facts: Facts) -> bool:
    """Return whether the answer is truncated inside its last character and is UTF-8 otherwise."""
    response = facts.exchange.response
    try:
        return (
            response.truncated
            and codecs.getincrementaldecoder("utf-8")().decode(response.body or b"") is not None
        )
    except UnicodeDecodeError:
        return False


RULES = (
    body_is_one_json_object,
    model_is_the_requested_one,
    model_has_no_path_prefix,
    json_has_no_duplicate_key_and_no_nan,
    body_is_utf8,
)
