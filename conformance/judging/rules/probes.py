"""Probes: rows that only the answer to a request made on purpose can show; where ``meta.probes`` of
an exchange does not name a row, it never speaks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.judging.predicates.google import gemini_3
from conformance.judging.rule import ANSWER, ANY, COMPLETION, Check, Condition, rule
from conformance.judging.rules.probe_checks import (
    accepted,
    accepted_or_invalid,
    error_in_status,
    failed,
    filtered,
    finished,
    finishes,
    image_in_audio,
    is_json,
    limit_came_first,
    missed_no_signature,
    refused,
    refused_or_kept,
    takes_the_kind,
    tells_of_context,
    unelided,
    violated_fields,
    was_authorized,
    was_processed,
)
from conformance.judging.rules.structured_output import has_answer
from conformance.protocol.chat.facts import Facts, Kind
from conformance.protocol.exchange import Finding

_ASKED = (was_processed, was_authorized, missed_no_signature)
_SEEN = (*_ASKED, takes_the_kind)
_REFUSED = (was_processed, was_authorized, error_in_status)
_UNAUTHORISED = (was_processed, error_in_status)
_NO_MODEL = (
    was_processed,
    error_in_status,
    lambda facts: facts.status != 401,
)  # 403 hides which models there are
_WHATEVER: frozenset[Kind] = ANY | {"other"}


@dataclass(frozen=True, slots=True)
class Probe:
    """What is expected of the answer to a probe: the requirement, its sentence in the ledger, the
    check, and when the answer is one."""

    requirement: str
    sentence: str
    expects: Check
    conditions: tuple[Condition, ...] = _ASKED
    kinds: frozenset[Kind] = _WHATEVER


def _old_gemini(facts: Facts) -> bool:
    """The model is a Gemini before generation 3."""
    return (
        not gemini_3(facts)
        and re.search(r"gemini-[12]", str(facts.request.get("model"))) is not None
    )


def _error_until_gemini_3(facts: Facts) -> Iterator[Finding]:
    return (refused() if _old_gemini(facts) else accepted)(facts)


PROBES = (
    Probe(
        "CHO-008",
        "A max_tokens far too small for the answer gives finish_reason `length`",
        finishes("length"),
        (was_processed, finished),
        kinds=ANSWER,
    ),
    Probe(
        "CHO-011",
        "A filtered answer is HTTP 200 with a filter finish_reason and absent, null or partial"
        " content, not a 5xx error and not a plain `stop`",
        filtered,
    ),
    Probe(
        "CHO-017",
        "A stop string that is sure to come ends the answer with finish_reason `stop`",
        finishes("stop"),
        (was_processed, finished, lambda facts: not limit_came_first(facts)),
        kinds=ANSWER,
    ),
    Probe("TOOL-015", "tool_choice `validated` is accepted", accepted),
    Probe(
        "TOOL-018",
        "Tool messages that do not match the calls in number or id are answered 400",
        refused(400),
        _REFUSED,
    ),
    Probe("TOOL-019", "The deprecated functions and function_call still give an answer", accepted),
    Probe(
        "TOOL-030",
        "A replayed assistant message with tool_calls is accepted with content null, empty or"
        " absent",
        accepted,
    ),
    Probe("TOOL-031", "Tool results of parallel calls are accepted in any order", accepted),
    Probe("TOOL-032", "A tool result that is plain text, not JSON, is accepted", accepted),
    Probe("TOOL-033", "A history with two assistant messages in a row is accepted", accepted),
    Probe("TOOL-034", "A parameters schema with a numeric enum is accepted", accepted),
    Probe("SO-003", "response_format text gives an ordinary answer", accepted),
    Probe(
        "SO-004", 'response_format type "application/json" is accepted like json_object', accepted
    ),
    Probe(
        "SO-005",
        "A recursive schema is answered 4xx, not 200 with a wrong text",
        refused_or_kept,
        (was_processed, was_authorized, lambda facts: facts.status != 200 or has_answer(facts)),
    ),
    Probe("MM-001", "image_url as a plain gs:// string is accepted", accepted, _SEEN),
    Probe("MM-002", "An image_url object with a data: URI is accepted", accepted, _SEEN),
    Probe("MM-003", "An image_url object with a gs:// URI is accepted", accepted, _SEEN),
    Probe(
        "MM-005", "image_url with a data: URI of another media type is accepted", accepted, _SEEN
    ),
    Probe(
        "MM-006", "input_audio with format `audio/mp3` and gs:// data is accepted", accepted, _SEEN
    ),
    Probe("MM-007", "input_audio with format wav and base64 data is accepted", accepted, _SEEN),
    Probe(
        "MM-008",
        "Mixed detail values in one request are an error before Gemini 3 and accepted from it on",
        _error_until_gemini_3,
        (
            was_processed,
            was_authorized,
            takes_the_kind,
            lambda facts: gemini_3(facts) or _old_gemini(facts),
        ),
    ),
    Probe(
        "MM-009",
        'modalities ["image"] gives base64 in message.audio.data with a mime_type, and content'
        " null",
        image_in_audio,
        (was_processed, unelided),
        kinds=COMPLETION,
    ),
    Probe(
        "MM-010", "A malformed data: URI is answered 400", refused(400), (*_SEEN, error_in_status)
    ),
    Probe("MM-011", "A tool message with extra_content.google.parts is accepted", accepted, _SEEN),
    Probe(
        "MM-012",
        "content as an array of text parts is accepted in system, user and tool messages",
        accepted,
    ),
    Probe(
        "MM-016",
        "A data: URI with upper-case letters or a media type parameter is accepted",
        accepted,
        _SEEN,
    ),
    Probe(
        "THK-008",
        "reasoning_effort together with thinking_config is answered 400",
        refused(400),
        _REFUSED,
    ),
    Probe(
        "THK-013",
        "The documented dummy signature skip_thought_signature_validator is accepted",
        accepted,
        (was_processed, was_authorized, gemini_3),
    ),
    Probe(
        "THK-014",
        "extra_content on a message, a content part and a tool call is accepted in requests",
        accepted,
    ),
    Probe(
        "THK-015",
        "An unknown key in extra_body.google is ignored or answered 400 INVALID_ARGUMENT,"
        " never 5xx",
        accepted_or_invalid,
    ),
    Probe("THK-017", "safety_settings in extra_body.google is accepted", accepted),
    Probe("THK-022", "cached_content in extra_body.google is accepted", accepted),
    Probe("ERR-008", "A request body that is not JSON is answered 400", refused(400), _REFUSED),
    Probe(
        "ERR-009", "A request without messages is answered 400 or 422", refused(400, 422), _REFUSED
    ),
    Probe("ERR-010", "An unknown model is answered 404 or 400", refused(404, 400), _NO_MODEL),
    Probe("ERR-011", "An unknown top-level request field is ignored", accepted),
    Probe(
        "ERR-012",
        "An unknown top-level request field is answered 400 with fieldViolations",
        refused(400, saying="fieldViolations", detail=violated_fields),
        _REFUSED,
    ),
    Probe(
        "ERR-013",
        "A known request field of the wrong type is answered 400 or 422",
        refused(400, 422),
        _REFUSED,
    ),
    Probe("ERR-020", "A request without messages is answered 400", refused(400), _REFUSED),
    Probe("ERR-021", "An unknown model is answered 404", refused(404), _NO_MODEL),
    Probe(
        "ERR-024",
        "A prompt longer than the context is answered 400 with code `context_length_exceeded`",
        refused(400, saying="code context_length_exceeded", detail=tells_of_context),
        _REFUSED,
    ),
    Probe(
        "ERR-025", "A prompt longer than the context is not cut silently and answered 200", failed
    ),
    Probe("ERR-026", "n 0 is refused with 400 or 422", refused(400, 422), _REFUSED),
    Probe("ERR-028", "A developer message is accepted like a system message", accepted),
    Probe(
        "ERR-029",
        "An upstream failure is an error, not a normal answer whose text is the failure",
        failed,
        (),
    ),
    Probe("ERR-030", "An unknown field inside a message is ignored", accepted),
    Probe(
        "ERR-031",
        "A plain request, messages of text and a limit, is answered with status 200",
        accepted,
    ),
    Probe(
        "AUTH-001",
        "A request without Authorization is answered 401, 403 or 400",
        refused(401, 403, 400),
        _UNAUTHORISED,
    ),
    Probe(
        "AUTH-002",
        "A wrong or expired credential is answered 401, 403 or 400",
        refused(401, 403, 400),
        _UNAUTHORISED,
    ),
    Probe("AUTH-003", "A scheme other than Bearer is refused", refused(), _UNAUTHORISED),
    Probe(
        "AUTH-005",
        "An unknown route under the base URL is answered 404 with a JSON body",
        refused(404, saying="a JSON body", detail=is_json),
        _UNAUTHORISED,
    ),
    Probe(
        "AUTH-006",
        "A sibling route such as /models demands the credential too",
        refused(),
        (was_processed, error_in_status, lambda facts: facts.status not in (404, 405)),
    ),
    Probe(
        "AUTH-007",
        "A request without Authorization is answered 401 or 403",
        refused(401, 403),
        _UNAUTHORISED,
    ),
    Probe("AUTH-008", "A wrong or expired credential is answered 401", refused(401), _UNAUTHORISED),
)
"""All rows of the ledger that need a probe."""


def is_probe(facts: Facts) -> bool:
    """Whoever asked says what the request was made to show."""
    return isinstance(facts.exchange.meta.get("probes"), list | tuple)


def _probing(requirement: str) -> Condition:
    return lambda facts: requirement in facts.exchange.meta["probes"]


def _register(probe: Probe) -> None:
    @rule(probe.requirement, probe.kinds, is_probe, _probing(probe.requirement), *probe.conditions)
    def answer_is_right(facts: Facts) -> Iterator[Finding]:
        return probe.expects(facts)

    answer_is_right.__doc__ = probe.sentence
    answer_is_right.__name__ = probe.requirement


for _each in PROBES:
    _register(_each)
