"""Compare recorded traffic: pair the answers of two recordings to equal requests."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance._text import many
from conformance.cases import Case
from conformance.comparison.sample import Sample, Side
from conformance.protocol.exchange import Exchange, Json
from conformance.runs.compare.questions import question_of_body
from conformance.traffic.read import read
from conformance.traffic.read_result import Unreadable

_DIGITS = 8
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Recording:
    """The exchanges of a recording, and notes on what could not be read."""

    exchanges: tuple[Exchange, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PairedRecordings:
    """The samples of both sides that have a counterpart, and notes on those that have none."""

    samples: tuple[Sample, ...]
    notes: tuple[str, ...] = ()


def read_recording(path: Path) -> Recording:
    """Read the exchanges of a file or folder; what is no exchange is noted, not raised."""
    exchanges: list[Exchange] = []
    unreadable: list[str] = []
    for outcome in read([path], leave_out=True):
        if isinstance(outcome, Exchange):
            exchanges.append(outcome)
        elif isinstance(outcome, Unreadable):
            unreadable.append(f"{outcome.where} cannot be read: {outcome.why}")
    rest = len(unreadable) - _MOST_NAMED
    more = [f"{many(rest, 'more place')} in {path} cannot be read"] if rest > 0 else []
    return Recording(tuple(exchanges), (*unreadable[:_MOST_NAMED], *more))


def paired(
    old: Iterable[Exchange], new: Iterable[Exchange], cases: Mapping[str, Case]
) -> PairedRecordings:
    """Pair the answers to equal requests, whatever the model and the order.

    Several answers of one side to the same request are its samples; of more on one side, those
    without a counterpart are left out and counted. ``cases`` are known cases by id.
    """
    given: dict[Side, list[Exchange]] = {"old": [*old], "new": [*new]}
    # A case may differ from another by its credential alone, which no recording has.
    of_cases = all("case" in exchange.meta for those in given.values() for exchange in those)
    sides = {side: _by_request(those, of_cases=of_cases) for side, those in given.items()}
    both = [key for key in sides["old"] if key in sides["new"]]
    names = _names({key: sides["old"][key][0] for key in both})
    samples = [
        Sample(
            question_of_body(exchange.request.body),
            names[key],
            side,
            number,
            None,
            exchange,
            asked=cases.get(names[key]),
        )
        for key in both
        for side in ("old", "new")
        for number, exchange in enumerate(
            sides[side][key][: min(len(sides["old"][key]), len(sides["new"][key]))], 1
        )
    ]
    notes = [
        note
        for side in ("old", "new")
        if (note := _left_out(side, sides[side], Counter(s.side for s in samples)[side]))
    ]
    return PairedRecordings(tuple(samples), tuple(notes))


def request_key(exchange: Exchange) -> str:
    """Return what equal requests have in common, "" if the request was not recorded."""
    body = exchange.request.body
    if body is None:
        return ""
    return hashlib.sha256(_canonical(body).encode("utf-8", "replace")).hexdigest()


def _canonical(body: Json) -> str:
    if isinstance(body, dict):
        body = {key: value for key, value in body.items() if key != "model"}
    try:
        return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return repr(body)[: 1 << 16]


def _by_request(exchanges: Iterable[Exchange], *, of_cases: bool) -> dict[str, list[Exchange]]:
    found: dict[str, list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        if key := request_key(exchange):
            found[f"{key} {exchange.meta['case']}" if of_cases else key].append(exchange)
    return found


def _names(first: Mapping[str, Exchange]) -> dict[str, str]:
    """Return the name of each request: that of its case, or a digest, each only once."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for key, exchange in first.items():
        name = str(exchange.meta.get("case") or f"request-{key[:_DIGITS]}")
        if name in taken:
            name = f"{name}-{key[:_DIGITS]}"
        taken.add(name)
        names[key] = name
    return names


def _left_out(side: Side, answers: Mapping[str, Sequence[Exchange]], paired_answers: int) -> str:
    left = sum(map(len, answers.values())) - paired_answers
    if not left:
        return ""
    return (
        f"{many(left, 'answer')} of {side.upper()} without an answer of the other side to the same"
        " request not compared"
    )
