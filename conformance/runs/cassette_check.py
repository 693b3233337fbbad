"""Cassettes checked: what is of no use any more, what is out of date, and what looks like a
secret."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from conformance._files import stale_temp_files
from conformance.cases import Case
from conformance.protocol.exchange import Exchange
from conformance.traffic.read import read
from conformance.traffic.read_result import Unreadable
from conformance.traffic.redaction.patterns import BY_LOOK, scrub

MODEL_FIELD = "model"


def problems(paths: Sequence[Path], cases: Sequence[Case], today: date, days: int) -> Iterator[str]:
    """What is wrong with cassettes, a line each, named TARGET/CASE.yaml."""
    by_id = {case.id: case for case in cases}
    for path in paths:
        name = f"{path.parent.name}/{path.name}"
        case = by_id.get(path.stem)
        if case is None:
            yield f"{name}: unused: there is no such case; delete it"
        yield from (f"{name}: {problem}" for problem in _of_exchanges(path, case, today, days))
        yield from (f"{name}: {problem}" for problem in _secrets(path))


def _of_exchanges(path: Path, case: Case | None, today: date, days: int) -> Iterator[str]:
    found = list(read([path]))
    yield from (f"cannot be read: {each.why}" for each in found if isinstance(each, Unreadable))
    exchanges = [each for each in found if isinstance(each, Exchange)]
    if not exchanges:
        return
    first = exchanges[0]
    if case and not _answers(first, case):
        yield "it answers another request than the case asks now; record it again"
    if case and len(exchanges) > 1 + len(case.then):
        yield (
            f"it holds {len(exchanges)} turns, and the case has {1 + len(case.then)}; record it"
            " again"
        )
    yield from _age(first, today, days)


def _answers(exchange: Exchange, case: Case) -> bool:
    """Whether an exchange is of the request of a case, for whatever model."""
    body = exchange.request.body
    model = body.get(MODEL_FIELD) if isinstance(body, dict) else None
    return bool(body == case.request_for(model)) if model is not None else bool(body == case.body)


def _age(exchange: Exchange, today: date, days: int) -> Iterator[str]:
    if exchange.meta.get("provenance") != "recorded":
        return
    told = str(exchange.meta.get("recorded", ""))
    try:
        recorded = datetime.fromisoformat(told).astimezone(UTC).date()
    except (ValueError, OverflowError):  # the latter for a time before the year 1
        yield (
            f"when it was recorded is no date: {told!r}"
            if told
            else "it does not say when it was recorded"
        )
        return
    if today - recorded > timedelta(days=days):
        yield f"stale: recorded {recorded}, {(today - recorded).days} days ago"


def _secrets(path: Path) -> Iterator[str]:
    """The lines that hold what looks like a secret; the secret is not repeated."""
    for number, line in enumerate(
        path.read_text(encoding="utf-8", errors="replace").splitlines(), 1
    ):
        if scrub(line, BY_LOOK)[1]:
            yield (
                f"line {number} holds what looks like a secret; record it again, and revoke the"
                " secret if it is one"
            )


def half_written(folder: Path) -> Iterator[str]:
    """What was left by a recording that was killed, a line each."""
    for path in [
        path
        for place in sorted(folder.iterdir())
        if place.is_dir()
        for path in stale_temp_files(place)
    ]:
        yield (
            f"{path.relative_to(folder).as_posix()}: left half-written by a recording that was"
            " killed; delete it"
        )


def several_versions(paths: Sequence[Path]) -> Iterator[str]:
    """The targets whose cassettes come from servers or models of several versions, which one run
    does not compare."""
    by_target: dict[str, dict[str, int]] = {}
    for path in paths:
        for exchange in read([path]):
            if isinstance(exchange, Exchange) and (version := exchange.meta.get("server_version")):
                counted = by_target.setdefault(path.parent.name, {})
                counted[str(version)] = counted.get(str(version), 0) + 1
                break
    for target, counted in sorted(by_target.items()):
        if 1 < len(counted) <= 5:  # a version that changes with each answer is none
            listed = ", ".join(f"{version} ({count})" for version, count in sorted(counted.items()))
            yield f"{target}: recorded from several versions: {listed}"
