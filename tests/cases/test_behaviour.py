"""The questions about behaviour are at hand, by family, with a check each."""

import re
from collections import Counter
from pathlib import Path

from conformance.cases import cases
from conformance.cases.behaviour import FAMILIES, behaviour_cases, family_of


def test_each_family_has_a_hundred_questions() -> None:
    families = Counter(family_of(case.id) for case in behaviour_cases())
    assert set(families) == set(FAMILIES)
    assert min(families.values()) >= 100


def test_they_are_no_cases_of_a_run() -> None:
    assert not {case.id for case in cases()} & {case.id for case in behaviour_cases()}
    assert {family_of(case.id) for case in cases()} == {None}


def test_they_are_asked_in_different_ways() -> None:
    asked = behaviour_cases()
    bodies = [case.body for case in asked]
    assert 0.15 < sum("stream" in body for body in bodies) / len(bodies) < 0.4
    assert any(body["messages"][0]["role"] == "system" for body in bodies)
    assert any(message["role"] == "tool" for body in bodies for message in body["messages"])
    none_fits = [
        case for case in asked if case.check and case.check.members.get("tool", "") is None
    ]
    assert len(none_fits) >= 15


def test_the_right_tool_is_not_always_in_the_same_place() -> None:
    places = Counter(
        [tool["function"]["name"] for tool in case.body["tools"]].index(case.check.members["tool"])
        for case in behaviour_cases()
        if case.check and case.check.members.get("tool")
    )
    assert max(places.values()) < places.total() / 2


def test_the_page_about_them_has_the_right_numbers() -> None:
    page = (Path(__file__).parents[2] / "docs" / "questions.md").read_text(encoding="utf-8")
    families = Counter(family_of(case.id) for case in behaviour_cases())
    rows = re.findall(r"^\| `ask-(\w+)-\*` \| (\d+) \|", page, re.MULTILINE)
    assert dict(rows) == {family: str(families[family]) for family in FAMILIES}
