"""SARIF 2.1.0: a rule for each broken requirement, a result for each answer that breaks it.

A lint gives places in files. A run has no files, so the place of a result is ``TARGET/CASE``, as a
relative address, because code hosts show only results with one. A result keeps its fingerprint from
run to run. The crash of a rule is a notification of the tool, not a result.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import orjson

from conformance._text import BRIEF, one_line, safe_json, shortened
from conformance.judging.requirements import Requirement
from conformance.reports.formats.found import (
    Found,
    LinkedSource,
    answer,
    file_and_line,
    found_in,
    severity,
    sources_of,
    where,
)
from conformance.reports.formats.markdown_text import link
from conformance.reports.formats.markdown_text import text as markdown_text
from conformance.reports.text.broken import breaks_clients
from conformance.reports.text.findings import brief_evidence, when_in_words
from conformance.reports.text.findings import message as message_of
from conformance.runs.broken import Sighting
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import Report
from conformance.runs.summary import prefix_of

MOST_RESULTS = 5000
"""The most results in all; GitHub shows no more."""

MOST_PER_RULE = 100
"""The most answers with results for one requirement."""

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_MOST_FINDINGS = 10  # results for one requirement in one answer


def render(report: Report) -> bytes:
    """Return the report of a run as SARIF."""
    return render_found(found_in(report))


def render_found(found: Found) -> bytes:
    """Return what a run or a lint found as SARIF."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(found)]}
    return safe_json(orjson.dumps(log, option=orjson.OPT_INDENT_2)) + b"\n"


def _run(found: Found) -> dict[str, Any]:
    broken = [seen for seen in found.sightings if seen.outcome != "error"]
    crashed = [seen for seen in found.sightings if seen.outcome == "error"]
    entries = {seen.entry.id: seen for seen in reversed(broken)}
    ordered = [*dict.fromkeys(seen.entry.id for seen in broken)]
    numbers = {name: number for number, name in enumerate(ordered)}
    results = [*_results(broken, numbers, in_files=found.in_files)][:MOST_RESULTS]
    kept = {seen["properties"]["answer"] + seen["ruleId"] for seen in results}
    return {
        "tool": {
            "driver": {
                "name": "chat-conformance",
                "version": found.suite,
                "rules": [_rule(entries[name]) for name in ordered],
            }
        },
        "invocations": [
            {
                "executionSuccessful": found.code in (0, 1),
                "exitCode": found.code,
                "exitCodeDescription": found.verdict,
                "toolConfigurationNotifications": [
                    {"level": "error", "message": {"text": _without_link(problem)}}
                    for problem in found.problems[:MOST_PER_RULE]
                ],
                "toolExecutionNotifications": [
                    _notification(seen) for seen in crashed[:MOST_PER_RULE]
                ],
            }
        ],
        "results": results,
        "properties": {
            "edition": found.edition,
            "profiles": list(found.judged_by),
            "answersLeftOut": found.all_sightings - len(crashed) - len(kept),
            "leftOut": list(found.left_out),
        },
    }


def _rule(seen: Sighting) -> dict[str, Any]:
    entry = seen.entry
    sentence = one_line(entry.sentence)
    sources = sources_of(entry)
    address = next(filter(None, (each.address for each in sources)), "")
    return {
        "id": entry.id,
        "shortDescription": {"text": shortened(sentence, BRIEF)},
        "fullDescription": {"text": f"{sentence}."},
        "help": {
            "text": "\n".join([*_help(entry), *map(_source_as_text, sources)]),
            "markdown": "\n\n".join(
                [*map(markdown_text, _help(entry)), *map(_source_as_markdown, sources)]
            ),
        },
        **({"helpUri": address} if address else {}),
        "defaultConfiguration": {"level": severity(seen)},
        "properties": {"tags": [prefix_of(entry.id), entry.about, seen.level]},
    }


def _source_as_text(each: LinkedSource) -> str:
    return f"Source: {each.words}{f' {each.address}' if each.address else ''}"


def _source_as_markdown(each: LinkedSource) -> str:
    linked = f" ({link(each.host, each.address)})" if each.address else ""
    return f"Source: {markdown_text(each.words)}{linked}"


def _help(entry: Requirement) -> Iterator[str]:
    """Yield what a user may read about a requirement, a paragraph each."""
    yield f"{one_line(entry.sentence)}."
    if entry.why:
        yield one_line(entry.why)
    if breaks := breaks_clients(entry.id):
        yield f"Breaks: {breaks}"
    yield f"Applies to: {when_in_words(entry)}"
    yield f"More: conformance explain {entry.id}"


def _results(
    sightings: Sequence[Sighting], numbers: Mapping[str, int], *, in_files: bool
) -> Iterator[dict[str, Any]]:
    answers: Counter[str] = Counter()
    seen_before: Counter[tuple[str, ...]] = Counter()
    for seen in sightings:
        answers[seen.entry.id] += 1
        if answers[seen.entry.id] > MOST_PER_RULE:
            continue
        nothing = ReportedFinding(one_line(seen.entry.sentence))
        for finding in (seen.findings or (nothing,))[:_MOST_FINDINGS]:
            key = (seen.entry.id, seen.target, seen.case, finding.pointer)
            seen_before[key] += 1
            print_ = _fingerprint((*key, str(seen_before[key])))
            yield {
                "ruleId": seen.entry.id,
                "ruleIndex": numbers[seen.entry.id],
                "level": severity(seen),
                "message": {"text": _message(seen, finding)},
                "locations": [_location(seen, finding, in_files=in_files)],
                "partialFingerprints": {
                    "chatConformance/v1": print_,
                    "primaryLocationLineHash": f"{print_}:1",
                },
                "properties": _properties(seen, finding),
            }


def _fingerprint(parts: Sequence[str]) -> str:
    text = "\0".join(map(one_line, parts))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _message(seen: Sighting, finding: ReportedFinding) -> str:
    lines = [
        message_of(finding),
        *brief_evidence(finding),
        f"in {where(seen, finding)}",
        one_line(f"{seen.entry.id}: {seen.entry.sentence}"),
    ]
    return "\n".join(map(_without_link, lines))


def _without_link(line: str) -> str:
    """Return a line in which ``[text](address)``, a link in a message of SARIF, is escaped."""
    if "](" not in line:
        return line
    return line.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _location(seen: Sighting, finding: ReportedFinding, *, in_files: bool) -> dict[str, Any]:
    file, line = file_and_line(seen.case) if in_files else ("", None)
    address = _file_address(file) if in_files else _address(seen.target, seen.case)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": address},
            "region": {"startLine": max(line or 1, 1)},
        },
        "logicalLocations": [
            {
                "fullyQualifiedName": where(seen, finding),
                "name": one_line(seen.case),
                "kind": "member",
            }
        ],
    }


def _file_address(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix(), safe="/")


def _address(*segments: str) -> str:
    """Return segments as a relative address, in which none of them means another folder."""
    return "/".join(
        "%2E" * len(part) if part and not part.strip(".") else quote(part, safe="+")
        for part in map(one_line, segments)
    )


def _properties(seen: Sighting, finding: ReportedFinding) -> dict[str, Any]:
    return {
        "answer": answer(seen),
        "requirementLevel": seen.level,
        "outcome": seen.outcome,
        "count": finding.count,
        **({} if finding.event is None else {"event": finding.event}),
        **({"pointer": one_line(finding.pointer)} if finding.pointer else {}),
    }


def _notification(seen: Sighting) -> dict[str, Any]:
    what = message_of(seen.findings[0]) if seen.findings else "the rule crashed"
    return {
        "level": "error",
        "message": {"text": _without_link(f"{seen.entry.id} in {answer(seen)}: {what}")},
    }
