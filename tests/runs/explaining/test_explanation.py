"""All that is known about one requirement."""

from conformance.judging.suite import shipped_suite
from conformance.runs.explaining.explanation import explanation_of

SUITE = shipped_suite()


def test_the_known_deviations_of_all_profiles_are_listed_those_that_always_occur_first() -> None:
    breakers = explanation_of("SSE-003", SUITE).breakers
    expected = {
        (name, deviation.seen)
        for name, profile in SUITE.profiles.items()
        for deviation in profile.deviations
        if deviation.requirement == "SSE-003"
    }
    assert {(each.profile, each.deviation.seen) for each in breakers} == expected
    frequencies = [each.deviation.frequency for each in breakers]
    assert frequencies == sorted(frequencies)
    assert len(set(frequencies)) == 2


def test_the_servers_of_a_condition_are_named() -> None:
    servers = {each.server for each in explanation_of("ERR-021", SUITE).breakers}
    assert "llama.cpp or litellm" in servers


def test_there_are_changes_for_each_exchange_of_the_example() -> None:
    explanation = explanation_of("META-013", SUITE)
    assert explanation.example is not None
    assert len(explanation.changes) == len(explanation.example.conforming) == 2
    assert any(explanation.changes)


def test_a_requirement_that_was_not_measured_with_clients_has_no_impact() -> None:
    assert explanation_of("META-001", SUITE).impact is None
    impact = explanation_of("SSE-002", SUITE).impact
    assert impact is not None
    assert impact.effects["openai_py"] == "raises"
