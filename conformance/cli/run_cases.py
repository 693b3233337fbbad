"""The work of the command ``run``: get answers, judge them, print and write the report."""

import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from conformance._files import LOCK, locked
from conformance._text import printable
from conformance.cases.corpus import Corpus, shipped_corpus
from conformance.cli.emit_options import test_file_of
from conformance.cli.exit import INTERRUPTED, usage_error
from conformance.cli.judging_options import with_judging
from conformance.cli.live_target_of_run import NoAnswer, found_target, naming_url, with_url
from conformance.cli.options import live_only_in_use
from conformance.cli.output_options import OutputError, Outputs, outputs_of
from conformance.cli.repeat_command import repeat_command
from conformance.cli.run_options import RunOptions
from conformance.runs.cassette_folders import cassette_folder, is_shipped, local_cassette_folder
from conformance.runs.collecting import CollectedAnswers, of_answers, replayed
from conformance.runs.own_cases import with_own_cases
from conformance.runs.results import Report, Unanswered
from conformance.runs.selection import Selection, SelectionError, cassettes, check
from conformance.runs.summary import exit_code

if TYPE_CHECKING:
    from conformance.endpoints.client.live_target import LiveTarget
    from conformance.runs.live.session import LiveOptions


def run_cases(options: RunOptions) -> int:
    """Run the selected cases and print the report; return the exit code.

    A wrong selection is reported in one line on standard error, with exit code 2.
    """
    try:
        options = with_url(options)
        _check_usage(options)
        selection = with_judging(
            _selection(options),
            options.judging,
            _recorded_ids(options),
            shipped=_replays_shipped(options),
        )
        test_file = test_file_of(options.emit)
        if options.plan:
            return _print_plan(options, selection)
        if options.report:
            _make_folder(options.report)  # before the work, which may take long
        with locked(options.report) if options.report else nullcontext():
            outputs = _outputs(options, test_file)
            report = _judge_and_output(options, selection, outputs, test_file)
    except (SelectionError, OutputError) as error:
        return usage_error(str(error))
    return exit_code(report)


def _replays_shipped(options: RunOptions) -> bool:
    return not options.live and is_shipped(cassette_folder(options.targets))


def _selection(options: RunOptions) -> Selection:
    """Return the selection that the options describe. Raises SelectionError."""
    selection = Selection(
        options.profile, options.targets, frozenset(options.requirements), corpus=shipped_corpus()
    )
    if options.own_cases:
        selection = with_own_cases(selection, options.own_cases, besides=options.everything)
    corpus = selection.corpus
    check(selection)
    if options.own_cases and not (options.cases or options.features or options.everything):
        return replace(selection, cases=_of_own(options, corpus))
    if not (options.cases or options.features or (options.live and options.requirements)):
        return selection
    from conformance.runs.case_choice import matching, showing, with_features

    every = corpus.cases.values()
    cases = matching(options.cases, [*corpus.cases, *_recorded_ids(options)])
    among = with_features(options.features, every) if options.features else None
    if options.live and options.requirements:
        shown = showing(options.requirements, selection.suite.requirements, every)
        among = shown if among is None else among & shown
    if among is not None and (cases or not options.live):
        cases = cases & among if cases else among
        if not cases:
            raise SelectionError(
                "--case, --feature and --requirement have no case in common: leave out one of them"
            )
        among = None
    if among is not None and not among:
        raise SelectionError(
            "--feature and --requirement have no case in common: leave out one of them"
        )
    return replace(selection, cases=cases, among=among)


def _of_own(options: RunOptions, corpus: Corpus) -> frozenset[str]:
    """Return the user's cases to run; of a replay those that are recorded.

    Raises SelectionError if none of them is recorded.
    """
    if options.live:
        return frozenset(corpus.cases)
    recorded = frozenset(corpus.cases) & frozenset(_recorded_ids(options))
    if not recorded:
        raise SelectionError(
            "--cases: none of these cases is recorded; name their target with --target, or give a"
            " URL to send them, with --record to record the answers"
        )
    return recorded


def _recorded_ids(options: RunOptions) -> Iterator[str]:
    """Yield the ids of the cassettes that a replay can choose from; none for a live run."""
    if not options.live:
        for path in cassettes(cassette_folder(options.targets), ()):
            yield path.stem


def _outputs(options: RunOptions, test_file: Path | None) -> Outputs:
    """Return the reports to write in other formats. Raises OutputError."""
    if not options.outputs:
        return Outputs()
    from conformance.reports.formats import FORMATS

    printed = "" if options.form == "text" else f"--format {options.form}"
    return outputs_of(
        options.outputs,
        [*FORMATS],
        stdout_taken=printed,
        taken=[*_files_in_use(options, test_file)],
    )


def _files_in_use(options: RunOptions, test_file: Path | None) -> Iterator[Path]:
    """Yield the files that the run reads, or writes besides its outputs."""
    if options.report:
        yield from (options.report / name for name in ("report.json", LOCK))
    if options.judging.expectations:
        yield options.judging.expectations
    if test_file:
        yield test_file


def _judge_and_output(
    options: RunOptions, selection: Selection, outputs: Outputs, test_file: Path | None
) -> Report:
    """Get the answers, judge them, write and print the report, and return it.

    Raises SelectionError, and after printing OSError if a file cannot be written, and
    KeyboardInterrupt if a live run was interrupted.
    """
    started = time.monotonic()
    collected, live = _collect_answers(options, selection)
    with _hint_if_interrupted(options, live):
        repeat = repeat_command(options, live.target if live else None)
        report = replace(collected.report(selection), repeat=repeat)
        if live:
            report = replace(report, seconds=round(time.monotonic() - started, 1))
        if options.sdk:
            report = _with_sdk_readings(report, collected)
        saved, unwritten = None, collected.unwritten
        try:
            if options.report and not (live and live.interrupted):  # else the session has saved it
                saved = _write(report, options.report)
        except OSError as error:
            unwritten = unwritten or error
        seconds = report.seconds if live else time.monotonic() - started
        if not outputs.replace_text:
            _print(report, options, None if unwritten else saved, seconds, live)
        try:
            _write_outputs(report, outputs)
            if test_file:
                _emit(report, collected, selection, test_file)
        except OSError as error:
            unwritten = unwritten or error
    if live and live.interrupted:
        raise KeyboardInterrupt
    if unwritten:
        raise unwritten
    return report


@contextmanager
def _hint_if_interrupted(options: RunOptions, live: "_LiveRun | None") -> Iterator[None]:
    """If Ctrl-C comes while the report of a live run is made, print how to get all of it."""
    try:
        yield
    except KeyboardInterrupt:
        if live:
            how = ""
            if options.report and live.interrupted:
                how = f": conformance report {shlex.quote(str(options.report))} prints it"
            elif options.report:
                how = ": to get it, add --resume to the same command"
            print(f"The report is not complete{how}.", file=sys.stderr)
        raise


def _with_sdk_readings(report: Report, collected: CollectedAnswers) -> Report:
    """Return the report with the result of parsing each answer with the official SDK."""
    from conformance.runs.sdk.read_answers import readings_of

    return replace(report, sdk=readings_of(collected.answers))


def _print_plan(options: RunOptions, selection: Selection) -> int:
    from conformance.runs.live.session import describe_plan

    target = found_target(options, selection.profile).target
    plan = describe_plan(target, selection, _live_options(options), options.report)
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
                f"{', '.join(names)}: only valid with --live or a URL; without it nothing is sent"
            )
    elif len(options.targets) > 1:
        raise SelectionError("a live run takes only one --target, the name of the live target")
    elif options.everything and options.core:
        raise SelectionError("--all and --core: give only one of them")
    elif options.own_cases and options.core:
        raise SelectionError("--cases and --core: give only one of them")
    elif options.resume and not options.report:
        raise SelectionError("--resume needs the --report DIR of the run to continue")


def _check_sdk() -> None:
    try:
        import conformance.runs.sdk.read_answers  # noqa: F401
    except ImportError as error:
        raise SelectionError(
            f"--sdk needs openai 1.109 or newer ({error}): pip install 'chat-conformance[sdk]'"
        ) from None


@dataclass(frozen=True, slots=True)
class _LiveRun:
    """How a live run ended: ``not_ready`` is why nothing was sent, "" if something was."""

    target: "LiveTarget | None"
    not_ready: str = ""
    interrupted: bool = False


def _collect_answers(
    options: RunOptions, selection: Selection
) -> tuple[CollectedAnswers, _LiveRun | None]:
    """Return the answers, and how the run ended if it was a live one."""
    if options.live:
        return _ask_live(options, selection)
    return replayed(cassette_folder(selection.targets), selection), None


def _ask_live(options: RunOptions, selection: Selection) -> tuple[CollectedAnswers, _LiveRun]:
    from conformance.reports.json import run as run_json
    from conformance.runs.live.session import Interrupted, NotReady, ask_live

    try:
        found = found_target(options, selection.profile)
    except NoAnswer as error:
        missing = Unanswered(error.target, "models", str(error))
        return of_answers([], selection, [], [missing]), _LiveRun(None, str(error))
    try:
        collected = ask_live(
            found.target,
            selection,
            replace(_live_options(options), spent=found.requests),
            options.report,
            local_cassette_folder(),
            run_json.write,
        )
    except NotReady as error:
        return error.collected, _LiveRun(found.target, naming_url(str(error), options))
    except Interrupted as error:
        return error.collected, _LiveRun(found.target, interrupted=True)
    return collected, _LiveRun(found.target)


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
        looks=True,
    )


def _write(report: Report, folder: Path) -> Path:
    from conformance.reports.json import run as run_json

    return run_json.write(report, folder)


def _write_outputs(report: Report, outputs: Outputs) -> None:
    if outputs.all:
        from conformance.cli.repository_paths import all_in_repository
        from conformance.reports.formats import FORMATS
        from conformance.reports.formats.found import found_in

        problems = all_in_repository(report.expectation_problems)
        outputs.write(replace(report, expectation_problems=problems), FORMATS, found_in)


def _emit(report: Report, collected: CollectedAnswers, selection: Selection, path: Path) -> None:
    """Write the test file of --emit. Raises OSError."""
    from conformance.cli.emit_options import write_test_file
    from conformance.reports.pytest_file import FailingExchange, alone, pytest_file
    from conformance.reports.repeatable_request import key_variable_in
    from conformance.runs.broken import broken_in

    exchanges = {(answer.target, answer.case): answer.exchange for answer in collected.answers}
    single, left_out = alone(broken_in(report))
    failing = [
        FailingExchange(
            each, exchange, selection.suite.choose_profile(exchange, selection.profile).profile.name
        )
        for each in single
        if (exchange := exchanges.get((each.examples[0].target, each.examples[0].case)))
    ]
    variable = key_variable_in(report.repeat)
    made = pytest_file(path.name, failing, selection.suite, left_out, variable)
    write_test_file(made, path)


def _print(
    report: Report,
    options: RunOptions,
    saved: Path | None,
    seconds: float | None,
    live: "_LiveRun | None",
) -> None:
    """Print the report; only why nothing was sent, if that is all there is to say."""
    from conformance.reports.json import run as run_json
    from conformance.reports.text.unreadable import unreadable
    from conformance.reports.text.verdict_line import word_of

    if options.form == "json":
        sys.stdout.buffer.write(run_json.as_json(report))
        for line in unreadable(report.unreadable):
            print(line, file=sys.stderr)
        return
    if live and live.not_ready and not report.targets:
        print(f"{word_of(report)}: {printable(live.not_ready)}")
        return
    from rich.console import Console

    from conformance.reports.text.run import View, render

    view = View(
        frozenset(options.show),
        options.verbose,
        saved,
        seconds,
        options.code or "",
        code_of_end=INTERRUPTED if live and live.interrupted else None,
    )
    render(report, Console(highlight=False), view)
