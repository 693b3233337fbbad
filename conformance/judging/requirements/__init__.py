"""The ledger of requirements, as data: one TOML file per chapter.

Ids are stable: they are never renumbered or used again. A new requirement goes to the end of its
chapter.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from conformance.judging.requirements.evidence import (
    EVIDENCE,
    GOOGLE_COLUMNS,
    Evidence,
    evidence_of,
    is_evidence,
)
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

__all__ = [
    "CHAPTERS",
    "COLUMNS",
    "EDITION",
    "EVIDENCE",
    "GOOGLE_COLUMNS",
    "KINDS",
    "LEVELS",
    "NEEDS",
    "Chapter",
    "Evidence",
    "Level",
    "Requirement",
    "chapters",
    "read_chapter",
    "requirements",
    "reserved",
]

EDITION = "2026-11"
"""The edition of the ledger; a requirement has the edition in which it last changed."""

Level: TypeAlias = Literal["must", "should", "may"]
"""How strict a requirement is: breaking a must or should is a finding, a may never is."""

LEVELS: tuple[Level, ...] = ("must", "should", "may")
COLUMNS = (
    "vertex-gemini",
    "vertex-vllm",
    "vertex-tgi",
    "gemini-api",
    "openai",
    "openai-compatible",
)
"""The kinds of target. A requirement without a level for a kind does not apply to it."""

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
    "why": TEXT.optional(),
    "covered_by": TEXTS.optional(),
    "evidence": Key(
        f"a table of {', '.join(EVIDENCE)} by {', '.join(GOOGLE_COLUMNS)}",
        is_evidence,
        required=False,
    ),
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One testable requirement.

    ``levels`` is by kind of target; the requirement does not apply to kinds that are missing.
    ``needs`` is what can show a violation: one exchange, a twin (two exchanges that differ in one
    thing), a session (several turns) or a probe (a request made on purpose). ``when`` is the kind
    of answer (completion, stream, error, any), then, after a semicolon, what else must be there, in
    words. ``about`` is ``model`` where the outcome depends on what a model says. ``source`` is
    where the requirement comes from. ``evidence`` is what it rests on, by those kinds of target of
    Google that have a level. ``why`` says which clients or applications a violation breaks, and
    how. ``covered_by`` are requirements that the same fault breaks too: where one of them is
    broken, a report says both in one line.
    """

    id: str
    sentence: str
    levels: Mapping[str, Level]
    needs: Literal["exchange", "twin", "session", "probe"]
    when: str
    about: Literal["protocol", "model"]
    source: tuple[str, ...]
    edition: str
    evidence: Mapping[str, Evidence] = field(default_factory=lambda: MappingProxyType({}))
    why: str = ""
    covered_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter of the ledger: prefix of its ids, file name, title and requirements."""

    prefix: str
    name: str
    title: str
    requirements: tuple[Requirement, ...]


def read_chapter(path: Path) -> Chapter:
    """Read a chapter from a TOML file.

    Raises TableError, which names file, requirement and key, if the file is invalid.
    """
    table = read_table(path)
    check_table(path.name, table, _CHAPTER)
    prefix = table["prefix"]
    rows = tuple(
        _requirement(f"{path.name}, [[requirement]] {number}", prefix, row)
        for number, row in enumerate(table["requirement"], 1)
    )
    return Chapter(prefix, path.stem, table["title"], rows)


def _requirement(place: str, prefix: str, row: Mapping[str, Any]) -> Requirement:
    named = f"{place} ({row['id']})" if "id" in row else place
    check_table(named, row, _REQUIREMENT)
    _check_id(place, prefix, row["id"])
    evidence = evidence_of(named, row["levels"], row["source"], row.get("evidence", {}))
    return Requirement(
        **{
            **row,
            "levels": MappingProxyType(row["levels"]),
            "source": tuple(row["source"]),
            "covered_by": tuple(row.get("covered_by", ())),
            "evidence": MappingProxyType(evidence),
        }
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
    """All requirements by id, in the order of the ledger. Raises TableError for a repeated id."""
    found: dict[str, Requirement] = {}
    for requirement in _rows():
        if requirement.id in found:
            raise TableError(
                f"the ledger has {requirement.id} twice; a new requirement takes the next number of"
                " its chapter"
            )
        found[requirement.id] = requirement
    for requirement in found.values():
        if unknown := set(requirement.covered_by) - found.keys():
            raise TableError(f"{requirement.id}: 'covered_by' has no requirement {min(unknown)}")
    return MappingProxyType(found)


def _rows() -> Iterator[Requirement]:
    for chapter in chapters():
        yield from chapter.requirements


@cache
def reserved() -> Mapping[str, str]:
    """Ids that no requirement may use, each with the promise about the judge that it stands for."""
    path = _FOLDER / "reserved.toml"
    table = read_table(path)
    check_table(path.name, table, _RESERVED_FILE)
    for number, row in enumerate(table["reserved"], 1):
        check_table(f"{path.name}, [[reserved]] {number}", row, _RESERVED)
    return MappingProxyType({row["id"]: row["sentence"] for row in table["reserved"]})
