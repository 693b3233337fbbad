"""Save the failures of a hunt as cases in a corpus file."""

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
    """Return the failing request as a case, in the area of its most special feature.

    The area is "text" if the request has no feature.
    """
    areas = [feature.area for name, feature in FEATURES.items() if name in failure.features]
    return replace(
        minted(failure.case.body, areas[-1] if areas else "text", ()), found=(failure.requirement,)
    )


def readable(path: Path) -> None:
    """Check before a hunt that its failures can be saved to ``path``; a new file is fine.

    Raises CaseError if the file holds invalid cases and FileNotFoundError if its folder is missing.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: the folder {path.parent} does not exist")
    _existing_cases(path)


def save(path: Path, failures: Iterable[Failure]) -> list[Case]:
    """Add the failures that are not yet in the corpus file, and return the added cases.

    The file is created if it is missing and there is something to add. Raises CaseError and
    OSError.
    """
    existing = _existing_cases(path)
    digests = {digest(case) for case in existing}
    added = {
        digest(row): row for failure in failures if digest(row := row_of(failure)) not in digests
    }
    if added:
        write_cases(path, [*existing, *added.values()])
    return list(added.values())


def _existing_cases(path: Path) -> list[Case]:
    return list(read_cases(path)) if path.exists() else []
