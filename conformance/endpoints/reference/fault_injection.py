"""Put faults into the answers of the endpoint, and change the faults while it runs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import orjson
from starlette.requests import Request as Incoming
from starlette.responses import Response as Outgoing
from starlette.routing import Route

from conformance._text import did_you_mean, one_line
from conformance.cases.case_lookup import probes_shown_by
from conformance.endpoints.reference.answering import refused
from conformance.endpoints.reference.control_routes import Guard, as_json
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.endpoints.reference.dialects.refusal import Refused
from conformance.endpoints.reference.wire_faults import WIRE_FAULTS
from conformance.faults import faults
from conformance.protocol.exchange import Exchange, Headers, Json

ROUTE = "/_faults"
"""The route of the faults: PUT {"faults": [NAME, ...], "rate": 0.5} sets them and answers with the
same, GET reads them and also lists all names as ``known``."""

HEADER = "x-conformance-faults"
"""The response header that names the faults in an answer."""

CHOICE = "x-conformance-fault"
"""The request header that names the faults for its own answer: NAME, or NAME, NAME, ..."""


class UnknownFault(ValueError):
    """There is no fault of this name; the message suggests similar names."""


@cache
def known() -> Mapping[str, Callable[[Exchange], Exchange | None]]:
    """Return all faults by name: the wire faults, and those that break a requirement."""
    return {**{name: fault for name, fault in faults().items() if fault.caught_by}, **WIRE_FAULTS}


@dataclass(frozen=True, slots=True)
class Plan:
    """The faults to put into answers, in this order, and the share of the answers, from 0 to 1."""

    faults: tuple[str, ...] = ()
    rate: float = 1.0


def planned(names: Iterable[str], rate: float) -> Plan:
    """Return a plan of existing faults.

    Raises:
        UnknownFault: There is no fault of one of the names.
        ValueError: The rate is not from 0 to 1.
    """
    names = tuple(names)
    for name in names:
        if name not in known():
            raise UnknownFault(
                f"there is no fault named {one_line(name)}{did_you_mean(name, known())};"
                f" docs/faults.md and GET {ROUTE} list them"
            )
    if not 0 <= rate <= 1:
        raise ValueError(f"the fault rate must be a number from 0 to 1, not {rate}")
    return Plan(names, rate)


class Misbehaviour:
    """Puts the faults of a plan into exchanges, evenly: a rate of 0.25 means every fourth.

    ``plan`` may be replaced at any time. A request whose header names faults gets those instead,
    and is not counted; an empty header means no faults.
    """

    def __init__(self, plan: Plan = Plan()) -> None:
        self.plan = plan
        self._count = 0

    def __call__(self, exchange: Exchange) -> Exchange:
        """Return the exchange with the faults that apply to it, which a response header names.

        The response is an error with status 400 if the request names a fault that does not exist.
        """
        chosen = _chosen(exchange.request.headers)
        if chosen is not None:
            try:
                return _faulty(exchange, planned(chosen, 1).faults)
            except UnknownFault as error:
                return _refused(exchange, str(error))
        self._count += 1
        if not self.plan.faults or int(self._count * self.plan.rate) == int(
            (self._count - 1) * self.plan.rate
        ):
            return exchange
        return _faulty(exchange, self.plan.faults)

    def route(self, guard: Guard) -> Route:
        """Return the route that reads and sets the plan."""
        return guard.route(ROUTE, self._serve, ["GET", "PUT"])

    async def _serve(self, incoming: Incoming) -> Outgoing:
        if incoming.method == "PUT":
            try:
                self.plan = _read(orjson.loads(await incoming.body()))
            except ValueError as error:
                return as_json({"error": {"message": str(error)}}, 400)
        plan: dict[str, Json] = {"faults": list(self.plan.faults), "rate": self.plan.rate}
        return as_json(plan if incoming.method == "PUT" else {**plan, "known": sorted(known())})


def _chosen(headers: Headers) -> tuple[str, ...] | None:
    """Return the names in the header that chooses faults, None if there is no such header."""
    values = [value for name, value in headers if name == CHOICE]
    names = (name.strip() for value in values for name in value.split(","))
    return tuple(filter(None, names)) if values else None


def _faulty(exchange: Exchange, names: Iterable[str]) -> Exchange:
    """Return the exchange with those of the named faults that apply to it."""
    applied: list[str] = []
    exchange = replace(
        exchange, meta={**exchange.meta, "probes": probes_shown_by(exchange.request)}
    )
    for name in names:
        changed = known()[name](exchange)
        if changed is not None:
            exchange = _sendable(changed, exchange)
            applied.append(name)
    return _with_header(exchange, applied)


def _refused(exchange: Exchange, why: str) -> Exchange:
    """Return the exchange with an error instead of the answer, in the form of its profile."""
    dialect = dialect_of(str(exchange.meta["profile"]))
    return replace(exchange, response=refused(Refused(why, code="unknown_fault"), dialect))


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
            'expected an object: {"faults": [NAME, ...], "rate": a number from 0 to 1}'
        )
    return planned(names, float(rate))


def _sendable(changed: Exchange, before: Exchange) -> Exchange:
    """Return the exchange with reads that fit its body.

    If a fault rewrote a stream, its reads become one read for each event. An error is no stream.
    """
    response = changed.response
    body = response.body or b""
    if (
        not before.response.reads
        or sum(size for _, size in response.reads) == len(body)
        or response.truncated
        or response.status >= 400
    ):
        return changed
    events = body.split(b"\n\n")
    sizes = [len(event) + 2 for event in events[:-1]] + ([len(events[-1])] if events[-1] else [])
    return replace(changed, response=replace(response, reads=tuple((0.0, size) for size in sizes)))


def _with_header(exchange: Exchange, applied: list[str]) -> Exchange:
    if not applied:
        return exchange
    headers = (*exchange.response.headers, (HEADER, ", ".join(applied)))
    return replace(exchange, response=replace(exchange.response, headers=headers))
