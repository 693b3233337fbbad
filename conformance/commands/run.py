"""The command ``run``: replays the cassettes, or asks a live endpoint, prints the report, and gives the exit code."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from conformance.commands.leaving import refused
from conformance.run.gathering import Gathered, of_answers, replayed
from conformance.run.selection import Selection, SelectionError, check
from conformance.run.summary import exercises_nothing, exit_code, report_of
from conformance.run.values import Answer, Report, Unanswered

T = TypeVar("T")


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
    base_url: str | None
    model: str | None
    api_key_env: str | None
    record: bool


def run(options: Options) -> int:
    """Run what was chosen and print the report; the exit code. What was chosen wrongly is told in one line."""
    selection = Selection(options.profile, options.targets, frozenset(options.requirements), frozenset(options.cases))
    try:
        _check_usage(options)
        check(selection)
        _make(options.report)  # before the work, which may be long
        found = _gathered(options, selection)
        report = report_of(found.played, selection, found.unreadable, found.not_asked, found.unanswered)
        _print(report, options)
        if not report.unanswered and not report.unreadable and exercises_nothing(report):
            raise SelectionError("no requirement was put to the test, so nothing was judged")
    except SelectionError as error:
        return refused(str(error))
    return exit_code(report)


def _make(folder: Path | None) -> None:
    try:
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise SelectionError(f"--report {folder}: this is a file, and the report is written into a folder") from None


def _check_usage(options: Options) -> None:
    only_live = {"--base-url": options.base_url, "--model": options.model, "--api-key-env": options.api_key_env, "--record": options.record}
    if not options.live:
        if used := [name for name, value in only_live.items() if value]:
            raise SelectionError(f"{', '.join(used)}: only together with --live, as nothing is sent without it")
    elif not (options.base_url and options.model):
        raise SelectionError("--live takes --base-url URL and --model ID")
    elif len(options.targets) > 1:
        raise SelectionError("--live asks one target: give --target once, as its name")


def _gathered(options: Options, selection: Selection) -> Gathered:
    if options.live:
        return _asked(options, selection)
    from conformance.data import data_folder

    return replayed(data_folder("cassettes"), selection)


def _asked(options: Options, selection: Selection) -> Gathered:
    from conformance.endpoints.live import TargetError
    from conformance.run.live import ask, chosen, target_of

    target = target_of(options.base_url or "", options.model or "", options.api_key_env or "", selection)
    cases, not_asked = chosen(target, selection)
    folder = _cassettes_here() if options.record else None
    try:
        outcomes = [outcome for turns in _with_progress(ask(target, cases, folder), len(cases)) for outcome in turns]
    except TargetError as error:
        raise SelectionError(str(error)) from None
    answers = [each for each in outcomes if isinstance(each, Answer)]
    return of_answers(answers, selection, not_asked, [each for each in outcomes if isinstance(each, Unanswered)])


def _cassettes_here() -> Path:
    """Where cassettes are kept: in the checkout of this suite that one stands in, else in this folder."""
    here = Path.cwd()
    checkouts = (folder for folder in (here, *here.parents) if (folder / "conformance" / "ledger").is_dir() and (folder / "pyproject.toml").is_file())
    return next(checkouts, here) / "cassettes"


def _with_progress(outcomes: Iterable[T], total: int) -> Iterator[T]:
    """The same, with a bar on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        yield from outcomes
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    with Progress(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True) as progress:
        yield from progress.track(outcomes, total=total)


def _print(report: Report, options: Options) -> None:
    """Print the report, and write it where it was asked for."""
    from conformance.report import run_json
    from conformance.report.unreadable import unreadable

    if options.report:
        run_json.write(report, options.report)
    if options.form == "json":
        sys.stdout.buffer.write(run_json.as_json(report))
        for line in unreadable(report.unreadable):
            print(line, file=sys.stderr)
        return
    from rich.console import Console

    from conformance.report.run_text import render

    render(report, Console(highlight=False))
