"""The pytest surface: options, fixtures and hooks, and nothing else.

pytest loads this in every project that has the suite installed, so it imports nothing of the suite
until something of it is used, and its options have names of their own; the short ones are there
only where the suites are what pytest was called for.
"""

from argparse import ArgumentTypeError
from collections.abc import Generator, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.protocol.exchange import Exchange
    from conformance.runs.selection import Selection
    from conformance.suites.subtests import Judge
    from conformance.suites.target import SuiteTarget

TOLD = pytest.StashKey[list[dict[str, Any]]]()
"""Where an item of the suites keeps what it tells of its cases; its report carries it as
``conformance``."""

_SUITES = Path(__file__).parents[1] / "suites"
_OPTIONS: dict[str, dict[str, Any]] = {
    "profile": {"metavar": "NAME", "help": "judge everything by this profile"},
    "target": {
        "metavar": "NAME",
        "action": "append",
        "default": [],
        "help": "only this target (may be given several times)",
    },
    "requirement": {
        "metavar": "ID",
        "action": "append",
        "default": [],
        "help": "only this requirement (may be given several times)",
    },
}


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Options of the suites, --conformance-NAME always and --NAME where the suites are called, and
    those of the lint of one's own tests."""
    config = pluginmanager.get_plugin("pytestconfig")
    called = config is not None and any(
        _names_suites(str(argument)) for argument in config.invocation_params.args
    )
    group = parser.getgroup("conformance", "chat-conformance: pytest --pyargs conformance.suites")
    for name, settings in _OPTIONS.items():
        short = [f"--{name}"] if called else []
        group.addoption(f"--conformance-{name}", *short, dest=f"conformance_{name}", **settings)
    short = ["--live"] if called else []
    group.addoption(
        "--conformance-live",
        *short,
        dest="conformance_live",
        action="store_true",
        help="ask the target of conformance.toml or the environment: nothing is sent without",
    )
    short = ["--variants"] if called else []
    group.addoption(
        "--conformance-variants",
        *short,
        dest="conformance_variants",
        type=_count,
        default=0,
        metavar="N",
        help="also ask N fresh requests a feature",
    )
    group.addoption(
        "--conformance-lint",
        action="store_true",
        help="judge the Chat Completions traffic of httpx, httpx2 and openai clients in all tests",
    )
    parser.addini("conformance_lint", "the same as --conformance-lint", type="bool", default=False)
    parser.addini(
        "conformance_profile", "the profile for the lint; --conformance-profile goes first"
    )


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"a whole number is expected, 0 or more, not {text!r}")
    return int(text)


def _names_suites(argument: str) -> bool:
    return argument.startswith("conformance.suites") or Path(
        argument.partition("::")[0]
    ).absolute().is_relative_to(_SUITES)


def pytest_configure(config: pytest.Config) -> None:
    """Tell in one line of a profile or a requirement that does not exist, and of a target; set up
    the lint where it is asked for."""
    config.addinivalue_line(
        "markers", "no_conformance_lint: do not judge the Chat Completions traffic of this test"
    )
    _configure_lint(config)
    if config.getoption("conformance_variants") and find_spec("hypothesis") is None:
        raise pytest.UsageError(
            "fresh requests need Hypothesis: pip install 'chat-conformance[suites]'"
        )
    if not any(config.getoption(f"conformance_{name}") for name in _OPTIONS):
        return
    from conformance.cases import CaseError, cases
    from conformance.runs.cassette_folders import cassette_folder
    from conformance.runs.selection import SelectionError, check
    from conformance.runs.self_test import is_chosen, paths_of

    selection = selection_of(config)
    try:
        check(selection)
        if config.getoption("conformance_live"):
            return  # a target is whatever answers there
        is_chosen(selection)
        paths_of(cassette_folder(selection.targets), selection)
        cases()
    except (SelectionError, CaseError, FileNotFoundError) as error:
        raise pytest.UsageError(str(error)) from None


def _configure_lint(config: pytest.Config) -> None:
    if not (config.getoption("conformance_lint") or config.getini("conformance_lint")):
        return
    from conformance.judging.profiles import UnknownProfile, profile
    from conformance.runs.lint import AUTO
    from conformance.testing.traffic_lint import TrafficLint

    name = config.getoption("conformance_profile") or config.getini("conformance_profile") or AUTO
    try:
        if name != AUTO:
            profile(name)
    except UnknownProfile as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(TrafficLint(name), "conformance.testing.traffic_lint")


def selection_of(config: pytest.Config) -> "Selection":
    """What was chosen on the command line."""
    from conformance.runs.selection import Selection

    chosen = {name: config.getoption(f"conformance_{name}", None) for name in _OPTIONS}
    return Selection(
        chosen["profile"], tuple(chosen["target"] or ()), frozenset(chosen["requirement"] or ())
    )


@pytest.fixture(scope="session")
def conformance_selection(pytestconfig: pytest.Config) -> "Selection":
    """Profile, targets and requirements chosen on the command line."""
    return selection_of(pytestconfig)


@pytest.fixture
def conformance_capture() -> Iterator[list["Exchange"]]:
    """The Chat Completions exchanges of httpx, httpx2 and openai clients in this test, each from
    the moment its answer ended."""
    from conformance.traffic.capture.patching import capturing

    with capturing() as capture:
        yield capture.exchanges


@pytest.fixture(scope="session")
def conformance_target() -> object:
    """What the suites ask: override it with a base URL, a conformance.Target, or a function that
    answers a conformance.Request; None for nothing."""
    return None


@pytest.fixture(scope="session")
def conformance_given(
    conformance_target: object, pytestconfig: pytest.Config
) -> "SuiteTarget | None":
    """The target of the project as one that can be asked, None where it gives none; ends the
    session with exit code 2 where it gives something else."""
    from conformance.suites.target import Missing, WrongTarget, given, live_target

    try:
        if conformance_target is None and pytestconfig.getoption("conformance_live"):
            return live_target(selection_of(pytestconfig))
        if conformance_target is None:
            return None
        return given(conformance_target, pytestconfig.getoption("conformance_profile"))
    except Missing as error:
        pytest.skip(str(error))
    except WrongTarget as error:
        from conformance.suites.session_end import end_session

        end_session(pytestconfig, str(error))


@pytest.fixture
def conformance_judge(
    conformance_selection: "Selection",
    conformance_given: "SuiteTarget | None",
    request: pytest.FixtureRequest,
    subtests: "pytest.Subtests",
) -> "Judge":
    """What judges the item of a suite."""
    from conformance.suites.subtests import Judge

    return Judge(
        conformance_selection,
        conformance_given,
        request,
        subtests,
        request.node.stash.setdefault(TOLD, []),
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Items for each case that a target answered or is to answer."""
    if "conformance_judge" in metafunc.fixturenames:
        from conformance.suites.parametrize import parametrize

        parametrize(metafunc, selection_of(metafunc.config))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the suites that have no item, for which pytest puts one that is skipped."""
    items[:] = [
        item
        for item in items
        if not (
            item.name.endswith("[NOTSET]")
            and "conformance_judge" in getattr(item, "fixturenames", ())
        )
    ]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What the items of the suites tell goes with their reports, also from one process to
    another."""
    report = yield
    if report.when == "call" and item.stash.get(TOLD, None):
        report.conformance = item.stash[TOLD]  # type: ignore[attr-defined]
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A session of the suites that put nothing to the test is none that passed."""
    told = list(told_by(session.config))
    if (
        told
        and all(each["verdicts"].keys() <= {"not exercised"} for each in told)
        and session.exitstatus == pytest.ExitCode.OK
    ):
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """The verdicts of the suites by outcome, and by id what no item put to the test, which is no
    pass."""
    told = list(told_by(config))
    if told:
        from conformance.suites.summary import lines

        terminalreporter.section("conformance")
        for line in lines(told, selection_of(config)):
            terminalreporter.line(line)


def told_by(config: pytest.Config) -> Iterator[dict[str, Any]]:
    """What the items of this session told of their cases: target, case, profile, and requirements
    by outcome."""
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    for outcome in ("passed", "failed", "skipped") if reporter else ():
        for report in reporter.stats.get(outcome, ()):
            if hasattr(report, "conformance") and not isinstance(
                report, pytest.SubtestReport
            ):  # which repeats what its item told
                yield from report.conformance
