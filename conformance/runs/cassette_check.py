"""Check cassettes: find unused and outdated ones, and text that looks like a secret."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from conformance._files import special_file, stale_temp_files
from conformance._text import printable
from conformance.cases import Case
from conformance.cases.thinking_room import with_room
from conformance.judging.profiles import UnknownProfile
from conformance.judging.suite import Suite, shipped_suite
from conformance.protocol.chat.error_messages import why_incomplete
from conformance.protocol.exchange import Exchange
from conformance.traffic.read import read
from conformance.traffic.read_result import Unreadable
from conformance.traffic.redaction.patterns import BY_LOOK, scrub

MODEL_FIELD = "model"


def problems(
    paths: Sequence[Path],
    cases: Sequence[Case],
    today: date,
    days: int,
    suite: Suite | None = None,
) -> Iterator[str]:
    """Yield one line for each problem of the cassettes, starting with ``TARGET/CASE.yaml``.

    A recording is stale if it is more than ``days`` old on the date ``today``, and refused if it is
    later than the day after, as no time zone is that far ahead. It must name a
    profile of ``suite``, by default of the shipped one.
    """
    judged_by = suite or shipped_suite()
    by_id = {case.id: case for case in cases}
    for path in paths:
        name = f"{path.parent.name}/{path.name}"
        case = by_id.get(path.stem)
        if case is None:
            yield f"{name}: unused: there is no such case; delete it"
        yield from (
            f"{name}: {problem}" for problem in _of_exchanges(path, case, today, days, judged_by)
        )
        yield from (f"{name}: {problem}" for problem in _secrets(path))


def _of_exchanges(
    path: Path, case: Case | None, today: date, days: int, suite: Suite
) -> Iterator[str]:
    outcomes = list(read([path]))
    yield from (
        f"cannot be read: {outcome.why}" for outcome in outcomes if isinstance(outcome, Unreadable)
    )
    exchanges = [outcome for outcome in outcomes if isinstance(outcome, Exchange)]
    if not exchanges:
        return
    first = exchanges[0]
    if case and not answers_case(first, case):
        yield "it answers a different request than the case sends now; record it again"
    if case and len(exchanges) > 1 + len(case.then):
        yield (
            f"it holds {len(exchanges)} turns, but the case has {1 + len(case.then)}; record it"
            " again"
        )
    for turn, exchange in enumerate(exchanges, 1):
        if why := why_incomplete(exchange):
            where = f"turn {turn}: " if turn > 1 else ""
            yield f"{where}{printable(why)}; record it again"
    try:
        suite.choose_profile(first)
    except UnknownProfile as error:
        yield f"cannot be judged: {error}"
    yield from _age(first, today, days)


def answers_case(exchange: Exchange, case: Case) -> bool:
    """True if the exchange has the request of the case, with or without room for thoughts.

    The model may differ.
    """
    body = exchange.request.body
    model = body.get(MODEL_FIELD) if isinstance(body, dict) else None
    if model is None:
        return bool(body == case.body)
    return any(body == sent.request_for(model) for sent in (case, with_room(case)))


def _age(exchange: Exchange, today: date, days: int) -> Iterator[str]:
    if exchange.meta.get("provenance") != "recorded":
        return
    recorded_at = str(exchange.meta.get("recorded", ""))
    try:
        recorded = datetime.fromisoformat(recorded_at).astimezone(UTC).date()
    except (ValueError, OverflowError):  # the latter for a time before the year 1
        yield (
            f"the time of recording is not a date: {recorded_at!r}"
            if recorded_at
            else "it does not say when it was recorded"
        )
        return
    if recorded - today > timedelta(days=1):
        yield f"recorded {recorded}, in the future: today is {today}"
    if today - recorded > timedelta(days=days):
        yield f"stale: recorded {recorded}, {(today - recorded).days} days ago"


def _secrets(path: Path) -> Iterator[str]:
    """Report each line that holds what looks like a secret, without repeating the secret."""
    for number, line in enumerate(
        path.read_text(encoding="utf-8", errors="replace").splitlines(), 1
    ):
        if scrub(line, BY_LOOK)[1]:
            yield (
                f"line {number} holds what looks like a secret; record it again, and revoke the"
                " secret if it is one"
            )


def half_written(folder: Path) -> Iterator[str]:
    """Yield one line for each incomplete file that a killed recording left behind."""
    for path in [
        path
        for place in sorted(folder.iterdir())
        if place.is_dir()
        for path in stale_temp_files(place)
    ]:
        yield (
            f"{path.relative_to(folder).as_posix()}: incomplete, because its recording was killed;"
            " delete it"
        )


def not_files(folder: Path) -> Iterator[str]:
    """Yield one line for each ``TARGET/NAME.yaml`` that cannot be a cassette, as it is no file."""
    for path in sorted(folder.glob("*/*.yaml")):
        if not path.is_file() and not path.name.startswith("."):
            kind = (
                "a folder" if path.is_dir() else special_file(path) or "a link that leads nowhere"
            )
            yield f"{path.relative_to(folder).as_posix()}: {kind}, not a cassette; delete it"


def several_versions(paths: Sequence[Path]) -> Iterator[str]:
    """Yield one line for each target that was recorded from two to five server versions.

    One run does not compare versions, so such a target should be recorded again.
    """
    by_target: dict[str, dict[str, int]] = {}
    for path in paths:
        for exchange in read([path]):
            if isinstance(exchange, Exchange) and (version := exchange.meta.get("server_version")):
                counted = by_target.setdefault(path.parent.name, {})
                counted[str(version)] = counted.get(str(version), 0) + 1
                break
    for target, counted in sorted(by_target.items()):
        if 1 < len(counted) <= 5:  # a value that changes with each answer is not a version
            listed = ", ".join(f"{version} ({count})" for version, count in sorted(counted.items()))
            yield f"{target}: recorded from several versions: {listed}"
