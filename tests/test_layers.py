"""The arrows of the architecture point one way, and modules stay small."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import conformance

PACKAGE = Path(conformance.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

LAYERS = (
    {"exchange", "event_stream", "json_text", "json_parts", "tables", "shape_words", "vast", "whole_file", "credential", "near_names"},
    {"facts", "stream_fold", "choices", "tool_calls", "rewriting", "relation", "conversation", "ledger", "profiles", "data"}
    | {"schema", "request_schema", "asked_schema"},
    {"rules", "faults", "known", "plan"},
    {"sight", "judge", "judge_many"},
    {"cases", "traffic", "endpoints", "evidence", "error_text", "capture", "sdk"},
    {"lint", "run", "hunt", "targets"},
    {"report", "asserting"},
    {"plugin", "own_tests", "suites", "cli", "commands", "__main__"},
)
"""From the ground up: a module may import from its own layer and from those before it."""

LEVEL = {name: number for number, layer in enumerate(LAYERS) for name in layer}
ROOT = "__init__"
MAX_LINES = 300

NOT_FOR_RULES = {"httpx", "pytest", "time", "datetime", "random", "conformance.profiles"}


def imports(tree: ast.Module, package: tuple[str, ...]) -> Iterator[str]:
    """The dotted names a module imports, wherever in it the import stands; ``package`` is the package the module is in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, *(node.module or "").split("."))).strip(".")
            yield from (f"{base}.{alias.name}" for alias in node.names)


def imported(path: Path, text: str | None = None) -> set[str]:
    """The dotted names the module at this path of the package imports."""
    package = ("conformance", *path.relative_to(PACKAGE).parent.parts)
    return set(imports(ast.parse(text or path.read_text(encoding="utf-8")), package))


def part(dotted: str) -> str | None:
    """The top-level part of conformance that a dotted name stands in, None where it is of another package or of conformance itself."""
    head, *rest = dotted.split(".")
    return rest[0] if head == "conformance" and rest and not rest[0].startswith("__") else None


def wrong_arrows(path: Path, text: str | None = None) -> list[str]:
    own = path.relative_to(PACKAGE).with_suffix("").parts[0]
    parts = {name for name in map(part, imported(path, text)) if name is not None}
    return sorted(name for name in parts if own == ROOT or LEVEL.get(name, 0) > LEVEL.get(own, 0))


def uses(names: set[str], forbidden: set[str]) -> set[str]:
    return {name for name in names for taboo in forbidden if name == taboo or name.startswith(f"{taboo}.")}


def test_every_module_has_a_layer() -> None:
    tops = {path.relative_to(PACKAGE).with_suffix("").parts[0] for path in MODULES}
    assert tops - LEVEL.keys() - {ROOT} == set(), "give the new module its place in LAYERS"


def test_no_arrow_points_back() -> None:
    assert {str(path.relative_to(PACKAGE)): wrong for path in MODULES if (wrong := wrong_arrows(path))} == {}


@pytest.mark.parametrize("path", [path for path in MODULES if path.is_relative_to(PACKAGE / "rules")], ids=lambda path: path.stem)
def test_rules_see_neither_network_nor_clock_nor_pytest_nor_a_profile(path: Path) -> None:
    assert uses(imported(path), NOT_FOR_RULES) == set()


def test_modules_are_small() -> None:
    lines = {str(path.relative_to(PACKAGE)): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: number for path, number in lines.items() if number > MAX_LINES} == {}


@pytest.mark.parametrize(
    ("place", "text", "wrong"),
    [
        ("exchange.py", "from conformance.facts import Facts", ["facts"]),
        ("exchange.py", "from conformance import facts", ["facts"]),
        ("exchange.py", "from . import facts", ["facts"]),
        ("exchange.py", "def late():\n    import conformance.judge as judge", ["judge"]),
        ("rules/usage.py", "from ..judge import judge", ["judge"]),
        ("rules/usage.py", "from . import envelope", []),
        ("rules/usage.py", "from conformance.facts import Facts\nimport json", []),
        ("__init__.py", "from conformance.exchange import Exchange", ["exchange"]),
        ("cli.py", "from conformance import __version__", []),
    ],
)
def test_a_backward_arrow_is_seen_however_it_is_written(place: str, text: str, wrong: list[str]) -> None:
    assert wrong_arrows(PACKAGE / place, text) == wrong


@pytest.mark.parametrize("text", ["import datetime", "from time import time", "from conformance import profiles", "import conformance.profiles.values"])
def test_what_rules_may_not_see_is_seen_however_it_is_written(text: str) -> None:
    assert uses(imported(PACKAGE / "rules" / "usage.py", text), NOT_FOR_RULES)
