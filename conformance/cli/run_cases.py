"""The work of the command ``run``: get answers, judge them, print and write the report."""

import sys
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from conformance._files import locked
from conformance.cases.corpus import shipped_corpus
from conformance.cli.exit import usage_error
from conformance.cli.options import live_only_in_use
from conformance.cli.run_options import RunOptions
from conformance.cli.target_options import target_here
from conformance.runs.cassette_folders import cassette_folder, local_cassette_folder
from conformance.runs.collecting import CollectedAnswers, replayed
from conformance.runs.results import Report
from conformance.runs.selection import Selection, SelectionError, check
from conformance.runs.summary import exit_code

if TYPE_CHECKING:
    from conformance.endpoints.client.live_target import LiveTarget
    from conformance.runs.live.session import LiveOptions


def run_cases(options: RunOptions) -> int:
    """Run the selected cases and print the report; return the exit code.

    A wrong selection is reported in one line on standard error, with exit code 2.
    """
    selection = Selection(
        options.profile,
        options.targets,
        frozenset(options.requirements),
        frozenset(options.cases),
        corpus=shipped_corpus(),
    )
    try:
        _check_usage(options)
        check(selection)
        if options.plan:
            return _print_plan(options, selection)
        if options.report:
            _make_folder(options.report)  # before the work, which may take long
        with locked(options.report) if options.report else nullcontext():
            report = _judge_and_output(options, selection)
    except SelectionError as error:
        return usage_error(str(error))
    return exit_code(report)


def _judge_and_output(options: RunOptions, selection: Selection) -> Report:
    """Get the answers, judge them, write and print the report, and return it.

    Raises SelectionError, and OSError after printing if a file cannot be written.
    """
    started = time.monotonic()
    saved = None
    collected = _collect_answers(options, selection)
    report = collected.report(selection)
    if options.live:
        report = replace(report, seconds=round(time.monotonic() - started, 1))
    if options.sdk:
        report = _with_sdk_readings(report, collected)
    unwritten = collected.unwritten
    try:
        if options.report:
            saved = _write(report, options.report)
    except OSError as error:
        unwritten = unwritten or error
    _print(report, options, None if unwritten else saved, time.monotonic() - started)
    if unwritten:
        raise unwritten
    return report


def _with_sdk_readings(report: Report, collected: CollectedAnswers) -> Report:
    """Return the report with the result of parsing each answer with the official SDK."""
    from conformance.runs.sdk.read_answers import readings_of

    return replace(report, sdk=readings_of(collected.answers))


def _print_plan(options: RunOptions, selection: Selection) -> int:
    from conformance.runs.live.session import describe_plan

    plan = describe_plan(
        _target(options, selection), selection, _live_options(options), options.report
    )
    sys.stdout.write(f"{plan}Nothing was sent.\n")
    return 0


def _make_folder(folder: Path) -> None:
    """Create the report folder. Raises SelectionError if that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise SelectionError(
            f"--report {folder}: this is a file; give a folder to write the report into"
        ) from None
    except OSError as error:
        raise SelectionError(
            f"--report {folder}: this folder cannot be made ({error.strerror}); name a place that"
            " can be written"
        ) from None


def _check_usage(options: RunOptions) -> None:
    """Raise SelectionError for options that contradict each other or miss something."""
    if options.sdk:
        _check_sdk()
    if not options.live:
        if names := live_only_in_use(options):
            raise SelectionError(
                f"{', '.join(names)}: only valid with --live; without it nothing is sent"
            )
    elif len(options.targets) > 1:
        raise SelectionError("--live takes only one --target, the name of the live target")
    elif options.everything and options.core:
        raise SelectionError("--all and --core: give only one of them")
    elif options.resume and not options.report:
        raise SelectionError("--resume needs the --report DIR of the run to continue")


def _check_sdk() -> None:
    try:
        import conformance.runs.sdk.read_answers  # noqa: F401
    except ImportError as error:
        raise SelectionError(
            f"--sdk needs openai 1.109 or newer ({error}): pip install 'chat-conformance[sdk]'"
        ) from None


def _collect_answers(options: RunOptions, selection: Selection) -> CollectedAnswers:
    if options.live:
        from conformance.reports.json import run as run_json
        from conformance.runs.live.session import ask_live

        return ask_live(
            _target(options, selection),
            selection,
            _live_options(options),
            options.report,
            local_cassette_folder(),
            run_json.write,
        )
    return replayed(cassette_folder(selection.targets), selection)


def _target(options: RunOptions, selection: Selection) -> "LiveTarget":
    return target_here(
        options.at, selection.profile, selection.targets[0] if selection.targets else None
    )


def _live_options(options: RunOptions) -> "LiveOptions":
    from conformance.endpoints.client.budget import Budget
    from conformance.endpoints.client.http_client import Limits
    from conformance.runs.live.session import LiveOptions

    limits = Limits(read=options.timeout, whole=max(options.timeout, Limits().whole))
    budget = Budget(options.max_requests, options.max_tokens, options.max_minutes, options.rate)
    return LiveOptions(
        options.concurrency,
        budget,
        options.everything,
        options.record,
        options.resume,
        limits,
        core_only=options.core,
        wait=options.wait,
    )


def _write(report: Report, folder: Path) -> Path:
    from conformance.reports.json import run as run_json

    return run_json.write(report, folder)


def _print(report: Report, options: RunOptions, saved: Path | None, seconds: float) -> None:
    from conformance.reports.json import run as run_json
    from conformance.reports.text.unreadable import unreadable

    if options.form == "json":
        sys.stdout.buffer.write(run_json.as_json(report))
        for line in unreadable(report.unreadable):
            print(line, file=sys.stderr)
        return
    from rich.console import Console

    from conformance.reports.text.run import View, render

    view = View(frozenset(options.show), options.verbose, saved, seconds)
    render(report, Console(highlight=False), view)
