"""Recorded answers are paired by equal requests, whatever the model and the order."""

from pathlib import Path
from typing import Any

from conformance.protocol.exchange import Exchange
from conformance.runs.compare.recordings import paired, read_recording
from tests.runs.compare.made_pairs import case, exchange


def asked(text: str, model: str, **meta: Any) -> Exchange:
    return exchange({**case(text).body, "model": model}, **meta)


def test_equal_requests_are_paired_whatever_the_model() -> None:
    both = paired([asked("a", "m"), asked("b", "m")], [asked("b", "n"), asked("a", "n")], {})
    assert [(s.side, s.number, s.position) for s in both.samples] == [
        ("old", 1, None),
        ("new", 1, None),
    ] * 2
    assert both.samples[0].case == both.samples[1].case != both.samples[2].case
    assert both.notes == ()


def test_several_answers_to_a_request_are_its_samples() -> None:
    both = paired([asked("a", "m")] * 3, [asked("a", "m")] * 2, {})
    assert [(s.side, s.number) for s in both.samples] == [
        ("old", 1),
        ("old", 2),
        ("new", 1),
        ("new", 2),
    ]
    assert len(both.notes) == 1
    assert both.notes[0].startswith("1 answer of OLD ")


def test_requests_of_one_side_are_counted() -> None:
    both = paired([asked("a", "m"), asked("b", "m")], [asked("c", "m")] * 2, {})
    assert both.samples == ()
    assert [note.partition(" without")[0] for note in both.notes] == [
        "2 answers of OLD",
        "2 answers of NEW",
    ]


def test_a_request_that_was_not_recorded_is_not_paired() -> None:
    assert paired([exchange(None)], [exchange(None)], {}).samples == ()


def test_cases_that_differ_by_their_credential_are_kept_apart() -> None:
    old = [asked("a", "m", case="auth-none"), asked("a", "m", case="chat-a")]
    both = paired(old, [asked("a", "m", case="chat-a")], {"chat-a": case("chat-a")})
    assert [(s.case, s.side) for s in both.samples] == [("chat-a", "old"), ("chat-a", "new")]
    assert both.samples[0].asked == case("chat-a")


def test_what_is_no_exchange_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"response": {"status": 200, "body": {}}}\n' + "{}\n" * 9)
    recording = read_recording(path)
    assert len(recording.exchanges) == 1
    assert [note.partition(" cannot")[0] for note in recording.notes] == [
        f"{path}:2",
        f"{path}:3",
        f"{path}:4",
        f"6 more places in {path}",
    ]
