"""Cases are chosen by pattern, by feature, or by the requirement that they exercise."""

import pytest

from conformance.cases import Case, cases
from conformance.cases.corpus import shipped_corpus
from conformance.endpoints.reference.in_process import NAME
from conformance.judging.requirements import requirements
from conformance.runs import self_test
from conformance.runs.case_choice import matching, showing, with_features
from conformance.runs.collecting import of_answers
from conformance.runs.results import Answer
from conformance.runs.selection import Selection, SelectionError

IDS = shipped_corpus().cases


def test_a_pattern_chooses_all_that_it_matches() -> None:
    assert matching(["stream-u*", "chat-plain"], IDS) == {
        "chat-plain",
        *(name for name in IDS if name.startswith("stream-u")),
    }


def test_a_name_without_pattern_is_checked_elsewhere() -> None:
    assert matching(["no-such-case"], IDS) == {"no-such-case"}


def test_a_pattern_that_matches_nothing_is_an_error() -> None:
    with pytest.raises(SelectionError, match=r"--case 'strem-\*' matches no case"):
        matching(["chat-plain", "strem-*"], IDS)


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("streaming", "stream-plain", "chat-plain"),
        ("auth", "auth-none", "chat-plain"),
        ("response-format", "json-object", "chat-plain"),
        ("response_format", "json-object", "chat-plain"),
        ("include-usage", "stream-usage", "stream-plain"),
    ],
)
def test_a_feature_is_that_of_a_case_or_of_its_request(
    name: str, inside: str, outside: str
) -> None:
    chosen = with_features([name], cases())
    assert inside in chosen
    assert outside not in chosen


def test_an_unknown_feature_is_an_error_with_near_names() -> None:
    with pytest.raises(SelectionError, match=r"unknown feature 'straming' \(did you mean stream"):
        with_features(["straming"], cases())


def test_all_cases_are_returned_where_nothing_is_known() -> None:
    assert showing(["CHO-011"], requirements(), cases()) == {case.id for case in cases()}


@pytest.mark.parametrize(
    ("requirement", "case", "other"),
    [
        ("SSE-003", "stream-plain", "chat-plain"),
        ("SEQ-014", "stream-usage", "stream-plain"),
        ("META-001", "stream-plain", "chat-unicode-emoji"),
        ("AUTH-002", "auth-wrong", "chat-plain"),
        ("THK-012", "conversation-tools", "chat-plain"),
        ("ERR-001", "error-not-json", "chat-plain"),
    ],
)
def test_a_requirement_selects_the_cases_that_can_show_it(
    requirement: str, case: str, other: str
) -> None:
    chosen = showing([requirement], requirements(), cases())
    assert case in chosen
    assert other not in chosen


def documented() -> list[Case]:
    return [case for case in cases() if not case.covers and not case.violates]


def test_no_case_that_shows_a_requirement_is_left_out() -> None:
    """The cases chosen for a requirement include all cases that exercise it in the self-test.

    Requirements about errors are left out, as a request may also be refused by chance.
    """
    selection = Selection(targets=(NAME,))
    asked = documented()
    answers = [each for each in self_test.ask(asked, selection) if isinstance(each, Answer)]
    exercised: dict[str, set[str]] = {}
    for judged in of_answers(answers, selection, [], []).judged_cases:
        for verdict in judged.verdicts:
            if verdict.verdict != "not exercised":
                names = {part.partition("#")[0] for part in judged.case.split("+")}
                exercised.setdefault(verdict.requirement, set()).update(names)
    assert len(exercised) > 150
    left_out = {
        requirement: sorted(names - showing([requirement], requirements(), asked))
        for requirement, names in exercised.items()
        if not requirements()[requirement].when.startswith("error")
    }
    assert {requirement: names for requirement, names in left_out.items() if names} == {}
