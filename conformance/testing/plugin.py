"""The pytest plugin: options, fixtures and hooks.

pytest loads this module in every project that has the suite installed. It therefore imports the
rest of the suite only on use, and its options begin with ``--conformance-``; the short options
exist only if the feature tests are on the command line.
"""

from argparse import ArgumentTypeError
from collections.abc import Generator, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.protocol.exchange import Exchange
    from conformance.runs.selection import Selection
    from conformance.suites.subtests import Judge
    from conformance.suites.target import SuiteTarget

VERDICTS = pytest.StashKey[list[dict[str, Any]]]()
"""The verdicts of an item; its report has them as the attribute ``conformance``."""

_WITH_OWN_CASES = pytest.StashKey["Selection"]()

_SUITES = Path(__file__).parents[1] / "suites"
_OPTIONS: dict[str, dict[str, Any]] = {
    "profile": {"metavar": "NAME", "help": "judge all answers by this profile"},
    "target": {
        "metavar": "NAME",
        "action": "append",
        "default": [],
        "help": "only this target (repeatable)",
    },
    "requirement": {
        "metavar": "ID",
        "action": "append",
        "default": [],
        "help": "only this requirement (repeatable)",
    },
}


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the options of the feature tests and of the traffic lint.

    The short form ``--NAME`` of ``--conformance-NAME`` is added if the feature tests are on the
    command line.
    """
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
        help="call the target of conformance.toml or the environment (otherwise nothing is sent)",
    )
    short = ["--variants"] if called else []
    group.addoption(
        "--conformance-variants",
        *short,
        dest="conformance_variants",
        type=_count,
        default=0,
        metavar="N",
        help="also send N newly generated requests per feature",
    )
    short = ["--wait"] if called else []
    group.addoption(
        "--conformance-wait",
        *short,
        dest="conformance_wait",
        type=_seconds,
        default=0.0,
        metavar="S",
        help="wait up to S seconds for an endpoint that is still starting",
    )
    group.addoption(
        "--conformance-cases",
        dest="conformance_cases",
        action="append",
        default=[],
        metavar="FILE",
        help="call or replay the cases of your own in this file of JSON lines, or in this folder",
    )
    group.addoption(
        "--conformance-expectations",
        dest="conformance_expectations",
        metavar="FILE",
        help=(
            "the failures that the project accepts (default: conformance-expectations.toml in the"
            " root folder, if it exists)"
        ),
    )
    group.addoption(
        "--conformance-lint",
        "--conformance-lint=fail",
        dest="conformance_lint",
        action="store_const",
        const="fail",
        help=(
            "judge the Chat Completions traffic of httpx, httpx2 and openai clients in all tests;"
            " a broken must fails the test"
        ),
    )
    group.addoption(  # the value is part of the name, or the next argument would be the value
        "--conformance-lint=report",
        dest="conformance_lint",
        action="store_const",
        const="report",
        help="the same, but findings are only reported and fail no test",
    )
    parser.addini("conformance_lint", "the same as --conformance-lint", type="bool", default=False)
    parser.addini(
        "conformance_profile", "the profile for the lint; --conformance-profile takes precedence"
    )


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"expected a whole number, 0 or more, not {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    from conformance.cli.options import LARGEST, can_wait_for  # brings click

    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not can_wait_for(seconds):
        raise ArgumentTypeError(f"expected 0 to {LARGEST:,.0f} seconds, not {text!r}")
    return seconds


def _names_suites(argument: str) -> bool:
    return argument.startswith("conformance.suites") or Path(
        argument.partition("::")[0]
    ).absolute().is_relative_to(_SUITES)


def pytest_configure(config: pytest.Config) -> None:
    """Check the options and set up the lint; a wrong option ends pytest with a one-line error."""
    config.addinivalue_line(
        "markers", "no_conformance_lint: do not judge the Chat Completions traffic of this test"
    )
    _configure_lint(config)
    if config.getoption("conformance_variants") and find_spec("hypothesis") is None:
        raise pytest.UsageError(
            "--variants needs Hypothesis: pip install 'chat-conformance[suites]'"
        )
    if not any(config.getoption(f"conformance_{name}") for name in (*_OPTIONS, "cases")):
        return
    from conformance.cases import CaseError, cases
    from conformance.runs.cassette_folders import cassette_folder
    from conformance.runs.selection import SelectionError, check
    from conformance.runs.self_test import is_chosen, paths_of

    selection = selection_of(config)
    try:
        check(selection)
        if config.getoption("conformance_live"):
            return  # the target is a live endpoint, not a folder of cassettes
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
    from conformance.testing.expectations import expectations_of
    from conformance.testing.traffic_lint import TrafficLint

    name = config.getoption("conformance_profile") or config.getini("conformance_profile") or AUTO
    try:
        if name != AUTO:
            profile(name)
    except UnknownProfile as error:
        raise pytest.UsageError(str(error)) from None
    hooks = TrafficLint(
        name,
        expectations_of(config),
        only_reports=config.getoption("conformance_lint") == "report",
    )
    config.pluginmanager.register(hooks, "conformance.testing.traffic_lint")


def selection_of(config: pytest.Config) -> "Selection":
    """Return what is selected on the command line, and which failures are accepted."""
    from conformance.judging.requirements.typed_ids import id_like
    from conformance.runs.selection import Selection
    from conformance.testing.expectations import for_cassettes, for_own_target

    chosen = {name: config.getoption(f"conformance_{name}", None) for name in _OPTIONS}
    selection = Selection(
        chosen["profile"],
        tuple(chosen["target"] or ()),
        frozenset(map(id_like, chosen["requirement"] or ())),
    )
    if config.getoption("conformance_cases", None):
        selection = _with_own_cases(selection, config)
    if config.getoption("conformance_live", None):
        return for_own_target(selection, config)
    return for_cassettes(selection, config)


def _with_own_cases(selection: "Selection", config: pytest.Config) -> "Selection":
    """Return the selection with the cases of --conformance-cases, which are read once.

    Raises pytest.UsageError if a file cannot be read or has a case that cannot be used.
    """
    from conformance.cases import CaseError
    from conformance.runs.own_cases import with_own_cases

    if _WITH_OWN_CASES not in config.stash:
        paths = [Path(path) for path in config.getoption("conformance_cases")]
        try:
            made = with_own_cases(selection, paths, besides=False)
        except OSError as error:
            raise pytest.UsageError(f"{error.filename}: {error.strerror}") from None
        except CaseError as error:
            raise pytest.UsageError(str(error)) from None
        config.stash[_WITH_OWN_CASES] = made
    own = config.stash[_WITH_OWN_CASES]
    cases = frozenset(own.corpus.cases)
    return replace(selection, corpus=own.corpus, suite=own.suite, cases=cases)


@pytest.fixture(scope="session")
def conformance_selection(pytestconfig: pytest.Config) -> "Selection":
    """The profile, targets and requirements selected on the command line."""
    return selection_of(pytestconfig)


@pytest.fixture
def conformance_capture() -> Iterator[list["Exchange"]]:
    """The Chat Completions exchanges of httpx, httpx2 and openai clients in this test.

    An exchange is appended when its response has ended.
    """
    from conformance.traffic.capture.patching import capturing

    with capturing() as capture:
        yield capture.exchanges


@pytest.fixture(scope="session")
def conformance_target() -> object:
    """The target of the feature tests, to be overridden by a project.

    Return a base URL, a conformance.Target, or a function that answers a conformance.Request. None
    means that there is no target.
    """
    return None


@pytest.fixture(scope="session")
def conformance_given(
    conformance_target: object, pytestconfig: pytest.Config
) -> "SuiteTarget | None":
    """The target of the project, ready to be called, or None if it has none.

    A wrong value of ``conformance_target`` ends the session with exit code 2.
    """
    from conformance.suites.target import Missing, WrongTarget, given, live_target

    wait = pytestconfig.getoption("conformance_wait")
    try:
        if conformance_target is None and pytestconfig.getoption("conformance_live"):
            return live_target(selection_of(pytestconfig), wait)
        if conformance_target is None:
            return None
        return given(conformance_target, pytestconfig.getoption("conformance_profile"), wait)
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
    """The judge of a feature test."""
    from conformance.suites.subtests import Judge
    from conformance.testing.expectations import for_own_target

    selection = conformance_selection
    if conformance_given is not None:
        selection = for_own_target(selection, request.config)
    return Judge(
        selection,
        conformance_given,
        request,
        subtests,
        request.node.stash.setdefault(VERDICTS, []),
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give the feature tests their items, one for each case of each target."""
    if "conformance_judge" in metafunc.fixturenames:
        from conformance.suites.parametrize import parametrize

        parametrize(metafunc, selection_of(metafunc.config))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Remove the placeholders of feature tests without items."""
    items[:] = [item for item in items if not _is_placeholder(item)]


def _is_placeholder(item: pytest.Item) -> bool:
    if "conformance_judge" not in getattr(item, "fixturenames", ()):
        return False
    from conformance.suites.parametrize import is_placeholder

    return is_placeholder(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the verdicts of an item to its report, which also works with pytest-xdist."""
    report = yield
    if report.when == "call" and item.stash.get(VERDICTS, None):
        report.conformance = item.stash[VERDICTS]  # type: ignore[attr-defined]
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let a session of the feature tests fail with exit code 5 if no requirement was tested.

    It fails with exit code 1 if an entry of the expectations is out of date.
    """
    cases = list(judged_cases(session.config))
    if (
        cases
        and all(case["verdicts"].keys() <= {"not exercised"} for case in cases)
        and session.exitstatus == pytest.ExitCode.OK
    ):
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
    if session.exitstatus == pytest.ExitCode.OK and cases and _outdated(session.config, cases):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _outdated(config: pytest.Config, cases: list[dict[str, Any]]) -> list[str]:
    """Return a line for each entry of the expectations that is out of date."""
    from conformance.testing.expectations import problems

    return list(problems(config, cases))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the verdict on each target, and what the feature tests did not test."""
    cases = list(judged_cases(config))
    if cases:
        from shutil import get_terminal_size

        from conformance.suites.summary import lines

        terminalreporter.section("conformance")
        for line in lines(cases, selection_of(config), get_terminal_size().columns):
            terminalreporter.line(line)
        for line in _outdated(config, cases):
            terminalreporter.line(line, red=True)


def judged_cases(config: pytest.Config) -> Iterator[dict[str, Any]]:
    """Yield the judged cases of this session: target, case, profile, requirements by outcome."""
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    for outcome in ("passed", "failed", "skipped") if reporter else ():
        for report in reporter.stats.get(outcome, ()):
            if hasattr(report, "conformance") and not isinstance(
                report, pytest.SubtestReport
            ):  # which repeats the verdicts of its item
                yield from report.conformance
