"""Entries for the broken requirements, and as many details as fit on the page."""

from dataclasses import replace

import pytest

from conformance.judging.requirements import Requirement, requirements
from conformance.judging.requirements.client_impact import measured_impact
from conformance.reports.text.broken import (
    Form,
    all_of,
    breaks_clients,
    details,
    entry,
    repeat_command,
    worst_of,
)
from conformance.reports.text.page import height
from conformance.runs.broken import Broken, Sighting
from conformance.runs.reported_finding import ReportedFinding

MUST = requirements()["ENV-008"]
MODEL = requirements()["MSG-005"]
FOUND = ReportedFinding("the number is too small", "1 or more", -1, 3, "/created")
WIDE = Form(200)


def broken(
    requirement: Requirement = MUST, *, examples: int = 1, found: int = 1, answers: int = 4
) -> Broken:
    seen = tuple(
        Sighting("t", f"case-{number}", requirement, "must", "fail", True, (FOUND,) * found)
        for number in range(examples)
    )
    return Broken(requirement, "must", "fail", True, answers, 8, seen)


def texts(each: Broken, form: Form = WIDE, examples: int = 1) -> list[str]:
    return [line.text for line in details(each, form, examples)]


def first(each: Broken, form: Form = WIDE) -> str:
    return " ".join(line.text.strip() for line in entry(each, form))


def test_an_entry_names_level_id_share_message_and_place() -> None:
    assert first(broken()) == (
        "must    ENV-008  4 of 8 answers: the number is too small; first in case-0 event 3 /created"
    )
    assert "; first in t/case-0 event 3 /created" in first(broken(), Form(200, targets=True))


def test_an_entry_names_what_is_broken_with_it() -> None:
    also = (requirements()["ENV-001"], requirements()["ENV-002"])
    assert "ENV-008  4 of 8 answers (also ENV-001, ENV-002): the" in first(
        replace(broken(), also=also)
    )


def test_without_a_finding_the_sentence_is_shown() -> None:
    assert f"answers: {MUST.sentence[:100]}" in first(broken(found=0))
    assert first(broken(found=0)).endswith("; first in case-0")


@pytest.mark.parametrize(
    ("changed", "label"),
    [
        (broken(), "must  "),
        (replace(broken(), level="should"), "should"),
        (broken(MODEL), "model "),
        (replace(broken(MODEL), also=(MUST,)), "must  "),
        (replace(broken(), outcome="error"), "crash "),
        (replace(broken(), outcome="stale"), "stale "),
    ],
)
def test_the_label_says_why_it_is_listed(changed: Broken, label: str) -> None:
    assert first(changed).startswith(f"{label}  ")


def test_only_what_fails_the_run_is_coloured() -> None:
    assert {line.style for line in entry(broken(), Form(40))} == {"bold red"}
    assert {line.style for line in entry(replace(broken(), fails_run=False), WIDE)} == {""}


def test_a_long_message_is_shortened_and_wrapped() -> None:
    long = replace(FOUND, message="word " * 200)
    seen = Sighting("", "a", MUST, "must", "fail", True, (long,))
    lines = entry(replace(broken(), examples=(seen,)), Form(60))
    assert max(len(line.text) for line in lines) <= 60
    assert len(lines) <= 6
    assert all(line.text.startswith(" " * 8) for line in lines[1:])


def test_details_have_place_evidence_clients_and_what_to_do_next() -> None:
    assert texts(broken(), Form(200, "conformance run --live")) == [
        f"ENV-008  {MUST.sentence}",
        "  in case-0 event 3 /created and 3 more answers",
        "  expected: 1 or more",
        "  got:      -1",
        f"  breaks:   {breaks_clients('ENV-008')}",
        "  again:    conformance run --live --case case-0 --requirement ENV-008",
        "  more:     conformance explain ENV-008",
    ]


def test_a_single_answer_has_no_others() -> None:
    assert "  in case-0 event 3 /created" in texts(broken(answers=1))


def test_a_long_value_begins_beside_its_name_and_keeps_to_the_width() -> None:
    found = replace(FOUND, actual=["x" * 90])
    seen = Sighting("", "a", MUST, "must", "fail", True, (found,))
    lines = texts(replace(broken(), examples=(seen,)), Form(60))
    (start,) = (line for line in lines if line.startswith("  got: "))
    assert start.startswith('  got:      ["xxx')
    assert max(map(len, lines)) <= 60


def test_several_examples_have_their_message() -> None:
    lines = texts(broken(examples=3), examples=3)
    assert lines.count("  the number is too small") == 3
    assert [line for line in lines if line.startswith("  in ")] == [
        "  in case-0 event 3 /created",
        "  in case-1 event 3 /created",
        "  in case-2 event 3 /created and 1 more answer",
    ]


def test_a_crash_has_no_command_to_repeat_it() -> None:
    crashed = replace(broken(), outcome="error")
    assert not any("again:" in line for line in texts(crashed, Form(80, "conformance run")))


def test_the_command_asks_each_case_of_a_group_once() -> None:
    seen = Sighting("t", "chat+talk+talk#2", MUST, "must", "fail", True, (FOUND,))
    of_group = replace(broken(), examples=(seen,))
    assert repeat_command("conformance run", of_group) == (
        "conformance run --target t --case chat --case talk --requirement ENV-008"
    )
    assert repeat_command("conformance run --live --model m", of_group) == (
        "conformance run --live --model m --case chat --case talk --requirement ENV-008"
    )


def test_a_name_from_outside_is_quoted_in_the_command() -> None:
    seen = Sighting("a; b", "$(c)", MUST, "must", "fail", True, (FOUND,))
    assert repeat_command("conformance run", replace(broken(), examples=(seen,))) == (
        "conformance run --target 'a; b' --case '$(c)' --requirement ENV-008"
    )


def test_the_clients_that_break_are_counted_the_worst_effect_first() -> None:
    measured = measured_impact()
    count = len(measured.clients)
    assert breaks_clients("ENV-001").startswith(f"{count} of {count} clients raise an error")
    assert breaks_clients("ENV-008") == f"2 of {count} clients raise an error"
    assert breaks_clients("XXX-999") == ""
    effects = [breaks_clients(identifier) for identifier in measured.by_requirement]
    both = next(text for text in effects if "raise" in text and "lose" in text)
    assert both.index("raise an error") < both.index("lose content")


def test_all_have_the_details_of_all_examples() -> None:
    lines = [line.text for line in all_of([broken(examples=3), broken(MODEL, examples=2)], WIDE)]
    assert lines.count("  got:      -1") == 5
    assert lines[-1] == ""


@pytest.mark.parametrize("room", [14, 20, 30, 60])
def test_the_worst_fit_into_the_room_with_the_details_of_at_least_one(room: int) -> None:
    many = [broken(requirement) for requirement in requirements().values()]
    lines = list(worst_of(many, Form(100), room))
    assert height(lines, 100) <= room
    shown = [line.text for line in lines]
    listed = sum(" of 8 answers" in text for text in shown)
    assert f"+{len(many) - listed} more: -v" in shown
    assert 1 <= sum("conformance explain" in text for text in shown) <= 3


def test_a_few_are_all_listed_with_the_details_of_three() -> None:
    few = [broken(requirement) for requirement in [*requirements().values()][:5]]
    shown = [line.text for line in worst_of(few, WIDE, 40)]
    assert not any("more: -v" in text for text in shown)
    assert sum("conformance explain" in text for text in shown) == 3


def test_nothing_broken_takes_no_line() -> None:
    assert list(worst_of([], WIDE, 40)) == []


@pytest.mark.parametrize("also", [(), (requirements()["ENV-001"],)])
def test_what_is_not_listed_is_counted_with_all_its_requirements(
    also: tuple[Requirement, ...],
) -> None:
    given = [replace(broken(), also=also)] * 40
    lines = [line.text for line in worst_of(given, WIDE, 20)]
    left = len(given) - sum(line.startswith("must    ENV-008") for line in lines)
    counted = f" ({2 * left} requirements)" if also else ""
    assert f"+{left} more{counted}: -v" in lines


@pytest.mark.parametrize("room", range(12, 40))
def test_details_that_do_not_fit_are_counted(room: int) -> None:
    given = [broken(), broken(), broken()]
    lines = [*worst_of(given, WIDE, room)]
    shown = sum(line.text == "  more:     conformance explain ENV-008" for line in lines)
    left = [f"details of {3 - shown} more: -v"] if shown < 3 else []
    assert [line.text for line in lines if line.text.startswith("details")] == left
    assert height(lines, 200) <= room
    assert [line.text for line in lines[-1 - len(left) :]] == [*left, ""]


def test_what_is_not_listed_and_fails_nothing_is_marked() -> None:
    given = [broken(), *[replace(broken(), level="should", fails_run=False)] * 40]
    (line,) = [line.text for line in worst_of(given, WIDE, 20) if line.text.startswith("+")]
    assert line.endswith(" more, which do not change the exit code: -v")


def test_details_of_what_is_not_a_must_are_not_counted() -> None:
    given = [broken(), *[replace(broken(), level="should")] * 2]
    assert not [line for line in worst_of(given, WIDE, 12) if line.text.startswith("details")]
