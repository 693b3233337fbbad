"""What all rules share: how they are registered, and how much of a text they show."""

from collections.abc import Iterator

import pytest

from conformance.judging.rule import COMPLETION, end_of, rule
from conformance.judging.rules import rules
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Finding


def test_two_rules_for_one_row_are_a_mistake_that_names_both() -> None:
    first = rules()["ENV-001"].check
    with pytest.raises(
        ValueError, match=f"ENV-001 is checked twice: by {first.__name__} and by another"
    ):
        rule("ENV-001", COMPLETION)(another)


def another(facts: Facts) -> Iterator[Finding]:
    """Find nothing."""
    return iter(())


def test_a_text_that_is_short_enough_is_shown_whole() -> None:
    assert end_of("a bc", 4) == "a bc"
    assert end_of("a bc", 3) == "bc"
