"""Read the saved report of a run back into the value that all report formats are made of."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from conformance._text import one_line
from conformance.cases.corpus import Corpus
from conformance.endpoints.client.retries import Attempt
from conformance.judging.suite import Suite
from conformance.reports.json.saved_file import (
    ReportError,
    fail_on_of,
    in_document,
    not_in_targets,
    reply_of,
    unknown_requirement,
    verdict_of,
)
from conformance.runs.results import CaseReply, CaseVerdict, Report, TargetVerdicts, Unanswered
from conformance.runs.shown_exchange import ShownEvent, ShownExchange
from conformance.traffic import Unreadable


def read_run(path: Path, suite: Suite, corpus: Corpus) -> Report:
    """Return the report in a file, or in ``report.json`` of a folder.

    Verdicts "not exercised", and how the SDK reads the answers, are not saved, so they are missing.

    Args:
        suite: has the requirements that the report may name.
        corpus: says which of its cases must be refused.

    Raises ReportError or OSError.
    """
    return in_document(path, lambda document: run_of(document, suite, corpus))


def run_of(document: Mapping[str, Any], suite: Suite, corpus: Corpus) -> Report:
    """Return the report that a document of ``saved_file.in_document`` holds. Raises ReportError."""
    entries, fail_on = document["targets"], fail_on_of(document)
    verdicts: list[list[CaseVerdict]] = [[] for _ in entries]
    for number, row in enumerate(document["verdicts"]):
        place = f"verdicts.{number}"
        entry = suite.requirements.get(row["requirement"])
        if entry is None:
            raise unknown_requirement(f"{place}.requirement", row["requirement"], document["suite"])
        verdicts[_part(place, row, entries)].append(verdict_of(row, entry, fail_on))
    replies: list[list[CaseReply]] = [[] for _ in entries]
    for number, row in enumerate(document["replies"]):
        replies[_part(f"replies.{number}", row, entries)].append(reply_of(row, corpus))
    not_judged: list[list[tuple[str, int]]] = [[] for _ in entries]
    for number, row in enumerate(document.get("not_judged", ())):
        part = _part(f"not_judged.{number}", row, entries)
        not_judged[part].append((one_line(row["what"]), row["answers"]))
    return Report(
        edition=one_line(document["edition"]),
        suite=one_line(document["suite"]),
        corpus=document["corpus"],
        profiles=MappingProxyType(dict(document["profiles"])),
        requirements=suite.requirements,
        targets=tuple(
            _target(entry, verdicts[number], replies[number], not_judged[number])
            for number, entry in enumerate(entries)
        ),
        unreadable=tuple(
            Unreadable(row["location"], one_line(row["why"])) for row in document["unreadable"]
        ),
        not_asked=_unanswered(document["not_asked"]),
        unanswered=_unanswered(document["unanswered"]),
        attempts=tuple(
            Attempt(row["case"], row["number"], one_line(row["why"]), row["wait"])
            for row in document["attempts"]
        ),
        examples=tuple(map(_example, document["examples"])),
        repeat=one_line(document["repeat"]),
        seconds=document.get("seconds"),
        fail_on=fail_on,
        expectation_problems=tuple(map(one_line, document.get("expectation_problems", ()))),
    )


def _part(place: str, row: Mapping[str, Any], entries: list[Mapping[str, Any]]) -> int:
    """Return the number of the entry of ``targets`` that a row belongs to."""
    if "part" in row:
        number = row["part"]
        if number < len(entries) and entries[number]["name"] == row["target"]:
            return int(number)
        raise ReportError(f"{place}.part: targets.{number} is not {one_line(row['target'])}")
    for number, entry in enumerate(entries):
        if entry["name"] == row["target"]:
            return number
    raise not_in_targets(place, row)


def _target(
    entry: Mapping[str, Any],
    verdicts: list[CaseVerdict],
    replies: list[CaseReply],
    not_judged: list[tuple[str, int]],
) -> TargetVerdicts:
    names = ("name", "profile", "assumed", "provenance", "server", "server_version", "model")
    return TargetVerdicts(
        **{name: entry[name] for name in names},
        cases=entry["cases"],
        replies=tuple(replies),
        verdicts=tuple(verdicts),
        not_exercised=tuple(entry["not_exercised"]),
        not_judged=tuple(not_judged),
        failures=tuple(map(one_line, entry.get("failures", ()))),
    )


def _unanswered(rows: list[Mapping[str, Any]]) -> tuple[Unanswered, ...]:
    return tuple(Unanswered(row["target"], row["case"], one_line(row["why"])) for row in rows)


def _example(row: Mapping[str, Any]) -> ShownExchange:
    return ShownExchange(
        **{
            **row,
            "headers": tuple((name, value) for name, value in row["headers"]),
            "events": tuple(ShownEvent(**event) for event in row["events"]),
        }
    )
