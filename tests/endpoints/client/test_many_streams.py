"""Sixty-four concurrent streams from one process each arrive complete and in order."""

import json
from itertools import accumulate

import pytest

from conformance.cases import Case
from conformance.endpoints.client.http_client import send
from conformance.endpoints.client.live_target import LiveTarget
from conformance.protocol.event_stream import parse
from conformance.protocol.exchange import Exchange
from conformance.runs.live.thread_pool import done
from tests.helpers.scripted_streams import CHUNKS, streaming

AT_ONCE = 64


def test_streams_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    cases = [
        Case(f"stream-{number}", "x", "x", frozenset(), "/chat/completions", {"stream": True})
        for number in range(AT_ONCE)
    ]
    with streaming() as url:
        target = LiveTarget("scripted", url, "m", "openai-compatible")
        answers = [answer for _, answer in done(lambda case: send(case, target), cases, AT_ONCE)]
    assert len(answers) == AT_ONCE
    for answer in answers:
        assert isinstance(answer, Exchange), answer
        body = answer.response.body or b""
        data = [event.data for event in parse(body).events]
        assert [json.loads(each)["number"] for each in data[:-1]] == list(range(CHUNKS))
        assert data[-1] == "[DONE]"
        assert list(accumulate(size for _, size in answer.response.reads))[-1] == len(body)
        times = [offset for offset, _ in answer.response.reads]
        assert times == sorted(times)
        assert len(times) > CHUNKS // 2  # as they came, not in one piece
