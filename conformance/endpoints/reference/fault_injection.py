"""Misbehaving on demand: which faults the endpoint puts into its answers, how often, and the route
that changes it while it runs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import orjson
from starlette.requests import Request as Incoming
from starlette.responses import Response as Outgoing
from starlette.routing import Route

from conformance._text import did_you_mean
from conformance.cases.case_lookup import probes_shown_by
from conformance.endpoints.reference.wire_faults import WIRE_FAULTS
from conformance.faults import faults
from conformance.protocol.exchange import Exchange, Json

ROUTE = "/_faults"
"""Where the faults are read and set: GET, and PUT with {"faults": [NAME, ...], "rate": 0.5}."""

HEADER = "x-conformance-faults"
"""The header in which an answer names the faults that are in it."""


class UnknownFault(ValueError):
    """There is no fault of this name; the message says which names are near."""


@cache
def known() -> Mapping[str, Callable[[Exchange], Exchange | None]]:
    """All faults by name: those of the catalogue that break a requirement, and those of the
    wire."""
    return {**{name: fault for name, fault in faults().items() if fault.caught_by}, **WIRE_FAULTS}


@dataclass(frozen=True, slots=True)
class Plan:
    """The faults that are put into answers, in this order, and into which share of the answers (0
    to 1)."""

    faults: tuple[str, ...] = ()
    rate: float = 1.0


def planned(names: Iterable[str], rate: float) -> Plan:
    """A plan of faults that there are. Raises UnknownFault, and ValueError for a rate that is no
    share."""
    names = tuple(names)
    for name in names:
        if name not in known():
            raise UnknownFault(
                f"there is no fault named {name}{did_you_mean(name, known())}; docs/faults.md and"
                f" GET {ROUTE} list them"
            )
    if not 0 <= rate <= 1:
        raise ValueError(f"the rate of faults is a number from 0 to 1, not {rate}")
    return Plan(names, rate)


class Misbehaviour:
    """Puts the faults of a plan into exchanges, evenly: with a rate of 0.25 into every fourth. The
    plan may be changed between two of them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._asked = 0

    def __call__(self, exchange: Exchange) -> Exchange:
        """The exchange with those faults in it that apply to it, named in a header."""
        self._asked += 1
        if not self.plan.faults or int(self._asked * self.plan.rate) == int(
            (self._asked - 1) * self.plan.rate
        ):
            return exchange
        put: list[str] = []
        exchange = replace(
            exchange, meta={**exchange.meta, "probes": probes_shown_by(exchange.request)}
        )
        for name in self.plan.faults:
            changed = known()[name](exchange)
            if changed is not None:
                exchange = _sendable(changed, exchange)
                put.append(name)
        return _named(exchange, put)

    def route(self) -> Route:
        """The route on which the plan is read and set."""
        return Route(ROUTE, self._serve, methods=["GET", "PUT"])

    async def _serve(self, incoming: Incoming) -> Outgoing:
        if incoming.method == "PUT":
            try:
                self.plan = _read(orjson.loads(await incoming.body()))
            except ValueError as error:
                return _json({"error": {"message": str(error)}}, 400)
        return _json({"faults": self.plan.faults, "rate": self.plan.rate, "known": sorted(known())})


def _read(value: Json) -> Plan:
    names, rate = (
        (value.get("faults"), value.get("rate", 1.0)) if isinstance(value, dict) else (None, None)
    )
    if (
        not isinstance(names, list)
        or not all(isinstance(name, str) for name in names)
        or not isinstance(rate, int | float)
    ):
        raise ValueError(
            'an object is expected: {"faults": [NAME, ...], "rate": a number from 0 to 1}'
        )
    return planned(names, float(rate))


def _sendable(changed: Exchange, before: Exchange) -> Exchange:
    """The exchange with reads that fit its body: a stream that a fault rewrote is sent event by
    event, as far as that can be told."""
    response = changed.response
    body = response.body or b""
    if (
        not before.response.reads
        or sum(size for _, size in response.reads) == len(body)
        or response.truncated
    ):
        return changed
    events = body.split(b"\n\n")
    sizes = [len(event) + 2 for event in events[:-1]] + ([len(events[-1])] if events[-1] else [])
    return replace(changed, response=replace(response, reads=tuple((0.0, size) for size in sizes)))


def _named(exchange: Exchange, put: list[str]) -> Exchange:
    if not put:
        return exchange
    headers = (*exchange.response.headers, (HEADER, ", ".join(put)))
    return replace(exchange, response=replace(exchange.response, headers=headers))


def _json(value: Json, status: int = 200) -> Outgoing:
    return Outgoing(orjson.dumps(value), status, media_type="application/json")
