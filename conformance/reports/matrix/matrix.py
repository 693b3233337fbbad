"""Sum saved reports up in one table: a row for each requirement, a column for each target."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from conformance.judging.profiles import profile, profile_names
from conformance.judging.requirements import Level, Requirement
from conformance.judging.verdict import Outcome
from conformance.reports.matrix.client_effects import ClientEffect, SdkEffects, client_effects
from conformance.reports.matrix.saved import SavedMatrixReport
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import CaseVerdict, TargetVerdicts

Status: TypeAlias = Literal["broken", "crashed", "known", "accepted", "pass", "not tested"]
"""What a target does with a requirement, by its worst verdict.

broken: fails in at least one case; crashed: the rule crashed, which is a bug of the suite; known or
accepted: broken, but only as the profile knows it or the user accepts it; pass: holds wherever it
was tested; not tested: no case tested it."""

STATUSES: tuple[Status, ...] = get_args(Status)
"""All statuses, the worst first."""

BROKEN: tuple[Status, ...] = ("broken", "crashed", "known", "accepted")
"""The statuses of which there is evidence to show."""

_STATUS: Mapping[Outcome, Status] = {
    "fail": "broken",
    "error": "crashed",
    "known": "known",
    "accepted": "accepted",
    "pass": "pass",
    "stale": "pass",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What one target does with one requirement.

    ``level`` is None if the requirement does not apply to this kind of target. ``count`` of ``of``
    tested cases have this status; ``case`` and ``finding`` are the first of them, with a finding
    only if it is broken.
    """

    level: Level | None
    status: Status
    count: int = 0
    of: int = 0
    case: str = ""
    finding: ReportedFinding | None = None


NO_CELL = Cell(None, "not tested")
"""The cell of a requirement that does not apply to a target."""


@dataclass(frozen=True, slots=True)
class Column:
    """One target, judged by one profile.

    ``name`` differs from that of each other column; ``source`` is the report. ``cells`` has the
    requirements that apply, by id. ``sdk`` is what the official SDK did with the answers, None if
    the report does not say; ``effects`` is what clients do according to the measured faults.
    """

    name: str
    source: str
    profile: str
    model: str | None
    server: str | None
    cases: int
    cells: Mapping[str, Cell]
    sdk: SdkEffects | None
    effects: tuple[ClientEffect, ...]

    @property
    def counts(self) -> dict[Status, int]:
        """The number of requirements by status."""
        counted = Counter(cell.status for cell in self.cells.values())
        return {status: counted[status] for status in STATUSES}


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement, with the cell of each column, in their order."""

    entry: Requirement
    cells: tuple[Cell, ...]

    @property
    def worst(self) -> Status:
        """The worst status of all targets."""
        return min((cell.status for cell in self.cells), key=STATUSES.index)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Requirements and targets; ``notes`` says what limits the comparison of the columns."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def broken_rows(self) -> list[Row]:
        """Return the rows that a target breaks, known or not; those that fail first."""
        broken = [row for row in self.rows if row.worst in BROKEN]
        return sorted(broken, key=lambda row: STATUSES.index(row.worst))


def matrix_of(reports: Sequence[SavedMatrixReport]) -> Matrix:
    """Return the table of all targets in the reports, in the order given.

    The answers of the suite's own endpoint are left out of a report that has others.
    """
    parts = [(report, part) for report in reports for part in report.run.main_targets]
    names = _names(parts)
    columns = tuple(
        _column(name, report, part) for name, (report, part) in zip(names, parts, strict=True)
    )
    entries = {id: entry for report in reports for id, entry in report.run.requirements.items()}
    rows = (
        Row(entry, tuple(column.cells.get(id, NO_CELL) for column in columns))
        for id, entry in entries.items()
    )
    return Matrix(
        columns,
        tuple(row for row in rows if any(cell.level for cell in row.cells)),
        tuple(_notes(reports)),
    )


def _names(parts: Sequence[tuple[SavedMatrixReport, TargetVerdicts]]) -> list[str]:
    """Return a name for each target that no other has: with profile, report or number if needed."""
    forms: Sequence[Callable[[SavedMatrixReport, TargetVerdicts], str]] = (
        lambda report, part: part.name,
        lambda report, part: f"{part.name} ({part.profile})",
        lambda report, part: f"{part.name} ({report.source})",
        lambda report, part: f"{part.name} ({part.profile}, {report.source})",
    )
    for form in forms:
        names = [form(*part) for part in parts]
        if len(set(names)) == len(names):
            return names
    return [f"{part.name} #{number}" for number, (_, part) in enumerate(parts, 1)]


def _column(name: str, report: SavedMatrixReport, part: TargetVerdicts) -> Column:
    by_requirement: dict[str, list[CaseVerdict]] = {}
    for verdict in part.verdicts:
        by_requirement.setdefault(verdict.requirement, []).append(verdict)
    cells = {id: _cell(verdicts) for id, verdicts in by_requirement.items()}
    levels = _levels(part, report.run.requirements)
    cells |= {id: Cell(level, "not tested") for id, level in levels.items() if id not in cells}
    return Column(
        name,
        report.source,
        part.profile,
        part.model,
        " ".join(filter(None, (part.server, part.server_version))) or None,
        part.cases,
        cells,
        report.sdk_of(part),
        client_effects({id: cell.count for id, cell in cells.items() if cell.status in BROKEN}),
    )


def _levels(part: TargetVerdicts, entries: Mapping[str, Requirement]) -> dict[str, Level]:
    """Return the level of each requirement that no case tested.

    A report has the ids only. The level is the one of the profile if this suite still has it, else
    the strictest of any kind of target.
    """
    of_profile = profile(part.profile).levels if part.profile in profile_names() else {}
    return {
        id: of_profile.get(id) or min(entries[id].levels.values())
        for id in part.not_exercised
        if id in entries
    }


def _cell(verdicts: Sequence[CaseVerdict]) -> Cell:
    by_status: dict[Status, list[CaseVerdict]] = {}
    for verdict in verdicts:
        by_status.setdefault(_STATUS[verdict.verdict], []).append(verdict)
    worst = min(by_status, key=STATUSES.index)
    first = by_status[worst][0]
    return Cell(
        first.level,
        worst,
        len(by_status[worst]),
        len(verdicts),
        first.case,
        first.findings[0] if first.findings and worst in BROKEN else None,
    )


def _notes(reports: Iterable[SavedMatrixReport]) -> Iterator[str]:
    for what in ("edition", "suite", "corpus"):
        values = {str(getattr(report.run, what)): report.source for report in reports}
        if len(values) > 1:
            named = ", ".join(f"{source} {value}" for value, source in values.items())
            title = {"edition": "edition of the requirements", "suite": "version of the suite"}
            yield f"the {title.get(what, 'corpus of cases')} differs: {named}"
