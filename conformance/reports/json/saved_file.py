"""Open the saved report of a run, check it against schemas/report.json, and read its parts.

A report may come from anyone, so its size is limited, and text in it is made safe to print.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from shlex import quote
from typing import Any, TypeVar

import orjson

from conformance import __version__
from conformance._files import data_folder, special_file
from conformance._text import one_line
from conformance.cases.case_ref import parse_case
from conformance.cases.corpus import Corpus
from conformance.judging.requirements import Requirement
from conformance.judging.verdict import ON_MUST, FailOn
from conformance.protocol.exchange import Json
from conformance.reports.json.run import NAME, SCHEMA_VERSION
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import CaseReply, CaseVerdict
from conformance.traffic.redaction import excerpt

T = TypeVar("T")

LONGEST = 64 << 20
"""The maximum size of a report in bytes."""

_THE_VALUE = "the value"
_AGAIN = "run again, conformance run ... --report DIR"


class ReportError(ValueError):
    """Raised for a file that is not a report; the message names file and field in one line."""


def in_document(path: Path, use: Callable[[Mapping[str, Any]], T]) -> T:
    """Return what ``use`` makes of the report in a file, or in ``report.json`` of a folder.

    Raises OSError, and ReportError for a file that is missing or not a report, also for one that
    ``use`` raises: the message begins with the name of the file.
    """
    file = path
    if path.is_dir():
        file = path / NAME
        if kind := special_file(file):
            raise ReportError(f"{one_line(str(file))}: {kind}, which is not read in a folder")
    try:
        with file.open("rb") as opened:
            content = opened.read(LONGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise ReportError(_missing(path, file)) from None
    try:
        if len(content) > LONGEST:
            raise ReportError(f"larger than the limit of {LONGEST >> 20} MB")
        return use(_document(content))
    except ReportError as error:
        raise ReportError(f"{one_line(str(file))}: {error}") from None
    except RecursionError:
        raise ReportError(f"{one_line(str(file))}: nested too deeply") from None


def _missing(path: Path, file: Path) -> str:
    """Return that there is no report, and how to make one."""
    is_file = path.suffix == ".json"
    folder = path.parent if is_file else path
    what = f"no {NAME} in this folder" if file != path else "there is no such report"
    return (
        f"{one_line(str(path))}: {what}; `conformance run ... --report"
        f" {one_line(quote(str(folder)))}` writes one"
    )


def _document(content: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        if not content.strip():
            raise ReportError(f"the file is empty; {_AGAIN}") from None
        fix = f": the file was cut; {_AGAIN}" if _is_cut(content, error) else ""
        raise ReportError(f"not JSON: {error}{fix}") from None
    if (
        isinstance(document, dict)
        and "verdicts" in document
        and (version := document.get("schema_version")) != SCHEMA_VERSION
    ):
        actual = "is missing" if version is None else f"is {one_line(repr(version))}"
        raise ReportError(
            f"schema_version: {actual}, expected {SCHEMA_VERSION}{_other_version(document)}"
        )
    _check(document)
    return dict(document)


def _is_cut(content: bytes, error: orjson.JSONDecodeError) -> bool:
    """True for the beginning of an object, as of a program that was killed or of a full disk."""
    text = content.strip()
    return text.startswith(b"{") and (
        not text.endswith(b"}") or error.msg.startswith("unexpected end of data")
    )


def _other_version(document: Mapping[str, Any]) -> str:
    """Return whether a newer or an older suite wrote a report, and what to do."""
    version, suite = document.get("schema_version"), document.get("suite")
    if isinstance(version, bool) or not isinstance(version, int):
        return f"; {_AGAIN}"
    age = "newer" if version > SCHEMA_VERSION else "older"
    of_suite = f", {one_line(suite)}" if isinstance(suite, str) and suite != __version__ else ""
    return f": written by {'a' if age == 'newer' else 'an'} {age} version{of_suite}; " + (
        "use that version (pip install --upgrade chat-conformance)" if age == "newer" else _AGAIN
    )


def unknown_requirement(place: str, requirement: str, suite: str) -> ReportError:
    """Return the error for a requirement that only the suite has that wrote the report.

    Args:
        place: the field that names it.
        requirement: its id.
        suite: the version of the suite that wrote the report.
    """
    return ReportError(
        f"{place}: unknown requirement {one_line(requirement)}; the report was written by version"
        f" {one_line(suite)}, this is {__version__}: {_AGAIN}"
    )


def not_in_targets(place: str, row: Mapping[str, Any]) -> ReportError:
    """Return the error for a row whose target is missing in ``targets``; ``place`` is the row."""
    return ReportError(f"{place}.target: {one_line(repr(row['target']))} is not in `targets`")


def _check(document: Json) -> None:
    import jsonschema_rs

    schema = _schema()
    try:
        schema.validate(document)
    except jsonschema_rs.ValidationError as error:
        field = ".".join(map(str, error.instance_path)) or "not the report of a run"
        raise ReportError(f"{one_line(field)}: {one_line(error.message)}") from None
    except ValueError:  # a value nested too deeply to be quoted in a message
        raise ReportError("nested too deeply") from None


@cache
def _schema() -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(
        (data_folder("schemas") / "report.json").read_text(encoding="utf-8"), mask=_THE_VALUE
    )


def fail_on_of(document: Mapping[str, Any]) -> FailOn:
    """Return what made the run of a report fail."""
    saved = document.get("fail_on", {})
    return FailOn(tuple(saved.get("levels", ON_MUST.levels)), saved.get("stale", ON_MUST.stale))


def reply_of(row: Mapping[str, Any], corpus: Corpus) -> CaseReply:
    """Return an item of ``replies``; ``corpus`` says whether its case must be refused."""
    return CaseReply(
        row["case"],
        row["status"],
        one_line(row["said"]),
        corpus.wants_refusal(parse_case(row["case"]).id),
        thin=row.get("thin", False),
    )


def verdict_of(row: Mapping[str, Any], entry: Requirement, fail_on: FailOn) -> CaseVerdict:
    """Return an item of ``verdicts``; ``entry`` is its requirement."""
    return CaseVerdict(
        row["target"],
        row["case"],
        entry,
        row["level"],
        row["verdict"],
        tuple(map(_finding_of, row["findings"])),
        fail_on,
    )


def _finding_of(row: Mapping[str, Any]) -> ReportedFinding:
    """Return a finding with shortened evidence and without control characters."""
    return ReportedFinding(
        message=one_line(row["message"]),
        expected=excerpt.shown(row["expected"]),
        actual=excerpt.shown(row["actual"]),
        event=row["event"],
        pointer=one_line(row["pointer"]),
        count=row["count"],
        known=None if row["known"] is None else one_line(row["known"]),
        accepted=one_line(row["accepted"]) if "accepted" in row else None,
    )
