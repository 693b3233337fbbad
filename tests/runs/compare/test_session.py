"""Two live sides are looked at first, asked within one budget, and every answer is saved."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.comparison.sample import Side
from conformance.endpoints.client.budget import Budget
from conformance.endpoints.client.live_target import LiveTarget
from conformance.endpoints.reference import TOKEN
from conformance.protocol.exchange import Exchange
from conformance.runs.compare import saved, session
from conformance.runs.compare.asking import ask_pairs
from conformance.runs.compare.comparing import complete_pairs
from conformance.runs.compare.questions import Question
from conformance.runs.compare.session import NotReady, Sending, gather
from conformance.runs.compare.settings import Settings
from tests.helpers.loopback import reference
from tests.runs.compare.made_pairs import case

SETTINGS = Settings("old words", "new words", "questions of a test", 2, 1)
QUESTIONS = [Question(name, case(name)) for name in ("ask-a", "ask-b", "ask-c", "ask-d")]
KEY = "KEY_OF_A_TEST"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv(KEY, TOKEN)


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with reference("openai") as started:
        yield started


def target(host: str, key: str = KEY) -> LiveTarget:
    return LiveTarget("t", f"http://{host}/v1", "gpt-5", "openai", key)


def both(host: str, other: str = "") -> Mapping[Side, LiveTarget]:
    return {"old": target(host), "new": target(other or host)}


def test_both_sides_answer_each_question_as_often(host: str) -> None:
    got = gather(both(host), QUESTIONS, SETTINGS, Sending())
    assert (len(got.samples), got.missing, got.why_ended, got.ended()) == (16, 0, "", "")
    assert len(complete_pairs(got.samples)) == 8


def test_every_sample_is_in_the_file_without_the_key(host: str, tmp_path: Path) -> None:
    saved.begin(tmp_path, SETTINGS, [question.case for question in QUESTIONS])
    got = gather(both(host), QUESTIONS, SETTINGS, Sending(folder=tmp_path, at_once=3))
    assert set(map(repr, saved.read(tmp_path).samples)) == set(map(repr, got.samples))
    assert TOKEN.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_a_spent_budget_leaves_complete_pairs_and_says_how_many_are_missing(host: str) -> None:
    got = gather(both(host), QUESTIONS, SETTINGS, Sending(budget=Budget(requests=7)))
    assert len(complete_pairs(got.samples)) == 2  # two requests looked first
    assert got.ended() == "6 pairs of answers missing: the budget of 7 requests is spent"


def test_only_missing_pairs_are_asked_again(host: str, tmp_path: Path) -> None:
    saved.begin(tmp_path, SETTINGS, [question.case for question in QUESTIONS])
    few = Sending(budget=Budget(requests=7), folder=tmp_path)
    before = gather(both(host), QUESTIONS, SETTINGS, few).samples
    there = saved.read(tmp_path).samples
    got = gather(both(host), QUESTIONS, SETTINGS, Sending(folder=tmp_path), there)
    assert [*got.samples[: len(before)]] == before
    assert len(complete_pairs(saved.read(tmp_path).samples)) == 8
    assert got.missing == 0


def test_only_new_is_asked_if_the_answers_of_old_are_stored(host: str) -> None:
    stored = [
        sample
        for sample in gather(both(host), QUESTIONS, SETTINGS, Sending()).samples
        if sample.side == "old"
    ]
    got = gather({"new": target(host)}, QUESTIONS, SETTINGS, Sending(), stored)
    assert [*got.samples[:8]] == stored
    assert {sample.side for sample in got.samples[8:]} == {"new"}
    assert len(complete_pairs(got.samples)) == 8


def test_a_side_that_is_not_there_is_named_before_the_first_question(host: str) -> None:
    with pytest.raises(NotReady, match=r"^NEW: .* - fix: "):
        gather(both(host, "127.0.0.1:9"), QUESTIONS, SETTINGS, Sending())


def test_a_side_that_refuses_the_key_is_named(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER_KEY", "wrong")
    sides: Mapping[Side, LiveTarget] = {"old": target(host, "OTHER_KEY"), "new": target(host)}
    with pytest.raises(NotReady, match=r"^OLD: .*status 401"):
        gather(sides, QUESTIONS, SETTINGS, Sending())


def test_an_interrupt_keeps_what_is_there(
    host: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def ends(*arguments: Any) -> Iterator[Any]:
        yield next(ask_pairs(*arguments))
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "ask_pairs", ends)
    got = gather(both(host), QUESTIONS, SETTINGS, Sending(folder=tmp_path))
    assert (got.interrupted, len(got.samples)) == (True, 2)
    assert got.ended() == "7 pairs of answers missing: interrupted"
    assert (tmp_path / saved.SAMPLES).read_bytes().count(b"\n") == 2


def test_a_full_disk_ends_the_asking(
    host: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(session, "append", full)
    got = gather(both(host), QUESTIONS, SETTINGS, Sending(folder=tmp_path))
    assert isinstance(got.unwritten, OSError)
    assert len(got.samples) < 16
    assert "No space left on device" in got.ended()


def sometimes_refusing(every: int) -> Callable[[Exchange], Exchange]:
    """Let the second answer and each after some others be a refusal."""
    count, lock = [0], threading.Lock()

    def change(exchange: Exchange) -> Exchange:
        with lock:
            count[0] += 1
            refuses = count[0] % every == 1
        body = json.loads(exchange.response.body or b"")
        if not (refuses and "choices" in body):
            return exchange
        body["choices"][0]["message"] |= {"content": None, "refusal": "I cannot help with that."}
        response = replace(exchange.response, body=json.dumps(body).encode())
        return replace(exchange, response=response)

    return change


def test_suspects_are_asked_again_and_only_they(
    host: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(session, "suspects", lambda results: {"refused": ("ask-b",)})
    got = gather(both(host), QUESTIONS, SETTINGS, Sending())
    again = [sample for sample in got.samples if sample.number > SETTINGS.samples]
    assert {sample.case for sample in again} == {"ask-b"}
    assert len(complete_pairs(again)) == 8  # as many as before
    assert min(sample.position or 0 for sample in again) == 8
    assert "Asking 1 question again, 16 requests" in capsys.readouterr().err
    without = gather(both(host), QUESTIONS, SETTINGS, Sending(confirms=False))
    assert len(without.samples) == 16


def test_a_side_that_refuses_now_and_then_raises_a_suspicion(host: str) -> None:
    with reference("openai", change=sometimes_refusing(4)) as other:
        many = [Question(name, case(name)) for name in (f"ask-{n:02}" for n in range(20))]
        got = gather(both(host, other), many, replace(SETTINGS, samples=1), Sending())
    again = {sample.case for sample in got.samples if sample.number > 1}
    refused = {
        sample.case
        for sample in got.samples
        if sample.number == 1 and sample.exchange and b"cannot help" in _body(sample.exchange)
    }
    assert again == refused
    assert len(refused) == 5


def _body(exchange: Exchange) -> bytes:
    return exchange.response.body or b""
