"""However early a run ends, the cases sent so far show as many features as possible."""

import pytest

from conformance.cases import cases
from conformance.cases.asking_order import in_asking_order
from conformance.cases.case_feature import CASE_FEATURES, feature_of
from conformance.cases.corpus import shipped_corpus
from conformance.cases.twin_cases import twin_cases

CORE = list(shipped_corpus().core_of("openai-compatible"))


def test_every_case_is_sent_once() -> None:
    order = [case.id for case in in_asking_order(cases(), CORE)]
    assert sorted(order) == [case.id for case in cases()]


def test_core_cases_and_their_twins_come_first() -> None:
    order = [case.id for case in in_asking_order(cases(), CORE)]
    twins = {name for pair in twin_cases(cases()) for name in pair}
    last = max(order.index(name) for name in CORE)
    assert {*order[:last]} - {*CORE} <= twins
    assert last < 2 * len(CORE)


def test_answers_without_a_limit_do_not_use_up_the_beginning() -> None:
    """A server on a small machine may take minutes for an answer without a limit."""
    first = in_asking_order(cases(), CORE)[:24]
    assert not [
        case.id
        for case in first
        if isinstance(case.body, dict)
        and not {"max_tokens", "max_completion_tokens"} & case.body.keys()
    ]


def test_the_first_dozen_shows_most_features_of_the_core_cases() -> None:
    core = {feature_of(name) for name in CORE}
    first = {feature_of(case.id) for case in in_asking_order(cases(), CORE)[:12]}
    assert core <= first


def test_after_the_core_cases_each_round_has_every_feature() -> None:
    others = [case for case in cases() if case.id not in CORE]
    first = {feature_of(case.id) for case in in_asking_order(others, ())[: 2 * len(CASE_FEATURES)]}
    assert first >= {feature_of(case.id) for case in others}


def test_no_generated_case_comes_before_a_documented_one_of_its_feature() -> None:
    order = in_asking_order(cases(), ())
    twins = {name for pair in twin_cases(cases()) for name in pair}
    both = 0
    for feature in CASE_FEATURES:
        own = [case for case in order if feature_of(case.id) == feature and case.id not in twins]
        generated = [bool(case.covers) for case in own]
        assert generated == sorted(generated)
        both += len({*generated}) == 2
    assert both


@pytest.mark.parametrize("core", [CORE, []])
def test_each_case_with_a_twin_has_one_beside_it_or_before_it(core: list[str]) -> None:
    place = {case.id: number for number, case in enumerate(in_asking_order(cases(), core))}
    nearest: dict[str, int] = {}
    for pair in twin_cases(cases()):
        for one, other in (pair, pair[::-1]):
            nearest[one] = min(nearest.get(one, len(place)), place[other] - place[one])
    assert nearest
    assert max(nearest.values()) == 1
