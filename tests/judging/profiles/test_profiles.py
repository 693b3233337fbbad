"""Profiles as data: levels from the ledger, URLs that prove a target, and every known deviation."""

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from conformance.judging.profiles import UnknownProfile, profile, profile_for_url, profile_names
from conformance.judging.profiles.loading import read_profile
from conformance.judging.requirements import requirements
from conformance.judging.toml_tables import TableError

DEVIATIONS = {
    "openai": 2,
    "openai-compatible": 58,
    "azure-openai": 11,
    "vertex-gemini": 43,
    "vertex-vllm": 25,
    "vertex-tgi": 19,
    "gemini-api": 69,
}

ALWAYS = {
    "openai": 2,
    "openai-compatible": 32,
    "azure-openai": 6,
    "vertex-gemini": 1,
    "vertex-vllm": 7,
    "vertex-tgi": 8,
    "gemini-api": 0,
}

PROFILE = """\
name = "sample"
title = "A sample"
levels = "openai"
urls = ['^https://sample\\.test/']
url_templates = ["https://sample.test/v1"]
auth = "bearer"
capabilities = ["stream", "n"]

[[deviation]]
requirement = "CHO-005"
seen = "another word"
occurs = "sometimes"
condition = { kind = "stream", status = 200, model = 'old', request = ["n"], answer = ["cut"], unless_answer = ["thinking"], since = 2025-06-01, also = "on Mondays" }
source = ["recordings"]
weak = true
"""


def written(folder: Path, text: str = PROFILE) -> Path:
    path = folder / "sample.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_profile_may_choose_the_levels_of_own_requirements(tmp_path: Path) -> None:
    like = requirements()["CHO-005"]
    own = {"OWN-001": replace(like, id="OWN-001", levels={"mine": "must"})}
    path = written(
        tmp_path,
        PROFILE.replace('levels = "openai"', 'levels = "mine"').replace("CHO-005", "OWN-001"),
    )
    assert read_profile(path, own).levels == {"OWN-001": "must"}
    with pytest.raises(TableError, match="levels"):
        read_profile(path)


def test_every_known_deviation_is_carried() -> None:
    assert {name: len(profile(name).deviations) for name in profile_names()} == DEVIATIONS
    assert {
        name: sum(entry.frequency == "always" for entry in profile(name).deviations)
        for name in profile_names()
    } == ALWAYS


@pytest.mark.parametrize("name", profile_names())
def test_a_deviation_breaks_a_must_or_a_should_and_says_where_it_was_seen(name: str) -> None:
    for entry in profile(name).deviations:
        assert profile(name).levels[entry.requirement] in ("must", "should")
        assert entry.seen
        assert entry.source


@pytest.mark.parametrize("name", profile_names())
def test_no_deviation_is_there_twice(name: str) -> None:
    entries = Counter(
        (entry.requirement, entry.seen, entry.condition) for entry in profile(name).deviations
    )
    assert [entry for entry, count in entries.items() if count > 1] == []


def test_levels_are_those_of_the_ledger_column_without_what_does_not_apply() -> None:
    levels = profile("vertex-tgi").levels
    assert levels["ENV-004"] == "should"
    assert "ENV-007" not in levels
    assert len(levels) == sum("vertex-tgi" in row.levels for row in requirements().values())


def test_azure_has_the_levels_of_a_compatible_server_and_also_its_deviations_of_streams() -> None:
    assert profile("azure-openai").levels == profile("openai-compatible").levels
    streamed = {
        entry
        for entry in profile("azure-openai").deviations
        if entry.condition.answer == ("prompt-filter-results",)
    }
    assert len(streamed) == 6
    assert streamed <= set(profile("openai-compatible").deviations)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.openai.com/v1/chat/completions", "openai"),
        ("https://eu.api.openai.com/v1/chat/completions", "openai"),
        (
            "https://one.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-02-01",
            "azure-openai",
        ),
        ("https://one.services.ai.azure.com/openai/v1/chat/completions", "azure-openai"),
        ("https://one.openai.azure.com/openai/v1/chat/completions", "azure-openai"),
        ("https://one.cognitiveservices.azure.com/openai/v1/chat/completions", "azure-openai"),
        ("https://eastus.api.cognitive.microsoft.com/openai/v1/chat/completions", "azure-openai"),
        ("https://one.openai.azure.us/openai/v1/chat/completions", "azure-openai"),
        ("https://openai.azure.com.example.com/openai/v1/chat/completions", None),
        ("https://api.groq.com/openai/v1/chat/completions", None),
        (
            "https://aiplatform.googleapis.com/v1/projects/p/locations/global/endpoints/openapi/chat/completions",
            "vertex-gemini",
        ),
        (
            "https://us-central1-aiplatform.googleapis.com/v1beta1/projects/p/locations/us-central1/endpoints/openapi/chat/completions",
            "vertex-gemini",
        ),
        (
            "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/endpoints/1234567890/chat/completions",
            "vertex-vllm",
        ),
        (
            "https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global/endpoints/my-endpoint/chat/completions",
            "vertex-vllm",
        ),
        (
            "https://12.us-central1-34.prediction.vertexai.goog/v1/projects/34/locations/us-central1/endpoints/12/chat/completions",
            "vertex-vllm",
        ),
        ("https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", "gemini-api"),
        ("https://generativelanguage.googleapis.com/v1/openai/chat/completions", "gemini-api"),
        ("https://generativelanguage.googleapis.com/v1beta/models/gemini:generateContent", None),
        (
            "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google/models/m:predict",
            None,
        ),
        ("https://openrouter.ai/api/v1/chat/completions", None),
        ("https://proxy.test/?to=https://api.openai.com/v1/chat/completions", None),
        ("https://api.openai.com.evil.test/v1/chat/completions", None),
        ("http://localhost:8000/v1/chat/completions", None),
        ("", None),
    ],
)
def test_a_url_proves_a_profile_or_none(url: str, name: str | None) -> None:
    assert profile_for_url(url) == name


def test_an_unknown_profile_is_told_with_those_there_are() -> None:
    with pytest.raises(
        UnknownProfile,
        match=(
            r"^unknown profile 'opnai' \(did you mean openai\?\); there are azure-openai, gemini-api, openai,"
            r" openai-compatible, vertex-"
        ),
    ) as raised:
        profile("opnai")
    assert isinstance(raised.value, ValueError)


def test_a_whole_profile_is_read(tmp_path: Path) -> None:
    found = read_profile(written(tmp_path))
    (entry,) = found.deviations
    assert found.capabilities == {"stream", "n"}
    assert entry.weak
    assert entry.condition.model is not None
    assert entry.condition.model.search("an-old-model")
    assert (
        entry.condition.kind,
        entry.condition.status,
        entry.condition.request,
        entry.condition.answer,
        entry.condition.unless_answer,
    ) == ("stream", 200, ("n",), ("cut",), ("thinking",))
    assert (entry.condition.since, entry.condition.until, entry.condition.also) == (
        date(2025, 6, 1),
        None,
        "on Mondays",
    )


def test_the_digest_changes_with_the_content_and_with_nothing_else(tmp_path: Path) -> None:
    first = read_profile(written(tmp_path)).digest
    assert read_profile(written(tmp_path, "# a comment\n" + PROFILE)).digest == first
    assert (
        read_profile(written(tmp_path, PROFILE.replace("another word", "a third word"))).digest
        != first
    )
    assert (
        read_profile(
            written(tmp_path, PROFILE.replace('levels = "openai"', 'levels = "openai-compatible"'))
        ).digest
        != first
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'auth = "bearer"',
            'auth = "basic"',
            "sample.toml: 'auth' must be one of google, bearer, api-key, x-goog-api-key, not 'basic'",
        ),
        ('auth = "bearer"', 'auth = "bearer"\nurl = "x"', "sample.toml: unknown key 'url'"),
        (
            'auth = "bearer"',
            'auth = "bearer"\ndaily = 0.5',
            "sample.toml: 'daily' must be a whole number above 0, not 0.5",
        ),
        (
            'name = "sample"',
            'name = "other"',
            "sample.toml: 'name' must be sample, as the file is called, not 'other'",
        ),
        (
            "urls = ['^https",
            "urls = ['(^https",
            "sample.toml: 'urls' must be a list of regular expressions",
        ),
        (
            '["stream", "n"]',
            '["stream", "nn"]',
            "sample.toml: 'capabilities' must be a list of some of",
        ),
        (
            '"CHO-005"',
            '"CHO-999"',
            (
                "sample.toml, [[deviation]] 1: 'requirement' must be one that is must or should in"
                " this profile, not 'CHO-999'"
            ),
        ),
        (
            '"CHO-005"',
            '"ENV-014"',
            "'requirement' must be one that is must or should in this profile, not 'ENV-014'",
        ),
        (
            'occurs = "sometimes"',
            'occurs = "often"',
            "[[deviation]] 1: 'occurs' must be one of always, sometimes",
        ),
        ("status = 200", "state = 200", "[[deviation]] 1 (CHO-005): unknown key 'state'"),
        (
            "status = 200",
            "status = 20",
            "[[deviation]] 1 (CHO-005): 'status' must be an HTTP status, not 20",
        ),
        ("model = 'old'", "model = '['", "'model' must be a regular expression"),
        (
            "since = 2025-06-01",
            'since = "2025-06"',
            "'since' must be a date such as 2025-06-01, not '2025-06'",
        ),
        ('request = ["n"]', 'request = ["nn"]', "'request' must be a list of some of"),
        ("weak = true", "weak = false", "'weak' must be true, or be left out"),
        ('source = ["recordings"]\n', "", "the key 'source' is missing"),
    ],
)
def test_a_wrong_profile_names_file_and_key(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in PROFILE
    with pytest.raises(TableError) as raised:
        read_profile(written(tmp_path, PROFILE.replace(old, new)))
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("name", "model", "lacks", "thinks"),
    [
        ("vertex-gemini", "google/gemini-2.5-flash", {"penalties", "thinking-level"}, True),
        ("vertex-gemini", "google/gemini-2.5-flash-lite", {"penalties"}, False),
        ("vertex-gemini", "google/gemini-3-pro-preview", {"unsigned-calls"}, True),
        ("vertex-gemini", "google/gemini-3.5-flash", {"unsigned-calls", "image-gif"}, True),
        ("vertex-gemini", "google/gemini-3.6-flash", {"n", "prefill"}, True),
        ("vertex-gemini", "google/gemini-3.10-flash", {"n", "prefill"}, True),
        ("vertex-gemini", "google/gemini-4-pro", {"n", "unsigned-calls"}, True),
        ("vertex-gemini", "meta/llama-4", {"cached-content"}, False),
        ("gemini-api", "models/gemini-3.5-flash", {"n"}, True),
        ("gemini-api", "gemini-flash-latest", {"n", "prefill"}, True),
        ("openai", "gpt-4o", set(), False),
        ("openai", "gpt-5-mini", set(), True),
        ("openai", "o3", set(), True),
    ],
)
def test_a_profile_knows_what_a_model_lacks_and_whether_it_thinks(
    name: str, model: str, lacks: set[str], thinks: bool
) -> None:
    found = profile(name)
    assert lacks <= found.capabilities - found.capabilities_of(model)
    assert found.thinks(model) is thinks


@pytest.mark.parametrize(
    ("model", "able"),
    [
        ("google/gemini-2.5-flash", {"n", "unsigned-calls", "prefill"}),
        ("google/gemini-3.5-flash", {"n", "prefill", "thinking-level", "json-with-tools"}),
        ("google/gemini-3-pro-image-preview", {"image-output"}),
        ("meta/llama-4", {"image-gif", "integer-enum", "penalties", "n"}),
    ],
)
def test_a_model_keeps_what_its_generation_can_do(model: str, able: set[str]) -> None:
    assert able <= profile("vertex-gemini").capabilities_of(model)
