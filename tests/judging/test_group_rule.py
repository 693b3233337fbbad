"""How rules over several exchanges are registered."""

import pytest

from conformance.judging.group_rule import TwinRule, session_rule, twin_rule
from conformance.judging.rules import twin_rules
from conformance.protocol.chat.facts import fold
from tests.judging.conftest import completion


def test_two_rules_for_one_row_are_a_mistake() -> None:
    assert "META-001" in twin_rules()
    for register in (twin_rule("META-001", "stream"), session_rule("META-001")):
        with pytest.raises(ValueError, match="META-001 is checked twice"):
            register(lambda *_: iter(()))


def test_a_twin_of_which_no_more_is_known_than_a_rule_needs_is_looked_at() -> None:
    facts = fold(completion())
    assert (
        TwinRule("META-001", lambda *_: iter(()), frozenset({"stream"}), (), facts.evidence).look(
            "stream", facts, facts
        )
        == []
    )
