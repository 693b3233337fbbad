"""JUnit XML, valid by the schema of Jenkins: a suite for each chapter and target.

A test case is a requirement. It fails exactly if the requirement makes the run fail; a known or
accepted deviation, and a broken requirement that does not fail the run, are passed with a note. The
last suite has one test case about the run as a whole.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias
from xml.etree import ElementTree

from conformance._text import BRIEF, many, one_line, shortened
from conformance.judging.requirements import LEVELS, Requirement, chapters
from conformance.reports.formats.found import example_lines, level_in_words
from conformance.reports.text.broken import breaks_clients
from conformance.reports.text.left_out import by_reason
from conformance.reports.text.verdict_line import verdict_line
from conformance.runs.broken import MOST_EXAMPLES, is_listed, sighting_of
from conformance.runs.results import CaseVerdict, Report, TargetVerdicts
from conformance.runs.summary import exit_code, prefix_of

MOST_TARGETS = 100
"""The most targets with suites; the last suite says how many were left out."""

_MOST_NAMED = 20
_Result: TypeAlias = Literal["passed", "failure", "error", "skipped"]


@dataclass(frozen=True, slots=True)
class _TestCase:
    """A test case: ``message`` is one line, ``text`` the lines of the evidence."""

    classname: str
    name: str
    result: _Result = "passed"
    kind: str = ""
    message: str = ""
    text: tuple[str, ...] = ()


def render(report: Report) -> bytes:
    """Return the report of a run as JUnit XML."""
    suites = [
        suite
        for name, target in _named(report.targets[:MOST_TARGETS])
        for suite in _suites(name, target, report)
    ]
    suites.append(("Run", [_whole_run(report)]))
    results = Counter(case.result for _, cases in suites for case in cases)
    root = ElementTree.Element(
        "testsuites",
        {
            "name": f"chat-conformance {one_line(report.suite)}, {one_line(report.edition)}",
            **({} if report.seconds is None else {"time": f"{report.seconds:.1f}"}),
            "tests": str(results.total()),
            "failures": str(results["failure"]),
            "errors": str(results["error"]),
        },
    )
    for name, cases in suites:
        _add_suite(root, name, cases)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _named(targets: Iterable[TargetVerdicts]) -> Iterator[tuple[str, TargetVerdicts]]:
    """Yield the targets with their names; a name that occurs again gets a number."""
    seen: Counter[str] = Counter()
    for target in targets:
        name = shortened(one_line(target.name), BRIEF)
        seen[name] += 1
        yield (name if seen[name] == 1 else f"{name} ({seen[name]})"), target


def _suites(
    name: str, target: TargetVerdicts, report: Report
) -> Iterator[tuple[str, list[_TestCase]]]:
    """Yield a suite for each chapter with a requirement that is tested or should be."""
    verdicts: dict[str, list[CaseVerdict]] = {}
    for verdict in target.verdicts:
        if verdict.verdict != "not exercised":
            verdicts.setdefault(verdict.requirement, []).append(verdict)
    wanted = verdicts.keys() | set(target.not_exercised)
    titles = {chapter.prefix: f"{chapter.prefix} {chapter.title}" for chapter in chapters()}
    by_prefix: dict[str, list[_TestCase]] = {}
    for entry in report.requirements.values():
        if entry.id in wanted:
            prefix = prefix_of(entry.id)
            classname = f"{name.replace('.', '_')}.{prefix}"
            by_prefix.setdefault(prefix, []).append(
                _test_case(classname, entry, verdicts.get(entry.id, []))
            )
    profile = one_line(target.profile)
    for prefix, cases in by_prefix.items():
        yield f"{titles.get(prefix, prefix)} ({name}, judged as {profile})", cases


def _test_case(classname: str, entry: Requirement, verdicts: Sequence[CaseVerdict]) -> _TestCase:
    name = shortened(f"{entry.id} {one_line(entry.sentence)}", BRIEF)
    if not verdicts:
        return _TestCase(classname, name, "skipped", message="no answer tested this requirement")
    broken = [verdict for verdict in verdicts if is_listed(verdict)]
    explained = [
        verdict for verdict in verdicts if verdict.verdict != "pass" and not is_listed(verdict)
    ]
    if not broken:
        return _TestCase(classname, name, text=tuple(_explained(explained, len(verdicts))))
    result: _Result = "passed"
    if any(verdict.fails_run for verdict in broken):
        result = "failure"
    elif any(verdict.verdict == "error" for verdict in broken):
        result = "error"
    level = min((verdict.level for verdict in broken), key=LEVELS.index)
    kind = level_in_words(level, model=entry.about == "model")
    findings = [finding for verdict in broken for finding in verdict.findings[:1]]
    message = one_line(findings[0].message) if findings else one_line(entry.sentence)
    text = (*_evidence(entry, broken, len(verdicts)), *_explained(explained, len(verdicts)))
    if result == "passed":
        text = (f"broken ({kind}), which does not fail the run", *text)
    return _TestCase(classname, name, result, kind, message, text)


def _evidence(entry: Requirement, broken: Sequence[CaseVerdict], judged: int) -> Iterator[str]:
    yield one_line(entry.sentence)
    yield f"{len(broken):,} of {many(judged, 'answer')}"
    for verdict in broken[:MOST_EXAMPLES]:
        first = replace(verdict, findings=verdict.findings[:MOST_EXAMPLES])
        yield from example_lines(sighting_of(first))
    if breaks := breaks_clients(entry.id):
        yield f"breaks: {breaks}"
    yield f"more: conformance explain {entry.id}"


def _explained(explained: Sequence[CaseVerdict], judged: int) -> Iterator[str]:
    """Yield why broken answers are no failure: the known and accepted deviations, by reason."""
    counted: Counter[str] = Counter()
    for verdict in explained:
        reasons = {finding.known or finding.accepted or "" for finding in verdict.findings}
        counted.update(
            one_line(f"{verdict.verdict}: {reason}" if reason else verdict.verdict)
            for reason in reasons or {""}
        )
    for why, count in sorted(counted.items())[:_MOST_NAMED]:
        yield f"{why} ({count:,} of {many(judged, 'answer')})"


def _whole_run(report: Report) -> _TestCase:
    """Return the test case that does not pass if the run fails as a whole or is no verdict."""
    code = exit_code(report)
    told = verdict_line(report, report.seconds)
    of_targets = (failure for target in report.targets for failure in target.failures)
    failures = [one_line(failure) for failure in (*report.expectation_problems, *of_targets)]
    broken = any(verdict.fails_run for target in report.targets for verdict in target.verdicts)
    result: _Result = "passed"
    if code == 1 and (failures or not broken):
        result = "failure"
    elif code > 1:
        result = "error"
    lines = [told, *failures[:_MOST_NAMED]]
    lines += _grouped(
        "without a complete answer",
        "case",
        [(f"{case.target}/{case.case}", case.why) for case in report.unanswered],
    )
    lines += _grouped(
        "unreadable", "recording", [(item.where, item.why) for item in report.unreadable]
    )
    if len(report.targets) > MOST_TARGETS:
        lines.append(f"{many(len(report.targets) - MOST_TARGETS, 'more target')} without suites")
    return _TestCase("Run", "the run as a whole", result, "run", told, tuple(lines))


def _grouped(title: str, what: str, rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield a title and a line for each reason with the names that share it; rows are (name, why).

    The most frequent reason comes first.
    """
    if rows:
        yield f"{title}: {many(len(rows), what)}"
    lines = by_reason(rows, what)
    for line in lines[:_MOST_NAMED]:
        yield f"  {line}"
    if len(lines) > _MOST_NAMED:
        yield f"  and {many(len(lines) - _MOST_NAMED, 'other reason')}"


def _add_suite(root: ElementTree.Element, name: str, cases: Sequence[_TestCase]) -> None:
    results = Counter(case.result for case in cases)
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        {
            "name": name,
            "tests": str(len(cases)),
            "failures": str(results["failure"]),
            "errors": str(results["error"]),
            "skipped": str(results["skipped"]),
        },
    )
    for case in cases:
        _add_case(suite, case)


def _add_case(suite: ElementTree.Element, case: _TestCase) -> None:
    element = ElementTree.SubElement(
        suite, "testcase", {"name": case.name, "classname": case.classname}
    )
    text = "\n".join(case.text)
    if case.result == "passed":
        if text:
            ElementTree.SubElement(element, "system-out").text = text
        return
    kind = {"type": case.kind} if case.kind else {}
    told = ElementTree.SubElement(element, case.result, {**kind, "message": case.message})
    told.text = text or None
