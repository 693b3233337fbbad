"""A regression test judges a recorded answer by one requirement, and can record it again."""

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.protocol.exchange import Request
from conformance.testing.regression import assert_requirement, record_again, recorded
from conformance.traffic.cassette_writer import write
from tests.helpers.loopback import reference
from tests.judging.conftest import completion, edited, stream

STREAM = stream("Hello!", request={"model": "m"})
NO_DONE = edited(STREAM, "data: [DONE]\n\n", "")
BODY = {
    "model": "gpt-4o",
    "messages": [{"role": "user", "content": "Say hello."}],
    "stream": True,
}


def test_a_good_answer_passes_and_a_broken_one_names_the_requirement() -> None:
    assert_requirement(STREAM, "SSE-003", "openai")
    with pytest.raises(AssertionError, match="SSE-003  must") as failed:
        assert_requirement(NO_DONE, "SSE-003", "openai")
    assert "the stream does not end with [DONE]" in str(failed.value)
    assert "conformance explain SSE-003" in str(failed.value)


def test_only_the_named_requirement_counts() -> None:
    assert_requirement(NO_DONE, "SSE-001", "openai")


def test_an_answer_that_cannot_show_it_does_not_pass() -> None:
    with pytest.raises(AssertionError, match="SSE-003 is not tested by this answer"):
        assert_requirement(completion("Hello!"), "SSE-003", "openai")


def test_a_requirement_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match="no such requirement"):
        assert_requirement(STREAM, "SSE-999", "openai")


def test_a_cassette_must_have_one_exchange(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", STREAM, STREAM)
    with pytest.raises(ValueError, match="2 exchanges can be read"):
        recorded(tmp_path / "a.yaml")
    write(tmp_path / "b.yaml", NO_DONE)
    with pytest.raises(AssertionError, match="SSE-003"):
        assert_requirement(tmp_path / "b.yaml", "SSE-003", "openai")


def test_a_fixed_server_makes_the_test_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.yaml"
    monkeypatch.setenv("MY_KEY", "key-of-a-test")
    with reference("openai", "key-of-a-test", lambda exchange: exchange) as host:
        request = Request("POST", f"http://{host}/v1/chat/completions", (), BODY)
        meta = {"profile": "openai", "case": "c", "target": "t"}
        write(path, replace(NO_DONE, request=request, meta=meta))
        assert record_again([path, path], "MY_KEY") == 0
    assert capsys.readouterr().out == "a.yaml: status 200\n"
    assert_requirement(path, "SSE-003", "openai")
    again = recorded(path)
    assert again.request.body == BODY
    assert {name: again.meta[name] for name in meta} == meta
    assert b"key-of-a-test" not in path.read_bytes()


def test_without_an_answer_the_cassette_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("API_KEY", raising=False)
    request = Request("POST", "http://127.0.0.1:9/v1/chat/completions", (), BODY)
    unknown = replace(NO_DONE, request=replace(request, body=None))
    write(tmp_path / "a.yaml", replace(NO_DONE, request=request))
    write(tmp_path / "b.yaml", unknown)
    before = (tmp_path / "a.yaml").read_bytes()
    (tmp_path / "c.yaml").write_text("no cassette", encoding="utf-8")
    assert record_again([tmp_path / f"{name}.yaml" for name in "abc"]) == 3
    told = capsys.readouterr().err
    assert "a.yaml: " in told
    assert "c.yaml: 0 exchanges can be read" in told
    assert "b.yaml: the body of the request was not recorded" in told
    assert (tmp_path / "a.yaml").read_bytes() == before
