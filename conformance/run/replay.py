"""Exchanges judged as the answers of a target to cases, and the cassettes that hold them replayed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from conformance import evidence
from conformance.cases import probes_of
from conformance.exchange import Exchange
from conformance.judge import Judged, Verdict, judge_for
from conformance.plan import Crash
from conformance.profiles import FALLBACK, Profile, UnknownProfile, profile, profile_for_url
from conformance.run.selection import Selection
from conformance.run.values import CaseVerdict, Played, Told
from conformance.traffic import Unreadable, read


def replay(path: Path, selection: Selection) -> Iterator[Played | Unreadable]:
    """The exchanges of a cassette, judged; its folder is the target. What cannot be read, or is no Chat Completions call, comes as one line about it."""
    number = 0
    for outcome in read([path]):
        if not isinstance(outcome, Exchange):
            yield Unreadable(outcome.where, outcome.why)
            continue
        number += 1
        case = str(outcome.meta.get("case") or path.stem) + (f"#{number}" if number > 1 else "")
        try:
            yield play(outcome, path.parent.name, case, selection)
        except UnknownProfile as error:
            yield Unreadable(outcome.origin, f"conformance.profile: {error}")


def play(exchange: Exchange, target: str, case: str, selection: Selection) -> Played:
    """Judge the answer of a target to a case. Raises UnknownProfile where the recording names one that does not exist."""
    name, assumed = _profile_of(exchange, selection)
    by = profile(name)
    judged = judge_for(by).verdicts(_with_probes(exchange))
    verdicts = tuple(_told(verdict, target, case, by) for verdict in judged if verdict.level != "may" and selection.wants(verdict.requirement))
    said = {key: _word(exchange.meta.get(key)) for key in ("provenance", "server", "server_version")}
    return Played(target, case, name, assumed, **said, verdicts=verdicts)


def _with_probes(exchange: Exchange) -> Exchange:
    """The exchange with the requirements that its case was made to show."""
    return replace(exchange, meta={**exchange.meta, "probes": probes_of(str(exchange.meta.get("case")))})


def _profile_of(exchange: Exchange, selection: Selection) -> tuple[str, bool]:
    """The name of the profile that judges an exchange, and whether it is only assumed."""
    said = selection.profile or _word(exchange.meta.get("profile")) or profile_for_url(exchange.request.url)
    return said or FALLBACK, said is None


def _word(value: object) -> str | None:
    return str(value) if value else None


def _told(verdict: Verdict, target: str, case: str, by: Profile) -> CaseVerdict:
    return CaseVerdict(target, case, verdict.requirement, verdict.level, verdict.outcome, tuple(_findings(verdict, by)))


def _findings(verdict: Verdict, by: Profile) -> Iterator[Told]:
    found = verdict.found
    if isinstance(found, Crash):
        yield Told(f"the rule crashed, please report it: {found.why}")
    elif isinstance(found, Judged):
        finding, known = found.finding, found.known
        yield Told(
            message=evidence.shown(finding.message),
            expected=evidence.shown(finding.expected),
            actual=evidence.shown(finding.actual),
            event=finding.event,
            pointer=finding.pointer,
            count=finding.count,
            known=known.told if known else None,
        )
    elif verdict.outcome == "stale":
        for entry in by.deviations:
            if entry.requirement == verdict.requirement and entry.occurs == "always":
                yield Told(f"by profile {by.name} this always comes, and it did not: {entry.told}")
