"""Read saved reports.

A report may come from anyone, so its size is limited and it is validated against
schemas/report.json.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from conformance._text import one_line
from conformance.cases.case_ref import parse_group
from conformance.cases.corpus import Corpus
from conformance.judging.requirements import Requirement
from conformance.judging.suite import Suite
from conformance.judging.verdict import FailOn
from conformance.protocol.exchange import Json
from conformance.reports.json.saved_file import (
    ReportError,
    fail_on_of,
    in_document,
    not_in_targets,
    reply_of,
    unknown_requirement,
    verdict_of,
)
from conformance.runs.compare.questions import question_of_body
from conformance.runs.results import EMULATED, CaseReply, CaseVerdict

T = TypeVar("T")

__all__ = ["ReadReport", "ReadTarget", "ReportError", "cases_of", "read_report"]


@dataclass(frozen=True, slots=True)
class ReadTarget:
    """One target of a report, judged by one or several profiles, by none if it answered nothing.

    ``verdicts`` maps (case, requirement) to the verdict. ``not_asked`` and ``unanswered`` map the
    cases that were skipped, and those without a complete answer, to the reason; ``replies`` maps
    the answered cases to status and error message. ``judged`` are the ids of the requirements that
    the run judged, even if no case tested them.
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
    judged: frozenset[str] = frozenset()

    def answered(self) -> set[str]:
        """Return the cases that have at least one verdict."""
        return {
            case for together in {case for case, _ in self.verdicts} for case in cases_of(together)
        }

    def cases(self) -> set[str]:
        """Return all cases in the report, answered or not."""
        return self.answered().union(*map(cases_of, (*self.not_asked, *self.unanswered)))

    def whole(self) -> set[str]:
        """Return the cases with a complete answer."""
        return self.answered().difference(*map(cases_of, self.unanswered))


@dataclass(frozen=True, slots=True)
class ReadReport:
    """The parts of a report that can be compared; ``profiles`` maps each profile to its digest.

    ``requirements`` are those of the suite that read it, by id. ``questions`` is the question that
    each known case asks, by its id: cases that ask the same in the same words have the same one.
    ``offering`` are the known cases whose requests offer tools.
    """

    edition: str
    suite: str
    corpus: str
    profiles: Mapping[str, str]
    requirements: Mapping[str, Requirement]
    targets: tuple[ReadTarget, ...]
    questions: Mapping[str, str]
    offering: frozenset[str]


def cases_of(together: str) -> set[str]:
    """Return the ids of the cases in a case reference.

    Twins are referenced as ``one+other``, the turns of a conversation as ``one+one#2``.
    """
    return {case.id for case in parse_group(together)}


def read_report(path: Path, suite: Suite, corpus: Corpus) -> ReadReport:
    """Return the report in a file, or in ``report.json`` of a folder.

    ``suite`` has the requirements that the report may name; ``corpus`` says which of its cases must
    be refused.

    Raises ReportError or OSError.
    """
    return in_document(path, lambda document: _read(document, suite, corpus))


def _read(document: Mapping[str, Any], suite: Suite, corpus: Corpus) -> ReadReport:
    # what is a regression does not depend on the --fail-on of OLD and NEW
    fail_on = FailOn(stale=fail_on_of(document).stale)
    verdicts = _verdicts(document, suite.requirements, fail_on)
    replies = _by_target(document["replies"], lambda row: reply_of(row, corpus))
    not_asked, unanswered = (
        _by_target(document[name], lambda row: str(row["why"]))
        for name in ("not_asked", "unanswered")
    )
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for entry in document["targets"]:
        by_name.setdefault(entry["name"], []).append(entry)
    for number, row in enumerate(document["replies"]):
        if row["target"] not in by_name:
            raise not_in_targets(f"replies.{number}", row)
    for name in unanswered:
        by_name.setdefault(name, [])
    return ReadReport(
        edition=document["edition"],
        suite=document["suite"],
        corpus=document["corpus"],
        profiles=MappingProxyType(document["profiles"]),
        requirements=suite.requirements,
        targets=tuple(
            _target(
                name,
                entries,
                verdicts.get(name, {}),
                not_asked.get(name, {}),
                unanswered.get(name, {}),
                replies.get(name, {}),
            )
            for name, entries in by_name.items()
        ),
        questions=MappingProxyType(
            {id: question_of_body(case.body) for id, case in corpus.cases.items()}
        ),
        offering=frozenset(id for id, case in corpus.cases.items() if _offers_tools(case.body)),
    )


def _offers_tools(body: Json) -> bool:
    """Return whether a request offers a tool that the model may call."""
    return isinstance(body, dict) and bool(body.get("tools")) and body.get("tool_choice") != "none"


def _by_target(
    rows: list[Mapping[str, Any]], read_row: Callable[[Mapping[str, Any]], T]
) -> dict[str, dict[str, T]]:
    """Return what ``read_row`` makes of each row, by target and case."""
    by_target: dict[str, dict[str, T]] = {}
    for row in rows:
        by_target.setdefault(row["target"], {})[row["case"]] = read_row(row)
    return by_target


def _target(
    name: str,
    entries: list[Mapping[str, Any]],
    verdicts: Mapping[tuple[str, str], CaseVerdict],
    not_asked: Mapping[str, str],
    unanswered: Mapping[str, str],
    replies: Mapping[str, CaseReply],
) -> ReadTarget:
    """Return the target of these entries; there are none if it answered nothing."""
    first = entries[0] if entries else {"server": None, "server_version": None}
    return ReadTarget(
        name=name,
        profiles=tuple(dict.fromkeys(entry["profile"] for entry in entries)),
        model=next((entry["model"] for entry in entries if entry["model"]), None),
        server=" ".join(filter(None, (first["server"], first["server_version"]))) or None,
        self_test=bool(entries) and all(entry["provenance"] == EMULATED for entry in entries),
        verdicts=MappingProxyType(verdicts),
        not_asked=MappingProxyType(not_asked),
        unanswered=MappingProxyType(unanswered),
        replies=MappingProxyType(replies),
        judged=frozenset(requirement for _, requirement in verdicts).union(
            *(entry["not_exercised"] for entry in entries)
        ),
    )


def _verdicts(
    document: Mapping[str, Any], known: Mapping[str, Requirement], fail_on: FailOn
) -> dict[str, dict[tuple[str, str], CaseVerdict]]:
    """Return the verdicts by target, then by (case, requirement). Raises ReportError."""
    found: dict[str, dict[tuple[str, str], CaseVerdict]] = {
        entry["name"]: {} for entry in document["targets"]
    }
    for number, row in enumerate(document["verdicts"]):
        place, key = f"verdicts.{number}", (row["case"], row["requirement"])
        if row["target"] not in found:
            raise not_in_targets(place, row)
        if row["requirement"] not in known:
            raise unknown_requirement(f"{place}.requirement", row["requirement"], document["suite"])
        if key in found[row["target"]]:
            raise ReportError(
                f"{place}: duplicate verdict for {one_line(row['case'])} and {row['requirement']}"
            )
        found[row["target"]][key] = verdict_of(row, known[row["requirement"]], fail_on)
    return found
