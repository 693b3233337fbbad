"""Two reports compared: the verdicts that were gained, lost and changed, by target, requirement and
case, and the answers that did not come any more."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Literal, TypeAlias, get_args

from conformance.cases import wants_a_refusal
from conformance.judging.requirements import Level, requirements
from conformance.judging.verdict import Outcome
from conformance.reports.diff.comparability import check_corpora, check_suites, notes, pairs
from conformance.reports.diff.saved_report import ReadReport, ReadTarget, cases_of
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import CaseVerdict

Kind: TypeAlias = Literal[
    "regression", "mended", "deviation", "crash", "exercised", "not exercised"
]
"""What passed or was explained and now fails; what failed and now passes; any other change of known
and stale; a rule that crashes in one of them; what is put to the test only in NEW, or only in OLD.
"""

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Change:
    """A requirement of which a case shows something else than before; ``old`` or ``new`` is None
    where it was not put to the test.

    ``level`` and ``findings`` are those of NEW, or those of OLD where NEW has none. ``decides``
    says whether it makes the exit code 1.
    """

    kind: Kind
    case: str
    requirement: str
    level: Level
    old: Outcome | None
    new: Outcome | None
    findings: tuple[ReportedFinding, ...]
    fails_run: bool


@dataclass(frozen=True, slots=True)
class OnlyInOne:
    """A case that one target answered and the other did not: why not, and how many unexpected
    failures the answer shows."""

    case: str
    why: str
    failures: int


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A case that is answered with another status; ``said`` is what the error of NEW says, or that
    of OLD where NEW has none.

    ``lost`` says that OLD had an answer to judge, where NEW has an error and no error was asked
    for.
    """

    case: str
    old: int
    new: int
    said: str
    lost: bool


@dataclass(frozen=True, slots=True)
class LostAnswer:
    """A case to which OLD has a whole answer and NEW, which asked it, none or a part of one:
    why."""

    case: str
    why: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A target of OLD and one of NEW. ``cases`` counts those that both answered."""

    old: ReadTarget
    new: ReadTarget
    cases: int
    changes: tuple[Change, ...]
    restated: tuple[StatusChange, ...]
    left_open: tuple[LostAnswer, ...]
    only_old: tuple[OnlyInOne, ...]
    only_new: tuple[OnlyInOne, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """Everything in which two reports differ; ``notes`` say what differs beside the verdicts."""

    old: ReadReport
    new: ReadReport
    targets: tuple[Compared, ...]
    notes: tuple[str, ...]


def compare(old: ReadReport, new: ReadReport) -> Diff:
    """What changed from one report to the other. Raises NotComparable."""
    check_suites(old, new)
    paired = pairs(old, new)
    check_corpora(paired)
    return Diff(
        old, new, tuple(_compared(*pair) for pair in paired), tuple(notes(old, new, paired))
    )


def exit_code(diff: Diff) -> int:
    """1 where a change decides, else 3 where NEW has no answer to judge and OLD had one, else 0."""
    if any(change.fails_run for target in diff.targets for change in target.changes):
        return 1
    return (
        3
        if any(
            target.left_open or any(each.lost for each in target.restated)
            for target in diff.targets
        )
        else 0
    )


def _compared(old: ReadTarget, new: ReadTarget) -> Compared:
    both = old.answered() & new.answered()
    changes = sorted(_changes(old, new, both), key=_place)
    left_open = tuple(_left_open(old, new))
    only_old = (
        each for each in _only_in(old, new) if each.case not in {case.case for case in left_open}
    )
    return Compared(
        old,
        new,
        len(both),
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
            lost = before.status == HTTPStatus.OK != after.status and not wants_a_refusal(
                case.partition("#")[0]
            )
            yield StatusChange(case, before.status, after.status, after.said or before.said, lost)


def _left_open(old: ReadTarget, new: ReadTarget) -> Iterator[LostAnswer]:
    reasons: dict[str, str] = {}
    for turn, why in new.unanswered.items():
        reasons.setdefault(turn.partition("#")[0], why)
    for case in sorted(old.whole() & reasons.keys()):
        yield LostAnswer(case, reasons[case])


def _changes(old: ReadTarget, new: ReadTarget, both: Set[str]) -> Iterator[Change]:
    for key in old.verdicts.keys() | new.verdicts.keys():
        if cases_of(key[0]) <= both and (
            change := _change(old.verdicts.get(key), new.verdicts.get(key))
        ):
            yield change


def _change(old: CaseVerdict | None, new: CaseVerdict | None) -> Change | None:
    before, after = (verdict.verdict if verdict else None for verdict in (old, new))
    told = new or old
    if before == after or told is None:
        return None
    kind = _kind(before, after)
    return Change(
        kind=kind,
        case=told.case,
        requirement=told.requirement,
        level=told.level,
        old=before,
        new=after,
        findings=(new.findings if new else ()) or (old.findings if old else ()),
        fails_run=kind in ("regression", "deviation") and told.fails_run,
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
    return "mended" if (old, new) == ("fail", "pass") else "deviation"


def _place(change: Change) -> tuple[int, bool, bool, str, int, str]:
    """Where a change stands: by kind, then those that decide, then the protocol before the model,
    musts before shoulds, in the order of the ledger."""
    about_model = requirements()[change.requirement].about == "model"
    return (
        KINDS.index(change.kind),
        not change.fails_run,
        about_model,
        change.level,
        _order()[change.requirement],
        change.case,
    )


@cache
def _order() -> Mapping[str, int]:
    return {row: number for number, row in enumerate(requirements())}


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
    """How many changes there are of each kind and how many of them decide, and how many cases are
    in both reports or in one."""
    changes = [change for target in diff.targets for change in target.changes]
    kinds = Counter(change.kind for change in changes)
    return {
        "cases": sum(target.cases for target in diff.targets),
        "restated": _sum(diff.targets, "restated"),
        "lost": sum(each.lost for target in diff.targets for each in target.restated),
        "left_open": _sum(diff.targets, "left_open"),
        "only_old": _sum(diff.targets, "only_old"),
        "only_new": _sum(diff.targets, "only_new"),
        **{kind: kinds[kind] for kind in KINDS},
        "deciding": sum(change.fails_run for change in changes),
    }


def _sum(targets: Iterable[Compared], name: str) -> int:
    return sum(len(getattr(target, name)) for target in targets)
