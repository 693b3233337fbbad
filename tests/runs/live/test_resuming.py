"""Answers are used again only if they fit the same request, URL and model."""

from dataclasses import replace
from pathlib import Path

from conformance.cases import Case
from conformance.endpoints.client.live_target import LiveTarget
from conformance.protocol.exchange import Exchange, Request
from conformance.runs.live.resuming import answered_before
from tests.helpers.made_cassettes import shelve
from tests.judging.conftest import chunks, completion, streamed

TARGET = LiveTarget("sample", "http://127.0.0.1:8081/v1/", "m", "openai")
CASE = Case(
    "chat-plain", "x", "x", frozenset(), "/chat/completions", {"model": "{model}", "messages": []}
)


def answer(url: str = "http://127.0.0.1:8081/v1/chat/completions", model: str = "m") -> Exchange:
    return replace(completion(), request=Request(url=url, body={"model": model, "messages": []}))


def found(folder: Path, exchange: Exchange) -> list[str]:
    shelve(folder, exchange)
    return list(answered_before(folder, TARGET, [CASE]))


def test_an_answer_to_the_same_request_is_taken(tmp_path: Path) -> None:
    assert found(tmp_path, answer()) == ["chat-plain"]
    (kept,) = answered_before(tmp_path, TARGET, [CASE])["chat-plain"]
    assert (kept.target, kept.case) == ("sample", "chat-plain")


def test_an_answer_of_another_model_place_or_request_is_not(tmp_path: Path) -> None:
    assert found(tmp_path, answer(model="n")) == []
    assert found(tmp_path, answer(url="http://127.0.0.1:8082/v1/chat/completions")) == []
    shelve(tmp_path, answer())
    assert (
        answered_before(
            tmp_path, TARGET, [replace(CASE, body={"model": "{model}", "messages": [], "n": 2})]
        )
        == {}
    )


def test_missing_and_broken_answers_are_not_used(tmp_path: Path) -> None:
    assert answered_before(tmp_path, TARGET, [CASE]) == {}
    shelve(tmp_path, answer()).write_text("half a cass", encoding="utf-8")
    assert answered_before(tmp_path, TARGET, [CASE]) == {}


def test_an_answer_that_ended_early_is_not_used(tmp_path: Path) -> None:
    cut = answer()
    assert found(tmp_path, replace(cut, response=replace(cut.response, truncated=True))) == []
    exhausted = {"error": {"code": 429, "message": "Later.", "status": "RESOURCE_EXHAUSTED"}}
    failed = streamed([*chunks("Once", finish=...), exhausted], done=False)
    assert found(tmp_path, replace(failed, request=answer().request)) == []
    own = {"error": {"code": 400, "message": "The request is wrong.", "status": "INVALID_ARGUMENT"}}
    refused = streamed([*chunks("Once", finish=...), own], done=False)
    assert found(tmp_path, replace(refused, request=answer().request)) == ["chat-plain"]


def test_an_answer_whose_project_was_redacted_is_taken(tmp_path: Path) -> None:
    url = "https://aiplatform.googleapis.com/v1/projects/{}/locations/global/endpoints/openapi"
    target = replace(TARGET, base_url=url.format("my-project"))
    shelve(tmp_path, answer(url.format("PROJECT") + "/chat/completions"))
    assert list(answered_before(tmp_path, target, [CASE])) == ["chat-plain"]
    elsewhere = replace(target, base_url=target.base_url.replace("global", "us"))
    assert answered_before(tmp_path, elsewhere, [CASE]) == {}
