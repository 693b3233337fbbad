"""Failures of a target that only all its answers together show."""

from conformance.runs.gists import Gist
from conformance.runs.results import CaseReply
from conformance.runs.whole_run import failures


def replies(
    number: int, status: int = 200, *, wrong: bool = False, **gist: object
) -> list[CaseReply]:
    """Return replies to different questions; all have this gist."""
    return [
        CaseReply(
            f"case-{each}",
            status,
            wants_refusal=wrong,
            gist=Gist(question=str(each), **gist),  # type: ignore[arg-type]
        )
        for each in range(number)
    ]


def test_the_same_answer_to_many_questions_fails_and_to_a_few_does_not() -> None:
    assert failures(replies(8, answer="a"), ()) == ("the same answer to 8 different questions",)
    assert failures(replies(7, answer="a"), ()) == ()


def test_three_answers_to_eight_questions_do_not_fail() -> None:
    assert (
        failures([*replies(8, answer="a"), *replies(1, answer="b"), *replies(1, answer="c")], ())
        == ()
    )


def test_the_same_question_asked_often_counts_once() -> None:
    assert failures(replies(1, answer="a") * 20, ()) == ()


def test_no_plain_request_answered_fails_whether_refused_or_empty() -> None:
    for status, empty in ((400, False), (500, False), (200, True)):
        (failure,) = failures(replies(3, status, plain=True, empty=empty), ())
        assert failure == f"no plain request is answered (3 cases, status {status})"


def test_one_plain_answer_or_one_that_a_limit_ended_is_enough() -> None:
    refused = replies(3, 400, plain=True)
    assert failures([*refused, *replies(1, plain=True, answer="a")], ()) == ()
    assert failures([*refused, *replies(1, plain=True)], ()) == ()
    assert failures(replies(2, 400, plain=True), ()) == ()


def test_no_wrong_request_refused_fails_if_there_are_many() -> None:
    assert failures(replies(8, wrong=True), ()) == ("none of 8 wrong requests is refused",)
    assert failures(replies(7, wrong=True), ()) == ()
    assert failures([*replies(8, wrong=True), *replies(1, 400, wrong=True)], ()) == ()
