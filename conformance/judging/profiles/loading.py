"""Read a profile from its TOML file, strictly."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

from conformance.judging.profiles.model import (
    ANSWER_WORDS,
    CAPABILITIES,
    REQUEST_WORDS,
    Auth,
    Condition,
    Deviation,
    Kind,
    Models,
    Profile,
)
from conformance.judging.requirements import COLUMNS, Level, Requirement, requirements
from conformance.judging.toml_tables import (
    TABLES,
    TEXT,
    TEXTS,
    TRUE,
    Key,
    TableError,
    check_table,
    is_list,
    is_text,
    one_of,
    read_table,
    some_of,
)


def _is_pattern(value: Any) -> bool:
    try:
        re.compile(value)
    except (TypeError, re.error):
        return False
    return is_text(value)


_PATTERN = Key("a regular expression", _is_pattern, required=False)
_DAY = Key("a date such as 2025-06-01", lambda value: type(value) is date, required=False)

_PROFILE = {
    "name": TEXT,
    "title": TEXT,
    "urls": Key(
        "a list of regular expressions",
        lambda value: is_list(value) and all(map(_is_pattern, value)),
    ),
    "url_templates": TEXTS,
    "auth": one_of(get_args(Auth)),
    "rate": Key(
        "a number above 0",
        lambda value: type(value) in (int, float) and value > 0,
        required=False,
    ),
    "daily": Key(
        "a whole number above 0", lambda value: type(value) is int and value > 0, required=False
    ),
    "capabilities": some_of(CAPABILITIES),
    "models": TABLES.optional(),
    "deviation": TABLES.optional(),
}
_MODELS = {
    "pattern": Key("a regular expression", _is_pattern),
    "lacks": some_of(CAPABILITIES).optional(),
    "thinks": TRUE,
    "source": TEXTS,
}
_DEVIATION = {
    "requirement": TEXT,
    "seen": TEXT,
    "occurs": one_of(("always", "sometimes")),
    "condition": Key("a table", lambda value: isinstance(value, dict), required=False),
    "source": TEXTS,
    "weak": TRUE,
}
_CONDITION = {
    "kind": one_of(get_args(Kind)).optional(),
    "status": Key(
        "an HTTP status", lambda value: type(value) is int and 100 <= value <= 599, required=False
    ),
    "model": _PATTERN,
    "server": _PATTERN,
    "actual": _PATTERN,
    "request": some_of(REQUEST_WORDS).optional(),
    "unless_request": some_of(REQUEST_WORDS).optional(),
    "answer": some_of(ANSWER_WORDS).optional(),
    "unless_answer": some_of(ANSWER_WORDS).optional(),
    "since": _DAY,
    "until": _DAY,
    "also": TEXT.optional(),
}


CONDITION_KEYS = tuple(_CONDITION)
"""The keys of a condition."""


def read_profile(path: Path, known: Mapping[str, Requirement] | None = None) -> Profile:
    """Read a profile from a TOML file.

    ``known`` are the requirements by id, by default those that ship with the package; their levels
    are those that the profile can choose with ``levels``.

    Raises TableError, which names file and key, if the file is invalid.
    """
    ledger = requirements() if known is None else known
    columns = dict.fromkeys([*COLUMNS, *(name for row in ledger.values() for name in row.levels)])
    table = read_table(path)
    check_table(path.name, table, {**_PROFILE, "levels": one_of(tuple(columns))})
    if table["name"] != path.stem:
        raise TableError(
            f"{path.name}: 'name' must be {path.stem}, as the file is called, not {table['name']!r}"
        )
    levels = {
        row.id: row.levels[table["levels"]]
        for row in ledger.values()
        if table["levels"] in row.levels
    }
    return Profile(
        name=table["name"],
        title=table["title"],
        levels=MappingProxyType(levels),
        urls=tuple(map(re.compile, table["urls"])),
        url_templates=tuple(table["url_templates"]),
        auth=table["auth"],
        capabilities=frozenset(table["capabilities"]),
        deviations=tuple(
            _deviation(f"{path.name}, [[deviation]] {number}", entry, levels)
            for number, entry in enumerate(table.get("deviation", ()), 1)
        ),
        digest=_digest(table, levels),
        models=tuple(
            _models(f"{path.name}, [[models]] {number}", entry)
            for number, entry in enumerate(table.get("models", ()), 1)
        ),
        rate=table.get("rate"),
        daily=table.get("daily"),
    )


def _models(place: str, entry: Mapping[str, Any]) -> Models:
    check_table(place, entry, _MODELS)
    return Models(
        re.compile(entry["pattern"]),
        frozenset(entry.get("lacks", ())),
        entry.get("thinks", False),
    )


def _deviation(place: str, entry: Mapping[str, Any], levels: Mapping[str, Level]) -> Deviation:
    check_table(place, entry, _DEVIATION)
    requirement = entry["requirement"]
    if levels.get(requirement, "may") == "may":
        raise TableError(
            f"{place}: 'requirement' must be one that is must or should in this profile, not"
            f" {requirement!r}"
        )
    condition = condition_of(f"{place} ({requirement})", entry.get("condition", {}))
    return Deviation(
        requirement,
        entry["seen"],
        entry["occurs"],
        condition,
        tuple(entry["source"]),
        entry.get("weak", False),
    )


def condition_of(place: str, table: Mapping[str, Any]) -> Condition:
    """Return the condition that a TOML table states; ``place`` names the table in messages.

    Raises TableError.
    """
    check_table(place, table, _CONDITION)
    patterns = {
        key: re.compile(table[key]) for key in ("model", "server", "actual") if key in table
    }
    lists = {
        key: tuple(table[key])
        for key in ("request", "unless_request", "answer", "unless_answer")
        if key in table
    }
    return Condition(**{**table, **patterns, **lists})


def _digest(table: Mapping[str, Any], levels: Mapping[str, Level]) -> str:
    content = json.dumps({"profile": table, "levels": levels}, sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:16]
