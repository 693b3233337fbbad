"""The lint of somebody's own tests: pytest hooks that capture the Chat Completions traffic of each
test, judge it, and let the test fail for it."""

from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest

from conformance._text import many
from conformance.judging.profiles import FALLBACK
from conformance.reports.text.blocks import blocks
from conformance.testing.assertions import ConformanceWarning, LintOutcome, failure, lint_exchanges
from conformance.traffic.capture.patching import capturing
from conformance.traffic.capture.recorder import Capture

EXEMPT = "no_conformance_lint"
"""The marker of a test whose traffic is not judged, as one that lets a server misbehave on purpose.
"""

_CAPTURE = pytest.StashKey[Capture]()
_COUNTED = pytest.StashKey[dict[str, Any]]()
_Hook = Generator[None, Any, Any]


class TrafficLint:
    """The hooks, for a session that asks for the lint; what reports carry is added up here, in
    whichever process they arrive."""

    def __init__(self, profile: str) -> None:
        self._profile = profile
        self._profiles: Counter[str] = Counter()
        self._found: Counter[tuple[str, str]] = Counter()
        self._others: Counter[str] = Counter()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> _Hook:
        """Capture what a test and its fixtures ask."""
        if item.get_closest_marker(EXEMPT):
            return (yield)
        with capturing() as item.stash[_CAPTURE]:
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> _Hook:
        """Judge what was asked before the test where it will not run."""
        try:
            return (yield)
        except BaseException:
            self._judge(item, "setup", failed=True)
            raise

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> _Hook:
        """Judge what was asked up to the end of the test itself."""
        return (yield from self._judged(item, "call"))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> _Hook:
        """Judge what was asked after it."""
        return (yield from self._judged(item, "teardown"))

    def _judged(self, item: pytest.Item, when: str) -> _Hook:
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
        seen = lint_exchanges(capture.exchanges, self._profile)
        item.stash[_COUNTED] = _counts(seen, capture.missed)
        capture.exchanges.clear()
        capture.missed = 0
        if failed or seen.passes:
            _tell(item, when, seen, failed=failed)
        else:
            pytest.fail(failure(seen), pytrace=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let the report carry what was counted, also from one process to another."""
        report = yield
        if counted := item.stash.get(_COUNTED, None):
            report.conformance_lint = counted  # type: ignore[attr-defined]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up what reports carry."""
        counted = getattr(report, "conformance_lint", None)
        if counted:
            self._profiles.update(counted["profiles"])
            self._others.update(counted["others"])
            self._found.update({(level, row): count for level, row, count in counted["found"]})

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """How much was judged, as what, and what was found."""
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
        if assumed := self._others["assumed"]:
            terminalreporter.line(
                f"{FALLBACK} was assumed for {assumed:,}, as nothing tells the profile;"
                " --conformance-profile NAME does"
            )


def _counts(seen: LintOutcome, missed: int) -> dict[str, Any]:
    """What a report carries; plain JSON, as it may go from one process to another."""
    found = Counter((row.level, row.requirement) for row in (*seen.failing, *seen.told))
    tally = seen.tally
    others = {
        "known": len(seen.known),
        "rules crashed": len(tally.crashes),
        "not captured": missed,
        "assumed": tally.guessed,
    }
    return {
        "profiles": dict(tally.profiles),
        "found": [[level, row, count] for (level, row), count in found.items()],
        "others": others,
    }


def _tell(item: pytest.Item, when: str, seen: LintOutcome, *, failed: bool) -> None:
    """Put findings into the report of a test, which does not fail for them, and warn of those that
    nobody knows."""
    if not failed and _taken_for_errors(item, seen):
        pytest.fail("\n\n".join(blocks(seen.told)), pytrace=False)
    if shown := (*seen.failing, *seen.told, *seen.known):
        item.add_report_section(when, "conformance lint", "\n\n".join(blocks(shown)))


def _taken_for_errors(item: pytest.Item, seen: LintOutcome) -> bool:
    """Warn, and say whether the project takes these warnings for errors."""
    try:
        for told in blocks(seen.told):
            item.warn(ConformanceWarning(told))
    except ConformanceWarning:
        return True
    return False
