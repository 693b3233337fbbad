"""The work of the command ``compare``: ask or read both sides, compare, print."""

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from conformance._files import locked
from conformance._text import escaped, many
from conformance.cases.corpus import shipped_corpus
from conformance.cli.compare_options import CompareOptions
from conformance.cli.compare_output import outputs_for, show
from conformance.cli.compare_questions import about_of, chosen_questions
from conformance.cli.compare_targets import Asked, SideGiven, Sides, Stored, sides_of, target_of
from conformance.cli.exit import INTERRUPTED, usage_error
from conformance.cli.options import live_only_in_use
from conformance.cli.output_options import OutputError
from conformance.comparison.result import Comparison
from conformance.comparison.sample import Sample, Side
from conformance.endpoints.client.budget import Budget
from conformance.endpoints.client.http_client import Limits
from conformance.endpoints.client.live_target import LiveTarget
from conformance.runs.compare import saved
from conformance.runs.compare.comparing import compared, complete_pairs
from conformance.runs.compare.questions import Question
from conformance.runs.compare.recordings import paired
from conformance.runs.compare.session import Gathered, NotReady, Sending, gather
from conformance.runs.compare.settings import Settings
from conformance.runs.compare.stored_side import OldSide, aligned, old_side_of
from conformance.runs.selection import Selection, SelectionError, check

_SAMPLES, _SEED = 3, 1
_FEWEST_FOR_CALIBRATION = 4
NOT_ENOUGH = 3
"""The exit code if not enough could be compared."""


@dataclass(frozen=True, slots=True)
class _Done:
    """The samples of a comparison with its settings, and whether Ctrl-C ended it."""

    settings: Settings
    samples: Sequence[Sample]
    interrupted: bool = False
    unwritten: OSError | None = None


def compare_sides(options: CompareOptions) -> int:
    """Compare and print; return the exit code.

    What the user has to correct is printed in one line, with exit code 2; a side that answers
    nothing likewise, with exit code 3.
    """
    try:
        check(Selection(options.profile))
        sides = sides_of(options)
        _check_usage(options, sides)
        outputs = outputs_for(options)
        if options.plan:
            return _print_plan(options, sides)
        if options.report:
            _make_folder(options.report)
        with locked(options.report) if options.report else nullcontext():
            done = _done(options, sides)
            if done is None:
                return NOT_ENOUGH
            comparison = compared(done.samples, done.settings)
            show(comparison, done.samples, done.settings, options, outputs)
    except (SelectionError, OutputError) as error:
        return usage_error(str(error))
    except NotReady as error:
        usage_error(str(error))
        return NOT_ENOUGH
    if done.unwritten:
        raise done.unwritten
    if done.interrupted:
        return INTERRUPTED
    return _exit_code(comparison, done, options)


def _exit_code(comparison: Comparison, done: _Done, options: CompareOptions) -> int:
    if comparison.fails:
        return 1
    if not complete_pairs(done.samples) or not comparison.results:
        return NOT_ENOUGH
    unclear = [
        each
        for each in comparison.results
        if each.metric.gates and each.judgement in ("cannot tell", "changed")
    ]
    return NOT_ENOUGH if options.require_proof and unclear else 0


def _check_usage(options: CompareOptions, sides: Sides) -> None:
    asks = isinstance(sides.new, Asked)
    if not asks:
        if isinstance(sides.old, Asked):
            raise SelectionError("a side that is asked can only be NEW: give the saved one first")
        if names := live_only_in_use(options):
            raise SelectionError(f"{', '.join(names)}: both sides are saved, so nothing is asked")
    elif options.resume and not options.report:
        raise SelectionError("--resume needs the --report DIR of the comparison to continue")
    if options.calibrate and asks and (options.samples or _SAMPLES) < _FEWEST_FOR_CALIBRATION:
        raise SelectionError(
            f"--calibrate splits the answers to each question: add --samples"
            f" {_FEWEST_FOR_CALIBRATION} or more"
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise SelectionError(f"--report {folder}: this is a file; name a folder") from None
    except OSError as error:
        raise SelectionError(f"--report {folder}: {error.strerror}") from None


def _done(options: CompareOptions, sides: Sides) -> _Done | None:
    """Return the samples of both sides; None if there are none, which is then said."""
    if sides.new is None:
        assert isinstance(sides.old, Stored)
        return _repeated(sides.old.path, options)
    if isinstance(sides.new, Stored):
        assert isinstance(sides.old, Stored)
        return _of_stored(sides.old.path, sides.new.path, options)
    return _asked(options, sides.old, sides.new)


def _warn(notes: Sequence[str]) -> None:
    for note in notes:
        print(f"Warning: {escaped(note)}", file=sys.stderr)


def _repeated(folder: Path, options: CompareOptions) -> _Done:
    stored = saved.read(folder)
    _warn(stored.damaged)
    settings = replace(
        stored.settings,
        calibrate=options.calibrate or stored.settings.calibrate,
        seed=stored.settings.seed if options.seed is None else options.seed,
        notes=(*stored.settings.notes, *stored.damaged),
    )
    if options.profile:
        settings = replace(settings, old_profile=options.profile, new_profile=options.profile)
    done = _Done(settings, stored.samples)
    _save(done, options.report)
    return done


def _of_stored(old: Path, new: Path, options: CompareOptions) -> _Done:
    """Compare two saved sides by their requests."""
    first, second = old_side_of(old), old_side_of(new)
    _warn((*first.notes, *second.notes))
    both = paired(first.exchanges, second.exchanges, {**shipped_corpus().cases, **first.cases})
    samples = both.samples
    names = {sample.question for sample in samples}
    often = max((sample.number for sample in samples), default=1)
    settings = Settings(
        first.words,
        second.words,
        about_of(len({sample.case for sample in samples}), "recorded request", len(names)),
        often,
        _SEED if options.seed is None else options.seed,
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
    done = _Done(settings, samples)
    _save(done, options.report)
    return done


def _save(done: _Done, report: Path | None) -> None:
    if report:
        saved.write_all(report, done.settings, done.samples)


def _sending(options: CompareOptions, spent: int) -> Sending:
    return Sending(
        options.concurrency,
        _budget(options),
        Limits(read=options.timeout, whole=max(options.timeout, Limits().whole)),
        options.wait,
        spent,
        options.report,
        confirms=not options.no_confirm,
    )


def _budget(options: CompareOptions) -> Budget:
    return Budget(options.max_requests, options.max_tokens, options.max_minutes, options.rate)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What is asked of whom: the sides to ask, the questions, the settings, the stored samples."""

    targets: dict[Side, LiveTarget]
    questions: Sequence[Question]
    settings: Settings
    stored: Sequence[Sample] = ()
    spent: int = 0


def _prepared(options: CompareOptions, old: SideGiven, new: Asked) -> _Prepared:
    seed = _SEED if options.seed is None else options.seed
    if isinstance(old, Stored):
        return _prepared_against(old.path, new, options, seed)
    found = {"old": target_of("old", old, options), "new": target_of("new", new, options)}
    targets: dict[Side, LiveTarget] = {"old": found["old"].target, "new": found["new"].target}
    chosen = chosen_questions(options, targets, seed)
    settings = Settings(
        _words(targets["old"]),
        _words(targets["new"]),
        chosen.about,
        options.samples or _SAMPLES,
        seed,
        _profile(targets["old"]),
        _profile(targets["new"]),
        options.calibrate,
        notes=chosen.notes,
    )
    spent = sum(each.requests for each in found.values())
    return _Prepared(targets, chosen.questions, settings, spent=spent)


def _prepared_against(path: Path, new: Asked, options: CompareOptions, seed: int) -> _Prepared:
    stored: OldSide = old_side_of(path)
    _warn(stored.notes)
    found = target_of("new", new, options)
    stored_samples = stored.as_samples(options.samples)
    if not stored_samples:
        raise SelectionError(f"{path}: no answers to cases that can be asked again")
    asked = {sample.case: sample for sample in stored_samples}
    questions = [
        Question(sample.question, sample.asked) for sample in asked.values() if sample.asked
    ]
    often = max(sample.number for sample in stored_samples)
    settings = Settings(
        stored.words,
        _words(found.target),
        stored.about or about_of(len(asked), "case", len({q.name for q in questions})),
        often,
        seed,
        options.profile or stored.profile,
        _profile(found.target),
        options.calibrate,
        together=False,
        notes=stored.notes,
    )
    return _Prepared({"new": found.target}, questions, settings, stored_samples, found.requests)


def _words(target: LiveTarget) -> str:
    return f"{target.model} at {target.base_url}"


def _profile(target: LiveTarget) -> str | None:
    return None if target.assumed else target.profile


def _print_plan(options: CompareOptions, sides: Sides) -> int:
    from conformance.runs.compare.plan import describe

    if not isinstance(sides.new, Asked):
        raise SelectionError("--plan: both sides are saved, so nothing is asked")
    prepared = _prepared(options, sides.old, sides.new)
    before = _before(options, prepared)
    sys.stdout.write(
        describe(
            prepared.targets,
            prepared.questions,
            prepared.settings,
            _budget(options),
            options.concurrency,
            confirms=not options.no_confirm and len(prepared.targets) > 1,
            before=before,
        )
    )
    print("Nothing was sent.")
    return 0


def _asked(options: CompareOptions, old: SideGiven, new: Asked) -> _Done | None:
    prepared = _prepared(options, old, new)
    before = _before(options, prepared)
    if options.report and not before:
        cases = [question.case for question in prepared.questions]
        saved.begin(options.report, prepared.settings, cases)
        with saved.appending(options.report) as file:
            saved.append(file, prepared.stored)
    gathered = gather(
        prepared.targets,
        prepared.questions,
        prepared.settings,
        _sending(options, prepared.spent),
        before or prepared.stored,
    )
    return _finished(options, prepared, gathered)


def _before(options: CompareOptions, prepared: _Prepared) -> Sequence[Sample]:
    """Return the samples of the comparison to continue; () if there is none.

    Raises SelectionError if the folder has another comparison.
    """
    if not (options.resume and options.report and saved.is_comparison(options.report)):
        return ()
    stored = saved.read(options.report)
    _warn(stored.damaged)
    now, then = prepared.settings, stored.settings
    for name, value, before in (
        ("OLD", now.old, then.old),
        ("NEW", now.new, then.new),
        ("--samples", now.samples, then.samples),
        ("--seed", now.seed, then.seed),
        ("what is asked", {q.case.id for q in prepared.questions}, set(stored.cases)),
    ):
        if value != before:
            shown = f" ({before} then, {value} now)" if not isinstance(value, set) else ""
            raise SelectionError(
                f"--resume: {name} is not that of {options.report}{shown}; give the same, or"
                " another --report"
            )
    there = many(len(complete_pairs(stored.samples)), "pair")
    print(f"{there} already there and not asked again.", file=sys.stderr)
    return stored.samples


def _finished(options: CompareOptions, prepared: _Prepared, gathered: Gathered) -> _Done | None:
    samples = gathered.samples if len(prepared.targets) > 1 else aligned(gathered.samples)
    settings = replace(prepared.settings, ended=gathered.ended())
    if options.report and gathered.unwritten is None:
        saved.write_settings(options.report, settings)
    if gathered.interrupted:
        how = (
            "add --resume to the same command to continue"
            if options.report
            else ("nothing was saved: --report DIR saves the answers")
        )
        print(f"Interrupted; {how}.", file=sys.stderr)
    if not complete_pairs(samples):
        why = gathered.why_ended or "no pair of answers"
        print(f"Nothing could be compared: {escaped(why)}.", file=sys.stderr)
        if gathered.interrupted:
            raise KeyboardInterrupt
        return None
    return _Done(settings, samples, gathered.interrupted, gathered.unwritten)
