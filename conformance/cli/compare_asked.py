"""The part of ``compare`` that asks: both sides, or NEW against the stored answers of OLD."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance._text import escaped, many
from conformance.cli.compare_options import CompareOptions
from conformance.cli.compare_questions import about_of, chosen_questions
from conformance.cli.compare_samples import Compared, check_calibration, seed_of, warn
from conformance.cli.compare_targets import Asked, SideGiven, Stored, target_of
from conformance.comparison.sample import Sample, Side
from conformance.endpoints.client.budget import Budget
from conformance.endpoints.client.http_client import Limits
from conformance.endpoints.client.live_target import LiveTarget
from conformance.runs.compare import saved
from conformance.runs.compare.comparing import complete_pairs
from conformance.runs.compare.plan import describe
from conformance.runs.compare.questions import Question
from conformance.runs.compare.session import Gathered, Sending, gather
from conformance.runs.compare.settings import Settings
from conformance.runs.compare.stored_side import aligned, old_side_of
from conformance.runs.selection import SelectionError
from conformance.traffic.redaction.patterns import BY_LOOK, OF_ACCOUNTS, scrub

SAMPLES = 3
"""How often each question is asked on each side, unless the user says so."""


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

    targets: Mapping[Side, LiveTarget]
    questions: Sequence[Question]
    settings: Settings
    stored: Sequence[Sample] = ()
    spent: int = 0


def _prepared(options: CompareOptions, old: SideGiven, new: Asked) -> _Prepared:
    seed = seed_of(options)
    if isinstance(old, Stored):
        return _prepared_against(old.path, new, options, seed)
    found = {"old": target_of("old", old, options), "new": target_of("new", new, options)}
    targets: dict[Side, LiveTarget] = {"old": found["old"].target, "new": found["new"].target}
    chosen = chosen_questions(options, targets, seed)
    settings = Settings(
        _words(targets["old"]),
        _words(targets["new"]),
        chosen.about,
        options.samples or SAMPLES,
        seed,
        _profile(targets["old"]),
        _profile(targets["new"]),
        options.calibrate,
        notes=chosen.notes,
    )
    spent = sum(each.requests for each in found.values())
    return _Prepared(targets, chosen.questions, settings, spent=spent)


def _prepared_against(path: Path, new: Asked, options: CompareOptions, seed: int) -> _Prepared:
    stored = old_side_of(path)
    warn(stored.notes)
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
    """Return what a target is, without the name of an account."""
    return scrub(f"{target.model} at {target.base_url}", (*BY_LOOK, *OF_ACCOUNTS))[0]


def _profile(target: LiveTarget) -> str | None:
    return None if target.assumed else target.profile


def print_plan(options: CompareOptions, old: SideGiven, new: Asked) -> None:
    """Print what would be sent. Raises SelectionError."""
    prepared = _prepared(options, old, new)
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


def asked(options: CompareOptions, old: SideGiven, new: Asked) -> Compared | None:
    """Ask what is missing, and return the samples of both sides.

    None if nothing can be compared, which is then said on standard error. Raises SelectionError,
    NotReady, and KeyboardInterrupt if there is no pair of answers yet.
    """
    prepared = _prepared(options, old, new)
    check_calibration(options, prepared.settings)
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
    warn(stored.damaged)
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


def _finished(options: CompareOptions, prepared: _Prepared, gathered: Gathered) -> Compared | None:
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
    return Compared(settings, samples, gathered.interrupted, gathered.unwritten)
