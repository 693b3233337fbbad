"""The pytest surface: options, fixtures and hooks, and nothing else.

pytest loads this in every project that has the suite installed, so it imports nothing of the suite until the suites are run, and its options have names of
their own; the short ones are there only where the suites are what pytest was called for.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.run.selection import Selection

TOLD = pytest.StashKey[list[dict[str, Any]]]()
"""Where an item of the suites keeps what it tells of its cases; its report carries it as ``conformance``."""

_SUITES = Path(__file__).parent / "suites"
_OPTIONS: dict[str, dict[str, Any]] = {
    "profile": {"metavar": "NAME", "help": "judge everything by this profile"},
    "target": {"metavar": "NAME", "action": "append", "default": [], "help": "only this target (may be given several times)"},
    "requirement": {"metavar": "ID", "action": "append", "default": [], "help": "only this requirement (may be given several times)"},
}


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Options of the suites: --conformance-NAME always, --NAME where the suites are called."""
    config = pluginmanager.get_plugin("pytestconfig")
    called = config is not None and any(_names_suites(str(argument)) for argument in config.invocation_params.args)
    group = parser.getgroup("conformance", "chat-conformance: pytest --pyargs conformance.suites")
    for name, settings in _OPTIONS.items():
        short = [f"--{name}"] if called else []
        group.addoption(f"--conformance-{name}", *short, dest=f"conformance_{name}", **settings)


def _names_suites(argument: str) -> bool:
    return argument.startswith("conformance.suites") or Path(argument.partition("::")[0]).absolute().is_relative_to(_SUITES)


def pytest_configure(config: pytest.Config) -> None:
    """Tell in one line of a profile or a requirement that does not exist, and of a target."""
    if not any(config.getoption(f"conformance_{name}") for name in _OPTIONS):
        return
    from conformance.data import data_folder
    from conformance.run.selection import SelectionError, cassettes, check

    selection = selection_of(config)
    try:
        check(selection)
        cassettes(data_folder("cassettes"), selection.targets)
    except (SelectionError, FileNotFoundError) as error:
        raise pytest.UsageError(str(error)) from None


def selection_of(config: pytest.Config) -> "Selection":
    """What was chosen on the command line."""
    from conformance.run.selection import Selection

    chosen = {name: config.getoption(f"conformance_{name}", None) for name in _OPTIONS}
    return Selection(chosen["profile"], tuple(chosen["target"] or ()), frozenset(chosen["requirement"] or ()))


@pytest.fixture(scope="session")
def conformance_selection(pytestconfig: pytest.Config) -> "Selection":
    """Profile, targets and requirements chosen on the command line."""
    return selection_of(pytestconfig)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A session of the suites that put nothing to the test is none that passed."""
    told = list(told_by(session.config))
    if told and all(each["verdicts"].keys() <= {"not exercised"} for each in told) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The verdicts of the suites by outcome, and by id what no item put to the test, which is no pass."""
    by_target: dict[tuple[str, str], list[Any]] = {}
    for each in told_by(config):
        by_target.setdefault((each["target"], each["profile"]), []).append(each["verdicts"])
    if not by_target:
        return
    from conformance.report.plain import many
    from conformance.run.summary import demanded

    terminalreporter.section("conformance")
    for (target, profile), verdicts in by_target.items():
        counted = Counter({outcome: sum(len(each.get(outcome, ())) for each in verdicts) for outcome in set().union(*verdicts) - {"not exercised"}})
        exercised = {row for each in verdicts for outcome, rows in each.items() if outcome != "not exercised" for row in rows}
        left = [row for row in demanded(profile, selection_of(config)) if row not in exercised]
        outcomes = "".join(f", {count:,} {outcome}" for outcome, count in counted.most_common())
        terminalreporter.line(f"{target} as {profile}: {many(len(verdicts), 'case')}{outcomes}")
        if left:
            terminalreporter.line(f"not exercised ({len(left)}): {', '.join(left)}")


def told_by(config: pytest.Config) -> Iterator[dict[str, Any]]:
    """What the items of this session told of their cases: target, case, profile, and requirements by outcome."""
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    for outcome in ("passed", "failed", "skipped") if reporter else ():
        for report in reporter.stats.get(outcome, ()):
            if not isinstance(report, pytest.SubtestReport):  # which repeats what its item told
                yield from getattr(report, "conformance", ())
