"""The ledger of requirements: the contract, as data, one TOML file a chapter.

One row is one testable requirement. Ids are stable: never renumbered, never used again; a new one
goes to the end of its chapter.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from conformance.judging.toml_tables import (
    TABLES,
    TEXT,
    TEXTS,
    Key,
    TableError,
    check_table,
    one_of,
    read_table,
)

EDITION = "2026-11"
"""The edition of the ledger as a whole; a row says in which edition it came or last changed."""

Level: TypeAlias = Literal["must", "should", "may"]
"""What a profile demands: a violated must or should is a finding; a may is never one."""

LEVELS: tuple[Level, ...] = ("must", "should", "may")
COLUMNS = (
    "vertex-gemini",
    "vertex-vllm",
    "vertex-tgi",
    "gemini-api",
    "openai",
    "openai-compatible",
)
"""The kinds of target a row has a level for; where it has none it does not apply."""

NEEDS = ("exchange", "twin", "session", "probe")
KINDS = ("completion", "stream", "error", "any")
CHAPTERS = (
    "envelope",
    "choices",
    "message",
    "usage",
    "framing",
    "sequence",
    "tools",
    "structured_output",
    "multimodal",
    "thinking",
    "logprobs",
    "errors",
    "auth",
    "headers",
    "twins",
)

_FOLDER = Path(__file__).parent
_CHAPTER = {"prefix": TEXT, "title": TEXT, "requirement": TABLES}
_RESERVED_FILE = {"reserved": TABLES}
_RESERVED = {"id": TEXT, "sentence": TEXT}


def _are_levels(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and all(column in COLUMNS and level in LEVELS for column, level in value.items())
    )


_REQUIREMENT = {
    "id": TEXT,
    "sentence": TEXT,
    "levels": Key(f"a table of must, should or may by {', '.join(COLUMNS)}", _are_levels),
    "needs": one_of(NEEDS),
    "when": Key(
        f"a string that begins with one of {', '.join(KINDS)}",
        lambda value: isinstance(value, str) and value.split(";")[0] in KINDS,
    ),
    "about": one_of(("protocol", "model")),
    "source": TEXTS,
    "edition": TEXT,
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row of the ledger.

    ``levels`` is by ledger column; a column that is not there is one the row does not apply to.
    ``needs`` is what can show a violation: one exchange, a twin (two exchanges that differ in one
    thing), a session (several turns) or a probe (a request made on purpose). ``when`` is the kind
    of answer (completion, stream, error, any), then, after a semicolon, what else must be there, in
    words. ``about`` is ``model`` where the outcome depends on what a model says. ``source`` is
    where the requirement comes from.
    """

    id: str
    sentence: str
    levels: Mapping[str, Level]
    needs: Literal["exchange", "twin", "session", "probe"]
    when: str
    about: Literal["protocol", "model"]
    source: tuple[str, ...]
    edition: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter of the ledger: the prefix of its ids, the name of its file, its title and its
    rows."""

    prefix: str
    name: str
    title: str
    requirements: tuple[Requirement, ...]


def read_chapter(path: Path) -> Chapter:
    """The chapter in a TOML file. Raises TableError, naming file, row and key, where it does not
    hold together."""
    table = read_table(path)
    check_table(path.name, table, _CHAPTER)
    prefix = table["prefix"]
    rows = tuple(
        _requirement(f"{path.name}, [[requirement]] {number}", prefix, row)
        for number, row in enumerate(table["requirement"], 1)
    )
    return Chapter(prefix, path.stem, table["title"], rows)


def _requirement(place: str, prefix: str, row: Mapping[str, Any]) -> Requirement:
    check_table(f"{place} ({row['id']})" if "id" in row else place, row, _REQUIREMENT)
    _check_id(place, prefix, row["id"])
    return Requirement(
        **{**row, "levels": MappingProxyType(row["levels"]), "source": tuple(row["source"])}
    )


def _check_id(place: str, prefix: str, identifier: str) -> None:
    head, _, number = identifier.rpartition("-")
    if head != prefix or len(number) != 3 or not number.isdecimal():
        raise TableError(f"{place}: 'id' must be {prefix}- and three digits, not {identifier!r}")


@cache
def chapters() -> tuple[Chapter, ...]:
    """All chapters, in the order of the ledger."""
    return tuple(read_chapter(_FOLDER / f"{name}.toml") for name in CHAPTERS)


@cache
def requirements() -> Mapping[str, Requirement]:
    """Every requirement by its id, in the order of the ledger. Raises TableError where an id is
    there twice."""
    found: dict[str, Requirement] = {}
    for requirement in _rows():
        if requirement.id in found:
            raise TableError(
                f"the ledger has {requirement.id} twice; a new requirement takes the next number of"
                " its chapter"
            )
        found[requirement.id] = requirement
    return MappingProxyType(found)


def _rows() -> Iterator[Requirement]:
    for chapter in chapters():
        yield from chapter.requirements


@cache
def reserved() -> Mapping[str, str]:
    """The ids that no requirement may take, each with what the judge itself does under it (tests of
    the suite hold it to that)."""
    path = _FOLDER / "reserved.toml"
    table = read_table(path)
    check_table(path.name, table, _RESERVED_FILE)
    for number, row in enumerate(table["reserved"], 1):
        check_table(f"{path.name}, [[reserved]] {number}", row, _RESERVED)
    return MappingProxyType({row["id"]: row["sentence"] for row in table["reserved"]})
