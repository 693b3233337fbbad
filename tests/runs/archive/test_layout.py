"""The names in an archive are those of folders and files that cannot lead elsewhere."""

import json
from typing import Any

import pytest

from conformance.endpoints.client.target_from_url import target_at
from conformance.runs.archive.archive_error import ArchiveError
from conformance.runs.archive.layout import answer_file, case_of, manifest_of, target_name
from tests.helpers.made_archives import MODEL, PROFILE, TARGET, answer_text, manifest


@pytest.mark.parametrize(
    ("profile", "model", "name"),
    [
        (PROFILE, MODEL, TARGET),
        ("gemini-api", "gemini-3.5-flash", "gemini-api-gemini-3.5-flash"),
        ("vertex-vllm", "", "vertex-vllm"),
        ("vertex-vllm", "projects/1/models/My Model_v2", "vertex-vllm-my-model-v2"),
        ("openai", "../../etc/..", "openai"),
        ("openai", "a..b/.c..d.", "openai-c-d"),
        ("openai", "x" * 300, "openai-" + "x" * 93),
    ],
)
def test_a_target_is_named_after_profile_and_model(profile: str, model: str, name: str) -> None:
    assert target_name(profile, model) == name
    assert target_at("http://h", "m", name=name).name == name


def test_only_the_file_of_a_case_is_one() -> None:
    assert case_of(answer_file("chat-plain")) == "chat-plain"
    for name in (
        "answers/../chat-plain.yaml",
        "answers/a/b.yaml",
        "answers/.yaml",
        "answers/A.yaml",
        "answers/a.yaml.exe",
        "/answers/a.yaml",
        "answers/a\\b.yaml",
        "a.yaml",
        "answers/a.yaml\n",
    ):
        assert case_of(name) == ""


def test_a_manifest_is_read_as_it_was_written() -> None:
    files = {"answers/chat-plain.yaml": answer_text()}
    content = json.loads(manifest(files))
    made = manifest_of(content)
    assert made.as_json() == content
    assert (made.target, list(made.files)) == (TARGET, list(files))


SHA = "0" * 64


@pytest.mark.parametrize(
    "members",
    [
        {"format": 2},
        {"format": ...},
        {"model": ...},
        {"extra": 1},
        {"profile": "../openai"},
        {"profile": ["openai"]},
        {"model": "`rm`"},
        {"model": "a\nb"},
        {"model": 1},
        {"corpus": "x"},
        {"collected": "today"},
        {"collected": "2026-02-30"},
        {"collected": "9999-99-99"},
        {"files": []},
        {"files": {"answers/../x.yaml": SHA}},
        {"files": {"manifest.json": SHA}},
        {"files": {"answers/a.yaml": "0"}},
        {"files": {"answers/a.yaml": None}},
        {"environment": None},
        {"environment": {"suite": "1"}},
    ],
    ids=str,
)
def test_a_malformed_manifest_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(ArchiveError) as raised:
        manifest_of(json.loads(manifest({}, **members)))
    assert "\n" not in str(raised.value)
