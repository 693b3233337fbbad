"""Each package imports only those below it, rules see nothing but facts, and modules stay small."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import conformance

PACKAGE = Path(conformance.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
LAYERS = [
    {"_files", "_text"},
    {"protocol"},
    {"judging"},
    {"cases", "faults"},
    {"traffic"},
    {"endpoints"},
    {"comparison"},
    {"runs"},
    {"reports"},
    {"cli", "suites"},
    {"__main__", "testing"},
    {"plugin"},
]
MAX_LINES = 500
NOT_FOR_RULES = {"httpx", "pytest", "time", "datetime", "random", "conformance.judging.profiles"}


def imports(text: str) -> Iterator[str]:
    """The dotted names that a module imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "write imports with their full name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def too_high(package: str, text: str) -> set[str]:
    """The packages that a module of ``package`` imports, although they are not below it."""
    names = {name.split(".")[1] for name in imports(text) if name.startswith("conformance.")} - {
        "__version__"
    }
    below = next(number for number, layer in enumerate(LAYERS) if package in layer)
    return names - {package}.union(*LAYERS[:below])


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_layers_below(path: Path) -> None:
    package = path.relative_to(PACKAGE).with_suffix("").parts[0]
    assert package == "__init__" or too_high(package, path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    "path", [path for path in MODULES if "rules" in path.parts], ids=lambda path: path.stem
)
def test_rules_see_neither_network_nor_clock_nor_pytest_nor_a_profile(path: Path) -> None:
    names = set(imports(path.read_text(encoding="utf-8")))
    assert {
        name for name in names for taboo in NOT_FOR_RULES if f"{name}.".startswith(f"{taboo}.")
    } == set()


def test_no_module_imports_itself_by_way_of_others() -> None:
    paths = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path for path in MODULES
    }
    graph = {
        name: {
            module
            for imported in imports(path.read_text(encoding="utf-8"))
            for module in (imported, imported.rpartition(".")[0])
            if module in paths and module != name
        }
        for name, path in paths.items()
    }
    assert sum(map(len, graph.values())) > len(paths)
    assert len(list(TopologicalSorter(graph).static_order())) == len(paths)  # else CycleError


def test_modules_are_small() -> None:
    lines = {
        str(path.relative_to(PACKAGE)): len(path.read_text(encoding="utf-8").splitlines())
        for path in MODULES
    }
    assert {path: number for path, number in lines.items() if number > MAX_LINES} == {}
