"""What a hunt found, kept as rows of a corpus file."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from conformance.cases import Case, read_cases
from conformance.cases.corpus_writer import write_cases
from conformance.cases.digest import digest
from conformance.cases.features import FEATURES
from conformance.cases.minting import minted
from conformance.runs.hunt.hunting import Failure


def row_of(failure: Failure) -> Case:
    """The row of the request that shows a failure, in the area of its most special feature."""
    areas = [feature.area for name, feature in FEATURES.items() if name in failure.features]
    return replace(
        minted(failure.case.body, areas[-1] if areas else "text", ()), found=(failure.requirement,)
    )


def readable(path: Path) -> None:
    """Nothing where rows can be added to this file, so that a hunt is not for nothing. Raises
    CaseError and FileNotFoundError."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {path.parent}")
    _kept(path)


def save(path: Path, failures: Iterable[Failure]) -> list[Case]:
    """Add to a corpus file, which is made where it is missing, what is not in it; the rows added.
    Raises CaseError and OSError."""
    kept = _kept(path)
    known = {digest(case) for case in kept}
    added = {
        digest(row): row for failure in failures if digest(row := row_of(failure)) not in known
    }
    if added:
        write_cases(path, [*kept, *added.values()])
    return list(added.values())


def _kept(path: Path) -> list[Case]:
    return list(read_cases(path)) if path.exists() else []
