"""Wait for an endpoint that is still starting, such as a server that loads its model."""

import sys
import time
from collections.abc import Callable
from http import HTTPStatus

from conformance._text import printable
from conformance.endpoints.client import http_client
from conformance.endpoints.client.diagnosis import is_no_route
from conformance.endpoints.client.http_client import Limits
from conformance.endpoints.client.live_target import LiveTarget
from conformance.endpoints.client.small_request import REQUEST
from conformance.endpoints.endpoint import Unreachable
from conformance.protocol.exchange import Exchange

LONGEST_PAUSE = 15.0
"""The longest pause between two requests, in seconds."""
_EVERY = 30.0
"""Seconds after which the same reason is reported again."""
_STARTING = {
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


def print_progress(line: str) -> None:
    """Print a line of progress on standard error."""
    print(printable(line), file=sys.stderr, flush=True)


def wait_until_ready(
    target: LiveTarget,
    seconds: float,
    tell: Callable[[str], None] = print_progress,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Unreachable | None:
    """Send a small request again and again until the endpoint answers or the time is over.

    An endpoint is still starting if it cannot be reached, or answers 502, 503, 504, or a 404 that
    blames only the URL, as proxies do whose server is not there yet. Any other answer ends the
    wait, also an error. When the time is over, the function just returns: the first case then says
    what is wrong.

    Args:
        target: Where to send.
        seconds: How long to wait; 0 sends nothing.
        tell: Called with a line when the reason changes, every 30 seconds, and at the end.
        sleep: Called with the seconds of each pause.
        clock: Returns a time in seconds.

    Returns:
        The outcome of the first request if the endpoint accepted it and was silent until the time
        was over; otherwise None.

    Raises:
        TargetError: The credential is missing or malformed.
    """
    start, pause = clock(), 1.0
    told, told_at = "", start
    silent: Unreachable | None = None
    while (left := seconds - (clock() - start)) > 0:
        outcome = _outcome(target, left)
        why = why_starting(outcome)
        now = clock()
        if not why:
            if told:
                tell(f"{target.base_url} answers after {now - start:,.0f} s.")
            return None
        silent = (
            outcome if isinstance(outcome, Unreachable) and outcome.stalled and not told else None
        )
        if why != told or now - told_at >= _EVERY:
            tell(
                f"Waiting for {target.base_url}, which is not ready: {why}"
                f" ({now - start:,.0f} of {seconds:,.0f} s)"
            )
            told, told_at = why, now
        sleep(max(0.0, min(pause, seconds - (now - start))))
        pause = min(2 * pause, LONGEST_PAUSE)
    if told:
        tell(f"{target.base_url} is not ready after {seconds:,.0f} s.")
    return silent


def why_starting(outcome: Exchange | Unreachable) -> str:
    """Return why an outcome may be that of an endpoint that is still starting, "" if not."""
    if isinstance(outcome, Unreachable):
        return outcome.why if outcome.asked and "CERTIFICATE" not in outcome.why else ""
    status = outcome.response.status
    return f"status {status}" if status in _STARTING or is_no_route(outcome) else ""


def _outcome(target: LiveTarget, left: float) -> Exchange | Unreachable:
    whole = max(left, 1.0)
    limits = Limits(connect=min(whole, Limits().connect), read=whole, whole=whole, size=1 << 20)
    return http_client.send(REQUEST, target, limits)
