"""Check the code that reads exchanges, judges them, and shows the result."""

import io
import json
import tempfile
import zlib
from itertools import pairwise
from pathlib import Path

import orjson
from rich.console import Console

from conformance.judging.group_judge import verdicts_of_session, verdicts_of_twins
from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile_names
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import RuleCrash, Verdict
from conformance.protocol.chat.error_messages import error_text, why_incomplete
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange
from conformance.reports.diff.compare import compare
from conformance.reports.diff.saved_report import read_report
from conformance.reports.json import lint as lint_json
from conformance.reports.json import run as run_json
from conformance.reports.text import lint as lint_text
from conformance.reports.text import run as run_text
from conformance.runs import collecting
from conformance.runs.lint import AUTO, Tally, lint
from conformance.runs.reported_finding import report_finding
from conformance.runs.results import Answer
from conformance.runs.selection import Selection
from conformance.traffic.formats import jsonl
from conformance.traffic.redaction.redact import rules_for
from tests.fuzz.reading import Lines, exchanges
from tests.fuzz.target import Wrong, ensure


def fold_exchange(data: bytes) -> None:
    """Check that facts can be read from every exchange and agree with each other."""
    for exchange in exchanges(data):
        facts = fold(exchange)
        ensure(facts.kind in ("completion", "stream", "error", "other"), "a kind")
        indexes = [choice.index for choice in facts.choices]
        ensure(facts.kind != "stream" or indexes == sorted(set(indexes)), "choices in order")
        ensure(len(facts.chunks) == len(facts.chunk_events), "an event for each chunk")
        ensure(all(at < len(facts.events) for at in (*facts.chunk_events, *facts.done)), "events")
        ensure(all(isinstance(part, dict) for part in facts.chunks), "chunks that are objects")
        for text in (error_text(exchange), why_incomplete(exchange)):
            ensure(isinstance(text, str) and len(text) < 1000, "a short text")


def judge(data: bytes) -> None:
    """Check that no rule crashes under any profile, and that findings and verdicts agree."""
    names = profile_names()
    first = zlib.crc32(data)
    for exchange in exchanges(data)[:2]:
        for name in {names[first % len(names)], names[first // 97 % len(names)]}:
            _judge(exchange, name)


def _judge(exchange: Exchange, name: str) -> None:
    suite = shipped_suite()
    by = judge_for(suite.profile(name), suite)
    found = set()
    secrets = rules_for(exchange.request)
    for judged in by.findings(exchange):
        _not_crashed(judged)
        if not isinstance(judged, RuleCrash):
            found.add(judged.finding.requirement)
            shown = report_finding(judged, secrets)
            ensure(shown.message, "a message")
            orjson.dumps([shown.message, shown.expected, shown.actual, shown.pointer, shown.event])
    verdicts = by.verdicts(exchange)
    failed = {each.requirement for each in verdicts if each.outcome in ("fail", "known")}
    ensure(failed == found, f"the same findings and verdicts: {sorted(failed ^ found)}")


def _not_crashed(judged: object) -> None:
    if isinstance(judged, RuleCrash):
        raise Wrong(f"{judged.requirement} crashed: {judged.why}")


def groups(data: bytes) -> None:
    """Check that no rule about several exchanges crashes."""
    suite = shipped_suite()
    together = exchanges(data)[:3]
    name = profile_names()[zlib.crc32(data) % len(profile_names())]
    profile = suite.profile(name)
    verdicts: list[Verdict] = []
    for first, second in pairwise(together):
        verdicts += verdicts_of_twins(profile, suite, first, second)
    if len(together) > 1:
        verdicts += verdicts_of_session(profile, suite, together)
    for verdict in verdicts:
        _not_crashed(verdict.found)


def lint_log(data: bytes) -> None:
    """Check that a log is judged whole and shown in every format (as text seldom: it is slow)."""
    suite, name = shipped_suite(), "x.jsonl"
    tally = Tally()
    lines = list(lint_json.lines(lint(jsonl.read(Lines(data), name), AUTO, tally, suite), tally))
    for line in lines:
        ensure(b"\n" not in line, "one line for each finding")
        json.loads(line)
    if zlib.crc32(data) % 4 == 0:
        _lint_as_text(data, name)
    for requirement, (_, why) in tally.crashes.items():
        raise Wrong(f"{requirement} crashed: {why}")


def _lint_as_text(data: bytes, name: str) -> None:
    suite, tally = shipped_suite(), Tally()
    gathered = lint_text.CollectedFindings(["must"])
    gathered.gather(lint(jsonl.read(Lines(data), name), AUTO, tally, suite))
    text = io.StringIO()
    view = lint_text.View(0, 1.0, verbose=True)
    lint_text.render(gathered, tally, Console(file=text, width=80, highlight=False), view)
    _ensure_printable(text.getvalue())


def _ensure_printable(text: str) -> None:
    for line in text.split("\n"):
        ensure(not line or line.isprintable(), f"a line that can be printed: {line!r:.200}")


def run_answers(data: bytes) -> None:
    """Check that the report on any answers can be printed, and compared with itself."""
    selection = Selection()
    cases = ("chat-plain", "chat-plain#2", "chat-stream")
    answers = [
        Answer("t", case, exchange) for case, exchange in zip(cases, exchanges(data), strict=False)
    ]
    report = collecting.of_answers(answers, selection, [], []).report(selection)
    for target in report.targets:
        for verdict in target.verdicts:
            ensure(verdict.verdict != "error", f"{verdict.requirement}: {verdict.findings[:1]}")
    if zlib.crc32(data) % 4 == 0:
        text = io.StringIO()
        run_text.render(report, Console(file=text, width=80, highlight=False))
        _ensure_printable(text.getvalue())
    with tempfile.TemporaryDirectory() as folder:
        path = run_json.write(report, Path(folder))
        saved = read_report(path, selection.suite, selection.corpus)
    if report.targets:
        different = [change for each in compare(saved, saved).targets for change in each.changes]
        ensure(not different, "no difference between a report and itself")
