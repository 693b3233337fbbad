"""What a lint found, for the formats that only list what is broken."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from conformance import __version__
from conformance._text import one_line
from conformance.judging.requirements import EDITION
from conformance.judging.suite import Suite
from conformance.reports.formats.found import Found, accepted_failures, worst_first
from conformance.reports.text.lint import (
    CollectedFindings,
    accepted_line,
    known_line,
    not_found_by_judging,
    verdict_line,
)
from conformance.runs.broken import Sighting
from conformance.runs.lint import Tally
from conformance.runs.reported_finding import ReportedFinding


def found_in_lint(
    gathered: CollectedFindings,
    tally: Tally,
    code: int,
    suite: Suite,
    problems: Iterable[str] = (),
    place: Callable[[str], str] = str,
) -> Found:
    """Return what a lint found.

    Args:
        gathered: the findings.
        tally: their counts.
        code: the exit code.
        suite: has the requirements.
        problems: a line about each of the user's expectations that is out of date.
        place: returns a place in a file, with or without text after it, as the formats must have
            it: relative to the folder of the repository.
    """

    def placed(sighting: Sighting) -> Sighting:
        return replace(sighting, case=place(sighting.case))

    broken = tuple(
        replace(each, examples=tuple(map(placed, each.examples))) for each in gathered.broken()
    )
    sightings = (*worst_first(broken, gathered.sightings), *(crashes := _crashes(tally, suite)))
    left_out = (known_line(gathered), accepted_line(gathered), *not_found_by_judging(tally))
    return Found(
        verdict=verdict_line(broken, tally, code),
        code=code,
        broken=broken,
        sightings=tuple(map(placed, sightings)),
        all_sightings=gathered.all_sightings + len(crashes),
        left_out=tuple(filter(None, left_out)),
        edition=EDITION,
        suite=__version__,
        judged_by=tuple(sorted(tally.profiles)),
        problems=tuple(one_line(place(problem)) for problem in problems),
        in_files=True,
        accepted=accepted_failures(gathered.accepted),
    )


def _crashes(tally: Tally, suite: Suite) -> list[Sighting]:
    return [
        Sighting(
            "",
            where,
            suite.requirements[requirement],
            "may",
            "error",
            fails_run=False,
            findings=(ReportedFinding(f"the rule crashed, please report it: {why}"),),
        )
        for requirement, (where, why) in sorted(tally.crashes.items())
    ]
