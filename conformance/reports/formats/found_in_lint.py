"""What a lint found, for the formats that only list what is broken."""

from collections.abc import Iterable

from conformance import __version__
from conformance._text import one_line
from conformance.judging.requirements import EDITION
from conformance.judging.suite import Suite
from conformance.reports.formats.found import Found, worst_first
from conformance.reports.text.lint import (
    CollectedFindings,
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
) -> Found:
    """Return what a lint found.

    Args:
        gathered: the findings.
        tally: their counts.
        code: the exit code.
        suite: has the requirements.
        problems: a line about each of the user's expectations that is out of date.
    """
    broken = gathered.broken(tally)
    crashes = _crashes(tally, suite)
    left_out = (known_line(gathered), *not_found_by_judging(tally))
    return Found(
        verdict=verdict_line(broken, tally, code),
        code=code,
        broken=broken,
        sightings=(*worst_first(broken, gathered.sightings), *crashes),
        all_sightings=gathered.all_sightings + len(crashes),
        left_out=tuple(filter(None, left_out)),
        edition=EDITION,
        suite=__version__,
        judged_by=tuple(sorted(tally.profiles)),
        problems=tuple(map(one_line, problems)),
        in_files=True,
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
