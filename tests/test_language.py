"""The prose of the repository avoids phrases that have to be read twice."""

import ast
import io
import json
import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.helpers.project import ROOT

PLAIN: dict[str, str] = {
    r"where (it is|there (is|are)) none": "if it is not one / if there is none",
    r"of which (?!\w+ (?:are|is)\b)[\w -]{1,30}speaks?\b": "that ... reports",
    r"\b(may|must) speak\b|\bspeaks? (of|too)\b": "report",
    r"that who looks|\bwho(ever)? looks at": "so that a reader",
    r"so that nobody need\b": "so that it can be skipped",
    r"\b(put|puts) to the test\b": "exercise, test",
    r"\b(told|tells of|tells? so)\b": "reported, says, recognised",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\banew\b": "again",
    r"\bmis-?shape[nd]?\b|\bmisshapen\b": "malformed",
    r"\bbut for\b": "except",
    r"\b(is|are|be) let in\b": "is accepted, is authorized",
    r"as far as it goes": "up to the point where it ended",
    r"\bone's own\b|\bones own\b": "your own, its own, local",
    r"\bin which (it|they) stands?\b|\bas (it|they) stands?\b": "that contains it, unchanged",
    r"\b(is|are|was|were) demanded\b": "required",
    r"\bcr(y|ies|ied)\b": "report",
}
"""Phrases, as patterns that ignore case, with plain alternatives."""

TEXTS = ("sentence", "seen", "also", "title", "description", "$comment")
"""The keys whose values are prose, in TOML tables and in JSON Schemas."""

PYTHON = ("conformance/**/*.py", "benchmarks/*.py", "constraints/*.py", "conftest.py")
DATA = {"conformance/**/*.toml": tomllib.loads, "schemas/*.json": json.loads}
PAGES = (
    "*.md",
    "docs/*.md",
    "docs/how-to/*.md",
    "examples/*/*",
    "benchmarks/*.md",
    "cassettes/*/*.md",
    "tox.ini",
    "pyproject.toml",
    ".ci/*",
    "action.yml",
    "Dockerfile",
    ".pre-commit-hooks.yaml",
)
HISTORY = {"CHANGELOG.md"}


def without_code(text: str) -> str:
    """The text with code spans and fenced blocks blanked; line numbers stay the same."""
    blank = re.compile(r"```.*?```|``.+?``|`[^`]*`", re.DOTALL)
    return blank.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def of_python(path: Path) -> Iterator[tuple[int, str]]:
    """Docstrings, comments and the help texts of options and commands, with their lines."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        value = node.value if isinstance(node, ast.Expr) else None
        if isinstance(node, ast.keyword) and node.arg in ("help", "short_help"):
            value = node.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.lineno, value.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def of_data(value: object) -> Iterator[str]:
    """The prose in parsed TOML or JSON, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in TEXTS and isinstance(inner, str):
                yield inner
            else:
                yield from of_data(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from of_data(inner)


def files(*patterns: str) -> Iterator[Path]:
    """The files of the repository with these names."""
    for pattern in patterns:
        yield from sorted(ROOT.glob(pattern))


def prose() -> Iterator[tuple[str, str]]:
    """Every piece of prose of the repository, after the place where it is."""
    for path in files(*PYTHON):
        for line, text in of_python(path):
            yield f"{path.relative_to(ROOT)}:{line}", text
    for pattern, load in DATA.items():
        for path in files(pattern):
            for text in of_data(load(path.read_text(encoding="utf-8"))):
                yield str(path.relative_to(ROOT)), text
    for path in files(*PAGES):
        if path.name not in HISTORY:
            line = 1
            page = without_code(path.read_text(encoding="utf-8"))
            for paragraph in re.split(r"\n(?=\s*\n|[|#*-])", page):
                yield f"{path.relative_to(ROOT)}:{line}", paragraph
                line += paragraph.count("\n") + 1


def test_the_prose_uses_plain_words() -> None:
    pieces = list(prose())
    assert len(pieces) > 1000
    compiled = [
        (re.compile(phrase.replace(" ", r"\s+"), re.IGNORECASE), plain)
        for phrase, plain in PLAIN.items()
    ]
    found = [
        f"{place}: {' '.join(match[0].split())!r}; write: {plain}"
        for place, text in pieces
        for pattern, plain in compiled
        for match in pattern.finditer(without_code(text))
    ]
    assert not found, f"{len(found)} phrases to replace:\n" + "\n".join(found)
