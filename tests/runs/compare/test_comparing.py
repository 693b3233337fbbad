"""From samples to the comparison: lost tool calls, errors, notes, and who is judged by what."""

from dataclasses import replace

from conformance.comparison.result import Comparison
from conformance.comparison.sample import Sample, Side
from conformance.runs.compare.comparing import (
    compared,
    complete_pairs,
    errors_of,
    lost_tool_calls,
)
from conformance.runs.compare.settings import Settings
from tests.runs.compare.made_pairs import completion, sample

SIDES: tuple[Side, ...] = ("old", "new")
SETTINGS = Settings("old words", "new words", "questions of a test", 3)
CALL, TEXT = completion(None, "look_up"), completion("I cannot.")


def asked(name: str, side: Side, *answers: object) -> list[Sample]:
    return [sample(name, side, number, answer) for number, answer in enumerate(answers, 1)]


def silent(name: str, side: Side) -> Sample:
    return replace(sample(name, side), exchange=None, why="the connection was refused")


def test_a_tool_call_is_lost_if_no_answer_of_new_has_one() -> None:
    samples = [
        *asked("lost", "old", CALL, TEXT),
        *asked("lost", "new", TEXT, TEXT),
        *asked("kept", "old", CALL, CALL),
        *asked("kept", "new", TEXT, CALL),
        *asked("rare", "old", CALL, TEXT, TEXT),
        *asked("rare", "new", TEXT, TEXT, TEXT),
    ]
    assert lost_tool_calls(complete_pairs(samples)) == ("lost",)


def test_a_side_that_fails_has_not_lost_its_tool_calls() -> None:
    for failed in (
        silent("q", "new"),
        sample("q", "new", status=503),
        sample("q", "new", status=429),
    ):
        assert lost_tool_calls([(sample("q", "old", 1, CALL), failed)]) == ()


def test_a_refusal_has_lost_them() -> None:
    assert lost_tool_calls([(sample("q", "old", 1, CALL), sample("q", "new", status=400))]) == (
        "q",
    )


def test_errors_are_counted_by_reason() -> None:
    samples = [sample("a", "old"), sample("b", "old", status=500), silent("c", "old")]
    assert errors_of(samples, "old") == {"status 500": 1, "the connection was refused": 1}
    assert errors_of(samples, "new") == {}
    refusal = sample("d", "new", status=400)
    assert refusal.asked
    meant = replace(refusal, asked=replace(refusal.asked, wants_refusal=True))
    assert errors_of([refusal, meant], "new") == {"status 400": 1}


def test_a_side_that_refuses_everything_is_named_with_its_status() -> None:
    samples = [
        *(sample(name, "old") for name in "abc"),
        *(sample(name, "new", status=400) for name in "abc"),
    ]
    result = compared(samples, SETTINGS)
    assert result.notes == ("NEW answered none of its 3 requests: status 400 (3)",)
    assert result.errors == {"old": {}, "new": {"status 400": 3}}
    assert result.about == "questions of a test"


def test_the_notes_say_what_limits_the_comparison() -> None:
    settings = replace(
        SETTINGS, together=False, ended="2 pairs of answers missing", notes=("one left out",)
    )
    notes = compared([sample("a", "old"), sample("a", "new"), sample("b", "old")], settings).notes
    assert [note.partition(":")[0] for note in notes] == [
        "one left out",
        "the two sides were not asked at the same time",
        "2 pairs of answers missing",
        "1 sample of one side without its counterpart not compared",
    ]


def test_a_difference_that_chance_does_not_explain_fails() -> None:
    refused = completion(None)
    refused["choices"][0]["message"]["refusal"] = "I cannot help with that."
    names = [f"q{number:02}" for number in range(20)]

    def compared_with(answer: object) -> Comparison:
        samples = [
            replace(sample(name, side, 1, None if side == "old" else answer), position=place)
            for place, name in enumerate(names)
            for side in SIDES
        ]
        return compared(samples, SETTINGS)

    assert not compared_with(None).fails
    result = compared_with(refused)
    assert result.fails
    assert "refused" in {each.metric.name for each in result.results if each.judgement == "worse"}


def test_fresh_samples_do_not_count_as_the_first() -> None:
    first = [sample("a", "old"), sample("a", "new")]
    again = [sample("a", "old", 4), sample("a", "new", 4)]
    assert compared([*first, *again], SETTINGS) == compared(first, SETTINGS)
