"""Ask two sides the same, pair by pair, and hand on each sample as it comes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from conformance.cases import Case
from conformance.comparison.sample import Sample, Side
from conformance.endpoints.client.small_request import REQUEST
from conformance.endpoints.endpoint import Endpoint, Unreachable
from conformance.protocol.exchange import Exchange
from conformance.runs.compare.order import PlannedPair
from conformance.runs.live.thread_pool import done

MOST_FAILURES = 5
"""After this many pairs in a row without any answer of a side, a small request decides whether to
go on."""


@dataclass(frozen=True, slots=True)
class AskedPair:
    """What came of a pair: its samples, in the order of asking, and why one is missing or "".

    A request that was not sent, as the budget is spent, has no sample. ``ends_run`` is true if a
    side will answer nothing more.
    """

    pair: PlannedPair
    samples: tuple[Sample, ...]
    why_missing: str = ""
    ends_run: bool = False


class SideGone(Exception):
    """A side stopped answering; the message names the side and the reason."""


def ask_pairs(
    endpoints: Mapping[Side, Endpoint],
    pairs: Sequence[PlannedPair],
    at_once: int,
    is_over: Callable[[], bool] = lambda: False,
    begins: Callable[[str], None] = lambda _: None,
) -> Iterator[AskedPair]:
    """Ask the pairs and yield what comes of each; iterating starts it.

    One thread asks both requests of a pair, one right after the other. With only one endpoint, only
    that side is asked. Once a pair is not sent, as the budget is spent, no other is.

    Args:
        endpoints: The sides to ask.
        pairs: What to ask, in order.
        at_once: How many pairs are asked at the same time.
        is_over: Once it is true, no other pair is asked.
        begins: Called with the id of each case before it is asked, by the thread that asks it.

    Raises SideGone after yielding if a side answers nothing more.
    """
    ended: list[str] = []
    silent: dict[Side, int] = dict.fromkeys(endpoints, 0)

    def ask(pair: PlannedPair) -> AskedPair:
        begins(pair.question.case.id)
        return _ask(endpoints, pair)

    for _, asked in done(ask, pairs, at_once, lambda: bool(ended) or is_over()):
        if asked.ends_run:
            ended.append(asked.why_missing)
        yield asked
        for sample in asked.samples:
            silent[sample.side] = 0 if _answers(sample.exchange) else silent[sample.side] + 1
            if silent[sample.side] < MOST_FAILURES + at_once - 1 or ended:
                continue
            if not _still_answers(endpoints[sample.side]):
                raise SideGone(
                    f"{sample.side.upper()} stopped answering: {_reason(sample)}, also to a small"
                    " request"
                )
            silent[sample.side] = 0


def _ask(endpoints: Mapping[Side, Endpoint], pair: PlannedPair) -> AskedPair:
    second: Side = "new" if pair.first == "old" else "old"
    samples: list[Sample] = []
    for side in (pair.first, second):
        if side not in endpoints:
            continue
        outcome = endpoints[side](pair.question.case)
        if isinstance(outcome, Unreachable):
            if not outcome.asked or outcome.ends_run:
                return AskedPair(pair, tuple(samples), outcome.why, ends_run=True)
            samples.append(_sample(pair, side, None, outcome.why))
        else:
            samples.append(_sample(pair, side, outcome))
    return AskedPair(pair, tuple(samples))


def _sample(pair: PlannedPair, side: Side, exchange: Exchange | None, why: str = "") -> Sample:
    case: Case = pair.question.case
    return Sample(
        pair.question.name, case.id, side, pair.number, pair.position, exchange, why, case
    )


def _answers(exchange: Exchange | None) -> bool:
    if exchange is None:
        return False
    status = exchange.response.status
    return status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in (
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
    )


def _still_answers(endpoint: Endpoint) -> bool:
    outcome = endpoint(REQUEST)
    return isinstance(outcome, Exchange) and _answers(outcome)


def _reason(sample: Sample) -> str:
    if sample.exchange is None:
        return sample.why
    return f"status {sample.exchange.response.status}"
