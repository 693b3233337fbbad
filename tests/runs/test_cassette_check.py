"""Each problem of a cassette is one line, and a secret is not repeated."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conformance.cases import Case, Turn, cases
from conformance.protocol.exchange import Exchange, Request
from conformance.runs.cassette_check import not_files, problems, several_versions
from conformance.traffic.cassette_writer import write
from tests.helpers.made_cassettes import shelve
from tests.judging.conftest import chunks, completion, streamed

TODAY = date(2026, 11, 22)
CASE = Case(
    "chat-plain", "x", "x", frozenset(), "/chat/completions", {"model": "{model}", "messages": []}
)


def answer(**body: object) -> Exchange:
    return replace(completion(), request=Request(body={"model": "m", "messages": [], **body}))


def found(
    folder: Path, exchange: Exchange | None = None, case: str = "chat-plain", **meta: object
) -> list[str]:
    told: dict[str, Any] = {"provenance": "recorded", "recorded": "2026-11-20T10:00:00Z", **meta}
    path = shelve(folder, exchange or answer(), case=case, **told)
    return list(problems([path], [CASE], TODAY, 365))


def test_a_good_cassette_has_no_problem(tmp_path: Path) -> None:
    assert found(tmp_path) == []
    assert found(tmp_path, answer(model="another")) == []


def test_a_cassette_without_a_case_is_unused(tmp_path: Path) -> None:
    assert found(tmp_path, case="chat-gone") == [
        "sample/chat-gone.yaml: unused: there is no such case; delete it"
    ]


def test_a_cassette_that_names_an_unknown_profile_is_reported(tmp_path: Path) -> None:
    (line,) = found(tmp_path, profile="opnai")
    assert line.startswith(
        "sample/chat-plain.yaml: cannot be judged: the recording names an unknown profile 'opnai'"
        " (did you mean openai?)"
    )


def test_what_is_no_file_is_reported(tmp_path: Path) -> None:
    place = shelve(tmp_path, answer()).parent
    assert list(not_files(tmp_path)) == []
    (place / "folder.yaml").mkdir()
    (place / "device.yaml").symlink_to(os.devnull)
    (place / "link.yaml").symlink_to(place / "gone.yaml")
    assert list(not_files(tmp_path)) == [
        "sample/device.yaml: a device, not a cassette; delete it",
        "sample/folder.yaml: a folder, not a cassette; delete it",
        "sample/link.yaml: a link that leads nowhere, not a cassette; delete it",
    ]


def test_an_answer_to_a_different_request_is_reported(tmp_path: Path) -> None:
    assert found(tmp_path, answer(temperature=0)) == [
        "sample/chat-plain.yaml: it answers a different request than the case sends now; record it"
        " again"
    ]


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        ("2025-11-22T23:59:59Z", None),
        ("2025-11-21T23:59:59Z", "stale: recorded 2025-11-21, 366 days ago"),
        ("2026-11-23T23:59:59Z", None),
        ("2026-11-24T00:00:00Z", "recorded 2026-11-24, in the future: today is 2026-11-22"),
        ("lately", "the time of recording is not a date: 'lately'"),
        (
            "0001-01-01T00:00:00+23:59",
            "the time of recording is not a date: '0001-01-01T00:00:00+23:59'",
        ),
        (None, "it does not say when it was recorded"),
    ],
)
def test_the_age_is_reported(tmp_path: Path, recorded: str | None, said: str | None) -> None:
    assert found(tmp_path, recorded=recorded) == (
        [f"sample/chat-plain.yaml: {said}"] if said else []
    )


def test_what_was_emulated_does_not_age(tmp_path: Path) -> None:
    assert found(tmp_path, provenance="emulated", recorded=None) == []


def test_more_turns_than_the_case_has_are_reported(tmp_path: Path) -> None:
    path = shelve(tmp_path, answer(), provenance="documented")
    write(path, *[replace(answer(), meta={"case": "chat-plain", "provenance": "documented"})] * 2)
    assert list(problems([path], [CASE], TODAY, 365)) == [
        "sample/chat-plain.yaml: it holds 2 turns, but the case has 1; record it again"
    ]
    assert list(problems([path], [replace(CASE, then=(Turn(user="And?"),))], TODAY, 365)) == []


def test_incomplete_answers_are_reported(tmp_path: Path) -> None:
    cut = answer()
    cut = replace(cut, response=replace(cut.response, truncated=True))
    assert found(tmp_path, cut, why_cut="ReadTimeout: nothing came") == [
        "sample/chat-plain.yaml: the answer was truncated: ReadTimeout: nothing came; record it"
        " again"
    ]
    exhausted = {"error": {"code": 429, "message": "Later.", "status": "RESOURCE_EXHAUSTED"}}
    failed = streamed([*chunks("Once", finish=...), exhausted], done=False)
    path = shelve(tmp_path)
    meta = {"case": "chat-plain", "provenance": "documented"}
    write(
        path, *(replace(each, request=answer().request, meta=meta) for each in (answer(), failed))
    )
    assert list(problems([path], [replace(CASE, then=(Turn(user="And?"),))], TODAY, 365)) == [
        "sample/chat-plain.yaml: turn 2: the stream ended with an error: 429 RESOURCE_EXHAUSTED:"
        " Later.; record it again"
    ]


def test_a_broken_file_is_reported(tmp_path: Path) -> None:
    path = shelve(tmp_path, answer())
    path.write_text("half a cass", encoding="utf-8")
    (line,) = problems([path], [CASE], TODAY, 365)
    assert line.startswith("sample/chat-plain.yaml: cannot be read: ")


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer abcdefgh12345678",
        "sk-abcdefgh12345678",
        "AIzaSyD-9tSrke72PouQMnMXabcdefgh",
        "https://x/?key=abcdefgh",
        "a@b.iam.gserviceaccount.com",
    ],
)
def test_what_looks_like_a_secret_is_reported_and_not_repeated(tmp_path: Path, secret: str) -> None:
    path = shelve(tmp_path, answer())
    path.write_text(path.read_text(encoding="utf-8") + f"# {secret}\n", encoding="utf-8")
    (line,) = problems([path], [CASE], TODAY, 365)
    assert "holds what looks like a secret" in line
    assert secret not in line


def test_several_versions_of_one_target_are_reported(tmp_path: Path) -> None:
    paths = [
        shelve(tmp_path, answer(), case=case, server_version=version)
        for case, version in (("a", "b1"), ("b", "b2"), ("c", "b2"))
    ]
    assert list(several_versions(paths)) == [
        "sample: recorded from several versions: b1 (1), b2 (2)"
    ]
    assert list(several_versions(paths[1:])) == []


def test_the_shipped_cassettes_are_in_order() -> None:
    paths = sorted(Path("cassettes").absolute().glob("*/*.yaml"))
    assert paths
    assert list(problems(paths, cases(), TODAY, 365)) == []
