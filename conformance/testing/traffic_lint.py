"""The traffic lint: pytest hooks that judge the Chat Completions traffic of each test."""

from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest

from conformance._text import many
from conformance.judging.expectations import NO_EXPECTATIONS, Expectations
from conformance.judging.profiles import FALLBACK
from conformance.reports.text.blocks import blocks
from conformance.testing.assertions import ConformanceWarning, LintOutcome, failure, lint_exchanges
from conformance.traffic.capture.patching import capturing
from conformance.traffic.capture.recorder import Capture

EXEMPT = "no_conformance_lint"
"""The marker that excludes a test, for example one with a server that misbehaves on purpose."""

_CAPTURE = pytest.StashKey[Capture]()
_COUNTED = pytest.StashKey[dict[str, Any]]()
_Hook = Generator[None, Any, Any]


class TrafficLint:
    """The hooks of a session with --conformance-lint.

    ``expected`` are the failures that the project accepts; an entry names a test or an exchange as
    its case. With ``only_reports``, no finding fails a test. The counts travel with the test
    reports, so that they also add up with pytest-xdist.
    """

    def __init__(
        self,
        profile: str,
        expected: Expectations = NO_EXPECTATIONS,
        *,
        only_reports: bool = False,
    ) -> None:
        self._profile = profile
        self._expected = expected
        self._only_reports = only_reports
        self._first: dict[tuple[str, str], str] = {}
        self._profiles: Counter[str] = Counter()
        self._found: Counter[tuple[str, str]] = Counter()
        self._others: Counter[str] = Counter()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> _Hook:
        """Capture the requests of a test and its fixtures."""
        if item.get_closest_marker(EXEMPT):
            return (yield)
        with capturing() as item.stash[_CAPTURE]:
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> _Hook:
        """If the setup fails, so that the test does not run, judge the traffic of the setup."""
        try:
            return (yield)
        except BaseException:
            self._judge(item, "setup", failed=True)
            raise

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> _Hook:
        """Judge the traffic of the setup and of the test."""
        return (yield from self._judge_after(item, "call"))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> _Hook:
        """Judge the traffic after the test."""
        return (yield from self._judge_after(item, "teardown"))

    def _judge_after(self, item: pytest.Item, when: str) -> _Hook:
        try:
            result = yield
        except BaseException:
            self._judge(item, when, failed=True)
            raise
        self._judge(item, when, failed=False)
        return result

    def _judge(self, item: pytest.Item, when: str, *, failed: bool) -> None:
        capture = item.stash.get(_CAPTURE, None)
        if capture is None:
            return
        capture.settle()
        outcome = lint_exchanges(capture.exchanges, self._profile, self._expected, item.nodeid)
        item.stash[_COUNTED] = _counts(outcome, capture.missed)
        capture.exchanges.clear()
        capture.missed = 0
        if self._only_reports:
            _add_section(item, when, outcome)
        elif failed or outcome.passes:
            _report(item, when, outcome, failed=failed)
        else:
            pytest.fail(failure(outcome), pytrace=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach the counts to the report, which also works with pytest-xdist."""
        report = yield
        if counted := item.stash.get(_COUNTED, None):
            report.conformance_lint = counted  # type: ignore[attr-defined]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add the counts of a report to those of the session."""
        counted = getattr(report, "conformance_lint", None)
        if counted:
            self._profiles.update(counted["profiles"])
            self._others.update(counted["others"])
            for level, row, count in counted["found"]:
                self._found[level, row] += count
                self._first.setdefault((level, row), report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Let the session fail if an expectation has expired, unless findings only are reported."""
        is_ok = session.exitstatus == pytest.ExitCode.OK
        if is_ok and self._expected.expired and not self._only_reports:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print how many exchanges were judged, by which profiles, and the findings."""
        judged = many(self._profiles.total(), "Chat Completions exchange")
        profiles = ", ".join(
            f"{name} ({count:,})" if len(self._profiles) > 1 else name
            for name, count in self._profiles.most_common()
        )
        found = (
            ", ".join(
                f"{row} {level} ({count:,})" for (level, row), count in sorted(self._found.items())
            )
            or "no findings"
        )
        others = "".join(
            f", {count:,} {word}"
            for word, count in self._others.items()
            if count and word != "assumed"
        )
        terminalreporter.section("conformance lint")
        terminalreporter.line(
            f"{judged}{f' judged as {profiles}: {found}' if profiles else ''}{others}"
        )
        for (level, row), test in sorted(self._first.items()) if self._only_reports else ():
            terminalreporter.line(f"  {row} {level}: first in {test}")
        for line in self._expected.expired:
            terminalreporter.line(line, red=True)
        if assumed := self._others["assumed"]:
            terminalreporter.line(
                f"Profile unknown for {many(assumed, 'exchange')}: judged as {FALLBACK}; to change"
                " it, use --conformance-profile NAME"
            )


def _counts(outcome: LintOutcome, missed: int) -> dict[str, Any]:
    """Return the counts for a report, as plain JSON, which can be sent between processes."""
    found = Counter((row.level, row.requirement) for row in (*outcome.failing, *outcome.warned))
    tally = outcome.tally
    others = {
        "known": len(outcome.known),
        "accepted": len(outcome.accepted),
        "rules crashed": len(tally.crashes),
        "not captured": missed,
        "judged in part": tally.judged_in_part,
        "assumed": tally.guessed,
    }
    return {
        "profiles": dict(tally.profiles),
        "found": [[level, row, count] for (level, row), count in found.items()],
        "others": others,
    }


def _report(item: pytest.Item, when: str, outcome: LintOutcome, *, failed: bool) -> None:
    """Add findings that do not fail a test to its report, and warn of them unless known.

    The test fails if the project turns these warnings into errors.
    """
    if not failed and _warnings_are_errors(item, outcome):
        pytest.fail("\n\n".join(blocks(outcome.warned)), pytrace=False)
    _add_section(item, when, outcome)


def _add_section(item: pytest.Item, when: str, outcome: LintOutcome) -> None:
    """Add findings to the report of a test, which shows them if it fails for another reason."""
    if shown := (*outcome.failing, *outcome.warned, *outcome.known, *outcome.accepted):
        item.add_report_section(when, "conformance lint", "\n\n".join(blocks(shown)))


def _warnings_are_errors(item: pytest.Item, outcome: LintOutcome) -> bool:
    """Warn of the findings; return True if the project turns such warnings into errors."""
    try:
        for block in blocks(outcome.warned):
            item.warn(ConformanceWarning(block))
    except ConformanceWarning:
        return True
    return False
