"""What the package imports is declared, so that it is there wherever the package is installed."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "conformance"
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
    return {name: path for name, path in found.items() if name != PACKAGE.name and name not in sys.stdlib_module_names}


def declared() -> set[str]:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    return {normal(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in lines}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("module", sorted(imported()))
def test_what_is_imported_is_declared(module: str) -> None:
    of = [BROUGHT[module]] if module in BROUGHT else packages_distributions().get(module, [module])
    assert declared() & set(map(normal, of)), f"{imported()[module]} imports {module}, which pyproject.toml does not declare"
