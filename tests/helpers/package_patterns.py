"""All regular expressions of a package, found in its modules and in the calls of its source."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from types import ModuleType
from typing import Any

_FLAGS_AT = {
    "compile": 1,
    "search": 2,
    "match": 2,
    "fullmatch": 2,
    "findall": 2,
    "finditer": 2,
    "split": 3,
    "sub": 4,
    "subn": 4,
}
"""The functions of ``re`` that take a pattern, and the position of their flags."""

_ANCHORED = frozenset({"match", "fullmatch"})
_METHODS = frozenset(_FLAGS_AT) - {"compile"}


@dataclass(frozen=True)
class Found:
    """A regular expression and where it is; ``field`` is the field of an object that holds it.

    ``searched`` is false if it only has to match from the start of a text.
    """

    place: str
    pattern: re.Pattern[Any]
    searched: bool = True
    field: str = ""


@dataclass(frozen=True)
class Made:
    """A call of ``re`` whose pattern is made from what a function is given."""

    module: str
    expression: str


def modules_of(package: ModuleType) -> Iterator[ModuleType]:
    """Import and yield a package and all modules in it, except ``__main__``."""
    yield package
    for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not each.name.endswith("__main__"):
            yield importlib.import_module(each.name)


def patterns_of(modules: Iterable[ModuleType]) -> tuple[list[Found], set[Made]]:
    """Return the patterns of the modules, and the calls whose pattern is made."""
    trees = {module: ast.parse(inspect.getsource(module)) for module in modules}
    of_fields = _Uses(trees.values())
    found: list[Found] = []
    made: set[Made] = set()
    for module, tree in trees.items():
        of_variables = _Uses([tree])
        for name, value in vars(module).items():
            for each in patterns_in(value, f"{module.__name__}.{name}"):
                searched = (
                    of_fields.searches_field(each.field)
                    if each.field
                    else of_variables.searches_variable(name)
                )
                found.append(replace(each, searched=searched))
        for call in _of_calls(module, tree):
            if isinstance(call, Made):
                made.add(call)
            else:
                found.append(call)
    return found, made


def patterns_in(value: object, place: str) -> Iterator[Found]:
    """Yield each compiled pattern in a value: also in its items, members and fields."""
    if isinstance(value, re.Pattern):
        yield Found(place, value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from patterns_in(item, f"{place}[{key!r}]")
    elif isinstance(value, list | tuple | set | frozenset):
        for number, item in enumerate(value):
            yield from patterns_in(item, f"{place}[{number}]")
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            inner = getattr(value, each.name, None)
            for found in patterns_in(inner, f"{place}.{each.name}"):
                yield replace(found, field=found.field or each.name)


def without_doubles(found: Iterable[Found]) -> list[Found]:
    """Return each pattern once; it counts as searched if it is in one of its places."""
    kept: dict[tuple[Any, int], Found] = {}
    for each in found:
        key = each.pattern.pattern, each.pattern.flags
        if key not in kept or (each.searched and not kept[key].searched):
            kept[key] = each
    return list(kept.values())


def _of_calls(module: ModuleType, tree: ast.Module) -> Iterator[Found | Made]:
    """Yield the pattern of each call of ``re``.

    What is compiled when the module is imported is left out, as it is among the module's values.
    """
    at_import = {
        id(node)
        for statement in tree.body
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and (function := _function_of_re(node))
            and (function != "compile" or id(node) not in at_import)
        ):
            yield _of_call(module, node, function)


def _function_of_re(node: ast.Call) -> str:
    """Return the name of the function of ``re`` that is called, "" for any other call."""
    called = node.func
    return (
        called.attr
        if isinstance(called, ast.Attribute)
        and isinstance(called.value, ast.Name)
        and called.value.id == "re"
        and called.attr in _FLAGS_AT
        else ""
    )


def _of_call(module: ModuleType, node: ast.Call, function: str) -> Found | Made:
    position = _FLAGS_AT[function]
    flags = next((each.value for each in node.keywords if each.arg == "flags"), None)
    if flags is None and len(node.args) > position:
        flags = node.args[position]
    try:
        source = _value(node.args[0], module)
        pattern = re.compile(source, 0 if flags is None else _value(flags, module))
    except NameError:
        return Made(module.__name__, ast.unparse(node.args[0]))
    return Found(f"{module.__name__}:{node.lineno}", pattern, function not in _ANCHORED)


def _value(node: ast.expr, module: ModuleType) -> Any:
    """Return the value of an expression of module-level names. Raises NameError for others."""
    return eval(  # the source is our own
        compile(ast.Expression(node), module.__name__, "eval"), dict(vars(module))
    )


class _Uses:
    """How some source uses the names of variables and fields."""

    def __init__(self, trees: Iterable[ast.AST]) -> None:
        self._mentions: Counter[str] = Counter()
        self._methods: Counter[tuple[str, bool]] = Counter()
        for node in (node for tree in trees for node in ast.walk(tree)):
            if name := _read_name(node):
                self._mentions[name] += 1
            if isinstance(node, ast.Attribute) and node.attr in _METHODS:
                self._methods[_read_name(node.value), node.attr in _ANCHORED] += 1

    def searches_variable(self, name: str) -> bool:
        """Return whether a variable is used for anything but matching; true in case of doubt."""
        anchored = self._methods[name, True]
        return not anchored or anchored < self._mentions[name]

    def searches_field(self, name: str) -> bool:
        """Return whether a field is searched with; other things may have its name."""
        return not self._methods[name, True] or self._methods[name, False] > 0


def _read_name(node: ast.AST) -> str:
    """Return the name of a variable or of an attribute that is read, "" for anything else."""
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
        return node.id if isinstance(node, ast.Name) else node.attr
    return ""
