"""The reference endpoint in process answers each case under a profile with the needed capabilities,
and marks the answers as emulated."""

from dataclasses import replace

import pytest

from conformance.cases import DOCUMENTED, Case, cases, read_cases
from conformance.endpoints.reference import PROFILES, TOKEN
from conformance.endpoints.reference.in_process import NAME, embedded, served_as
from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import Exchange


def case(name: str) -> Case:
    return next(each for each in cases() if each.id == name)


def test_every_documented_case_can_be_answered() -> None:
    documented, profiles = read_cases(DOCUMENTED), shipped_suite().profiles
    # no Gemini can do these, and no other server what those cases need besides
    never = {"cached-content", "image-gif", "integer-enum", "penalties"}
    assert [
        each.id
        for each in documented
        if served_as(each, profiles) is None and not each.needs & never
    ] == []
    assert served_as(case("story-no-model"), profiles) == "vertex-vllm"


@pytest.mark.parametrize("name", PROFILES)
def test_an_answer_says_where_it_comes_from_and_holds_no_credential(name: str) -> None:
    found = embedded(name)(case("chat-plain"))
    assert isinstance(found, Exchange)
    assert found.response.status == 200
    assert (
        found.meta["provenance"],
        found.meta["case"],
        found.meta["target"],
        found.meta["profile"],
    ) == ("emulated", "chat-plain", NAME, name)
    assert TOKEN not in str(found.request.headers)


@pytest.mark.parametrize(
    ("name", "status"),
    [("auth-none", 401), ("auth-wrong", 401), ("auth-basic", 401), ("chat-plain", 200)],
)
def test_the_credential_of_the_case_is_sent(name: str, status: int) -> None:
    found = embedded("vertex-gemini")(case(name))
    assert isinstance(found, Exchange)
    assert found.response.status == status


def test_a_conversation_is_held_with_a_model_that_wants_its_signatures_back() -> None:
    found = embedded("vertex-gemini")(case("conversation-signature"))
    assert isinstance(found, Exchange)
    assert found.request.body["model"] == "google/gemini-3.5-flash"


def test_a_case_is_served_as_a_profile_of_those_given_by_what_that_can_do() -> None:
    openai = shipped_suite().profile("openai")
    assert served_as(case("chat-plain"), {"openai": openai}) == "openai"
    assert served_as(case("chat-plain"), {"mine": replace(openai, name="mine")}) is None
    needy = replace(case("chat-plain"), needs=frozenset({"stream"}))
    assert served_as(needy, {"openai": openai}) == "openai"
    assert served_as(needy, {"openai": replace(openai, capabilities=frozenset())}) is None


def test_a_profile_that_is_not_served_is_told() -> None:
    with pytest.raises(LookupError, match="azure-openai"):
        embedded("azure-openai")
