"""The summary at the end of a session: verdicts by target, and what was not tested."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conformance._text import few, many
from conformance.cases.case_ref import parse_case, parse_group
from conformance.runs.cassette_folders import cassette_folder
from conformance.runs.collecting import NO_CASSETTE, missing
from conformance.runs.selection import Selection
from conformance.runs.summary import demanded

_MAX_NAMES = 8  # cases without a cassette that are listed per target


def lines(all_judged: Iterable[Mapping[str, Any]], selection: Selection) -> Iterator[str]:
    """Yield lines for each target: counts, requirements not tested, missing cassettes.

    The self-test gets only counts if there is a real target.
    """
    by_target: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for case in all_judged:
        by_target.setdefault((case["target"], case["profile"]), []).append(case)
    real = any(not case["emulated"] for judged in by_target.values() for case in judged)
    for (target, profile), judged in by_target.items():
        yield _outcomes(target, profile, judged)
        emulated = judged[0]["emulated"]
        if not (emulated and real):
            yield from _not_exercised(profile, judged, selection)
        if not emulated and (cassette_folder([target]) / target).is_dir():
            yield from _without_cassette(target, profile, judged, selection)


def _outcomes(target: str, profile: str, judged: Iterable[Mapping[str, Any]]) -> str:
    counted: Counter[str] = Counter()
    alone: set[str] = set()
    for case in judged:
        alone |= {parse_case(case["case"]).id} if len(parse_group(case["case"])) == 1 else set()
        counted.update(
            {
                outcome: len(rows)
                for outcome, rows in case["verdicts"].items()
                if outcome != "not exercised"
            }
        )
    outcomes = "".join(f", {count:,} {outcome}" for outcome, count in counted.most_common())
    return f"{target} as {profile}: {many(len(alone), 'case')}{outcomes}"


def _not_exercised(
    profile: str, judged: Iterable[Mapping[str, Any]], selection: Selection
) -> Iterator[str]:
    exercised = {
        row
        for case in judged
        for outcome, rows in case["verdicts"].items()
        if outcome != "not exercised"
        for row in rows
    }
    left = [row for row in demanded(profile, selection) if row not in exercised]
    if left:
        yield f"not tested ({len(left)}): {', '.join(left)}"


def _without_cassette(
    target: str, profile: str, judged: Iterable[Mapping[str, Any]], selection: Selection
) -> Iterator[str]:
    there = {parse_case(case["case"]).id for case in judged}
    left = missing(target, selection.suite.profile(profile), "", there, selection.all_cases)
    names = [item.case for item in left if item.why == NO_CASSETTE]
    if names:
        yield f"no cassette ({len(names)}): {few(names, _MAX_NAMES)}"
