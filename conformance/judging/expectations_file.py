"""Read the expectations of a user from TOML, strictly: each error names file, line and fix."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from fnmatch import fnmatchcase
from typing import Any, NoReturn

from conformance._text import did_you_mean
from conformance.judging.expectations import Expectation
from conformance.judging.profiles.loading import CONDITION_KEYS, condition_of
from conformance.judging.profiles.model import Condition
from conformance.judging.toml_tables import TableError, is_text

NAME = "conformance-expectations.toml"
TABLE = "expectations"
"""The name of the array of tables: ``[[expectations]]``."""

KEYS = ("requirement", "case", "target", "condition", "occurs", "reason", "link", "until")

_HEADER = re.compile(rf"\s*\[\[\s*{TABLE}\s*\]\]\s*(#.*)?$")
_ANY_HEADER = re.compile(r"\s*\[")
_FIXES = {
    "occurs": 'write occurs = "always" if each run shows the failure, or "sometimes"',
    "reason": 'say why the failure is accepted, reason = "..."',
    "case": 'write the id of a case or a pattern, case = "stream-*"',
    "target": 'write the name of a target or a pattern, target = "..."',
    "link": 'write an address, link = "https://..."',
    "until": "write the last day without quotes, until = 2027-01-31",
    "requirement": 'write the id of a requirement, requirement = "STR-006"',
}


class ExpectationsError(ValueError):
    """Expectations that cannot be used; the message is one line with file, line, key and fix."""


def parse(
    name: str,
    text: str,
    requirements: Collection[str],
    cases: Collection[str] | None = None,
    *,
    drafts: bool = False,
) -> tuple[Expectation, ...]:
    """Return the entries in the text of a TOML file; other tables of it are left alone.

    Args:
        name: the file, for messages.
        requirements: the ids that exist.
        cases: the ids of the cases that exist, None if an entry may name anything.
        drafts: if true, a reason may be empty, as it is before the user has written it.

    Raises ExpectationsError.
    """
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ExpectationsError(f"{name}: not TOML: {error}") from None
    entries = document.get(TABLE, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ExpectationsError(f"{name}: write [[{TABLE}]] above each entry")
    starts = entry_lines(text)
    if len(starts) != len(entries):  # an inline array
        starts = [1] * len(entries)
    lines = text.splitlines()
    return tuple(
        _Entry(name, table, start, lines, drafts=drafts).read(requirements, cases)
        for table, start in zip(entries, starts, strict=True)
    )


def entry_lines(text: str) -> list[int]:
    """Return the number, from 1, of the line with which each entry begins."""
    return [number for number, line in enumerate(text.splitlines(), 1) if _HEADER.match(line)]


class _Entry:
    """One table of a file, with the lines in which its keys stand."""

    def __init__(
        self,
        name: str,
        table: Mapping[str, Any],
        start: int,
        lines: list[str],
        *,
        drafts: bool,
    ) -> None:
        self._name = name
        self._table = table
        self._start = start
        self._lines = lines
        self._drafts = drafts

    def read(self, requirements: Collection[str], cases: Collection[str] | None) -> Expectation:
        table = self._table
        for key in table:
            if key not in KEYS:
                self._refuse(key, f"unknown key{did_you_mean(key, KEYS)}: use {', '.join(KEYS)}")
        for key, why in self._wrong():
            self._refuse(key, why)
        if (requirement := table["requirement"]) not in requirements:
            near = did_you_mean(requirement.upper(), requirements)
            self._refuse(
                "requirement",
                f"unknown requirement {requirement!r}{near}; `conformance requirements` lists them",
            )
        case = table.get("case", "*")
        if cases is not None and not _is_there(case, cases):
            near = did_you_mean(case, cases)
            self._refuse("case", f"no case is {case!r}{near}; `conformance cases` lists them")
        return Expectation(
            requirement=requirement,
            frequency=table["occurs"],
            reason=table["reason"],
            place=f"{self._name}:{self._start}",
            case=case,
            target=table.get("target", "*"),
            condition=self._condition(),
            link=table.get("link", ""),
            until=table.get("until"),
        )

    def _wrong(self) -> Iterator[tuple[str, str]]:
        """Yield the keys that are missing or have a wrong value, each with the fix."""
        table = self._table
        for key in ("requirement", "reason", "occurs"):
            draft = key == "reason" and self._drafts and table.get(key) == ""
            if not is_text(table.get(key)) and not draft:
                yield key, _FIXES[key]
        if not str(table.get("reason")).strip() and not self._drafts:
            yield "reason", _FIXES["reason"]
        if table.get("occurs") not in ("always", "sometimes"):
            yield "occurs", f"{table['occurs']!r} is neither: {_FIXES['occurs']}"
        for key in ("case", "target", "link"):
            if key in table and not is_text(table[key]):
                yield key, _FIXES[key]
        if "until" in table and type(table["until"]) is not date:
            yield "until", f"not a date: {_FIXES['until']}"

    def _condition(self) -> Condition:
        table = self._table.get("condition", {})
        if not isinstance(table, dict):
            self._refuse("condition", 'write a table, condition = { kind = "stream" }')
        for key in table:
            if key not in CONDITION_KEYS:
                near = did_you_mean(key, CONDITION_KEYS)
                self._refuse(
                    "condition", f"unknown key {key!r}{near}: use {', '.join(CONDITION_KEYS)}"
                )
        try:
            return condition_of("", table)
        except TableError as error:
            self._refuse("condition", str(error).removeprefix(": "))

    def _refuse(self, key: str, why: str) -> NoReturn:
        raise ExpectationsError(f"{self._name}:{self._line(key)}: {key}: {why}")

    def _line(self, key: str) -> int:
        """Return the line of a key, or that of the entry if the key has none."""
        for number, line in enumerate(self._lines[self._start :], self._start + 1):
            if _ANY_HEADER.match(line):
                break
            if re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[.=]""", line):
                return number
        return self._start


def _is_there(pattern: str, cases: Collection[str]) -> bool:
    """True if a case, each of two joined by "+", or a pattern of them exists."""
    return all(
        part in cases or any(fnmatchcase(case, part) for case in cases)
        for part in (joined.partition("#")[0] for joined in pattern.split("+"))
    )
