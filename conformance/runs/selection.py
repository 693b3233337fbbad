"""What a user chose to run, checked before anything is read or sent."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from conformance._text import did_you_mean
from conformance.judging.profiles import UnknownProfile
from conformance.judging.suite import Suite, shipped_suite

EXPECTED_TO_FAIL = "expected-to-fail.txt"
"""A file that says of the target in whose folder it stands that it fails: its cassettes are played
where it is named, and not among all."""


class SelectionError(ValueError):
    """A choice that chooses nothing; the message is one line and says what there is."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What to run: which targets, requirements and cases of a suite, by which profile.

    ``profile`` is None if each recording or URL decides. Empty targets, requirements or cases mean
    all of them.
    """

    profile: str | None = None
    targets: tuple[str, ...] = ()
    requirements: frozenset[str] = frozenset()
    cases: frozenset[str] = frozenset()
    suite: Suite = field(default_factory=shipped_suite, repr=False)

    def wants(self, requirement: str) -> bool:
        """True if a requirement was chosen, or if none was named."""
        return not self.requirements or requirement in self.requirements


def check(selection: Selection) -> None:
    """Raise SelectionError for a profile or a requirement that does not exist."""
    if selection.profile is not None:
        try:
            selection.suite.profile(selection.profile)
        except UnknownProfile as error:
            raise SelectionError(str(error)) from None
    if unknown := sorted(selection.requirements - selection.suite.requirements.keys()):
        raise SelectionError(
            f"unknown requirement {', '.join(map(repr, unknown))}; `conformance requirements` lists"
            " them"
        )


def check_cases(chosen: Iterable[str], there: Iterable[str]) -> None:
    """Raise SelectionError for a case that is not among those that are there."""
    names = sorted(there)
    if unknown := sorted(set(chosen) - set(names)):
        raise SelectionError(
            f"unknown case {', '.join(map(repr, unknown))}{did_you_mean(unknown[0], names)};"
            " `conformance cases` lists them"
        )


def cassettes(folder: Path, targets: Iterable[str]) -> list[Path]:
    """The cassettes of the targets, or of all but those expected to fail, sorted. Raises
    SelectionError where there are none, or a target is unknown."""
    try:
        there = {
            each.name: each
            for each in sorted(folder.iterdir())
            if each.is_dir() and not each.name.startswith(".")
        }
    except OSError as error:
        raise SelectionError(f"{folder}: {error.strerror}") from None
    if unknown := sorted(set(targets) - there.keys()):
        raise SelectionError(
            f"unknown target {', '.join(map(repr, unknown))}; {folder} has"
            f" {', '.join(there) or 'none'}"
        )
    names = set(targets) or {
        name for name, place in there.items() if not (place / EXPECTED_TO_FAIL).exists()
    }
    found = [
        path
        for name in sorted(names)
        for path in sorted(there[name].glob("*.yaml"))
        if not path.name.startswith(".") and path.is_file()
    ]
    if not found:
        raise SelectionError(
            f"{folder} holds no cassettes (TARGET/CASE.yaml), so nothing was judged"
        )
    return found
