"""Whether two reports can be compared: by which ledger and suite they were made, of which targets
and cases they speak."""

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from conformance._text import few, many, one_line
from conformance.reports.diff.saved_report import ReadReport, ReadTarget

Pair: TypeAlias = tuple[ReadTarget, ReadTarget]

_SHARE = 2
"""One in so many cases at least has to be in both reports."""

_NAMED = 5
_RELEASE = re.compile(r"([0-9]+)\.([0-9]+)")


class NotComparable(ValueError):
    """Two reports that cannot be compared; the message says why, and fits on one line."""


class NothingAnswered(NotComparable):
    """A report that cannot be compared as it has no answer to judge: not a wrong use, but nothing
    that can be said."""


def check_suites(old: ReadReport, new: ReadReport) -> None:
    """Raise NotComparable for two editions of the ledger, or two suites of which the later may
    judge the same otherwise: by semantic versioning."""
    if old.edition != new.edition:
        raise NotComparable(
            f"OLD was judged by edition {one_line(old.edition)} of the ledger, NEW by"
            f" {one_line(new.edition)}; judge both with one suite"
        )
    if _line(old.suite) != _line(new.suite):
        raise NotComparable(
            f"OLD was made by version {one_line(old.suite)} of this suite, NEW by"
            f" {one_line(new.suite)}; judge both with one version"
        )


def _line(suite: str) -> str:
    """The versions that judge alike: those of one major number, and before 1.0 those of one minor
    number."""
    release = _RELEASE.match(suite)
    if release is None:
        return suite
    major, minor = release.groups()
    return major if major.strip("0") else f"{major}.{minor}"


def pairs(old: ReadReport, new: ReadReport) -> list[Pair]:
    """The targets to compare: the only ones of both reports, or those of one name. Raises
    NotComparable where there are none."""
    before, after = candidates(old, new)
    if not new.targets:
        raise NothingAnswered(
            "NEW has no answer to judge; its report.json says why, under unanswered"
        )
    if len(before) == len(after) == 1:
        return [(before[0], after[0])]
    by_name = {target.name: target for target in after}
    paired = [(target, by_name[target.name]) for target in before if target.name in by_name]
    if not paired:
        raise NotComparable(
            f"no target is in both: OLD has {_names(before)}, NEW has {_names(after)}"
        )
    return paired


def candidates(
    old: ReadReport, new: ReadReport
) -> tuple[Sequence[ReadTarget], Sequence[ReadTarget]]:
    """The real targets of both, or the self-tests where neither has any other."""
    before, after = (
        [target for target in report.targets if not target.self_test] for report in (old, new)
    )
    return (before, after) if before or after else (old.targets, new.targets)


def check_corpora(paired: Sequence[Pair]) -> None:
    """Raise NotComparable where fewer than half of all cases that the reports speak of are in both,
    or both answered none."""
    before, after = (
        {(number, case) for number, pair in enumerate(paired) for case in pair[side].cases()}
        for side in (0, 1)
    )
    every, both = before | after, before & after
    if len(both) * _SHARE < len(every):
        raise NotComparable(
            f"of {many(len(every), 'case')} only {len(both):,} are in both reports, fewer than"
            " half; run the same cases for both"
        )
    if not any(old.answered() & new.answered() for old, new in paired):
        why = (
            f"; NEW says of {few(open_in_new, 1)}"
            if (
                open_in_new := [
                    f"{case}: {why}" for _, new in paired for case, why in new.unanswered.items()
                ]
            )
            else ""
        )
        raise (NothingAnswered if why else NotComparable)(
            f"no case was answered in both reports{why}"
        )


def notes(old: ReadReport, new: ReadReport, paired: Sequence[Pair]) -> Iterator[str]:
    """What else differs, and may be the reason of what changed."""
    if old.suite != new.suite:
        yield f"made by version {old.suite} of this suite, then by {new.suite}"
    for name in sorted(old.profiles.keys() & new.profiles.keys()):
        if old.profiles[name] != new.profiles[name]:
            yield (
                f"profile {name} differs ({old.profiles[name]}, then {new.profiles[name]}): a"
                " change may be of what is expected, not of what was answered"
            )
    for before, after in paired:
        if before.profiles != after.profiles:
            judged = f"{', '.join(before.profiles)}, then as {', '.join(after.profiles)}"
            yield (
                f"{after.name} was judged as {judged}: a change may be of what is expected, not of"
                " what was answered"
            )
    if old.corpus != new.corpus:
        yield (
            f"the corpus differs ({old.corpus}, then {new.corpus}): cases are compared by their ids"
        )
    for title, targets, side in zip(("OLD", "NEW"), candidates(old, new), (0, 1), strict=True):
        if alone := [target for target in targets if target not in [pair[side] for pair in paired]]:
            yield f"only {title} has {_names(alone)}, not compared"


def _names(targets: Sequence[ReadTarget]) -> str:
    return few([one_line(target.name) for target in targets], _NAMED) or "none but a self-test"
