"""Generated requests have the wanted features, satisfy the schema and shrink to simple ones."""

from random import Random

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from conformance.cases.features import FEATURES, Body, completed, features_of, needs_of, pairs
from conformance.cases.strategies import EDITS, requests
from conformance.judging.profiles import profile
from conformance.protocol.chat.request_schema import breaks_schema

FEW = settings(
    max_examples=8,
    database=None,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
MANY = settings(FEW, max_examples=150)


def simplest(wanted: set[str]) -> Body:
    """Return the first request that Hypothesis tries, to which every failure shrinks."""
    made: list[Body] = []

    @settings(FEW, max_examples=1)
    @given(requests(wanted))
    def collect(body: Body) -> None:
        made.append(body)

    collect()
    return made[0]


def test_every_feature_has_a_strategy() -> None:
    assert EDITS.keys() == FEATURES.keys()


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_alone_shows_itself_and_what_it_implies(name: str) -> None:
    body = simplest({name})
    assert features_of(body) == completed({name})
    assert not breaks_schema(body)


@MANY
@given(
    st.sampled_from(sorted(pairs())).flatmap(
        lambda pair: st.tuples(st.just(pair), requests(pair.split("+")))
    )
)
def test_a_pair_shows_itself_in_a_legal_request(drawn: tuple[str, Body]) -> None:
    pair, body = drawn
    features = features_of(body)
    assert set(pair.split("+")) <= features
    assert completed(features) == features
    assert len(features) <= 10
    assert not breaks_schema(body)


@MANY
@given(requests(within=profile("openai-compatible").capabilities))
def test_requests_keep_within_capabilities(body: Body) -> None:
    assert needs_of(body) <= profile("openai-compatible").capabilities


def test_the_simplest_request_is_a_model_and_a_short_message() -> None:
    assert simplest(set()) == {"model": "{model}", "messages": [{"role": "user", "content": "Hi"}]}


@pytest.mark.parametrize("run", range(2))
@pytest.mark.parametrize("pair", ["stop-string+stream", "png+seed", "emoji+several-turns"])
def test_what_is_found_shrinks_to_what_it_takes(pair: str, run: int) -> None:
    """The result may have one more feature, if that feature implies a wanted one."""
    both = frozenset(pair.split("+"))
    body = find(
        requests(),
        lambda body: both <= features_of(body),
        settings=settings(max_examples=20_000, database=None),
        random=Random(run),
    )
    bringing = [
        name for name in features_of(body) - both if both & (completed({name}) or frozenset())
    ]
    assert len(bringing) <= 1
    assert features_of(body) == completed(both.union(bringing))


def test_bodies_share_nothing() -> None:
    one, other = simplest({"safety-settings"}), simplest({"safety-settings"})
    one["extra_body"]["google"]["safety_settings"][0]["threshold"] = "changed"
    assert other == simplest({"safety-settings"}) != one


def test_what_does_not_go_together_is_refused() -> None:
    with pytest.raises(ValueError, match="no request can combine stop-list, stop-string"):
        requests({"stop-string", "stop-list"})
