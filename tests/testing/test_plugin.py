"""The plugin does not disturb other projects, and reports wrong options in one line."""

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

PLUGIN = ("-p", "conformance.plugin", "-p", "no:cacheprovider")
SUITES = ("--pyargs", "conformance.suites")

THEIRS = """
def pytest_addoption(parser):
    for name in ("--profile", "--target", "--requirement"):
        parser.addoption(name, default="theirs")
"""
LATE = (
    "conformance.",
    "yaml",
    "httpx",
    "openai",
    "jsonschema",
    "jsonschema_rs",
    "orjson",
    "rich",
    "hypothesis",
)


def test_the_entry_point_is_named_as_its_module() -> None:
    """A second name would make ``-p conformance.plugin`` load it twice."""
    (found,) = (
        each for each in entry_points(group="pytest11") if each.value == "conformance.plugin"
    )
    assert found.name == found.value


def test_in_other_projects_it_imports_nothing_and_says_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(f"""
        import sys

        def test_it():
            assert [name for name in sys.modules if name.startswith({LATE!r}) and "plugin" not in name and name != "conformance.testing"] == []
        """)
    result = pytester.runpytest_subprocess(
        *PLUGIN, "-p", "no:hypothesispytest", "-p", "no:recording"
    )
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*= conformance =*")


def test_options_of_the_same_name_in_other_projects_are_theirs(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(THEIRS)
    pytester.makepyfile(
        "def test_it(request):\n    assert request.config.getoption('--target') == 'mine'"
    )
    pytester.runpytest_subprocess(*PLUGIN, "--target", "mine").assert_outcomes(passed=1)


def test_the_long_options_are_there_in_every_project(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(THEIRS)
    pytester.makepyfile(
        "def test_it(conformance_selection):\n    assert conformance_selection.requirements =="
        " {'SEQ-004', 'SEQ-005'}"
    )
    chosen = (
        "--conformance-requirement",
        "SEQ-004",
        "--conformance-requirement",
        "SEQ-005",
        "--conformance-target",
        "llama.cpp",
    )
    pytester.runpytest_subprocess(*PLUGIN, *chosen).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--profile", "opnai"),
            "ERROR: unknown profile 'opnai' (did you mean openai?); there are azure-openai, *",
        ),
        (("--target", "nobody"), "ERROR: unknown target 'nobody'; * has *llama.cpp*"),
        (("--requirement", "SEQ-999"), "ERROR: unknown requirement 'SEQ-999' (did *"),
    ],
)
def test_bad_options_are_told_in_one_line(
    pytester: pytest.Pytester, arguments: tuple[str, ...], said: str
) -> None:
    result = pytester.runpytest_subprocess(*PLUGIN, *SUITES, *arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert len([line for line in result.errlines if line.strip()]) == 1
    result.stderr.fnmatch_lines([said])


def test_help_names_the_options(pytester: pytest.Pytester) -> None:
    pytester.runpytest_subprocess(*PLUGIN, "--help").stdout.fnmatch_lines(
        ["*--conformance-target=NAME*"]
    )
    pytester.runpytest_subprocess(*PLUGIN, *SUITES, "--help").stdout.fnmatch_lines(
        ["*--conformance-target*--target=NAME*"]
    )


def test_importing_it_brings_nothing_that_pytest_does_not_bring() -> None:
    script = (
        "import sys, pytest, json; before = set(sys.modules); import conformance.plugin;"
        " print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [
        "conformance",
        "conformance.plugin",
        "conformance.testing",
        "conformance.testing.plugin",
    ]
