"""Every generated case gets a conforming answer in each profile with its capabilities.

Positive cases are answered, negative ones rejected.
"""

from dataclasses import replace

import pytest

from conformance.cases import CORPUS, Case, read_cases
from conformance.endpoints.reference import PROFILES
from conformance.endpoints.reference.in_process import embedded, model_for, served_as
from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile as profile_named
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import RuleCrash
from conformance.protocol.exchange import Exchange

MINTED = tuple(read_cases(CORPUS))


def asked(case: Case, profile: str) -> Exchange:
    exchange = embedded(profile)(case)
    assert isinstance(exchange, Exchange)
    return replace(exchange, meta={**exchange.meta, "probes": list(case.probes)})


NEVER = {"cached-content", "image-gif", "integer-enum", "penalties"}
"""What no Gemini can do; a case that also needs something of Google's cannot be asked."""
TOGETHER = {"unsigned-calls": {"thinking-level", "json-with-tools"}}
"""What a Gemini can do that lacks the others."""


def test_every_case_can_be_asked_of_a_profile_that_is_served() -> None:
    profiles = shipped_suite().profiles
    unserved = [case for case in MINTED if not served_as(case, profiles) and not case.needs & NEVER]
    assert [
        case.id
        for case in unserved
        if not any(one in case.needs and case.needs & others for one, others in TOGETHER.items())
    ] == []


@pytest.mark.parametrize("profile", PROFILES)
def test_every_case_is_answered_as_expected(profile: str) -> None:
    judge = judge_for(profile_named(profile), shipped_suite())
    chosen = [case for case in MINTED if model_for(case, profile_named(profile))]
    assert len(chosen) > 250
    for case in chosen:
        exchange = asked(case, profile)
        found = [
            each
            for each in judge.findings(exchange)
            if isinstance(each, RuleCrash) or (each.level != "may" and not each.known)
        ]
        assert found == [], f"{case.id}: {case.feature}"
        assert exchange.response.status == (400 if case.violates else 200), (
            f"{case.id}: {exchange.response.body!r}"
        )
