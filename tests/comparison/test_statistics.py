"""Verdicts: few false alarms, swapped sides mirror, one bad minute proves nothing."""

import math
import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from conformance.comparison.result import MetricResult
from conformance.comparison.sample import Measured, Side
from conformance.comparison.statistics import compare, confirm, planned, suspects
from tests.comparison.made_samples import SIDES, drawn, measured, metric, swapped

SHARES = {f"m{share}": share for share in (0.0, 0.02, 0.05, 0.1, 0.3)}
METRICS = {name: metric(name) for name in SHARES}


def failing(seed: int, old: float, new: float) -> Callable[[Side, int, int], dict[str, float]]:
    """Draw one metric with these shares of bad answers."""
    chance = random.Random(seed)
    shares = {"old": old, "new": new}
    return lambda side, question, position: {"m": float(chance.random() < shares[side])}


def only(results: tuple[MetricResult, ...]) -> MetricResult:
    (result,) = results
    return result


def compared(old: float, new: float, seed: int = 0, questions: int = 100) -> MetricResult:
    return only(compare(drawn(failing(seed, old, new), questions), {"m": metric()}))


def test_a_large_harm_is_worse_and_fails() -> None:
    result = compared(0.05, 0.4)
    assert result.judgement == "worse"
    assert result.fails
    assert result.survives is True
    low, high = result.interval
    assert low < result.difference < high
    assert result.old < 0.1 < 0.3 < result.new
    assert result.by_question[0].new > result.by_question[0].old


def test_what_does_not_gate_never_fails() -> None:
    samples = drawn(failing(0, 0.05, 0.4))
    result = only(compare(samples, {"m": metric(gates=False)}))
    assert (result.judgement, result.fails) == ("worse", False)


def test_a_proved_harm_within_the_margin_does_not_fail() -> None:
    samples = drawn(failing(0, 0.05, 0.4))
    result = only(compare(samples, {"m": metric(margin=0.6)}))
    assert (result.judgement, result.beyond_margin, result.fails) == ("worse", False, False)


def test_no_failure_on_either_side_is_no_worse_with_enough_questions() -> None:
    assert compared(0, 0, questions=100).judgement == "no worse"
    few = compared(0, 0, questions=30)
    assert few.judgement == "cannot tell"
    assert few.more_questions
    more = compared(0, 0, questions=30 + few.more_questions)
    assert more.judgement == "no worse"


def test_swapping_the_sides_turns_worse_into_better_and_changes_nothing_else() -> None:
    for seed in range(20):
        samples = drawn(failing(seed, 0.05, 0.2), questions=60)
        there, back = (only(compare(each, {"m": metric()})) for each in (samples, swapped(samples)))
        assert (there.p_worse, there.p_better) == (back.p_better, back.p_worse)
        assert (there.judgement == "worse") == (back.judgement == "better")
        assert there.interval == pytest.approx((-back.interval[1], -back.interval[0]))
        assert there.differing == back.differing


@pytest.mark.parametrize("world", ["independent", "alike", "window"])
def test_an_endpoint_compared_with_itself_seldom_alarms(world: str) -> None:
    def draw(seed: int) -> Callable[[Side, int, int], dict[str, float]]:
        chance = random.Random(f"{world} {seed}")
        begin = chance.randrange(300)
        tilt: dict[tuple[Side, int, str], float] = {}

        def values(side: Side, question: int, position: int) -> dict[str, float]:
            if world == "window" and side == "new" and begin <= position < begin + 15:
                return dict.fromkeys(SHARES, 1.0)
            drawn_shares = {}
            for name, share in SHARES.items():
                here = share
                if world == "alike" and share:
                    key = (side, question, name)
                    here = tilt.setdefault(key, chance.betavariate(share * 2, (1 - share) * 2))
                drawn_shares[name] = float(chance.random() < here)
            return drawn_shares

        return values

    alarms = sum(
        any(result.fails for result in compare(drawn(draw(seed), seed=seed), METRICS))
        for seed in range(25)
    )
    assert alarms <= 1


def test_one_bad_minute_on_one_side_is_not_worse() -> None:
    def draw(side: Side, question: int, position: int) -> dict[str, float]:
        return {"m": float(side == "new" and 100 <= position < 125)}

    result = only(compare(drawn(draw), {"m": metric()}))
    assert result.p_worse < 1e-6
    assert result.survives is False
    assert not result.fails


def test_without_the_order_of_the_run_it_is_not_tested_for_a_bad_minute() -> None:
    samples = [
        measured(f"q{n}", side, 1, None, m=float(side == "new"))
        for n in range(30)
        for side in SIDES
    ]
    result = only(compare(samples, {"m": metric()}))
    assert (result.judgement, result.survives) == ("worse", None)


def test_few_questions_that_changed_always_are_named_and_prove_nothing() -> None:
    def draw(side: Side, question: int, position: int) -> dict[str, float]:
        return {"m": float(side == "new" and question < 3)}

    result = only(compare(drawn(draw), {"m": metric()}))
    assert (result.judgement, result.fails) == ("changed", False)
    assert {each.question for each in result.by_question} == {"q0", "q1", "q2"}


def test_one_answer_a_side_cannot_show_that_a_question_changed_always() -> None:
    def draw(side: Side, question: int, position: int) -> dict[str, float]:
        return {"m": float(side == "new" and question < 3)}

    assert only(compare(drawn(draw, samples=1), {"m": metric()})).judgement != "changed"


class TestAskedAgain:
    """Suspects are asked again, and only the fresh answers count."""

    METRICS: ClassVar = {"SSE-001": metric("SSE-001", is_requirement=True, margin=0.02)}

    def broken_on(self, *questions: int, questions_asked: int = 100) -> tuple[MetricResult, ...]:
        return compare(
            drawn(
                lambda side, question, position: {
                    "SSE-001": float(side == "new" and question in questions)
                },
                questions=questions_asked,
            ),
            self.METRICS,
        )

    def fresh(self, share: float) -> list[Measured]:
        chance = random.Random(3)

        def broken(side: Side) -> dict[str, Any]:
            return {"SSE-001": float(side == "new" and chance.random() < share)}

        return [measured("q1", side, n, n, **broken(side)) for n in range(1, 13) for side in SIDES]

    def test_the_questions_that_differ_are_suspects(self) -> None:
        assert suspects(self.broken_on(1)) == {"SSE-001": ("q1",)}
        assert suspects(self.broken_on()) == {}

    def test_a_requirement_that_always_fails_again_makes_it_fail(self) -> None:
        result = only(confirm(self.broken_on(1), self.fresh(1.0), self.METRICS))
        assert (result.judgement, result.confirmed, result.fails) == ("changed", True, True)

    def test_one_that_fails_sometimes_does_not(self) -> None:
        result = only(confirm(self.broken_on(1), self.fresh(0.5), self.METRICS))
        assert (result.judgement, result.confirmed, result.fails) == ("cannot tell", False, False)

    def test_one_that_old_breaks_on_another_question_is_not_new_in_new(self) -> None:
        first = compare(
            drawn(
                lambda side, question, position: {
                    "SSE-001": float(question == (1 if side == "new" else 2))
                }
            ),
            self.METRICS,
        )
        result = only(confirm(first, self.fresh(1.0), self.METRICS))
        assert (result.judgement, result.confirmed, result.fails) == ("changed", False, False)

    def test_copies_of_a_stored_answer_confirm_nothing(self) -> None:
        copies = [
            measured("q1", side, n, n, body=b"copy", **{"SSE-001": float(side == "new")})
            for n in range(1, 13)
            for side in SIDES
        ]
        result = only(confirm(self.broken_on(1), copies, self.METRICS))
        assert (result.judgement, result.confirmed, result.fails) == ("changed", False, False)

    def test_fresh_answers_must_prove_it_among_all_that_could_have_been_suspects(self) -> None:
        def draw(side: Side, question: int, position: int) -> dict[str, float]:
            group, place = divmod(question, 8)
            harmed = "new" if group == 0 or place % 2 else "old"
            return {f"m{n}": float(position < 100 and side == harmed and group == n) for n in few}

        few = range(12)
        alone, among = {"m0": metric("m0")}, {f"m{n}": metric(f"m{n}") for n in few}
        fresh = [
            measured(f"q{question}", side, n, 12 * question + n, m0=float(side == "new"))
            for question in range(8)
            for n in range(12)
            for side in SIDES
        ]
        words = [
            next(
                each.judgement
                for each in confirm(compare(drawn(draw), those), fresh, those)
                if each.metric.name == "m0"
            )
            for those in (alone, among)
        ]
        assert words == ["worse", "cannot tell"]

    def test_behaviour_that_changed_on_few_questions_is_named_only(self) -> None:
        found = confirm(self.broken_on(1), self.fresh(1.0), self.METRICS)
        behaviour = replace(only(found), metric=metric())
        assert not behaviour.fails


def test_a_slower_answer_is_worse_by_its_ratio() -> None:
    chance = random.Random(1)

    def draw(side: Side, question: int, position: int) -> dict[str, float]:
        usual = 100 * math.exp(chance.gauss(0, 0.2))
        return {"m": usual * (1.5 if side == "new" else 1)}

    result = only(compare(drawn(draw), {"m": metric(unit="milliseconds", margin=0.1, gates=False)}))
    assert result.judgement == "worse"
    assert result.difference == pytest.approx(0.5, abs=0.1)
    assert 90 < result.old < 110


def test_nothing_to_compare_gives_no_result() -> None:
    assert compare([], {"m": metric()}) == ()
    assert compare([measured("a", "old", 1, m=1.0)], {"m": metric()}) == ()


def test_the_plan_names_what_cannot_be_proved_at_its_size() -> None:
    metrics = {"m": metric(), "p": metric("p", margin=0.02)}
    assert planned(metrics, {"m": 100, "p": 100}) == ("p",)
    assert planned(metrics, {"m": 30}) == ("m",)


def mixed(seed: int, questions: int) -> list[Measured]:
    """Draw shares and times, of which some are harmed and some are better in NEW."""
    chance = random.Random(seed)
    shares = {"harmed": (0.05, 0.4), "helped": (0.4, 0.05), "same": (0.2, 0.2), "rare": (0, 0.01)}

    def draw(side: Side, question: int, position: int) -> dict[str, float]:
        times = {"slower": 1.5 if side == "new" else 1.0, "alike": 1.0}
        return {
            name: float(chance.random() < pair[side == "new"]) for name, pair in shares.items()
        } | {name: factor * 100 * math.exp(chance.gauss(0, 0.2)) for name, factor in times.items()}

    return drawn(draw, questions, seed=seed)


MIXED = {name: metric(name) for name in ("harmed", "helped", "same", "rare")} | {
    name: metric(name, unit="milliseconds", margin=0.1) for name in ("slower", "alike")
}


@pytest.mark.parametrize("seed", range(5))
def test_swapped_sides_mirror_all_metrics_at_once(seed: int) -> None:
    samples = mixed(seed, 60)
    there, back = (
        {each.metric.name: each for each in compare(those, MIXED)}
        for those in (samples, swapped(samples))
    )
    assert there["harmed"].judgement == there["slower"].judgement == "worse"
    assert there["helped"].judgement == "better"
    for name, result in there.items():
        mirrored = back[name]
        assert (result.judgement == "worse") == (mirrored.judgement == "better")
        assert (result.judgement == "better") == (mirrored.judgement == "worse")
        assert (result.p_worse, result.p_better) == (mirrored.p_better, mirrored.p_worse)
        assert (result.differing, result.pairs) == (mirrored.differing, mirrored.pairs)


def test_no_number_of_a_result_is_nan() -> None:
    values = (0.0, 1.0, 1e-300, 1e300, math.inf, math.nan)
    for seed in range(40):
        chance = random.Random(seed)
        samples = drawn(
            lambda side, question, position: {
                "m": float(chance.random() < 0.5),  # noqa: B023 - called at once
                "t": chance.choice(values),  # noqa: B023
            },
            questions=chance.randrange(1, 12),
            samples=chance.randrange(1, 4),
        )
        for result in compare(samples, {"m": metric(), "t": metric("t", unit="tokens")}):
            numbers = (result.old, result.new, result.difference, *result.interval)
            assert not any(math.isnan(each) for each in numbers)
            assert 0 < result.p_worse <= 1
            assert 0 < result.p_better <= 1


def test_two_thousand_questions_take_bounded_time() -> None:
    begun = time.process_time()
    metrics = {name: MIXED[name] for name in ("harmed", "slower")}
    assert {each.judgement for each in compare(mixed(1, 2_000), metrics)} == {"worse"}
    assert time.process_time() - begun < 60
