"""Open the saved report of a run and check it against schemas/report.json.

A report may come from anyone, so its size is limited, and text in it is made safe to print.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import orjson

from conformance._files import data_folder, special_file
from conformance._text import one_line
from conformance.judging.verdict import ON_MUST, FailOn
from conformance.protocol.exchange import Json
from conformance.reports.json.run import NAME, SCHEMA_VERSION
from conformance.runs.reported_finding import ReportedFinding
from conformance.traffic.redaction import excerpt

T = TypeVar("T")

LONGEST = 64 << 20
"""The maximum size of a report in bytes."""

_THE_VALUE = "the value"


class ReportError(ValueError):
    """Raised for a file that is not a report; the message names file and field in one line."""


def in_document(path: Path, use: Callable[[Mapping[str, Any]], T]) -> T:
    """Return what ``use`` makes of the report in a file, or in ``report.json`` of a folder.

    Raises OSError, and ReportError, also for one that ``use`` raises: the message then begins with
    the name of the file.
    """
    file = path
    if path.is_dir():
        file = path / NAME
        if kind := special_file(file):
            raise ReportError(f"{one_line(str(file))}: {kind}, which is not read in a folder")
    with file.open("rb") as opened:
        content = opened.read(LONGEST + 1)
    try:
        if len(content) > LONGEST:
            raise ReportError(f"larger than the limit of {LONGEST >> 20} MB")
        return use(_document(content))
    except ReportError as error:
        raise ReportError(f"{one_line(str(file))}: {error}") from None
    except RecursionError:
        raise ReportError(f"{one_line(str(file))}: nested too deeply") from None


def _document(content: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ReportError(f"not JSON: {error}") from None
    if (
        isinstance(document, dict)
        and "verdicts" in document
        and (version := document.get("schema_version")) != SCHEMA_VERSION
    ):
        actual = "is missing" if version is None else f"is {one_line(repr(version))}"
        raise ReportError(
            f"schema_version: {actual}, expected {SCHEMA_VERSION}; create the report again, or"
            " compare with the suite that created it"
        )
    _check(document)
    return dict(document)


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
    told = document.get("fail_on", {})
    return FailOn(tuple(told.get("levels", ON_MUST.levels)), told.get("stale", ON_MUST.stale))


def finding_of(row: Mapping[str, Any]) -> ReportedFinding:
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
