"""Measure the error of recorded arrival times.

A server writes into each chunk when it was sent; many threads of one process read the streams.
"""

import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance.cases import Case
from conformance.endpoints.client.http_client import send
from conformance.endpoints.client.live_target import LiveTarget
from conformance.protocol.event_stream import event_ends
from conformance.protocol.exchange import Exchange
from conformance.runs.live.thread_pool import done
from tests.helpers.scripted_streams import streaming


def delays(answer: Exchange, began: float) -> list[float]:
    """Return the milliseconds from the sending of each chunk to its recorded arrival.

    ``began`` is the time just before the request was sent; the times of an exchange count from the
    sending of the request.
    """
    body = answer.response.body or b""
    ends: list[tuple[int, float]] = []
    read = 0
    for offset, size in answer.response.reads:
        read += size
        ends.append((read, offset))
    milliseconds, start = [], 0
    for end in event_ends(body):
        data = body[start:end].strip().removeprefix(b"data: ")
        start = end
        if data != b"[DONE]":
            arrived = next(offset for reach, offset in ends if reach >= end)
            milliseconds.append(arrived - (json.loads(data)["sent"] - began) * 1000)
    return milliseconds


def main() -> None:
    """Print the delays for 1, 8 and 64 streams at once, relative to the fastest chunk of each."""
    with streaming() as url:
        target = LiveTarget("scripted", url, "m", "openai-compatible")

        def ask(case: Case) -> tuple[float, Exchange]:
            began = time.monotonic()
            answer = send(case, target)
            assert isinstance(answer, Exchange), answer
            return began, answer

        for at_once in (1, 8, 64):
            cases = [
                Case(
                    f"stream-{number}", "x", "x", frozenset(), "/chat/completions", {"stream": True}
                )
                for number in range(at_once)
            ]
            late = []
            for _, (began, answer) in done(ask, cases, at_once):
                measured = delays(answer, began)
                late += [value - min(measured) for value in measured]
            ordered = sorted(late)
            print(
                f"{at_once:3} at once: median {statistics.median(late):.2f} ms, 95 % within"
                f" {ordered[int(len(ordered) * 0.95)]:.2f} ms"
            )


if __name__ == "__main__":
    main()
