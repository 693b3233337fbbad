"""An endpoint that is still starting is waited for, with a line of progress; no other is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.cases import Case
from conformance.endpoints.client import http_client
from conformance.endpoints.client.http_client import Limits
from conformance.endpoints.client.live_target import LiveTarget
from conformance.endpoints.client.readiness import LONGEST_PAUSE, wait_until_ready
from conformance.endpoints.endpoint import Unreachable
from conformance.protocol.exchange import Exchange
from tests.endpoints.client.test_budget import Clock
from tests.judging.conftest import completion, error

URL = "http://127.0.0.1:8000/v1"
TARGET = LiveTarget("t", URL, "m", "openai-compatible")
REFUSED = Unreachable(f"{URL}: ConnectError: [Errno 111] Connection refused")
NO_ROUTE = error(404, {"detail": "Not Found"})
Outcome = Exchange | Unreachable
Wait = Callable[..., tuple[int, list[str], Clock]]
SILENT = Unreachable(f"{URL}: ReadTimeout: no data for 300 s", stalled=True)


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Wait:
    def waiting(*outcomes: Outcome, seconds: float = 300) -> tuple[int, list[str], Clock]:
        """Return how many requests were sent, the lines, and the clock with its pauses."""
        clock, lines, coming, sent = Clock(), list[str](), iter(outcomes), list[Limits]()

        def send(case: Case, target: LiveTarget, limits: Limits) -> Outcome:
            assert (case.id, target) == ("doctor", TARGET)
            sent.append(limits)
            return next(coming, outcomes[-1])

        monkeypatch.setattr(http_client, "send", send)
        wait_until_ready(TARGET, seconds, lines.append, clock.sleep, clock)
        assert all(0 < each.whole <= max(seconds, 1) for each in sent)
        return len(sent), lines, clock

    return waiting


@pytest.mark.parametrize(
    "starting",
    [REFUSED, error(502), error(503), error(504), NO_ROUTE, Unreachable("x", stalled=True)],
)
def test_an_endpoint_that_is_starting_is_asked_until_it_answers(
    wait: Wait, starting: Outcome
) -> None:
    sent, lines, clock = wait(starting, starting, starting, completion())
    assert (sent, clock.waits) == (4, [1, 2, 4])
    first, last = lines
    assert first.startswith(f"Waiting for {URL}, which is not ready: ")
    assert first.endswith(" (0 of 300 s)")
    assert last == f"{URL} answers after 7 s."


@pytest.mark.parametrize(
    "answer",
    [
        completion(),
        error(400),
        error(401),
        error(429),
        error(500),
        error(404, {"error": {"message": "The model m does not exist."}}),
        error(404, [{"error": {"message": "Requested entity was not found."}}]),
        Unreachable("no token for the Google credentials", asked=False),
        Unreachable("ConnectError: CERTIFICATE_VERIFY_FAILED"),
    ],
)
def test_any_other_answer_is_not_waited_for(wait: Wait, answer: Outcome) -> None:
    sent, lines, clock = wait(answer)
    assert (sent, lines, clock.waits) == (1, [], [])


def test_by_default_nothing_is_sent(wait: Wait) -> None:
    assert wait(REFUSED, seconds=0)[:2] == (0, [])


def test_the_wait_ends_when_its_time_is_over(wait: Wait) -> None:
    sent, lines, clock = wait(REFUSED, seconds=100)
    assert sum(clock.waits) == 100
    assert max(clock.waits) == LONGEST_PAUSE
    assert lines[-1] == f"{URL} is not ready after 100 s."
    assert sent < 15
    assert 3 <= len(lines) <= 5  # at first, then every 30 seconds, and at the end


@pytest.mark.parametrize(
    ("outcomes", "silent"),
    [
        ([SILENT], True),
        ([REFUSED, SILENT], False),
        ([completion()], False),
        ([error(503)], False),
    ],
    ids=["silent", "silent at the end", "ready", "starting"],
)
def test_an_endpoint_that_was_silent_all_the_time_is_told(
    monkeypatch: pytest.MonkeyPatch, outcomes: list[Outcome], silent: bool
) -> None:
    clock, coming = Clock(), iter(outcomes)

    def send(_case: Case, _target: LiveTarget, limits: Limits) -> Outcome:
        outcome = next(coming, outcomes[-1])
        if outcome is SILENT:
            clock.sleep(limits.read)
        return outcome

    monkeypatch.setattr(http_client, "send", send)
    outcome = wait_until_ready(TARGET, 20, lambda _: None, clock.sleep, clock)
    assert outcome is (SILENT if silent else None)
    assert sum(clock.waits) <= 21


def test_a_new_reason_is_told_at_once(wait: Wait) -> None:
    _, lines, _ = wait(REFUSED, error(503), NO_ROUTE, completion())
    assert ["refused" in lines[0], "status 503" in lines[1], "status 404" in lines[2]] == [True] * 3


def test_progress_goes_to_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    coming = iter([error(503), completion()])
    monkeypatch.setattr(http_client, "send", lambda *_: next(coming))
    wait_until_ready(TARGET, 60, sleep=lambda _: None)
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(f"Waiting for {URL}, which is not ready: status 503 (0 of 60 s)")
