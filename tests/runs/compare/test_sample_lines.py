"""A sample is read back as it was written, without secrets."""

import json
from dataclasses import replace
from typing import Any

import pytest

from conformance.comparison.sample import Sample
from conformance.protocol.exchange import Response
from conformance.runs.compare.sample_lines import SampleError, line_of, sample_of
from conformance.traffic.read import read
from tests.runs.compare.made_pairs import case, exchange, sample

WRONG: tuple[Any, ...] = (None, [], {}, "x", -1, [[1]], [[[]]])
SECRET = "sk-proj-0123456789abcdefghijABCDEFGHIJ0123456789"


@pytest.mark.parametrize(
    "body", [b'{"a": "\xc3\xa9 ##[error] \xe2\x80\xa8"}', b"\xff\xfe", b"", None], ids=repr
)
def test_every_body_comes_back(body: bytes | None) -> None:
    made = sample("q", "new", 3)
    assert made.exchange
    answer = replace(made.exchange.response, body=body, reads=((0.5, 2),), truncated=True)
    made = replace(made, exchange=replace(made.exchange, response=answer), position=None)
    line = line_of(made)
    assert line.count(b"\n") == 1
    assert sample_of(line, {"q": case("q")}) == made


def test_a_sample_without_a_response_comes_back() -> None:
    made = Sample("q", "q", "old", 1, 4, None, "the connection was refused", case("q"))
    assert sample_of(line_of(made), {"q": case("q")}) == made


def test_half_a_surrogate_pair_comes_back() -> None:
    made = replace(sample("q", "old"), exchange=exchange({"messages": "\udc80"}))
    assert sample_of(line_of(made), {"q": case("q")}) == replace(made, asked=case("q"))


def test_no_secret_is_written() -> None:
    made = sample("q", "old")
    assert made.exchange
    sent = replace(made.exchange.request, headers=(("authorization", f"Bearer {SECRET}"),))
    answer = Response(200, (("x-echo", SECRET),), f'{{"key": "{SECRET}"}}'.encode())
    made = replace(made, exchange=replace(made.exchange, request=sent, response=answer))
    lost = Sample("q", "q", "old", 1, 0, None, f"refused {SECRET}")
    assert SECRET.encode() not in line_of(made) + line_of(lost)


def test_a_line_is_a_record_that_lint_reads(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("x") / "samples.jsonl"
    path.write_bytes(line_of(sample("q", "old")))
    (outcome,) = read([path])
    assert outcome == replace(
        exchange(case("q").body),
        response=replace(exchange(None).response, fidelity="text"),
        meta={"fidelity": "bytes"},
        origin=f"{path}:1",
    )


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b"{}",
        b'{"sample": []}',
        b'{"sample": {"question": "q", "case": "q", "side": "left", "number": 1, "position": 0}}',
        b'{"sample": {"question": "q", "case": "q", "side": "old", "number": "1", "position": 0}}',
        b'{"sample": {"question": "q", "case": "q", "side": "old", "number": 1, "position": "0"}}',
        b'{"sample": {"question": "q", "case": "q", "side": "old", "number": 1, "position": 0},'
        b' "response": {"status": 200}}',
        b"[" * 100_000,
    ],
)
def test_any_other_line_is_damaged(line: bytes) -> None:
    with pytest.raises(SampleError):
        sample_of(line, {})


def test_every_damage_to_a_good_line_is_found_or_harmless() -> None:
    record = json.loads(line_of(sample("q", "old")))
    for part in ("request", "response", "meta", "sample"):
        for key in record[part]:
            for value in WRONG:
                changed = {**record, part: {**record[part], key: value}}
                try:
                    sample_of(json.dumps(changed).encode(), {})
                except SampleError:
                    continue
