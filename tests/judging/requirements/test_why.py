"""Each requirement that is a must for some kind of target says who is broken by a violation."""

import re

import pytest

from conformance.judging.requirements import Requirement, requirements
from conformance.judging.requirements.client_impact import measured_impact

NAMES = {
    "openai_py": "openai (Python)",
    "openai_node": "openai (Node)",
    "langchain": "LangChain",
    "litellm": "LiteLLM",
    "pydantic_ai": "pydantic-ai",
    "ai_sdk": "Vercel AI SDK",
    "langchain_js": "LangChain.js",
}
LONGEST = 165
COUNTED = re.compile(r"(All|all|Five of|Six of|six of|five of) seven measured clients")
COUNTS = {"all": 7, "six of": 6, "five of": 5}
EVERY = [row for row in requirements().values() if row.why]


def named(sentence: str) -> set[str]:
    """Return the measured clients that a sentence names."""
    without_js = sentence.replace(NAMES["langchain_js"], "")
    return {
        client
        for client, name in NAMES.items()
        if name in (without_js if client == "langchain" else sentence)
    }


def test_every_must_says_who_is_broken_and_how() -> None:
    assert [
        row.id for row in requirements().values() if "must" in row.levels.values() and not row.why
    ] == []


def test_the_names_are_those_of_the_measured_clients() -> None:
    assert NAMES.keys() == measured_impact().clients.keys()
    assert named("LangChain.js and LiteLLM") == {"langchain_js", "litellm"}
    assert named("LangChain and LiteLLM") == {"langchain", "litellm"}


@pytest.mark.parametrize("row", EVERY, ids=lambda row: row.id)
def test_it_is_one_short_sentence(row: Requirement) -> None:
    assert len(row.why) <= LONGEST
    assert re.fullmatch(r"\S.*[^.]\.", row.why)
    assert ". " not in row.why


@pytest.mark.parametrize("row", EVERY, ids=lambda row: row.id)
def test_a_client_is_named_only_if_it_was_measured_to_break(row: Requirement) -> None:
    assert named(row.why) <= measured_impact().of(row.id).effects.keys()


@pytest.mark.parametrize(
    "row", [row for row in EVERY if COUNTED.search(row.why)], ids=lambda row: row.id
)
def test_clients_are_counted_as_they_were_measured(row: Requirement) -> None:
    for count in COUNTED.findall(row.why):
        assert len(measured_impact().of(row.id).effects) >= COUNTS[count.lower()]
