"""The sentences about a comparison say what was proved, and no more."""

from dataclasses import replace

import pytest

from conformance.comparison.result import Comparison, ShapeChange
from conformance.reports.comparison import words
from tests.comparison.made_samples import metric
from tests.reports.comparison.made_comparisons import GOOD, SLOW, comparison, result, worse

RULE = metric("SSE-001", title="A stream ends with `[DONE]`", margin=0.02, is_requirement=True)


@pytest.mark.parametrize(
    ("made", "word", "line"),
    [
        (worse(), "worse", "NEW is worse than OLD on 100 questions: right-tool 96 % -> 64 %."),
        (
            comparison(result(metric(), 0, 0)),
            "no worse",
            "NEW is no worse than OLD on 100 questions: any harm is below the margin, by each of"
            " 1 metric that counts.",
        ),
        (
            comparison(result(metric(), 0, 0, questions=20)),
            "cannot tell",
            "Cannot tell whether NEW is worse than OLD on 100 questions: nothing is proved to be"
            " worse, and 1 of 1 metric that counts may be.",
        ),
        (
            comparison(result(metric(margin=0.5), 0.1, 0.4)),
            "cannot tell",
            "NEW is worse than OLD on 100 questions, but within the margin: m 10 % -> 40 %.",
        ),
        (
            comparison(),
            "nothing to tell",
            "Nothing could be compared on 100 questions: no question has an answer of both sides.",
        ),
    ],
)
def test_the_first_line_has_the_verdict_and_on_what(made: Comparison, word: str, line: str) -> None:
    assert words.word_of(made) == word
    assert words.verdict_line(made) == line


def test_a_requirement_that_no_answer_breaks_is_counted_and_decides_nothing() -> None:
    made = comparison(result(metric(), 0, 0), result(RULE, 0, 0, questions=20))
    assert words.word_of(made) == "no worse"
    assert words.unbroken(made) == "Broken by no answer of either side: 1 requirement."


def test_what_does_not_count_does_not_decide() -> None:
    assert words.word_of(comparison(result(metric(), 0, 0), result(SLOW, 100, 500))) == "no worse"


def test_values_have_their_unit_and_differences_their_interval() -> None:
    good, slow = result(GOOD, 0.96, 0.64), result(SLOW, 410, 560)
    assert words.rates(good) == "96 % -> 64 %"
    assert words.difference(good).startswith("-32 points (-")
    assert words.rates(slow) == "410 ms -> 560 ms"
    assert words.difference(slow).startswith("+37 %")
    assert words.example(good) == "e.g. q64: 3 of 3 -> 0 of 3"


def test_a_bound_that_says_nothing_is_short() -> None:
    wide = replace(result(SLOW, 410, 560), interval=(-1.0, 1e300))
    assert words.difference(wide) == "+37 % (-100 to over +10,000)"


def test_a_small_share_keeps_a_decimal() -> None:
    assert words.rates(result(metric(), 0, 0.004, questions=1000)) == "0 % -> 0.4 %"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            ShapeChange("member", "/tier", "", 0, 322, 322, 322),
            "+ /tier in 322 of 322 of NEW",
        ),
        (
            ShapeChange("type", "/created", "string", 5, 5, 0, 5),
            "- type /created string in 5 of 5 of OLD",
        ),
        (
            ShapeChange("header", "x-a", "", 5, 5, 2, 5),
            "- header x-a in 5 of 5 of OLD, in NEW 2 of 5",
        ),
    ],
)
def test_a_change_of_shape_says_where_and_how_often(change: ShapeChange, line: str) -> None:
    assert words.shape(change) == line


def test_the_calibration_says_how_often_nothing_alarmed() -> None:
    assert words.calibration(worse()).endswith("gave a false alarm in 1 %.")
    assert words.calibration(comparison()) == ""
    assert "nothing was split" in words.calibration(comparison(alarms=0.0, splits=0))
