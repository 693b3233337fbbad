"""Check the code that reads files of the suite: reports, settings, cases, answers, archives."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from rich.console import Console

from conformance.cases import CaseError
from conformance.cases.corpus import shipped_corpus
from conformance.endpoints.client import config_file
from conformance.endpoints.client.live_target import LiveTarget, TargetError, WrongModel
from conformance.endpoints.client.target_settings import missing_key, resolve
from conformance.judging.suite import shipped_suite
from conformance.reports.diff.as_json import as_json
from conformance.reports.diff.as_text import render
from conformance.reports.diff.comparability import NotComparable, NothingAnswered
from conformance.reports.diff.compare import compare, exit_code
from conformance.reports.diff.saved_report import ReportError, read_report
from conformance.reports.repeatable_request import request_of_case
from conformance.reports.request_code import curl, httpx_code, openai_code
from conformance.runs.archive.archive_error import ArchiveError
from conformance.runs.archive.importing import import_archive
from conformance.runs.hunt import saving
from conformance.runs.live.resuming import answered_before
from tests.fuzz import seeds
from tests.fuzz.target import ensure, ensure_error

TARGET = LiveTarget("t", "https://host.example/v1", "m", "openai", "KEY")


@contextmanager
def _file(name: str, data: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        yield path


def report(data: bytes) -> None:
    """Check that a report can be compared with another, or that one line says why not."""
    suite, corpus = shipped_suite(), shipped_corpus()
    with _file("new/report.json", data) as path:
        other = path.parent.parent / "old.json"
        other.write_bytes(seeds.reports()[len(data) % len(seeds.reports())])
        try:
            changes = compare(
                read_report(other, suite, corpus), read_report(path.parent, suite, corpus)
            )
        except (ReportError, NotComparable, NothingAnswered) as error:
            ensure_error(error)
            return
    ensure(exit_code(changes) in (0, 1, 3), "an exit code")
    as_json(changes)
    text = io.StringIO()
    render(changes, Console(file=text, width=80, highlight=False))
    for line in text.getvalue().split("\n"):
        ensure(not line or line.isprintable(), f"a line that can be printed: {line!r:.200}")


def settings(data: bytes) -> None:
    """Check that settings make a target, or that one line says why not."""
    with _file("conformance.toml", data) as path:
        try:
            file = config_file.read(path)
            for name in [None, *list(file.targets)[:3]]:
                missing_key(resolve({"target": name}, {"KEY": "k" * 20}, file))
        except (TargetError, WrongModel) as error:
            ensure_error(error)


def case_file(data: bytes) -> None:
    """Check that a file of cases can be read and shown as code, or that an error says why not."""
    with _file("cases.jsonl", data) as path:
        try:
            saving.readable(path)
            cases = saving._existing_cases(path)
        except CaseError as error:
            ensure_error(error)
            return
    for case in cases[:2]:
        for show in (curl, httpx_code, openai_code):
            ensure(show(request_of_case(case, TARGET)), "code")


def answers_of_before(data: bytes) -> None:
    """Check that stored answers are used again, or rejected without a crash."""
    case = shipped_corpus().cases["chat-plain"]
    with _file(f"t/{case.id}.yaml", data) as path:
        found = answered_before(path.parent.parent, TARGET, [case])
    ensure(found.keys() <= {case.id}, "only cases that were wanted")


def archive(data: bytes) -> None:
    """Check that an archive is imported, or that one line says why not."""
    with _file("a.zip", data) as path:
        try:
            import_archive(path, path.parent / "cassettes", shipped_corpus(), date(2026, 11, 30))
        except ArchiveError as error:
            ensure_error(error)
