"""Read the expectations of a user from TOML, strictly: each error names file, line and fix."""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from conformance._text import did_you_mean, many
from conformance.judging.expectations import Expectation
from conformance.judging.profiles.loading import CONDITION_KEYS, condition_of
from conformance.judging.requirements.typed_ids import id_like
from conformance.judging.toml_tables import TableError, is_text

NAME = "conformance-expectations.toml"
TABLE = "expectations"
"""The name of the array of tables: ``[[expectations]]``."""

KEYS = ("requirement", "case", "target", "condition", "occurs", "reason", "link", "until")

SHARED_NAME, OTHER_TABLES = "conformance.toml", ("live", "targets")
"""The file of the targets, which may also have expectations, and its other tables."""

MOST_MISTAKES = 10
"""The most mistakes of a file that are listed."""

_LINE_OF_ERROR = re.compile(r"\(at line (\d+),")
_UNTIL = re.compile(r"""\s*["']?until["']?\s*=\s*[^"'\s]""")
_HEADER = re.compile(rf"\s*\[\[\s*{TABLE}\s*\]\]\s*(#.*)?$")
_NAME_AT_START = re.compile(r"""\s*(?:\[\s*){0,2}["']?([\w-]+)""")
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
    """Expectations that cannot be used.

    Each argument is a mistake, one line with file, line, key and fix. The message is all of them.
    """

    @property
    def mistakes(self) -> tuple[str, ...]:
        """The mistakes, in the order of the file, at most ``MOST_MISTAKES`` and a count."""
        lines = tuple(map(str, self.args))
        if len(lines) <= MOST_MISTAKES:
            return lines
        return (*lines[:MOST_MISTAKES], f"and {many(len(lines) - MOST_MISTAKES, 'more mistake')}")

    def __str__(self) -> str:
        return "\n".join(self.mistakes)


def parse(
    name: str,
    text: str,
    requirements: Collection[str],
    cases: Collection[str] | None = None,
    *,
    drafts: bool = False,
    shared: bool = False,
) -> tuple[Expectation, ...]:
    """Return the entries in the text of a TOML file.

    Args:
        name: the file, for messages.
        requirements: the ids that exist.
        cases: the ids of the cases that exist, None if an entry may name anything.
        drafts: if true, a reason may be empty, as it is before the user has written it.
        shared: if true, the file also has other tables, which are left alone; else they are errors.

    Raises ExpectationsError, with all mistakes.
    """
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ExpectationsError(_not_toml(name, text, error)) from None
    lines = text.splitlines()
    wrong = [] if shared else list(_unknown_tables(name, document, lines))
    entries = document.get(TABLE, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ExpectationsError(*wrong, f"{name}: write [[{TABLE}]] above each entry")
    starts = entry_lines(text)
    if len(starts) != len(entries):  # an inline array
        starts = [1] * len(entries)
    read = [
        _Entry(name, table, start, lines, drafts=drafts)
        for table, start in zip(entries, starts, strict=True)
    ]
    wrong += [mistake for entry in read for mistake in entry.mistakes(requirements, cases)]
    if wrong:
        raise ExpectationsError(*wrong)
    return tuple(entry.expectation() for entry in read)


def _not_toml(name: str, text: str, error: Exception) -> str:
    """Return the message for a file that is not TOML.

    TOML has dates, so that one which is not in the calendar is an error of its syntax.
    """
    place = _LINE_OF_ERROR.search(str(error))
    number = int(place[1]) if place else 0
    if _UNTIL.match(dict(enumerate(text.splitlines(), 1)).get(number, "")):
        return f"{name}:{number}: until: not a date: {_FIXES['until']}"
    return f"{name}: not TOML: {error}"


def _unknown_tables(name: str, document: Mapping[str, Any], lines: list[str]) -> Iterator[str]:
    """Yield a mistake for each table or key outside the entries."""
    for key, value in document.items():
        if key != TABLE:
            what = (
                f"unknown table (did you mean [[{TABLE}]]?)"
                if isinstance(value, dict | list)
                else f"stands above the first entry: write [[{TABLE}]] above it"
            )
            if key in OTHER_TABLES:
                what = f"only {SHARED_NAME} has this table: move it there"
            yield f"{name}:{line_of(key, lines)}: {key}: {what}"


def line_of(name: str, lines: Iterable[str]) -> int:
    """Return the number, from 1, of the first line that opens a table or key; 1 if none does."""
    for number, line in enumerate(lines, 1):
        if (match := _NAME_AT_START.match(line)) and match[1] == name:
            return number
    return 1


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

    def mistakes(
        self, requirements: Collection[str], cases: Collection[str] | None
    ) -> Iterator[str]:
        """Yield a line for each mistake; ``expectation`` needs an entry without any."""
        unknown = list(self._unknown())
        found = (
            *unknown,
            *self._wrong(),
            # a required key that is missing is mostly the unknown one
            *(() if unknown else self._missing()),
            *self._named_in_vain(requirements, cases),
            *self._wrong_condition(),
        )
        for key, why in sorted(found, key=lambda mistake: self._line(mistake[0])):
            yield f"{self._name}:{self._line(key)}: {key}: {why}"

    def expectation(self) -> Expectation:
        """Return the entry. Raises KeyError or TableError for one with mistakes."""
        table = self._table
        return Expectation(
            requirement=id_like(table["requirement"]),
            frequency=table["occurs"],
            reason=table["reason"],
            place=f"{self._name}:{self._start}",
            case=table.get("case", "*"),
            target=table.get("target", "*"),
            condition=condition_of("", table.get("condition", {})),
            link=table.get("link", ""),
            until=table.get("until"),
        )

    def _unknown(self) -> Iterator[tuple[str, str]]:
        for key in self._table:
            if key not in KEYS:
                yield key, f"unknown key{did_you_mean(key, KEYS)}: use {', '.join(KEYS)}"

    def _named_in_vain(
        self, requirements: Collection[str], cases: Collection[str] | None
    ) -> Iterator[tuple[str, str]]:
        """Yield what names a requirement or a case that does not exist."""
        requirement, case = self._table.get("requirement", ""), self._table.get("case", "*")
        if is_text(requirement) and (meant := id_like(requirement)) not in requirements:
            near = did_you_mean(meant, requirements)
            yield (
                "requirement",
                f"unknown requirement {requirement!r}{near}; `conformance requirements` lists them",
            )
        if cases is not None and is_text(case) and not _is_there(case, cases):
            near = did_you_mean(case, cases)
            yield "case", f"no case is {case!r}{near}; `conformance cases` lists them"

    def _missing(self) -> Iterator[tuple[str, str]]:
        for key in ("requirement", "occurs", "reason"):
            if key not in self._table:
                yield key, _FIXES[key]

    def _wrong(self) -> Iterator[tuple[str, str]]:
        """Yield the keys that have a wrong value, each with the fix."""
        table = self._table
        if "requirement" in table and not is_text(table["requirement"]):
            yield "requirement", _FIXES["requirement"]
        if "occurs" in table and table["occurs"] not in ("always", "sometimes"):
            yield "occurs", f"{table['occurs']!r} is neither: {_FIXES['occurs']}"
        reason = table.get("reason", "left out")
        if not (isinstance(reason, str) and (reason.strip() or self._drafts)):
            yield "reason", _FIXES["reason"]
        for key in ("case", "target", "link"):
            if key in table and not is_text(table[key]):
                yield key, _FIXES[key]
        if "until" in table and type(table["until"]) is not date:
            yield "until", f"not a date: {_FIXES['until']}"

    def _wrong_condition(self) -> Iterator[tuple[str, str]]:
        table = self._table.get("condition", {})
        if not isinstance(table, dict):
            yield "condition", 'write a table, condition = { kind = "stream" }'
            return
        unknown = [key for key in table if key not in CONDITION_KEYS]
        for key in unknown:
            near = did_you_mean(key, CONDITION_KEYS)
            yield "condition", f"unknown key {key!r}{near}: use {', '.join(CONDITION_KEYS)}"
        if not unknown:
            try:
                condition_of("", table)
            except TableError as error:
                yield "condition", str(error).removeprefix(": ")

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
