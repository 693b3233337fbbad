"""The core cases of each profile, chosen by hand."""

from pathlib import Path

import pytest

from conformance.cases import core as core_module
from conformance.cases.core import MOST, core
from conformance.cases.corpus import shipped_corpus
from conformance.judging.profiles import profile, profile_names
from conformance.judging.toml_tables import TableError

MODELS = {"vertex-gemini": "google/gemini-3.5-flash", "gemini-api": "gemini-3.5-flash"}
SEED = {
    name: [
        case.id
        for case in shipped_corpus().cases.values()
        if case.source.startswith("SEED ")
        and case.needs <= profile(name).capabilities_of(MODELS.get(name, ""))
    ]
    for name in profile_names()
}


@pytest.mark.parametrize("name", profile_names())
def test_each_profile_has_core_cases_and_those_of_the_documentation_come_first(name: str) -> None:
    ids = list(core()[name])
    assert len(ids) <= MOST
    assert set(ids[: len(SEED[name])]) == set(SEED[name])


@pytest.mark.parametrize("name", profile_names())
def test_the_newest_models_can_answer_every_core_case(name: str) -> None:
    able = profile(name).capabilities_of(MODELS.get(name, ""))
    cases = shipped_corpus().cases
    assert {case_id: cases[case_id].needs - able for case_id in core()[name]} == {
        case_id: frozenset() for case_id in core()[name]
    }


def test_a_profile_without_a_list_has_that_of_the_fallback() -> None:
    corpus = shipped_corpus()
    assert corpus.core_of("an-own-one") == corpus.core_of("openai-compatible") != {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[purpose]\n[profile]\np = ['a']", "core.toml: [profile] p: 'a' has no purpose"),
        ("[purpose]\na = 'x'\n[profile]", "core.toml: [purpose] a: no profile has this case"),
        ("[purpose]\na = 'x'\n[profile]\np = ['a', 'a']", "list at most 40 cases, each once"),
        ("[purpose]\na = ''\n[profile]\np = ['a']", "must be a table of sentences"),
        ("[purpose]\na = 'x'\n[profile]\np = 'a'", "must be a table of lists"),
    ],
)
def test_a_wrong_file_is_an_error(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "core.toml"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(core_module, "CORE", path)
    with pytest.raises(TableError, match=said.replace("[", r"\[").replace("]", r"\]")):
        core.__wrapped__()
