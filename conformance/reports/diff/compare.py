"""Compare two reports: find changed verdicts and lost answers."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal, TypeAlias, get_args

from conformance.cases.case_ref import parse_case
from conformance.judging.requirements import Level, Requirement
from conformance.judging.verdict import Outcome
from conformance.reports.diff.comparability import check_corpora, check_suites, notes, pairs
from conformance.reports.diff.proof import Proved, proved
from conformance.reports.diff.saved_report import ReadReport, ReadTarget, cases_of
from conformance.reports.diff.tool_calls import calls_by_case
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import CaseVerdict

Kind: TypeAlias = Literal[
    "regression", "fixed", "deviation", "accepted", "crash", "exercised", "not exercised"
]
"""How a verdict changed.

- regression: did not fail in OLD, fails in NEW; whether more than chance, ``proof`` says
- fixed: failed in OLD, accepted by the user or not, passes in NEW
- deviation: any other change from or to a known or stale deviation
- accepted: any other change from or to a failure that the user accepts
- crash: the rule crashed in one of the reports
- exercised: tested only in NEW
- not exercised: tested only in OLD
"""

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Change:
    """A verdict that differs between the reports; ``old`` or ``new`` is None if not tested.

    ``entry`` is the requirement. ``level`` and ``findings`` are those of NEW, or those of OLD if
    NEW has none. ``fails_run`` is true if the change is one of those that make the exit code 1: it
    is part of a proof, or the stale deviation of a shipped recording.
    """

    kind: Kind
    case: str
    entry: Requirement
    level: Level
    old: Outcome | None
    new: Outcome | None
    findings: tuple[ReportedFinding, ...]
    fails_run: bool

    @property
    def requirement(self) -> str:
        """The id of the requirement."""
        return self.entry.id


@dataclass(frozen=True, slots=True)
class OnlyInOne:
    """A case that only one target answered.

    ``why`` says why the other did not; ``failures`` counts the unexpected failures of the answer.
    """

    case: str
    why: str
    failures: int


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A case whose HTTP status differs between the reports.

    ``said`` is the error message of NEW, or that of OLD if NEW has none. ``lost`` is true if OLD
    was answered with 200 and NEW with an error, and the case does not provoke an error.
    """

    case: str
    old: int
    new: int
    said: str
    lost: bool


@dataclass(frozen=True, slots=True)
class LostAnswer:
    """A case that OLD answered completely and that is unanswered or truncated in NEW."""

    case: str
    why: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A target of OLD compared with one of NEW; ``cases`` counts the cases that both answered.

    ``results`` is what these cases prove, by metric. ``calls`` counts the cases with a tool call in
    OLD that can be compared; ``lost_calls`` are those without one in NEW.
    """

    old: ReadTarget
    new: ReadTarget
    cases: int
    results: tuple[Proved, ...]
    calls: int
    lost_calls: tuple[str, ...]
    changes: tuple[Change, ...]
    restated: tuple[StatusChange, ...]
    left_open: tuple[LostAnswer, ...]
    only_old: tuple[OnlyInOne, ...]
    only_new: tuple[OnlyInOne, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """All differences of two reports; ``notes`` are those that are not about a verdict."""

    old: ReadReport
    new: ReadReport
    targets: tuple[Compared, ...]
    notes: tuple[str, ...]


def compare(old: ReadReport, new: ReadReport) -> Diff:
    """Return the differences of two reports. Raises NotComparable."""
    check_suites(old, new)
    paired = pairs(old, new)
    check_corpora(paired)
    order = {id: number for number, id in enumerate({**new.requirements, **old.requirements})}
    return Diff(
        old,
        new,
        tuple(_compared(*pair, new, order) for pair in paired),
        tuple(notes(old, new, paired)),
    )


def exit_code(diff: Diff, *, require_proof: bool = False) -> int:
    """Return 1 if NEW fails, else 3 if NEW lacks an answer that OLD had, else 0.

    ``require_proof`` gives 3 also if NEW may be worse, without a proof.
    """
    if fails(diff):
        return 1
    lacks = any(
        target.left_open or any(case.lost for case in target.restated) for target in diff.targets
    )
    unproved = require_proof and any(
        result.is_open for target in diff.targets for result in target.results
    )
    return 3 if lacks or unproved else 0


def fails(diff: Diff) -> bool:
    """Return whether NEW is worse than OLD, or a known deviation is stale that must not be."""
    return any(
        any(result.fails for result in target.results)
        or any(change.fails_run for change in target.changes)
        for target in diff.targets
    )


def _compared(
    old: ReadTarget, new: ReadTarget, report: ReadReport, order: Mapping[str, int]
) -> Compared:
    both = old.answered() & new.answered()
    calls = calls_by_case(old, new, report.offering)
    results = proved(old, new, report.requirements, report.questions, calls)
    worse = {result.metric.name for result in results if result.fails}
    changes = sorted(_changes(old, new, both, worse), key=lambda change: _sort_key(change, order))
    left_open = tuple(_left_open(old, new))
    only_old = (
        only for only in _only_in(old, new) if only.case not in {case.case for case in left_open}
    )
    return Compared(
        old,
        new,
        len(both),
        results,
        sum(had for had, _ in calls.values()),
        tuple(case for case, (had, has) in calls.items() if had and not has),
        tuple(changes),
        tuple(_restated(old, new)),
        left_open,
        tuple(only_old),
        tuple(_only_in(new, old)),
    )


def _restated(old: ReadTarget, new: ReadTarget) -> Iterator[StatusChange]:
    for case in sorted(old.replies.keys() & new.replies.keys()):
        before, after = old.replies[case], new.replies[case]
        if before.status != after.status:
            lost = before.status == HTTPStatus.OK != after.status and not after.wants_refusal
            yield StatusChange(case, before.status, after.status, after.said or before.said, lost)


def _left_open(old: ReadTarget, new: ReadTarget) -> Iterator[LostAnswer]:
    reasons: dict[str, str] = {}
    for turn, why in new.unanswered.items():
        reasons.setdefault(parse_case(turn).id, why)
    for case in sorted(old.whole() & reasons.keys()):
        yield LostAnswer(case, reasons[case])


def _changes(old: ReadTarget, new: ReadTarget, both: Set[str], worse: Set[str]) -> Iterator[Change]:
    for key in old.verdicts.keys() | new.verdicts.keys():
        if cases_of(key[0]) <= both and (
            change := _change(old.verdicts.get(key), new.verdicts.get(key), worse)
        ):
            yield change


def _change(old: CaseVerdict | None, new: CaseVerdict | None, worse: Set[str]) -> Change | None:
    before, after = (verdict.verdict if verdict else None for verdict in (old, new))
    latest = new or old
    if before == after or latest is None:
        return None
    kind = _kind(before, after)
    is_stale = kind in ("deviation", "accepted") and after == "stale"
    return Change(
        kind=kind,
        case=latest.case,
        entry=latest.entry,
        level=latest.level,
        old=before,
        new=after,
        findings=(new.findings if new else ()) or (old.findings if old else ()),
        fails_run=latest.fails_run
        if is_stale
        else kind == "regression" and latest.requirement in worse,
    )


def _kind(old: Outcome | None, new: Outcome | None) -> Kind:
    if old is None:
        return "exercised"
    if new is None:
        return "not exercised"
    if "error" in (old, new):
        return "crash"
    if new == "fail":
        return "regression"
    is_fixed = old in ("fail", "accepted") and new == "pass"
    if is_fixed:
        return "fixed"
    return "accepted" if "accepted" in (old, new) else "deviation"


def _sort_key(change: Change, order: Mapping[str, int]) -> tuple[int, bool, bool, str, int, str]:
    """Sort by kind, then failing, protocol before model, must before should, id and case."""
    about_model = change.entry.about == "model"
    return (
        KINDS.index(change.kind),
        not change.fails_run,
        about_model,
        change.level,
        order[change.requirement],
        change.case,
    )


def _only_in(one: ReadTarget, other: ReadTarget) -> Iterator[OnlyInOne]:
    failures = Counter(
        case
        for (together, _), verdict in one.verdicts.items()
        if verdict.verdict == "fail"
        for case in cases_of(together)
    )
    for case in sorted(one.answered() - other.answered()):
        yield OnlyInOne(
            case,
            {**other.not_asked, **other.unanswered}.get(case, "not in the report"),
            failures[case],
        )


def summary(diff: Diff) -> dict[str, int]:
    """Return the number of changes by kind, of those that fail the run, and of cases by report."""
    changes = [change for target in diff.targets for change in target.changes]
    kinds = Counter(change.kind for change in changes)
    return {
        "cases": sum(target.cases for target in diff.targets),
        "restated": _sum(diff.targets, "restated"),
        "lost": sum(case.lost for target in diff.targets for case in target.restated),
        "left_open": _sum(diff.targets, "left_open"),
        "only_old": _sum(diff.targets, "only_old"),
        "only_new": _sum(diff.targets, "only_new"),
        **{kind: kinds[kind] for kind in KINDS},
        "deciding": sum(change.fails_run for change in changes),
        "tool_calls": sum(target.calls for target in diff.targets),
        "lost_tool_calls": _sum(diff.targets, "lost_calls"),
    }


def _sum(targets: Iterable[Compared], name: str) -> int:
    return sum(len(getattr(target, name)) for target in targets)
