"""Negative requests violate only their keyword, also according to the reference validator."""

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from conformance.cases import Violation
from conformance.cases.features import Body
from conformance.cases.schema_violations import BREACHES
from conformance.cases.strategies.negative import DAMAGES, negative
from conformance.judging.profiles.model import CAPABILITIES
from conformance.judging.requirements import requirements
from conformance.judging.rules.probes import PROBES
from conformance.protocol import schema

VALIDATOR = jsonschema.Draft202012Validator(schema.document("request"))


def broken(body: Body) -> list[Violation]:
    return [
        Violation(schema.pointer(list(error.absolute_path)), str(error.validator))
        for error in VALIDATOR.iter_errors(body)
    ]


def test_every_breach_can_be_made_and_names_what_there_is() -> None:
    assert DAMAGES.keys() == BREACHES.keys()
    for breach in BREACHES.values():
        assert breach.needs <= set(CAPABILITIES)
        assert (
            set(breach.probes) <= {probe.requirement for probe in PROBES} <= requirements().keys()
        )
    assert len({breach.violation for breach in BREACHES.values()}) == len(BREACHES)


@pytest.mark.parametrize("name", BREACHES)
def test_a_negative_request_breaks_one_keyword(name: str) -> None:
    @settings(
        max_examples=6,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(negative(name))
    def check(drawn: tuple[Body, Violation]) -> None:
        body, violation = drawn
        assert broken(body) == [violation]

    check()


def test_a_request_that_breaks_more_would_be_seen() -> None:
    assert len(broken({"messages": [], "n": 0})) == 2
    assert broken({"messages": [{"role": "user", "content": "Hi"}]}) == []
