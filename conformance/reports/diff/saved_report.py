"""Reports read back: files from strangers, limited in size and held to schemas/report.json before
anything in them is believed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import orjson

from conformance._files import data_folder
from conformance._text import one_line
from conformance.judging.requirements import requirements
from conformance.protocol.exchange import Json
from conformance.reports.json.run import NAME, SCHEMA_VERSION
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import EMULATED, CaseReply, CaseVerdict
from conformance.traffic.redaction import excerpt

T = TypeVar("T")

LONGEST = 64 << 20
"""Bytes of the longest report that is read."""

_THE_VALUE = "the value"


class ReportError(ValueError):
    """A file that is no report; the message names file and field and fits on one line."""


@dataclass(frozen=True, slots=True)
class ReadTarget:
    """What a report says of one target, by one profile or by several.

    ``verdicts`` are by case and requirement, as the report calls them; ``not_asked`` and
    ``unanswered`` give the cases without an answer, or with a part of one, each with the reason;
    ``replies`` says how the others were answered.
    """

    name: str
    profiles: tuple[str, ...]
    model: str | None
    server: str | None
    self_test: bool
    verdicts: Mapping[tuple[str, str], CaseVerdict]
    not_asked: Mapping[str, str]
    unanswered: Mapping[str, str]
    replies: Mapping[str, CaseReply]

    def answered(self) -> set[str]:
        """The cases with an answer that shows something."""
        return {
            case for together in {case for case, _ in self.verdicts} for case in cases_of(together)
        }

    def cases(self) -> set[str]:
        """All cases that the report speaks of, answered or not."""
        return self.answered().union(*map(cases_of, (*self.not_asked, *self.unanswered)))

    def whole(self) -> set[str]:
        """The cases whose answer is all there."""
        return self.answered().difference(*map(cases_of, self.unanswered))


@dataclass(frozen=True, slots=True)
class ReadReport:
    """A report as far as it can be compared; ``profiles`` gives the digest of each profile that
    judged."""

    edition: str
    suite: str
    corpus: str
    profiles: Mapping[str, str]
    targets: tuple[ReadTarget, ...]


def cases_of(together: str) -> set[str]:
    """The cases behind a verdict: twins and turns of a conversation are judged as ``one+other`` and
    ``one+one#2``."""
    return {case.partition("#")[0] for case in together.split("+")}


def read_report(path: Path) -> ReadReport:
    """The report in a file, or in the folder that holds one as report.json. Raises ReportError and
    OSError."""
    file = path / NAME if path.is_dir() else path
    with file.open("rb") as opened:
        content = opened.read(LONGEST + 1)
    try:
        if len(content) > LONGEST:
            raise ReportError(f"longer than {LONGEST >> 20} MB, so it is not read")
        return _read(_document(content))
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
        said = "is missing" if version is None else f"is {one_line(repr(version))}"
        raise ReportError(
            f"schema_version: {said}, and this suite reads {SCHEMA_VERSION}; make the report anew,"
            " or compare with the suite that made it"
        )
    _check(document)
    return dict(document)


def _check(document: Json) -> None:
    import jsonschema_rs

    schema = _schema()
    try:
        schema.validate(document)
    except jsonschema_rs.ValidationError as error:
        field = ".".join(map(str, error.instance_path)) or "no report of a run"
        raise ReportError(f"{one_line(field)}: {one_line(error.message)}") from None
    except ValueError:  # a value in the wrong place, too deep for the schema to say what it is
        raise ReportError("nested too deeply") from None


@cache
def _schema() -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(
        (data_folder("schemas") / "report.json").read_text(encoding="utf-8"), mask=_THE_VALUE
    )


def _read(document: Mapping[str, Any]) -> ReadReport:
    verdicts = _verdicts(document)
    replies = _by_target(
        document["replies"],
        lambda each: CaseReply(each["case"], each["status"], one_line(each["said"])),
    )
    not_asked, unanswered = (
        _by_target(document[name], lambda each: str(each["why"]))
        for name in ("not_asked", "unanswered")
    )
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for entry in document["targets"]:
        by_name.setdefault(entry["name"], []).append(entry)
    return ReadReport(
        edition=document["edition"],
        suite=document["suite"],
        corpus=document["corpus"],
        profiles=MappingProxyType(document["profiles"]),
        targets=tuple(
            _target(
                entries,
                verdicts.get(name, {}),
                not_asked.get(name, {}),
                unanswered.get(name, {}),
                replies.get(name, {}),
            )
            for name, entries in by_name.items()
        ),
    )


def _by_target(
    rows: list[Mapping[str, Any]], told: Callable[[Mapping[str, Any]], T]
) -> dict[str, dict[str, T]]:
    """What rows tell, by target and case."""
    found: dict[str, dict[str, T]] = {}
    for row in rows:
        found.setdefault(row["target"], {})[row["case"]] = told(row)
    return found


def _target(
    entries: list[Mapping[str, Any]],
    verdicts: Mapping[tuple[str, str], CaseVerdict],
    not_asked: Mapping[str, str],
    unanswered: Mapping[str, str],
    replies: Mapping[str, CaseReply],
) -> ReadTarget:
    first = entries[0]
    return ReadTarget(
        name=first["name"],
        profiles=tuple(dict.fromkeys(entry["profile"] for entry in entries)),
        model=next((entry["model"] for entry in entries if entry["model"]), None),
        server=" ".join(filter(None, (first["server"], first["server_version"]))) or None,
        self_test=all(entry["provenance"] == EMULATED for entry in entries),
        verdicts=MappingProxyType(verdicts),
        not_asked=MappingProxyType(not_asked),
        unanswered=MappingProxyType(unanswered),
        replies=MappingProxyType(replies),
    )


def _verdicts(document: Mapping[str, Any]) -> dict[str, dict[tuple[str, str], CaseVerdict]]:
    """The verdicts by target, then by case and requirement."""
    found: dict[str, dict[tuple[str, str], CaseVerdict]] = {
        entry["name"]: {} for entry in document["targets"]
    }
    for number, row in enumerate(document["verdicts"]):
        place, key = f"verdicts.{number}", (row["case"], row["requirement"])
        if row["target"] not in found:
            raise ReportError(
                f"{place}.target: {one_line(repr(row['target']))} is not among the targets of the"
                " report"
            )
        if row["requirement"] not in requirements():
            raise ReportError(
                f"{place}.requirement: the ledger has no {one_line(row['requirement'])}; compare"
                " with the suite that made the report"
            )
        if key in found[row["target"]]:
            raise ReportError(
                f"{place}: a second verdict on {one_line(row['case'])} and {row['requirement']}"
            )
        found[row["target"]][key] = _verdict(row)
    return found


def _verdict(row: Mapping[str, Any]) -> CaseVerdict:
    return CaseVerdict(
        row["target"],
        row["case"],
        row["requirement"],
        row["level"],
        row["verdict"],
        tuple(map(_told, row["findings"])),
    )


def _told(row: Mapping[str, Any]) -> ReportedFinding:
    """A finding, cut to a readable size as our own are, and without what a terminal would obey."""
    return ReportedFinding(
        message=one_line(row["message"]),
        expected=excerpt.shown(row["expected"]),
        actual=excerpt.shown(row["actual"]),
        event=row["event"],
        pointer=one_line(row["pointer"]),
        count=row["count"],
        known=None if row["known"] is None else one_line(row["known"]),
    )
