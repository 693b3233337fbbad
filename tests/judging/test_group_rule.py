"""How rules over several exchanges are made, and when they are looked at."""

from collections.abc import Iterator

from conformance.judging.group_rule import SessionRule, TwinRule, session_rule, twin_rule
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Finding
from tests.judging.conftest import completion


def silent(*_: object) -> Iterator[Finding]:
    return iter(())


def always(*_: object) -> bool:
    return True


def test_a_decorated_function_is_the_check_of_a_rule() -> None:
    of_twins = twin_rule("META-001", "stream", "stop", when=(always,), needs=("timing",))
    assert of_twins(silent) == TwinRule(
        "META-001", silent, frozenset({"stream", "stop"}), (always,), frozenset({"timing"})
    )
    assert session_rule("TOOL-029", always)(silent) == SessionRule("TOOL-029", silent, (always,))


def test_a_twin_of_which_no_more_is_known_than_a_rule_needs_is_looked_at() -> None:
    facts = fold(completion())
    assert (
        TwinRule("META-001", silent, frozenset({"stream"}), (), facts.evidence).look(
            "stream", facts, facts
        )
        == []
    )
