"""Rules that need a probe: a request that is sent to test one requirement.

Such a rule judges only exchanges whose ``meta.probes`` names its requirement.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.judging.predicates.google import gemini_3
from conformance.judging.rule import ANSWER, ANY, COMPLETION, Check, Condition, Rule
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

_PROCESSED = (was_processed, was_authorized, missed_no_signature)
_TAKES_MEDIA = (*_PROCESSED, takes_the_kind)
_REFUSED = (was_processed, was_authorized, error_in_status)
_ABOUT_AUTH = (was_processed, error_in_status)
_NO_MODEL = (
    was_processed,
    error_in_status,
    lambda facts: facts.status != 401,
)  # with 403 a server hides which models exist
_ANY_KIND: frozenset[Kind] = ANY | {"other"}


@dataclass(frozen=True, slots=True)
class Probe:
    """The rule of one requirement that needs a probe.

    ``expects`` checks the answer if it meets the ``conditions`` and is of one of the ``kinds``.
    """

    requirement: str
    expects: Check
    conditions: tuple[Condition, ...] = _PROCESSED
    kinds: frozenset[Kind] = _ANY_KIND


def _old_gemini(facts: Facts) -> bool:
    """The model is a Gemini before generation 3."""
    return (
        not gemini_3(facts)
        and re.search(r"gemini-[12]", facts.chat_request.model or "") is not None
    )


def _error_until_gemini_3(facts: Facts) -> Iterator[Finding]:
    return (refused() if _old_gemini(facts) else accepted)(facts)


PROBES = (
    Probe(
        "CHO-008",
        finishes("length"),
        (was_processed, finished),
        kinds=ANSWER,
    ),
    Probe(
        "CHO-011",
        filtered,
    ),
    Probe(
        "CHO-017",
        finishes("stop"),
        (was_processed, finished, lambda facts: not limit_came_first(facts)),
        kinds=ANSWER,
    ),
    Probe("TOOL-015", accepted),
    Probe(
        "TOOL-018",
        refused(400),
        _REFUSED,
    ),
    Probe("TOOL-019", accepted),
    Probe(
        "TOOL-030",
        accepted,
    ),
    Probe("TOOL-031", accepted),
    Probe("TOOL-032", accepted),
    Probe("TOOL-033", accepted),
    Probe("TOOL-034", accepted),
    Probe("SO-003", accepted),
    Probe("SO-004", accepted),
    Probe(
        "SO-005",
        refused_or_kept,
        (was_processed, was_authorized, lambda facts: facts.status != 200 or has_answer(facts)),
    ),
    Probe("MM-001", accepted, _TAKES_MEDIA),
    Probe("MM-002", accepted, _TAKES_MEDIA),
    Probe("MM-003", accepted, _TAKES_MEDIA),
    Probe("MM-005", accepted, _TAKES_MEDIA),
    Probe("MM-006", accepted, _TAKES_MEDIA),
    Probe("MM-007", accepted, _TAKES_MEDIA),
    Probe(
        "MM-008",
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
        image_in_audio,
        (was_processed, unelided),
        kinds=COMPLETION,
    ),
    Probe("MM-010", refused(400), (*_TAKES_MEDIA, error_in_status)),
    Probe("MM-011", accepted, _TAKES_MEDIA),
    Probe(
        "MM-012",
        accepted,
    ),
    Probe(
        "MM-016",
        accepted,
        _TAKES_MEDIA,
    ),
    Probe(
        "THK-008",
        refused(400),
        _REFUSED,
    ),
    Probe(
        "THK-013",
        accepted,
        (was_processed, was_authorized, gemini_3),
    ),
    Probe(
        "THK-014",
        accepted,
    ),
    Probe(
        "THK-015",
        accepted_or_invalid,
    ),
    Probe("THK-017", accepted),
    Probe("THK-022", accepted),
    Probe("ERR-008", refused(400), _REFUSED),
    Probe("ERR-009", refused(400, 422), _REFUSED),
    Probe("ERR-010", refused(404, 400), _NO_MODEL),
    Probe("ERR-011", accepted),
    Probe(
        "ERR-012",
        refused(400, saying="fieldViolations", detail=violated_fields),
        _REFUSED,
    ),
    Probe(
        "ERR-013",
        refused(400, 422),
        _REFUSED,
    ),
    Probe("ERR-020", refused(400), _REFUSED),
    Probe("ERR-021", refused(404), _NO_MODEL),
    Probe(
        "ERR-024",
        refused(400, saying="code context_length_exceeded", detail=tells_of_context),
        _REFUSED,
    ),
    Probe("ERR-025", failed),
    Probe("ERR-026", refused(400, 422), _REFUSED),
    Probe("ERR-028", accepted),
    Probe(
        "ERR-029",
        failed,
        (),
    ),
    Probe("ERR-030", accepted),
    Probe(
        "ERR-031",
        accepted,
    ),
    Probe(
        "AUTH-001",
        refused(401, 403, 400),
        _ABOUT_AUTH,
    ),
    Probe(
        "AUTH-002",
        refused(401, 403, 400),
        _ABOUT_AUTH,
    ),
    Probe("AUTH-003", refused(), _ABOUT_AUTH),
    Probe(
        "AUTH-005",
        refused(404, saying="a JSON body", detail=is_json),
        _ABOUT_AUTH,
    ),
    Probe(
        "AUTH-006",
        refused(),
        (was_processed, error_in_status, lambda facts: facts.status not in (404, 405)),
    ),
    Probe(
        "AUTH-007",
        refused(401, 403),
        _ABOUT_AUTH,
    ),
    Probe("AUTH-008", refused(401), _ABOUT_AUTH),
)
"""All requirements of the ledger that need a probe."""


def is_probe(facts: Facts) -> bool:
    """The recording says which requirements the request tests."""
    return isinstance(facts.exchange.meta.get("probes"), list | tuple)


def _probing(requirement: str) -> Condition:
    return lambda facts: requirement in facts.exchange.meta["probes"]


def _rule_of(probe: Probe) -> Rule:
    def answer_is_right(facts: Facts) -> Iterator[Finding]:
        return probe.expects(facts)

    answer_is_right.__name__ = probe.requirement
    conditions = (is_probe, _probing(probe.requirement), *probe.conditions)
    return Rule(probe.requirement, answer_is_right, probe.kinds, conditions, frozenset())


RULES = tuple(map(_rule_of, PROBES))
