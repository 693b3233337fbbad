"""Copies the checkout for a mutation run: ``python tests/mutation.py FOLDER``, then ``mutmut run``
in that folder.

The tool mutates neither decorated functions nor what stands outside of functions, and most of what
judges is both: rules are decorated, and their conditions are lambdas of the decorator. In the copy
the decorators are calls after the functions, the lambdas outside of functions are functions, and
the sentences that people read, which no test should hold to the letter, are constants.
"""

import ast
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = ("conformance", "schemas", "cassettes", "docs", "tests")
JUDGING = (
    "protocol/event_stream.py",
    "protocol/chat/facts.py",
    "protocol/chat/stream_facts.py",
    "protocol/chat/choices.py",
    "protocol/chat/tool_calls.py",
)
"""The modules beside the rules."""


class _Lambdas(ast.NodeTransformer):
    """Takes the lambdas out of a statement; ``taken`` are the functions that stand for them."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.taken: list[ast.stmt] = []

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        name = f"{self._name}_lambda_{len(self.taken) + 1}"
        self.taken.append(_function(name, node.args, [ast.Return(node.body)]))
        return ast.Name(name)


class _Sentences(ast.NodeTransformer):
    """Takes the texts with a blank out of functions; ``taken`` are the constants that stand for
    them."""

    def __init__(self) -> None:
        self.taken: list[ast.stmt] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        documented = int(ast.get_docstring(node) is not None)
        node.body[documented:] = [self.visit(each) for each in node.body[documented:]]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [
            self.visit(each) if isinstance(each, ast.FunctionDef) else each for each in node.body
        ]
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if not isinstance(node.value, str) or " " not in node.value:
            return node
        name = f"SENTENCE_{len(self.taken) + 1}"
        self.taken.append(ast.Assign([ast.Name(name)], node))
        return ast.Name(name)


def _function(name: str, arguments: ast.arguments, body: list[ast.stmt]) -> ast.FunctionDef:
    (made,) = ast.parse("def made(): pass").body
    assert isinstance(made, ast.FunctionDef)
    made.name, made.args, made.body = name, arguments, body
    return made


def _undecorated(node: ast.FunctionDef) -> list[ast.stmt]:
    """A function, its decorators as calls after it, the lambdas in them as functions before it."""
    lambdas = _Lambdas(node.name)
    calls = [
        ast.Assign([ast.Name(node.name)], ast.Call(lambdas.visit(each), [ast.Name(node.name)], []))
        for each in reversed(node.decorator_list)
    ]
    node.decorator_list = []
    return [*lambdas.taken, node, *calls]


def _without_properties(node: ast.ClassDef) -> list[ast.stmt]:
    """A class whose properties call functions that stand after it."""
    functions: list[ast.stmt] = []
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.decorator_list:
            name = f"{node.name.strip('_')}_{each.name}"
            functions.append(_function(name, each.args, each.body))
            each.body = [ast.Return(ast.Call(ast.Name(name), [ast.Name("self")], []))]
    return [node, *functions]


def plain(source: str) -> str:
    """A module that does the same, all of it in functions without decorators."""
    tree, sentences, body = ast.parse(source), _Sentences(), list[ast.stmt]()
    for number, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef):
            body += _undecorated(sentences.visit(node))
        elif isinstance(node, ast.ClassDef):
            body += _without_properties(sentences.visit(node))
        else:
            lambdas = _Lambdas(f"outside_{number}")
            statement = lambdas.visit(node)
            body += [*lambdas.taken, statement]
    first = next(
        (
            number
            for number, node in enumerate(body)
            if not isinstance(node, ast.Expr | ast.Import | ast.ImportFrom)
        ),
        len(body),
    )
    tree.body = [*body[:first], *sentences.taken, *body[first:]]
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def main(folder: Path) -> None:
    """Write the copy, in place of an older one."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (
        "conftest.py",
        "pyproject.toml",
        "tox.ini",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
    ):
        shutil.copy(ROOT / name, folder / name)
    package = folder / "conformance"
    for path in [
        *(package / "judging").glob("*.py"),
        *(package / "judging" / "rules").glob("*.py"),
        *(package / "judging" / "predicates").glob("*.py"),
        *(package / path for path in JUDGING),
    ]:
        path.write_text(plain(path.read_text()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
