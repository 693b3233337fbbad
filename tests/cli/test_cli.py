"""The command line: help, the command ``requirements``, and imports at start-up."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from conformance import __version__
from conformance.cli import main
from conformance.judging.requirements import requirements
from tests.helpers.project import DOCS

LATE = {
    "httpx",
    "rich",
    "yaml",
    "pytest",
    "hypothesis",
    "jsonschema",
    "jsonschema_rs",
    "google.auth",
    "asyncio",
}


def test_version() -> None:
    result = CliRunner().invoke(main, ["--version"])
    assert result.output == f"conformance, version {__version__}\n"


def test_requirements_in_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    result = CliRunner().invoke(main, ["requirements"])
    assert result.exit_code == 0
    assert max(map(len, result.output.splitlines())) <= 50
    assert "\x1b" not in result.output


def test_requirements_as_the_page_of_the_docs() -> None:
    result = CliRunner().invoke(main, ["requirements", "--format", "md"])
    assert result.output == (DOCS / "requirements.md").read_text(encoding="utf-8")


def test_requirements_as_json() -> None:
    result = CliRunner().invoke(main, ["requirements", "--format", "json"])
    chapters = json.loads(result.stdout)["chapters"]
    assert sum(len(chapter["requirements"]) for chapter in chapters) == len(requirements())


@pytest.mark.parametrize(
    ("form", "begins"), [("text", "ENV  "), ("md", "## ENV – ")], ids=["text", "md"]
)
def test_requirements_that_are_named(form: str, begins: str) -> None:
    shown = (
        CliRunner().invoke(main, ["requirements", "SSE-003", "ENV-001", "--format", form]).stdout
    )
    assert shown.startswith(begins)
    assert [name for name in requirements() if name in shown] == ["ENV-001", "SSE-003"]


def test_requirements_that_are_named_as_json() -> None:
    (chapter,) = json.loads(
        CliRunner().invoke(main, ["requirements", "ENV-001", "--format", "json"]).stdout
    )["chapters"]
    assert [row["id"] for row in chapter["requirements"]] == ["ENV-001"]


def test_a_requirement_is_listed_however_it_is_typed() -> None:
    listed = [CliRunner().invoke(main, ["requirements", name]) for name in ("ENV-001", "env1")]
    assert listed[0].exit_code == 0
    assert listed[0].stdout == listed[1].stdout


@pytest.mark.parametrize("typed", ["ENVV-001", "EMV-001"])
def test_an_unknown_requirement_is_told_with_those_of_a_near_name(typed: str) -> None:
    result = CliRunner().invoke(main, ["requirements", "ENV-001", typed])
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert result.stderr.startswith(f"Error: unknown requirement {typed!r} (did you mean ENV-001")


@pytest.mark.parametrize("arguments", [["requirements"], ["run", "--requirement"]])
def test_a_reserved_id_is_told_with_what_it_stands_for(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, [*arguments, "env-006"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "Error: ENV-006 is reserved and not a requirement: The judge may report the time encoded in"
        " the first 4 bytes of a Google id, but no verdict depends on that time\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [["requirements", "--format", "yaml"], ["requirement"], ["requirements", "ENV-999"]],
)
def test_bad_usage_exits_with_2_and_says_why(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "Error:" in result.output


def loaded(*arguments: str) -> set[str]:
    """Return the names of the modules that a command loads."""
    script = (
        "import sys; from conformance.cli import main; main(sys.argv[1:], standalone_mode=False);"
        " print(*sys.modules, file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
    )
    assert result.stdout
    return set(result.stderr.split())


def test_listing_requirements_loads_nothing_heavy() -> None:
    assert LATE & loaded("requirements") == set()


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"]], ids=" ".join)
def test_help_loads_only_the_command_line(arguments: list[str]) -> None:
    modules = {name for name in loaded(*arguments) if name.startswith("conformance.")}
    assert {name for name in modules if not name.startswith("conformance.cli")} == set()


@pytest.mark.parametrize("name", sorted(main.commands))
def test_each_command_has_a_short_help(name: str) -> None:
    help_text = main.commands[name].get_short_help_str()
    assert 10 < len(help_text) < 60 and help_text.endswith(".")


@pytest.mark.parametrize("arguments", [["--version"], ["requirements", "--format", "json"]])
def test_the_package_runs_as_a_module(arguments: list[str]) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "conformance", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == CliRunner().invoke(main, arguments, prog_name="conformance").stdout
