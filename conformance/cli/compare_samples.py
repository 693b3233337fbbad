"""The part of ``compare`` that asks nothing: saved comparisons, saved runs and recordings."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance._text import escaped
from conformance.cases.corpus import shipped_corpus
from conformance.cli.compare_options import CompareOptions
from conformance.cli.compare_questions import about_of
from conformance.comparison.sample import Sample
from conformance.runs.compare import saved
from conformance.runs.compare.recordings import paired
from conformance.runs.compare.session import NotReady
from conformance.runs.compare.settings import FEWEST_FOR_CALIBRATION, Settings
from conformance.runs.compare.stored_side import old_side_of
from conformance.runs.selection import SelectionError

_SEED = 1


@dataclass(frozen=True, slots=True)
class Compared:
    """The samples of a comparison with its settings.

    ``interrupted`` says that Ctrl-C ended it, ``unwritten`` why samples could not be saved.
    """

    settings: Settings
    samples: Sequence[Sample]
    interrupted: bool = False
    unwritten: OSError | None = None


def seed_of(options: CompareOptions) -> int:
    """Return the seed that the user chose, else the default."""
    return _SEED if options.seed is None else options.seed


def check_calibration(options: CompareOptions, settings: Settings) -> None:
    """Raise SelectionError if there are too few samples for --calibrate."""
    if options.calibrate and settings.samples < FEWEST_FOR_CALIBRATION:
        raise SelectionError(
            "--calibrate splits the answers to each question in two: it needs --samples"
            f" {FEWEST_FOR_CALIBRATION} or more, and here are {settings.samples}"
        )


def warn(notes: Sequence[str]) -> None:
    """Print notes on what cannot be read."""
    for note in notes:
        print(f"Warning: {escaped(note)}", file=sys.stderr)


def repeated(folder: Path, options: CompareOptions) -> Compared:
    """Return the samples of a saved comparison. Raises SelectionError and OSError."""
    stored = saved.read(folder)
    warn(stored.damaged)
    settings = replace(
        stored.settings,
        calibrate=options.calibrate or stored.settings.calibrate,
        seed=stored.settings.seed if options.seed is None else options.seed,
        notes=(*stored.settings.notes, *stored.damaged),
    )
    if options.profile:
        settings = replace(settings, old_profile=options.profile, new_profile=options.profile)
    done = Compared(settings, stored.samples)
    check_calibration(options, settings)
    if options.report and options.report.resolve() != folder.resolve():
        _save(done, options.report)
    return done


def of_stored(old: Path, new: Path, options: CompareOptions) -> Compared:
    """Return the samples of two saved sides, paired by their requests.

    Raises SelectionError, OSError, and NotReady if they have no request in common.
    """
    first, second = old_side_of(old), old_side_of(new)
    warn((*first.notes, *second.notes))
    both = paired(first.exchanges, second.exchanges, {**shipped_corpus().cases, **first.cases})
    samples = both.samples
    names = {sample.question for sample in samples}
    often = max((sample.number for sample in samples), default=1)
    settings = Settings(
        first.words,
        second.words,
        about_of(len({sample.case for sample in samples}), "recorded request", len(names)),
        often,
        seed_of(options),
        options.profile or first.profile,
        options.profile or second.profile,
        options.calibrate,
        together=False,
        notes=(*first.notes, *second.notes, *both.notes),
    )
    if not samples:
        raise NotReady(
            f"nothing to compare: {old} and {new} have no answers to the same request in common"
        )
    check_calibration(options, settings)
    done = Compared(settings, samples)
    _save(done, options.report)
    return done


def _save(done: Compared, report: Path | None) -> None:
    if report:
        saved.write_all(report, done.settings, done.samples)
