"""What to run: targets, requirements and cases, checked before anything is read or sent."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance._text import did_you_mean
from conformance.cases import Case
from conformance.cases.corpus import Corpus, shipped_corpus
from conformance.judging.expectations import NO_EXPECTATIONS, Expectations
from conformance.judging.profiles import Profile, UnknownProfile
from conformance.judging.requirements import reserved
from conformance.judging.suite import Suite, shipped_suite
from conformance.judging.verdict import ON_MUST, FailOn
from conformance.traffic.folder_contents import EXPECTED_TO_FAIL


class SelectionError(ValueError):
    """A selection that does not exist or is empty; the message is one line for the user."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The targets, requirements and cases to run, and the profile to judge by.

    If ``profile`` is None, each recording or URL determines it. Empty ``targets``, ``requirements``
    or ``cases`` mean all. ``among`` are the cases that a live run chooses from, None for all.
    ``suite`` judges, ``corpus`` has the cases to choose from. ``expected`` are the failures that
    the user accepts, ``fail_on`` says what makes the run fail, ``behind`` names the server behind a
    gateway, "" if the user does not.
    """

    profile: str | None = None
    targets: tuple[str, ...] = ()
    requirements: frozenset[str] = frozenset()
    cases: frozenset[str] = frozenset()
    among: frozenset[str] | None = None
    suite: Suite = field(default_factory=shipped_suite, repr=False)
    corpus: Corpus = field(default_factory=shipped_corpus, repr=False)
    expected: Expectations = NO_EXPECTATIONS
    fail_on: FailOn = ON_MUST
    behind: str = ""

    @property
    def all_cases(self) -> Collection[Case]:
        """All cases of the corpus, sorted by id."""
        return self.corpus.cases.values()

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
        raise SelectionError(why_unknown(unknown, selection.suite.requirements))


def why_unknown(ids: Sequence[str], known: Iterable[str]) -> str:
    """Return one line about requirements that do not exist: reserved, or the nearest of ``known``.

    ``ids`` are those that do not exist, at least one.
    """
    if promise := reserved().get(ids[0].upper()):
        return f"{ids[0].upper()} is reserved and not a requirement: {promise}"
    return (
        f"unknown requirement {', '.join(map(repr, ids))}{did_you_mean(ids[0].upper(), known)};"
        " `conformance requirements` lists them"
    )


def check_cases(chosen: Iterable[str], there: Iterable[str]) -> None:
    """Raise SelectionError if a chosen case is not in ``there``."""
    names = sorted(there)
    if unknown := sorted(set(chosen) - set(names)):
        raise SelectionError(
            f"unknown case {', '.join(map(repr, unknown))}{did_you_mean(unknown[0], names)};"
            " `conformance cases` lists them"
        )


UNSUPPORTED = "not supported by "
"""How the reason to skip a case begins if the target lacks a capability that the case needs."""

NO_CASSETTE = "no cassette"
"""The reason to skip a case that the target supports, but that was not recorded."""


def why_unsupported(case: Case, profile: Profile, model: str) -> str:
    """Return which capabilities that the case needs are missing, "" if none is.

    The profile may lack them, or only the model. ``model`` is "" if it is unknown.
    """
    if missing := sorted(case.needs - profile.capabilities):
        return f"{UNSUPPORTED}{profile.name}: {', '.join(missing)}"
    missing = sorted(case.needs - profile.capabilities_of(model))
    return f"{UNSUPPORTED}{model}: {', '.join(missing)}" if missing else ""


def cassettes(folder: Path, targets: Iterable[str]) -> list[Path]:
    """Return the paths of the cassettes of the targets, sorted.

    Without targets: of all, except those that are expected to fail. Raises SelectionError if a
    target is unknown, the folder cannot be read or there are no cassettes.
    """
    try:
        there = {
            entry.name: entry
            for entry in sorted(folder.iterdir())
            if entry.is_dir() and not entry.name.startswith(".")
        }
    except OSError as error:
        raise SelectionError(f"{folder}: {error.strerror}") from None
    if unknown := sorted(set(targets) - there.keys()):
        raise SelectionError(
            f"unknown target {', '.join(map(repr, unknown))}; {folder} has"
            f" {', '.join(there) or 'no targets'}"
        )
    names = set(targets) or {
        name for name, place in there.items() if not (place / EXPECTED_TO_FAIL).exists()
    }
    paths = [
        path
        for name in sorted(names)
        for path in sorted(there[name].glob("*.yaml"))
        if not path.name.startswith(".") and path.is_file()
    ]
    if not paths:
        raise SelectionError(
            f"{folder} holds no cassettes (TARGET/CASE.yaml), so nothing was judged"
        )
    return paths
