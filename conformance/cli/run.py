"""The command ``run``: replays the cassettes, or asks a live endpoint, prints the report, and gives
the exit code."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cli.exit import usage_error
from conformance.runs.cassette_folders import cassette_folder, local_cassette_folder
from conformance.runs.collecting import CollectedAnswers, replayed
from conformance.runs.results import Report
from conformance.runs.selection import Selection, SelectionError, check
from conformance.runs.summary import exercises_nothing, exit_code, report_of

if TYPE_CHECKING:
    from conformance.cli.target_options import TargetOptions
    from conformance.endpoints.client.live_target import LiveTarget
    from conformance.runs.live.session import LiveOptions


@dataclass(frozen=True, slots=True)
class Options:
    """What was typed."""

    profile: str | None
    targets: tuple[str, ...]
    requirements: tuple[str, ...]
    cases: tuple[str, ...]
    report: Path | None
    form: str
    live: bool
    at: "TargetOptions"
    record: bool
    concurrency: int = 1
    rate: float | None = None
    max_requests: int | None = None
    max_tokens: int | None = None
    max_minutes: float | None = None
    everything: bool = False
    plan: bool = False
    resume: bool = False
    sdk: bool = False
    timeout: float = 120


def run(options: Options) -> int:
    """Run what was chosen and print the report; the exit code. What was chosen wrongly is told in
    one line."""
    selection = Selection(
        options.profile, options.targets, frozenset(options.requirements), frozenset(options.cases)
    )
    try:
        _check_usage(options)
        check(selection)
        if options.plan:
            return _plan(options, selection)
        _make(options.report)  # before the work, which may be long
        found = _gathered(options, selection)
        report = report_of(
            found.judged_cases,
            selection,
            found.unreadable,
            found.not_asked,
            found.unanswered,
            found.attempts,
        )
        if options.sdk:
            report = _read_by_sdk(report, found)
        _print(report, options)
        if not report.unanswered and not report.unreadable and exercises_nothing(report):
            raise SelectionError("no requirement was put to the test, so nothing was judged")
    except SelectionError as error:
        return usage_error(str(error))
    return exit_code(report)


def _read_by_sdk(report: Report, found: CollectedAnswers) -> Report:
    """The report, with what the official SDK makes of the answers."""
    from conformance.runs.sdk.read_answers import readings_of

    return replace(report, sdk=readings_of(found.answers))


def _plan(options: Options, selection: Selection) -> int:
    from conformance.runs.live.session import describe_plan

    sys.stdout.write(
        describe_plan(_target(options, selection), selection, _sending(options), options.report)
    )
    return 0


def _make(folder: Path | None) -> None:
    try:
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise SelectionError(
            f"--report {folder}: this is a file, and the report is written into a folder"
        ) from None


def _check_usage(options: Options) -> None:
    if options.sdk:
        _check_sdk()
    if not options.live:
        if used := [name for name, value in _only_live(options).items() if value]:
            raise SelectionError(
                f"{', '.join(used)}: only together with --live, as nothing is sent without it"
            )
    elif len(options.targets) > 1:
        raise SelectionError("--live asks one target: give --target once, as its name")
    elif options.resume and not options.report:
        raise SelectionError("--resume goes on with the run whose --report DIR it is given")


def _check_sdk() -> None:
    try:
        import conformance.runs.sdk.read_answers  # noqa: F401
    except ImportError as error:
        raise SelectionError(
            f"--sdk needs openai 1.92 or newer ({error}): pip install 'chat-conformance[sdk]'"
        ) from None


def _only_live(options: Options) -> dict[str, object]:
    """What has a meaning only where something is sent, by its name."""
    from conformance.cli.target_options import typed

    return {
        **typed(options.at),
        "--record": options.record,
        "--concurrency": options.concurrency != 1,
        "--rate": options.rate,
        "--max-requests": options.max_requests,
        "--max-tokens": options.max_tokens,
        "--max-minutes": options.max_minutes,
        "--all": options.everything,
        "--plan": options.plan,
        "--timeout": options.timeout != 120,
        "--resume": options.resume,
    }


def _gathered(options: Options, selection: Selection) -> CollectedAnswers:
    if options.live:
        from conformance.reports.json import run as run_json
        from conformance.runs.live.session import ask_live

        return ask_live(
            _target(options, selection),
            selection,
            _sending(options),
            options.report,
            local_cassette_folder(),
            run_json.write,
        )
    return replayed(cassette_folder(selection.targets), selection)


def _target(options: Options, selection: Selection) -> "LiveTarget":
    from conformance.cli.target_options import target_here

    return target_here(
        options.at, selection.profile, selection.targets[0] if selection.targets else None
    )


def _sending(options: Options) -> "LiveOptions":
    from conformance.endpoints.client.budget import Budget
    from conformance.endpoints.client.http_client import Limits
    from conformance.runs.live.session import LiveOptions

    limits = Limits(read=options.timeout, whole=max(options.timeout, Limits().whole))
    budget = Budget(options.max_requests, options.max_tokens, options.max_minutes, options.rate)
    return LiveOptions(
        options.concurrency, budget, options.everything, options.record, options.resume, limits
    )


def _print(report: Report, options: Options) -> None:
    """Print the report, and write it where it was asked for."""
    from conformance.reports.json import run as run_json
    from conformance.reports.text.unreadable import unreadable

    if options.report:
        run_json.write(report, options.report)
    if options.form == "json":
        sys.stdout.buffer.write(run_json.as_json(report))
        for line in unreadable(report.unreadable):
            print(line, file=sys.stderr)
        return
    from rich.console import Console

    from conformance.reports.text.run import render

    render(report, Console(highlight=False))
