"""A case reference survives writing and parsing."""

import pytest

from conformance.cases.case_ref import CaseRef, join_group, parse_case, parse_group


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("chat-plain", CaseRef("chat-plain")),
        ("conversation#2", CaseRef("conversation", 2)),
        ("conversation#12", CaseRef("conversation", 12)),
    ],
)
def test_a_reference_is_parsed_and_written(text: str, reference: CaseRef) -> None:
    assert parse_case(text) == reference
    assert str(reference) == text


def test_what_is_not_a_number_is_the_first_turn() -> None:
    assert parse_case("odd#name") == CaseRef("odd")


def test_a_group_is_parsed_and_joined() -> None:
    assert parse_group("a+b#2") == [CaseRef("a"), CaseRef("b", 2)]
    assert join_group(["a", "b#2"]) == "a+b#2"
