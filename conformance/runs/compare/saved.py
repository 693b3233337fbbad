"""The folder of a comparison: what was compared, the cases, and all samples as they came."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import BinaryIO

from conformance._files import write_atomic
from conformance.cases import Case, CaseError, read_cases
from conformance.cases.corpus_writer import write_cases
from conformance.comparison.sample import Sample
from conformance.runs.compare.sample_lines import SampleError, line_of, sample_of
from conformance.runs.compare.settings import Settings
from conformance.runs.selection import SelectionError

SETTINGS, SAMPLES, CASES = "comparison.json", "samples.jsonl", "cases.jsonl"
"""The files of the folder."""

_VERSION = 1
_MOST_NAMED = 3
"""How many damaged lines are named; more are counted."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved comparison.

    ``damaged`` names the lines of the samples that could not be read, one sentence each.
    """

    settings: Settings
    samples: tuple[Sample, ...]
    cases: Mapping[str, Case]
    damaged: tuple[str, ...] = ()


def is_comparison(path: Path) -> bool:
    """Return whether a path is the folder of a comparison."""
    return (path / SETTINGS).is_file()


def begin(folder: Path, settings: Settings, cases: Sequence[Case]) -> None:
    """Write what is compared and the cases, before the first sample; old samples are set aside.

    Raises OSError.
    """
    samples = folder / SAMPLES
    if samples.exists():
        samples.replace(samples.with_name(f"{SAMPLES}.before"))
    write_settings(folder, settings)
    write_cases(folder / CASES, {case.id: case for case in cases}.values())


def write_settings(folder: Path, settings: Settings) -> None:
    """Write what is compared. Raises OSError."""
    document = {"comparison": _VERSION, **asdict(settings)}
    write_atomic(
        folder / SETTINGS, (json.dumps(document, indent=1, ensure_ascii=True) + "\n").encode()
    )


@contextmanager
def appending(folder: Path) -> Iterator[BinaryIO]:
    """Open the samples of a folder to add some. Raises OSError."""
    path = folder / SAMPLES
    torn = path.is_file() and not _ends_with_line(path)
    with path.open("ab") as file:
        if torn:  # the last line of a killed run
            file.write(b"\n")
        yield file


def append(file: BinaryIO, samples: Sequence[Sample]) -> None:
    """Add samples and wait until they are on the disk's side of the program. Raises OSError."""
    file.write(b"".join(map(line_of, samples)))
    file.flush()


def write_all(folder: Path, settings: Settings, samples: Sequence[Sample]) -> None:
    """Write a whole comparison, such as one of two recordings. Raises OSError."""
    asked = [sample.asked for sample in samples if sample.asked]
    begin(folder, settings, asked)
    write_atomic(folder / SAMPLES, b"".join(map(line_of, samples)))


def read(folder: Path) -> Saved:
    """Read a saved comparison.

    A damaged line of the samples is skipped and named. Of two samples with the same case, side and
    number the later one counts.

    Raises SelectionError: a file is missing, or the settings or cases cannot be read.
    """
    settings = _settings(folder)
    path = folder / CASES
    try:
        cases = {case.id: case for case in read_cases(path)} if path.exists() else {}
    except CaseError as error:
        raise SelectionError(f"{folder}/{error}") from None
    by_key: dict[tuple[str, str, int], Sample] = {}
    damaged: list[str] = []
    path = folder / SAMPLES
    if not path.is_file():
        raise SelectionError(f"{path}: there is no such file: the comparison has no samples")
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.isspace():
                continue
            try:
                sample = sample_of(line, cases)
            except SampleError as error:
                damaged.append(f"{path}:{number} is damaged and left out: {error}")
            else:
                by_key[sample.side, sample.case, sample.number] = sample
    return Saved(settings, tuple(by_key.values()), cases, _few(damaged))


def _settings(folder: Path) -> Settings:
    path = folder / SETTINGS
    names = {field.name for field in fields(Settings)}
    try:
        document = json.loads(path.read_bytes())
        if document.pop("comparison") != _VERSION:
            raise SelectionError(f"{path}: written by another version of conformance")
        known = {name: value for name, value in document.items() if name in names}
        settings = replace(Settings(**known), notes=tuple(document.get("notes", ())))
        valid = type(settings.samples) is int and type(settings.seed) is int
    except OSError as error:
        raise SelectionError(f"{path}: {error.strerror}") from None
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        if isinstance(error, SelectionError):
            raise
        valid = False
    if not valid:
        raise SelectionError(f"{path}: not the settings of a comparison, or damaged")
    return settings


def _ends_with_line(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if not size:
            return True
        file.seek(size - 1)
        return file.read(1) == b"\n"


def _few(damaged: Sequence[str]) -> tuple[str, ...]:
    rest = len(damaged) - _MOST_NAMED
    more = [f"{rest:,} more lines are damaged and left out"] if rest > 0 else []
    return (*damaged[:_MOST_NAMED], *more)
