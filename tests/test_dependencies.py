"""What the package imports is declared, so that it is there wherever the package is installed."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.helpers.project import ROOT

PACKAGE = ROOT / "conformance"
BROUGHT = {"pydantic": "openai"}
"""Modules that belong to the interface of what is declared, which brings them."""


def imported() -> dict[str, Path]:
    """The modules at the top of other packages, each with a file that imports it."""
    found: dict[str, Path] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0]: path for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found[node.module.partition(".")[0]] = path
    return {
        name: path
        for name, path in found.items()
        if name != PACKAGE.name and name not in sys.stdlib_module_names
    }


def declared() -> set[str]:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    lines = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    return {normal(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in lines}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("module", sorted(imported()))
def test_what_is_imported_is_declared(module: str) -> None:
    of = [BROUGHT[module]] if module in BROUGHT else packages_distributions().get(module, [module])
    assert declared() & set(map(normal, of)), (
        f"{imported()[module]} imports {module}, which pyproject.toml does not declare"
    )


CONSTRAINTS = PACKAGE.parent / "constraints"
TABLES = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = TABLES["project"]["dependencies"]
EXTRAS = [line for extra in TABLES["project"]["optional-dependencies"].values() for line in extra]
GROUPS = TABLES["dependency-groups"]
LOCKED = {
    "run": RUNTIME,
    "tests": [*RUNTIME, *EXTRAS, *GROUPS["tests"]],
    "lowest": [*RUNTIME, *EXTRAS, *GROUPS["tests"]],
    "fuzz": [*RUNTIME, *EXTRAS, *GROUPS["tests"], *GROUPS["fuzz"]],
    "types": [*RUNTIME, *EXTRAS, *GROUPS["types"]],
    "replay": [*RUNTIME, *GROUPS["replay"]],
    **{name: GROUPS[name] for name in ("build", "lint", "lock", "mutation", "tox")},
}
"""Each constraint file with the requirements of pyproject.toml that it locks."""


def locked(name: str) -> dict[str, str]:
    """The version of each package in a constraint file; fails for a line without a hash."""
    entries = (
        (CONSTRAINTS / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    )
    assert all("--hash=sha256:" in entry for entry in entries)
    pairs = (entry.split()[0].split("==") for entry in entries)
    return {normal(package): version for package, version in pairs}


def lowest(requirement: Requirement) -> str:
    (version,) = (
        each.version for each in requirement.specifier if each.operator in (">=", "~=", "==")
    )
    return version


@pytest.mark.parametrize("name", sorted(LOCKED))
def test_a_constraint_file_locks_what_pyproject_allows(name: str) -> None:
    versions = locked(name)
    for line in LOCKED[name]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(versions[normal(requirement.name)]), (
            f"run `tox run -e lock`: {name}.txt lags behind {line}"
        )


@pytest.mark.parametrize("line", [*RUNTIME, *EXTRAS])
def test_the_lowest_versions_are_those_of_pyproject(line: str) -> None:
    requirement = Requirement(line)
    pinned = locked("lowest")[normal(requirement.name)]
    assert Requirement(f"x=={lowest(requirement)}").specifier.contains(pinned), (
        f"lowest.txt has {pinned}, pyproject.toml allows {line}"
    )


def test_every_constraint_file_is_known_and_names_no_address() -> None:
    paths = list(CONSTRAINTS.glob("*.txt"))
    assert {path.stem for path in paths} == LOCKED.keys()
    assert [path.name for path in paths if "://" in path.read_text(encoding="utf-8")] == []


def test_the_commands_of_the_readme_exist() -> None:
    commands = re.findall(
        r"^    (python3 -m venv .*)$",
        (PACKAGE.parent / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    environments = (PACKAGE.parent / "tox.ini").read_text(encoding="utf-8")
    assert len(commands) == 2
    for command in commands:
        assert (CONSTRAINTS / Path(command.split("-r ")[1].split()[0]).name).is_file()
        assert re.search(rf"^\[testenv:.*\b{command.split()[-1]}\b", environments, re.MULTILINE)
