"""Retries: only what was put off is asked again, as late as the endpoint says, and every attempt is
told."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from conformance.cases import Case
from conformance.endpoints.endpoint import Endpoint, Unreachable
from conformance.protocol.exchange import Exchange, Json

ATTEMPTS = 3
LONGEST = 60.0
"""Seconds that are waited at most for a next attempt; who asks for more is not asked again."""

_PUT_OFF = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)s")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request that was put off: of which case, the number of the attempt from 1, why, and the
    seconds waited before the next."""

    case: str
    number: int
    why: str
    wait: float


def with_retries(
    endpoint: Endpoint, tell: Callable[[Attempt], None], sleep: Callable[[float], None] = time.sleep
) -> Endpoint:
    """The endpoint, asked again after status 429 or 503 and after a connection that failed, not one
    that stalled; ``tell`` is told of each such attempt."""
    import tenacity

    def ask(case: Case) -> Exchange | Unreachable:
        def told(state: tenacity.RetryCallState) -> None:
            tell(Attempt(case.id, state.attempt_number, _why(_result(state)), state.upcoming_sleep))

        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_result(_is_worth_it),
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=lambda state: _wait(_result(state), state.attempt_number),
            sleep=sleep,
            before_sleep=told,
            retry_error_callback=_result,
        )
        outcome: Exchange | Unreachable = attempts(endpoint, case)
        return outcome

    def _result(state: tenacity.RetryCallState) -> Exchange | Unreachable:
        assert state.outcome is not None
        outcome: Exchange | Unreachable = state.outcome.result()
        return outcome

    return ask


def _is_worth_it(outcome: Exchange | Unreachable) -> bool:
    if isinstance(outcome, Unreachable):
        return outcome.asked and not outcome.stalled
    return outcome.response.status in _PUT_OFF and (asked_to_wait(outcome) or 0) <= LONGEST


def _why(outcome: Exchange | Unreachable) -> str:
    return outcome.why if isinstance(outcome, Unreachable) else f"status {outcome.response.status}"


def _wait(outcome: Exchange | Unreachable, number: int) -> float:
    """Seconds until the next attempt: as told, else twice as long each time."""
    told = asked_to_wait(outcome) if isinstance(outcome, Exchange) else None
    return told if told is not None else float(2 ** (number - 1))


def asked_to_wait(exchange: Exchange) -> float | None:
    """The seconds that an answer asks to wait, by Retry-After or by google.rpc.RetryInfo; None
    where it does not tell."""
    told = next((value for name, value in exchange.response.headers if name == "retry-after"), None)
    return _of_header(told) if told is not None else _of_body(exchange.response.body)


def _of_header(value: str) -> float | None:
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (
        TypeError,
        ValueError,
        OverflowError,
    ):  # no date, one without a zone, or one of a year that never comes
        return None


def _of_body(body: bytes | None) -> float | None:
    try:
        value: Json = json.loads(body or b"null")
    except (ValueError, RecursionError):  # not JSON, or nested too deeply to be read
        return None
    value = value[0] if isinstance(value, list) and value else value
    error = value.get("error") if isinstance(value, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details if isinstance(details, list) else ():
        found = (
            _SECONDS.fullmatch(str(detail.get("retryDelay"))) if isinstance(detail, dict) else None
        )
        if found:
            return float(found[1])
    return None
