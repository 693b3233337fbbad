"""The work of the command ``collect``: ask for consent, send, report, and write the archive."""

import io
import os
import sys
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count as numbers
from pathlib import Path
from typing import TYPE_CHECKING

from conformance._files import check_writable, locked, write_atomic
from conformance._text import many, one_line, printable
from conformance.cases.case_ref import parse_case
from conformance.cli.collect_options import CollectOptions
from conformance.cli.exit import usage_error
from conformance.cli.target_options import target_here
from conformance.runs.archive.archive_error import ArchiveError
from conformance.runs.archive.layout import MAX_ATTACHMENT
from conformance.runs.results import Report
from conformance.runs.selection import Selection, SelectionError, check

if TYPE_CHECKING:
    from conformance.endpoints.client.live_target import LiveTarget
    from conformance.runs.live.session import LiveOptions

_SPENT = "the budget of "
"""How the reason begins that a budget is spent."""
_WIDTH = 100
"""The columns of report.txt."""


def collect_answers(options: CollectOptions) -> int:
    """Run the command; return its exit code. Nothing is sent without consent."""
    from conformance.runs.archive.case_choice import collected_cases

    selection = Selection(options.profile)
    try:
        check(selection)
        target = _named(target_here(options.at, options.profile, options.target))
        label = _label(target)
        folder = options.folder or Path(f"conformance-{label}")
        selection = replace(
            selection, profile=target.profile, cases=collected_cases(target, selection)
        )
        _check_writable(target, folder)
        if not _has_consent(target, selection, options, folder):
            return 2
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            report = _ask(target, selection, options, folder)
            return _finish(target, selection, report, folder, label)
    except SelectionError as error:
        return usage_error(str(error))


def _named(target: "LiveTarget") -> "LiveTarget":
    """Return the target under the name of its profile and model, which says nothing of the host."""
    from conformance.runs.archive.layout import target_name

    return replace(target, name=target_name(target.profile, target.model))


def _label(target: "LiveTarget") -> str:
    """Return what the archive and the folder are named after."""
    from conformance.endpoints.client.target_from_url import is_google

    return "google" if is_google(target.base_url) else target.profile


def _live_options(options: CollectOptions) -> "LiveOptions":
    from conformance.endpoints.client.budget import Budget
    from conformance.endpoints.client.http_client import Limits
    from conformance.runs.live.session import LiveOptions

    return LiveOptions(
        budget=Budget(requests=options.max_requests, rate=options.rate),
        resume=options.resume,
        limits=Limits(read=options.timeout, whole=max(options.timeout, Limits().whole)),
        wait=options.wait,
    )


def _check_writable(target: "LiveTarget", folder: Path) -> None:
    """Raise OSError if the answers, the reports or the archive could not be written."""
    from conformance.runs.live.session import ANSWERS

    for place in (Path.cwd(), folder, folder / ANSWERS, folder / ANSWERS / target.name):
        check_writable(place)


def _has_consent(
    target: "LiveTarget", selection: Selection, options: CollectOptions, folder: Path
) -> bool:
    """Print what would be sent and ask for consent; True if the user gives it."""
    from conformance.runs.live.session import ANSWERS, describe_plan

    print(describe_plan(target, selection, _live_options(options), folder), end="", flush=True)
    if not options.resume and (folder / ANSWERS / target.name).is_dir():
        print(f"{folder} has answers of an earlier run; --resume would keep and not repeat them.")
    if options.yes:
        return True
    if not (sys.stdin and sys.stdin.isatty()):
        usage_error("there is no terminal to ask for consent, so nothing was sent; add --yes")
        return False
    print("These requests may cost money. Send them? [y/N] ", end="", flush=True)
    if sys.stdin.readline().strip().lower() in ("y", "yes"):
        return True
    usage_error("no consent, so nothing was sent")
    return False


def _ask(
    target: "LiveTarget", selection: Selection, options: CollectOptions, folder: Path
) -> Report:
    """Send the cases and return the report; answers are stored in the folder as they come.

    Raises OSError if an answer cannot be stored; what was judged is printed before.
    """
    from conformance.reports.json import run as run_json
    from conformance.reports.text.verdict_line import verdict_line
    from conformance.runs.live.session import ask_live

    collected = ask_live(target, selection, _live_options(options), folder, folder, run_json.write)
    report = collected.report(selection)
    if collected.unwritten:
        print(verdict_line(report))
        raise collected.unwritten
    return report


def _finish(
    target: "LiveTarget", selection: Selection, report: Report, folder: Path, label: str
) -> int:
    """Write the reports and the archive, and print what to do with it; return the exit code."""
    from conformance.reports.text.verdict_line import verdict_line
    from conformance.runs.live.session import ANSWERS

    answers = folder / ANSWERS / target.name
    count = sum((answers / f"{case}.yaml").is_file() for case in selection.cases)
    print(verdict_line(report))
    _print_unanswered(report)
    if not count:
        advice = " `conformance doctor` finds out why." if _has_unclear_reason(report) else ""
        print(f"There is no answer, so no archive was written.{advice}")
        return 3
    try:
        archive = _archive(target, selection, answers, _reports(report, folder))
    except ArchiveError as error:
        print(f"Error: {printable(str(error))}", file=sys.stderr)
        return 1
    path = _free_path(f"conformance-{label}-{_today()}")
    write_atomic(path, archive)
    size = len(archive) / 1024
    print(f"Wrote {path} ({size:,.0f} KB) with the answers to {many(count, 'case')}.")
    print("It was searched for the credential, the account and the project: they are not in it.")
    print(_what_to_do(len(archive), selection.cases, report))
    return 3 if report.unanswered or report.unreadable else 0


def _what_to_do(size: int, cases: Collection[str], report: Report) -> str:
    """Return the next step with an archive of ``size`` bytes."""
    missing = {parse_case(entry.case).id for entry in report.unanswered}
    answered = sum(case not in missing for case in cases)
    if answered < len(cases):
        return (
            f"It has {answered:,} of {many(len(cases), 'complete answer')}. Continue with --resume"
            " before you attach an archive; if that changes nothing, attach this one."
        )
    if size > MAX_ATTACHMENT:
        return f"It is too large for an issue, which takes {MAX_ATTACHMENT >> 20} MB: split it."
    return "Attach it to an issue of chat-conformance."


def _has_unclear_reason(report: Report) -> bool:
    """True unless each case without an answer has a reason with its fix, or a spent budget."""
    whys = [entry.why for entry in report.unanswered]
    return not whys or any(" - fix: " not in why and _SPENT not in why for why in whys)


def _today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def _reports(report: Report, folder: Path) -> dict[str, bytes]:
    """Write the report as JSON and as text into the folder; return both by file name.

    Exchanges are left out: the archive has them as answers, from which more is removed.
    """
    from rich.console import Console

    from conformance.reports.json import run as run_json
    from conformance.reports.text.left_out import NAMES
    from conformance.reports.text.run import View, render

    report = replace(report, examples=())
    text = io.StringIO()
    console = Console(file=text, width=_WIDTH, highlight=False, color_system=None)
    render(report, console, View(frozenset({*NAMES, "chapters"}), verbose=True))
    reports = {"report.json": run_json.as_json(report), "report.txt": text.getvalue().encode()}
    for name, content in reports.items():
        write_atomic(folder / name, content)
    return reports


def _archive(
    target: "LiveTarget", selection: Selection, answers: Path, reports: dict[str, bytes]
) -> bytes:
    """Return the archive. Raises ArchiveError if it would hold a secret."""
    from conformance.endpoints.client.credentials import APPLICATION_DEFAULT
    from conformance.runs.archive.packing import Asked, pack
    from conformance.runs.archive.secrets import secrets_of

    asked = Asked(target.profile, target.model, selection.corpus.digest, _today())
    secrets = secrets_of(target, os.environ, APPLICATION_DEFAULT.identifiers())
    return pack(asked, answers, selection.cases, reports, secrets)


def _print_unanswered(report: Report) -> None:
    if report.unanswered:
        number = many(len(report.unanswered), "case")
        print(f"{number} without an answer; to send them again, add --resume to the same command:")
        for why, count in Counter(entry.why for entry in report.unanswered).most_common(3):
            print(f"  {count:,}: {one_line(why)}")


def _free_path(stem: str) -> Path:
    """Return the path of an archive that does not exist yet: STEM.zip, STEM-2.zip ..."""
    names = (stem if number == 1 else f"{stem}-{number}" for number in numbers(1))
    return next(path for name in names if not (path := Path(f"{name}.zip")).exists())
