"""Progress shows which case is sent, what is broken so far, and how long the rest takes."""

import io
import time

from conformance.runs.live.live_progress import EVERY, LiveProgress, shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_line_says_how_far_the_run_is() -> None:
    clock = Clock()
    progress = LiveProgress(4, clock=clock)
    assert progress.line() == "0 of 4 cases, 0 requirements broken so far"
    progress.begins("chat-plain")
    clock.now += 20
    progress.ends("chat-plain", ["SSE-003", "SEQ-014"])
    progress.begins("stream-plain")
    progress.begins("stream-usage")
    assert progress.line() == (
        "1 of 4 cases, 2 requirements broken so far, asking stream-plain and 1 more,"
        " about 1 min 0 s left"
    )
    progress.ends("stream-plain", ["SSE-003"])
    assert "2 of 4 cases, 2 requirements broken so far" in progress.line()


def test_the_time_left_is_never_more_than_the_budget() -> None:
    clock = Clock()
    progress = LiveProgress(100, seconds=60, clock=clock)
    clock.now += 15
    assert "about 45 s left" in progress.line()
    progress.ends("chat-plain")
    assert "about 45 s left" in progress.line()


def test_without_a_terminal_a_line_is_printed_every_ten_seconds() -> None:
    """The log of a CI job shows that a run goes on, and is not filled by it."""
    assert EVERY == 10


def test_without_a_terminal_a_line_is_printed_from_time_to_time() -> None:
    out = io.StringIO()
    with shown(LiveProgress(2), every=0.02, out=out):
        until = time.monotonic() + 20
        while out.getvalue().count("\n") < 2 and time.monotonic() < until:
            time.sleep(0.01)
    lines = out.getvalue().splitlines()
    assert len(lines) >= 2
    assert set(lines) == {"0 of 2 cases, 0 requirements broken so far"}


def test_a_short_run_without_a_terminal_prints_nothing() -> None:
    out = io.StringIO()
    with shown(LiveProgress(2), out=out):
        pass
    assert out.getvalue() == ""


def test_on_a_terminal_one_line_is_there_at_once_and_erased_at_the_end() -> None:
    out = Terminal()
    with shown(LiveProgress(2), out=out):
        until = time.monotonic() + 20
        while not out.getvalue() and time.monotonic() < until:
            time.sleep(0.005)
        assert out.getvalue().startswith("\r\x1b[2K0 of 2 cases")
    assert out.getvalue().endswith("\r\x1b[2K")
    assert "\n" not in out.getvalue()
