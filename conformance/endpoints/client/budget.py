"""Limit the rate of requests, and stop when a budget of requests, tokens or time is spent."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeGuard

from conformance._text import many
from conformance.cases import Case
from conformance.endpoints.client.token_estimate import tokens_of
from conformance.endpoints.endpoint import Endpoint, Unreachable
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange, Json


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of a run: requests, tokens of prompts and answers, minutes, requests per second.

    None means no limit.
    """

    requests: int | None = None
    tokens: int | None = None
    minutes: float | None = None
    rate: float | None = None


@dataclass(slots=True)
class BudgetMeter:
    """Counts the requests and tokens spent of a budget, for all threads.

    Tokens are taken from the ``usage`` of the answers, and estimated for answers without one;
    ``thinks`` is True if the model thinks, which costs tokens.
    """

    budget: Budget
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    thinks: bool = False
    requests: int = 0
    tokens: int = 0
    _began: float = field(init=False)
    _next: float = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._began = self._next = self.clock()

    def asking(self, endpoint: Endpoint) -> Endpoint:
        """Wrap an endpoint so that it keeps to the rate and the budget.

        Once the budget is spent, the wrapped endpoint sends nothing and returns ``Unreachable``
        with ``asked=False``.
        """

        def ask(case: Case) -> Exchange | Unreachable:
            estimate = tokens_of(case, thinks=self.thinks)
            if why := self._take(estimate):
                return Unreachable(why, asked=False)
            self._wait()
            outcome = endpoint(case)
            self._settle(estimate, outcome)
            return outcome

        return ask

    def seconds_left(self) -> float:
        """Return the seconds until the budget of minutes is spent, infinity without one."""
        if self.budget.minutes is None:
            return math.inf
        return self._began + self.budget.minutes * 60 - self.clock()

    def _take(self, estimate: int) -> str:
        """Reserve a request and its tokens; return why the budget does not allow it, or ""."""
        with self._lock:
            why = self._why_spent(estimate)
            if not why:
                self.requests += 1
                self.tokens += estimate
            return why

    def _why_spent(self, estimate: int) -> str:
        budget = self.budget
        if budget.requests is not None and self.requests >= budget.requests:
            return f"the budget of {many(budget.requests, 'request')} is spent"
        if budget.tokens is not None and self.tokens + estimate > budget.tokens:
            return f"the budget of {many(budget.tokens, 'token')} is spent"
        if budget.minutes is not None and self.clock() - self._began > budget.minutes * 60:
            noun = "minute" if budget.minutes == 1 else "minutes"
            return f"the budget of {budget.minutes:g} {noun} is spent"
        return ""

    def _wait(self) -> None:
        if not self.budget.rate:
            return
        with self._lock:
            now = self.clock()
            turn = max(self._next, now)
            self._next = turn + 1 / self.budget.rate
        self.sleep(turn - now)

    def _settle(self, estimate: int, outcome: Exchange | Unreachable) -> None:
        used = _reported_tokens(outcome) if isinstance(outcome, Exchange) else 0
        with self._lock:
            self.tokens += (estimate if used is None else used) - estimate


def _reported_tokens(exchange: Exchange) -> int | None:
    """Return the total tokens that an answer reports; without them 0 for an error, else None."""
    totals = [
        total for _, usage in fold(exchange).usages if _is_count(total := usage.get("total_tokens"))
    ]
    return max(totals, default=0 if exchange.response.status >= 400 else None)


def _is_count(value: Json) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
