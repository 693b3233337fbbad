"""Retry requests that fail with 429, 503 or a broken connection, and report each retry."""

import json
import math
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from conformance.cases import Case
from conformance.endpoints.client.google_errors import explained
from conformance.endpoints.endpoint import Endpoint, Unreachable
from conformance.protocol.chat.error_messages import why_cut, why_incomplete
from conformance.protocol.exchange import CONNECTION_ENDED, CUT_AGAIN, Exchange, Json

ATTEMPTS = 3
"""How often a request is sent at most; a rate limit that names its wait allows more."""
EXTRA_WAITS = 10
"""How often one run sends a request again after the last of its ``ATTEMPTS``, because the answer is
status 429 and says how long to wait, as for a quota per minute."""
LONGEST = 60.0
"""The longest wait before a retry, in seconds; an answer that asks for more is not retried."""

_RETRIED_STATUSES = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_GOOGLE = b"googleapis.com"
"""What an error of Google names in its details and in its quotas."""
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)s")
_IN_MESSAGE = re.compile(r"retry in (\d+(?:\.\d+)?) ?s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A failed attempt that is retried.

    ``case`` is the id of the case, ``number`` counts attempts from 1, ``why`` is the reason, and
    ``wait`` is the seconds until the next attempt.
    """

    case: str
    number: int
    why: str
    wait: float


def with_retries(
    endpoint: Endpoint,
    tell: Callable[[Attempt], None],
    sleep: Callable[[float], None] = time.sleep,
    left: Callable[[], float] = lambda: math.inf,
) -> Endpoint:
    """Wrap an endpoint so that it retries status 429 and 503 and failed connections.

    Stalled requests are not retried. Gives up after ``ATTEMPTS`` attempts and returns the last
    outcome. After a 429 that names its wait there are more attempts, ``EXTRA_WAITS`` for all
    requests together.

    Args:
        endpoint: The endpoint to wrap.
        tell: Called with each attempt that is retried, before the wait.
        sleep: Called with the seconds to wait.
        left: Returns the seconds that the run has left; there is no longer wait than that.
    """
    import tenacity

    extra_waits = threading.Semaphore(EXTRA_WAITS)

    def is_last(state: tenacity.RetryCallState) -> bool:
        outcome = _result(state)
        if _wait(outcome, state.attempt_number) > left():
            return True
        return state.attempt_number >= ATTEMPTS and not (
            _names_its_wait(outcome) and extra_waits.acquire(blocking=False)
        )

    def ask(case: Case) -> Exchange | Unreachable:
        def report(state: tenacity.RetryCallState) -> None:
            tell(Attempt(case.id, state.attempt_number, _why(_result(state)), state.upcoming_sleep))

        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_result(_should_retry),
            stop=is_last,
            wait=lambda state: _wait(_result(state), state.attempt_number),
            sleep=sleep,
            before_sleep=report,
            retry_error_callback=_result,
        )
        outcome: Exchange | Unreachable = attempts(endpoint, case)
        return outcome

    def _result(state: tenacity.RetryCallState) -> Exchange | Unreachable:
        assert state.outcome is not None
        outcome: Exchange | Unreachable = state.outcome.result()
        return outcome

    return ask


def with_second_try(endpoint: Endpoint, tell: Callable[[Attempt], None]) -> Endpoint:
    """Wrap an endpoint so that it asks once more if the connection ended inside an answer.

    If the second answer is cut as well, its meta says so: ``cut_again``. The first answer is
    returned if the second try is not answered at all.

    Args:
        endpoint: The endpoint to wrap.
        tell: Called with the first attempt, before the second.
    """

    def ask(case: Case) -> Exchange | Unreachable:
        first = endpoint(case)
        if not isinstance(first, Exchange) or not connection_ended(first):
            return first
        tell(Attempt(case.id, 1, why_incomplete(first), 0.0))
        second = endpoint(case)
        if isinstance(second, Unreachable):
            return second if second.ends_run else first
        if connection_ended(second):
            return replace(second, meta={**second.meta, CUT_AGAIN: why_cut(first)})
        return second

    return ask


def until_spent(endpoint: Endpoint, model: str) -> Endpoint:
    """Wrap an endpoint so that it sends nothing more once a daily quota or a budget is spent.

    The answer that says so, and each request after it, become an ``Unreachable`` with ``ends_run``
    whose reason names the model and how to continue.
    """
    ended: list[str] = []

    def ask(case: Case) -> Exchange | Unreachable:
        if ended:
            return Unreachable(ended[0], asked=False, ends_run=True)
        outcome = endpoint(case)
        if isinstance(outcome, Exchange) and (why := why_spent(outcome, model)):
            ended.append(why)
            return Unreachable(why, ends_run=True)
        return outcome

    return ask


def why_spent(exchange: Exchange, model: str) -> str:
    """Return why no further request of today will be answered, with the fix, or "".

    A daily limit that the answer asks to wait for less than ``LONGEST`` is not spent, unless it is
    Google's: the wait that Google adds to a spent daily quota is not true.
    """
    error = explained(exchange, model)
    if error is None or not error.ends_run:
        return ""
    wait = asked_to_wait(exchange)
    if wait is not None and wait <= LONGEST and _GOOGLE not in (exchange.response.body or b""):
        return ""
    return str(error)


def connection_ended(exchange: Exchange) -> bool:
    """Return whether an answer is truncated because the connection ended, not by a limit."""
    return exchange.response.truncated and exchange.meta.get(CONNECTION_ENDED) is True


def _should_retry(outcome: Exchange | Unreachable) -> bool:
    if isinstance(outcome, Unreachable):
        return outcome.asked and not outcome.stalled and not outcome.ends_run
    return outcome.response.status in _RETRIED_STATUSES and (asked_to_wait(outcome) or 0) <= LONGEST


def _why(outcome: Exchange | Unreachable) -> str:
    return outcome.why if isinstance(outcome, Unreachable) else f"status {outcome.response.status}"


def _names_its_wait(outcome: Exchange | Unreachable) -> bool:
    return (
        isinstance(outcome, Exchange)
        and outcome.response.status == HTTPStatus.TOO_MANY_REQUESTS
        and asked_to_wait(outcome) is not None
    )


def _wait(outcome: Exchange | Unreachable, number: int) -> float:
    """Return the seconds until the next attempt: as the answer asks, else 1, 2, 4 and so on.

    From the second retry on it is at least a second: Google rounds its waits down, at last to 0.
    """
    requested = asked_to_wait(outcome) if isinstance(outcome, Exchange) else None
    if requested is None:
        return float(2 ** (number - 1))
    return requested if number == 1 else max(1.0, requested)


def asked_to_wait(exchange: Exchange) -> float | None:
    """Return the seconds that an answer asks to wait, or None.

    Reads the header Retry-After (seconds or a date), else the larger of google.rpc.RetryInfo in the
    body, which Google rounds down, and of "retry in 41.7s" in the message. None if there is none of
    them, or if the header or the body is malformed.
    """
    header = next(
        (value for name, value in exchange.response.headers if name == "retry-after"), None
    )
    return _header_wait(header) if header is not None else _body_wait(exchange.response.body)


def _header_wait(value: str) -> float | None:
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError, OverflowError):  # not a date, no time zone, or out of range
        return None


def _body_wait(body: bytes | None) -> float | None:
    try:
        value: Json = json.loads(body or b"null")
    except (ValueError, RecursionError):  # not JSON, or nested too deeply to be read
        return None
    value = value[0] if isinstance(value, list) and value else value
    error = value.get("error") if isinstance(value, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    delays = (
        _SECONDS.fullmatch(str(detail.get("retryDelay")))
        for detail in (details if isinstance(details, list) else ())
        if isinstance(detail, dict)
    )
    message = str(error.get("message")) if isinstance(error, dict) else ""
    named = [*delays, _IN_MESSAGE.search(message)]
    return max((float(match[1]) for match in named if match), default=None)
