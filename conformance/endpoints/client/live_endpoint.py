"""Make the endpoint of a live target: with rate, budget, retries, and an end for spent quotas."""

from collections.abc import Callable
from dataclasses import replace

from conformance.endpoints.client import http_client
from conformance.endpoints.client.budget import Budget, BudgetMeter
from conformance.endpoints.client.http_client import Limits
from conformance.endpoints.client.live_target import LiveTarget, url_of
from conformance.endpoints.client.retries import (
    Attempt,
    until_spent,
    with_retries,
    with_second_try,
)
from conformance.endpoints.endpoint import Endpoint
from conformance.judging.profiles import profile, profile_for_url

_NO_BUDGET = Budget()
_DEFAULT_LIMITS = Limits()


def live_endpoint(
    target: LiveTarget,
    budget: Budget = _NO_BUDGET,
    limits: Limits = _DEFAULT_LIMITS,
    tell: Callable[[Attempt], None] = lambda _: None,
    meter: BudgetMeter | None = None,
) -> Endpoint:
    """Return the endpoint that sends cases to a target.

    It keeps to the rate and the budget, asks again as ``with_retries`` and ``with_second_try`` say,
    and sends nothing more once a daily quota is spent, see ``until_spent``.

    Args:
        target: Where to send.
        budget: The limits of the run; without a rate, that of the target's service.
        limits: The limits of one request.
        tell: Called with each attempt that is retried, before the wait.
        meter: Counts what is spent of the budget; without one, a new one does.
    """
    meter = meter or meter_of(target, budget)
    within_budget = meter.asking(
        lambda case: http_client.send(case, target, _within(limits, meter.seconds_left()))
    )
    asking = with_retries(until_spent(within_budget, target.model), tell, left=meter.seconds_left)
    return with_second_try(asking, tell)


def meter_of(target: LiveTarget, budget: Budget, spent: int = 0) -> BudgetMeter:
    """Return the meter of a budget, of which ``spent`` requests are spent already.

    Without a rate, that of the target's service counts.
    """
    rated = replace(budget, rate=budget.rate or default_rate(target))
    meter = BudgetMeter(rated, thinks=profile(target.profile).thinks(target.model))
    meter.requests = spent
    return meter


def _within(limits: Limits, seconds: float) -> Limits:
    """Return the limits of a request that must not outlast the budget of time; at least 1 s."""
    left = max(round(seconds, 1), 1.0) if seconds < limits.whole else limits.whole
    return replace(
        limits,
        connect=min(limits.connect, left),
        read=min(limits.read, left),
        whole=min(limits.whole, left),
    )


def default_rate(target: LiveTarget) -> float | None:
    """Return the requests per second that the service of a target allows, None for no limit.

    A server that only answers like the service, on another host, has no limit.
    """
    return profile(target.profile).rate if _is_service(target) else None


def daily_limit(target: LiveTarget) -> int | None:
    """Return the requests per day that the smallest plan of a target's service allows for a model.

    None for no limit, also for a server on another host.
    """
    return profile(target.profile).daily if _is_service(target) else None


def _is_service(target: LiveTarget) -> bool:
    """True if the target is the service that its profile describes, not a server like it."""
    return profile_for_url(url_of(target.base_url)) == target.profile
