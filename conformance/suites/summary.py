"""The summary at the end of a session: the verdict on each target, and what was not tested."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from conformance._text import few, many, one_line
from conformance.cases.case_ref import parse_case, parse_group
from conformance.endpoints.reference.in_process import NAME as SELF_TEST
from conformance.judging.verdict import Outcome
from conformance.reports.text.broken import Form, entry
from conformance.reports.text.verdict_line import WORDS
from conformance.runs.broken import BrokenTally, Sighting, is_listed
from conformance.runs.cassette_folders import cassette_folder
from conformance.runs.collecting import missing
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import CaseVerdict, JudgedCase
from conformance.runs.selection import NO_CASSETTE, Selection
from conformance.runs.summary import by_outcome, demanded

_MAX_NAMES = 8  # requirements or cases that are listed per target
_MAX_BROKEN = 12  # broken requirements that are listed per target


def collected_case(judged: JudgedCase, *, emulated: bool) -> dict[str, Any]:
    """Return what the summary needs of a judged case, as JSON, which also xdist can send."""
    return {
        "target": judged.target,
        "case": judged.case,
        "profile": judged.profile,
        "emulated": emulated,
        "verdicts": by_outcome(judged.verdicts),
        "unexpected": [_as_json(verdict) for verdict in judged.verdicts if is_listed(verdict)],
        "own": judged.target != SELF_TEST
        and any(not verdict.fail_on.stale for verdict in judged.verdicts),
        "confirmed": [expectation.place for expectation in judged.confirmed],
        "refuted": [expectation.place for expectation in judged.refuted],
    }


def _as_json(verdict: CaseVerdict) -> dict[str, Any]:
    return {
        "requirement": verdict.requirement,
        "level": verdict.level,
        "outcome": verdict.verdict,
        "fails_run": verdict.fails_run,
        "findings": [
            {"message": found.message, "event": found.event, "pointer": found.pointer}
            for found in verdict.findings
        ],
    }


def lines(
    all_judged: Iterable[Mapping[str, Any]], selection: Selection, width: int
) -> Iterator[str]:
    """Yield lines for each target: verdict, broken requirements, what was not tested.

    The self-test gets only the verdict if there is a real target.

    Args:
        all_judged: what ``collected_case`` returned.
        width: the columns of the terminal.
    """
    by_target: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for case in all_judged:
        by_target.setdefault((case["target"], case["profile"]), []).append(case)
    real = any(not case["emulated"] for judged in by_target.values() for case in judged)
    for (target, profile), judged in by_target.items():
        tested = _tested(judged)
        unexpected = [_sightings(case, selection) for case in judged]
        yield _verdict(target, profile, judged, tested, unexpected)
        emulated = judged[0]["emulated"]
        if not (emulated and real):
            yield from _entries(unexpected, tested, width)
            yield from _counted("accepted", "requirement", _with_outcome(judged, "accepted"))
            if judged[0]["own"]:
                kept = _with_outcome(judged, "stale")
                yield from _counted("no longer broken", "requirement", kept)
            left = [row for row in demanded(profile, selection) if row not in tested]
            yield from _counted("not tested", "requirement", left)
        if not emulated and (cassette_folder([target]) / target).is_dir():
            names = _without_cassette(target, profile, judged, selection)
            yield from _counted("no cassette", "case", names)


def _tested(judged: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Return how many answers tested each requirement."""
    return Counter(
        requirement
        for case in judged
        for outcome, requirements in case["verdicts"].items()
        if outcome != "not exercised"
        for requirement in requirements
    )


def _with_outcome(judged: Iterable[Mapping[str, Any]], outcome: Outcome) -> list[str]:
    return sorted({row for case in judged for row in case["verdicts"].get(outcome, ())})


def _sightings(case: Mapping[str, Any], selection: Selection) -> list[Sighting]:
    """Return the unexpected verdicts of a case."""
    sightings = []
    for row in case["unexpected"]:
        requirement = selection.suite.requirements[row["requirement"]]
        findings = tuple(ReportedFinding(**found) for found in row["findings"])
        sightings.append(
            Sighting(
                case["target"],
                case["case"],
                requirement,
                row["level"],
                row["outcome"],
                row["fails_run"],
                findings,
            )
        )
    return sightings


def _entries(
    unexpected: Iterable[Collection[Sighting]], tested: Mapping[str, int], width: int
) -> Iterator[str]:
    """Yield an entry for each broken requirement, the worst first, and the number of others."""
    tally = BrokenTally()
    for sightings in unexpected:
        tally.add(sightings)
    broken = tally.broken(tested)
    for each in broken[:_MAX_BROKEN]:
        yield from (f"  {line.text}" for line in entry(each, Form(width - 2)))
    if len(broken) > _MAX_BROKEN:
        yield f"  +{len(broken) - _MAX_BROKEN:,} more broken requirements"


def _verdict(
    target: str,
    profile: str,
    judged: Iterable[Mapping[str, Any]],
    tested: Mapping[str, int],
    unexpected: Iterable[Iterable[Sighting]],
) -> str:
    """Return the verdict on a target, how many requirements it breaks, cases and profile."""
    found = [sighting for sightings in unexpected for sighting in sightings]
    failed = {sighting.entry.id for sighting in found if sighting.fails_run}
    undecided = not tested or any(sighting.outcome == "error" for sighting in found)
    code = 1 if failed else 3 if undecided else 0
    alone = {parse_case(case["case"]).id for case in judged if len(parse_group(case["case"])) == 1}
    return (
        f"{WORDS[code]}: {one_line(target)}, {len(failed)} of"
        f" {many(len(tested), 'tested requirement')} broken, {many(len(alone), 'case')}, judged as"
        f" {profile}"
    )


def _counted(what: str, noun: str, names: list[str]) -> Iterator[str]:
    if names:
        yield f"  {what}: {many(len(names), noun)} ({few(names, _MAX_NAMES)})"


def _without_cassette(
    target: str, profile: str, judged: Iterable[Mapping[str, Any]], selection: Selection
) -> list[str]:
    there = {parse_case(case["case"]).id for case in judged}
    left = missing(target, selection.suite.profile(profile), "", there, selection.all_cases)
    return [item.case for item in left if item.why == NO_CASSETTE]
