"""Check that two reports can be compared: edition, suite version, targets and cases."""

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from conformance._text import few, many, one_line
from conformance.reports.diff.saved_report import ReadReport, ReadTarget

Pair: TypeAlias = tuple[ReadTarget, ReadTarget]

_MIN_SHARE = 2
"""At least one of this many cases must be in both reports."""

_MAX_NAMES = 5
_RELEASE = re.compile(r"([0-9]+)\.([0-9]+)")


class NotComparable(ValueError):
    """Raised if two reports cannot be compared; the message is one line."""


class NothingAnswered(NotComparable):
    """Raised if NEW contains no answer to compare, which is not a usage error."""


def check_suites(old: ReadReport, new: ReadReport) -> None:
    """Raise NotComparable if edition or suite version differ so much that verdicts may differ.

    Versions with the same major number are compatible, before 1.0 those with the same minor number.
    """
    if old.edition != new.edition:
        raise NotComparable(
            f"OLD was judged by edition {one_line(old.edition)} of the requirements, NEW by"
            f" edition {one_line(new.edition)}; judge both with the same suite"
        )
    if _compatible_versions(old.suite) != _compatible_versions(new.suite):
        raise NotComparable(
            f"OLD was made by version {one_line(old.suite)} of this suite, NEW by version"
            f" {one_line(new.suite)}; judge both with the same version"
        )


def _compatible_versions(suite: str) -> str:
    """Return the part of a version that compatible versions share, such as ``2`` or ``0.3``."""
    release = _RELEASE.match(suite)
    if release is None:
        return suite
    major, minor = release.groups()
    return major if major.strip("0") else f"{major}.{minor}"


def pairs(old: ReadReport, new: ReadReport) -> list[Pair]:
    """Return the targets to compare: the only ones of both reports, or those with the same name.

    A target that answered nothing counts only if both reports have it.

    Raises NotComparable if there are none.
    """
    before, after = candidates(old, new)
    if not any(target.profiles for target in new.targets):
        raise NothingAnswered(
            "NEW contains no answer to judge; `unanswered` in its report.json says why"
        )
    if len(before) == len(after) == 1:
        return [(before[0], after[0])]
    by_name = {target.name: target for target in after}
    paired = [(target, by_name[target.name]) for target in before if target.name in by_name]
    if not paired:
        told, tells = ([each for each in side if each.profiles] for side in (before, after))
        if len(told) == len(tells) == 1:
            return [(told[0], tells[0])]
        raise NotComparable(
            f"no target is in both reports: OLD has {_names(before)}, NEW has {_names(after)}"
        )
    return paired


def candidates(
    old: ReadReport, new: ReadReport
) -> tuple[Sequence[ReadTarget], Sequence[ReadTarget]]:
    """Return the real targets of both reports, or the self-tests if neither has a real one."""
    before, after = (
        [target for target in report.targets if not target.self_test] for report in (old, new)
    )
    return (before, after) if before or after else (old.targets, new.targets)


def check_corpora(paired: Sequence[Pair]) -> None:
    """Raise NotComparable unless both reports share half of all cases and an answered one."""
    before, after = (
        {(number, case) for number, pair in enumerate(paired) for case in pair[side].cases()}
        for side in (0, 1)
    )
    every, both = before | after, before & after
    if len(both) * _MIN_SHARE < len(every):
        raise NotComparable(
            f"only {len(both):,} of {many(len(every), 'case')} are in both reports, fewer than"
            " half; run the same cases for both"
        )
    if not any(old.answered() & new.answered() for old, new in paired):
        why = (
            f"; unanswered in NEW: {few(open_in_new, 1)}"
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
    """Yield a note for each other difference that may explain changed verdicts."""
    if old.suite != new.suite:
        yield f"the version of the suite differs (OLD {old.suite}, NEW {new.suite})"
    for name in sorted(old.profiles.keys() & new.profiles.keys()):
        if old.profiles[name] != new.profiles[name]:
            yield (
                f"the profile {name} differs (OLD {old.profiles[name]}, NEW {new.profiles[name]}):"
                " a verdict may differ although the answer is the same"
            )
    for before, after in paired:
        if before.profiles and after.profiles and before.profiles != after.profiles:
            judged = f"OLD {', '.join(before.profiles)}, NEW {', '.join(after.profiles)}"
            yield (
                f"{after.name} was judged by different profiles ({judged}): a verdict may differ"
                " although the answer is the same"
            )
    if old.corpus != new.corpus:
        yield (
            f"the corpus of cases differs (OLD {old.corpus}, NEW {new.corpus}): cases are compared"
            " by id"
        )
    for title, targets, side in zip(("OLD", "NEW"), candidates(old, new), (0, 1), strict=True):
        if alone := [target for target in targets if target not in [pair[side] for pair in paired]]:
            yield f"not compared, as only {title} has it: {_names(alone)}"


def _names(targets: Sequence[ReadTarget]) -> str:
    return few([one_line(target.name) for target in targets], _MAX_NAMES) or "only a self-test"
