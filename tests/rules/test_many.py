"""How rules over several exchanges are registered."""

import pytest

from conformance.rules.many import session_rule, twin_rule


def test_two_rules_for_one_row_are_a_mistake() -> None:
    for register in (twin_rule("META-001", "stream"), session_rule("META-001")):
        with pytest.raises(ValueError, match="META-001 is checked twice"):
            register(lambda *_: iter(()))
