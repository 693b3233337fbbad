"""Look before a run whether a target answers at all, with at most two small requests."""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import TypeAlias

from conformance._text import did_you_mean
from conformance.cases import Case
from conformance.endpoints.client.diagnosis import Check, diagnosed, is_bad_model
from conformance.endpoints.client.doctor import check_settings, checked_answer, proxy_of
from conformance.endpoints.client.google_errors import explained
from conformance.endpoints.client.live_target import LiveTarget
from conformance.endpoints.client.models_list import LIST, models_in, named
from conformance.endpoints.client.small_request import REQUEST
from conformance.endpoints.client.target_from_url import is_google
from conformance.endpoints.endpoint import Unreachable
from conformance.protocol.chat.error_messages import is_bad_key
from conformance.protocol.exchange import Exchange

CONNECT = 3.0
"""The most seconds to wait for a connection."""

SendTo: TypeAlias = Callable[[Case, LiveTarget], Exchange | Unreachable]
"""Sends the request of a case once to a target and returns the outcome."""

_BUDGET = "the budget of "
_LASTING = ("ConnectError", "ConnectTimeout", "CERTIFICATE", "SSL")
"""What the reason of a failure has that a second request does not change."""
_WRONG_TARGET = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
}
"""Statuses to a plain request that say that nothing can be asked, whatever the case."""


def preflight(target: LiveTarget, send_to: SendTo) -> Check | None:
    """Return why no case needs to be sent, with the fix; None if the run can begin.

    That is the case if the endpoint cannot be reached or stays silent, refuses the key, does not
    have the model, or if the URL is wrong. A rate limit, a failure of the server and an answer that
    breaks a requirement are left to the run. Sends at most two requests.

    Args:
        target: Where to send.
        send_to: Sends a request.

    Raises:
        TargetError: The credential is missing or malformed.
    """
    wrong = next((check for check in check_settings(target) if check.fix), None)
    if wrong:
        return wrong
    proxy = proxy_of(target.base_url)
    outcome = send_to(REQUEST, target)
    if isinstance(outcome, Unreachable):
        if outcome.why.startswith(_BUDGET):
            return None
        if not (outcome.stalled or any(word in outcome.why for word in _LASTING)):
            outcome = send_to(REQUEST, target)
        return diagnosed(outcome, target, proxy) if isinstance(outcome, Unreachable) else None
    if not _ends_run(outcome):
        return None
    if is_bad_model(outcome) and not is_google(target.base_url):
        return _wrong_model(target, outcome, send_to)
    check = checked_answer(outcome, target, lambda other: send_to(REQUEST, other), proxy)
    return check if check.fix else None


def _ends_run(answer: Exchange) -> bool:
    """Return whether the answer to a plain request shows that no case can be asked."""
    status = answer.response.status
    if status == HTTPStatus.OK:
        return "html" in str(dict(answer.response.headers).get("content-type"))
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return False
    return (
        status < HTTPStatus.BAD_REQUEST
        or status in _WRONG_TARGET
        or is_bad_key(answer)
        or is_bad_model(answer)
        or explained(answer) is not None
    )


def _wrong_model(target: LiveTarget, answer: Exchange, send_to: SendTo) -> Check:
    """Return what is wrong with the model; the fix names those that the endpoint lists."""
    check = diagnosed(answer, target)
    models = models_in(send_to(LIST, target))
    if not models:
        return check
    near = did_you_mean(target.model, models)
    return replace(check, fix=f"correct --model{near}; the endpoint has {named(models)}")
