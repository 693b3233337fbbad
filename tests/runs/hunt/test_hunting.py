"""A hunt shrinks failures to the features that cause them, and sends no request twice."""

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import replace

import pytest

from conformance.cases import Case
from conformance.cases.digest import digest
from conformance.cases.features import completed, features_of, pairs, pairs_of
from conformance.cases.thinking_room import ROOM
from conformance.endpoints.endpoint import Endpoint, Unreachable
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.endpoints.reference.in_process import embedded
from conformance.judging.profiles import profile
from conformance.protocol.exchange import Exchange
from conformance.runs.hunt import Hunt, hunt
from conformance.runs.hunt.hunting import MAX_CONSECUTIVE_FAILURES
from conformance.runs.hunt.pair_covering import covering, fewer

NAME = "vertex-gemini"
BY = replace(profile(NAME), capabilities=profile(NAME).capabilities_of(dialect_of(NAME).listed[0]))
"""The profile without what the model lacks that the reference endpoint answers with."""


def spoilt_where(
    features: Collection[str],
    was: bytes = b'"object":',
    now: bytes = b'"objekt":',
    asked: list[str] | None = None,
) -> Endpoint:
    """Return a reference endpoint that misspells a field if a request has all given features.

    It misspells in streams only if "stream" is one of the features.
    """
    answer = embedded(NAME)

    def ask(case: Case) -> Exchange | Unreachable:
        exchange = answer(case)
        if asked is not None:
            asked.append(digest(case))
        has = features_of(case.body)
        if (
            isinstance(exchange, Exchange)
            and has.issuperset(features)
            and ("stream" in has) is ("stream" in features)
        ):
            return replace(
                exchange,
                response=replace(
                    exchange.response, body=(exchange.response.body or b"").replace(was, now)
                ),
            )
        return exchange

    return ask


def test_the_pair_is_found_and_nothing_more() -> None:
    (failure,) = hunt(spoilt_where(("seed", "one-tool")), BY, most=1500).failures
    assert failure.features == {"seed", "one-tool"} == features_of(failure.case.body)


@pytest.mark.parametrize(
    "pair",
    [
        ("stream", "stop-list"),
        ("system", "png"),
        ("emoji", "n-several"),
        ("parallel-results", "schema-ref"),
    ],
)
def test_the_pair_of_a_wanted_feature_is_found_and_nothing_more(pair: tuple[str, str]) -> None:
    (failure,) = hunt(spoilt_where(pair), BY, most=250, wanted=pair[:1]).failures
    assert failure.features == completed(pair, BY.capabilities) == features_of(failure.case.body)


def test_the_same_request_is_never_sent_twice_and_no_more_than_allowed() -> None:
    asked: list[str] = []
    found = hunt(spoilt_where(("seed",), asked=asked), BY, most=150)
    assert found.failures
    assert len(asked) == found.asked <= 150
    assert Counter(asked).most_common(1)[0][1] == 1


def test_the_budget_ends_a_hunt_in_the_middle_of_shrinking_and_keeps_what_was_found() -> None:
    asked: list[str] = []
    (whole,) = hunt(spoilt_where(("stop-list",), asked=asked), BY, most=200).failures
    assert whole.features == {"stop-list"}
    for most in (len(asked) // 2, len(asked) // 4):
        cut = hunt(spoilt_where(("stop-list",)), BY, most=most)
        assert cut.asked <= most
        assert cut.ended == ""
        assert all(failure.features >= whole.features for failure in cut.failures)


def test_each_requirement_is_reported_once_with_the_smallest_request() -> None:
    answer = spoilt_where(("seed",))
    spoil_created = spoilt_where(("stop-string",), b'"created":', b'"kreated":')

    def both(case: Case) -> Exchange | Unreachable:
        return spoil_created(case) if "stop-string" in features_of(case.body) else answer(case)

    found = hunt(both, BY, most=400)
    told = {failure.requirement: failure.features for failure in found.failures}
    assert len(told) == len(found.failures)
    assert set(told.values()) == {frozenset({"seed"}), frozenset({"stop-string"})}


def test_only_the_named_requirements_are_hunted_at_any_level() -> None:
    def strange_id(case: Case) -> Exchange | Unreachable:
        exchange = embedded("openai")(case)
        assert isinstance(exchange, Exchange)
        return replace(
            exchange,
            response=replace(
                exchange.response,
                body=(exchange.response.body or b"").replace(b'"id":"chatcmpl-', b'"id":"x-'),
            ),
        )

    by = profile("openai")
    assert hunt(strange_id, by, most=30).failures == ()  # ENV-007 is a should
    (failure,) = hunt(strange_id, by, most=30, only=frozenset({"ENV-007"})).failures
    assert (failure.requirement, failure.features) == ("ENV-007", frozenset())


def test_only_requests_with_the_features_wanted_are_sent() -> None:
    seen: list[Case] = []

    def watched(case: Case) -> Exchange | Unreachable:
        seen.append(case)
        return embedded(NAME)(case)

    hunt(watched, BY, most=40, wanted=("json-schema", "stream"))
    assert seen
    assert all(features_of(case.body) >= {"json-schema", "stream"} for case in seen)
    with pytest.raises(ValueError, match="no request can combine stop-list, stop-string"):
        hunt(watched, BY, most=40, wanted=("stop-list", "stop-string"))


def test_the_hunt_ends_if_the_target_does_not_answer() -> None:
    assert hunt(lambda _: Unreachable("refused"), BY, most=500) == Hunt(
        (),
        MAX_CONSECUTIVE_FAILURES,
        f"{MAX_CONSECUTIVE_FAILURES} requests in a row got no answer: refused",
    )


def test_a_hunt_without_any_answer_says_why_also_if_its_budget_ends_it() -> None:
    found = hunt(lambda _: Unreachable("refused"), BY, most=MAX_CONSECUTIVE_FAILURES - 1)
    assert found.ended == "no request got an answer: refused"
    assert found.in_vain


def test_a_seed_makes_the_same_hunt_and_another_seed_another() -> None:
    def asked_with(seed: int) -> list[str]:
        asked: list[str] = []
        hunt(spoilt_where(("seed", "stream"), asked=asked), BY, most=60, seed=seed)
        return asked

    assert asked_with(1) == asked_with(1) != asked_with(2)


def test_the_sets_cover_every_pair_a_target_may_be_asked_for() -> None:
    able = profile("openai-compatible").capabilities
    wanted = {pair for pair in pairs() if completed(pair.split("+"), able)}
    assert wanted <= set().union(*map(pairs_of, covering(able)))
    assert all(completed(names, able) == names for names in covering(able))


def test_fewer_features_leave_out_one_and_what_implies_it() -> None:
    import hypothesis

    shown: list[frozenset[str]] = []
    for bodies in fewer(frozenset({"stream", "include-usage", "seed"}), ("seed",), BY.capabilities):

        @hypothesis.settings(max_examples=1, database=None)
        @hypothesis.given(bodies)
        def show(body: dict[str, object]) -> None:
            shown.append(features_of(json.loads(json.dumps(body))))

        show()
    assert shown == [{"stream", "seed"}, {"seed"}]


def test_a_model_that_thinks_gets_room_and_only_what_it_can_do() -> None:
    sent: list[Case] = []

    def watched(case: Case) -> Exchange | Unreachable:
        sent.append(case)
        return Unreachable("not sent")

    hunt(watched, profile("gemini-api"), "gemini-3.6-flash", most=30, wanted=("max-tokens",))
    bodies = [case.body for case in sent if isinstance(case.body, dict)]
    assert bodies and all(body["max_tokens"] > ROOM for body in bodies)
    with pytest.raises(ValueError, match="n-several"):
        hunt(watched, profile("gemini-api"), "gemini-3.6-flash", most=3, wanted=("n-several",))
