"""What all rules share: how they are made, and how much of a text they show."""

from collections.abc import Iterator

from conformance.judging.rule import (
    ANSWER,
    Rule,
    could_apply,
    end_of,
    needs_request_key,
    request_keys,
    rule,
)
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Finding


def silent(facts: Facts) -> Iterator[Finding]:
    return iter(())


def always(facts: Facts) -> bool:
    return True


@needs_request_key("stop", "n")
def marked(facts: Facts) -> bool:
    return True


def test_a_decorated_function_is_the_check_of_a_rule() -> None:
    made = rule("ENV-001", ANSWER, always, needs=("headers",))(silent)
    assert made == Rule("ENV-001", silent, ANSWER, (always,), frozenset({"headers"}))


def test_a_marked_condition_applies_to_requests_that_have_one_of_its_keys() -> None:
    assert could_apply(marked, frozenset({"n", "model"}))
    assert not could_apply(marked, frozenset({"model"}))
    assert could_apply(always, frozenset())


def test_rules_tell_which_request_keys_their_conditions_need() -> None:
    made = [rule("ENV-001", ANSWER, always, marked)(silent), rule("ENV-002", ANSWER)(silent)]
    assert request_keys(made) == {"stop", "n"}
    assert request_keys(made[1:]) == frozenset()


def test_a_text_that_is_short_enough_is_shown_whole() -> None:
    assert end_of("a bc", 4) == "a bc"
    assert end_of("a bc", 3) == "bc"
