"""Read ``conformance.toml``, which holds targets by name and no secrets.

Error messages never repeat a rejected value, as it may be a secret.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import IntEnum
from pathlib import Path
from typing import Any

from conformance.endpoints.client.extra_headers import checked_name
from conformance.endpoints.client.live_target import TargetError
from conformance.traffic.redaction.patterns import BY_LOOK, FIELDS, MARK, scrub

NAME = "conformance.toml"
KEYS = (
    "base_url",
    "model",
    "profile",
    "project",
    "location",
    "endpoint",
    "project_number",
    "api_version",
    "api_key_env",
    "auth",
)
"""The settings of a target; each value is a string."""
_TABLES = {
    "live": "[live]",
    "targets": "[targets.NAME]",
    "expectations": "[[expectations]]",
}
"""The tables of the file by name, as their headers are written."""
HEADERS = "headers"
"""The setting that is a table: header fields to add to each request."""

_SECRET = re.compile(rf"{FIELDS}|key|token|secret|(api_)?(key|token)_value", re.IGNORECASE)
_ASSIGNED = re.compile(r"""\s*["']?([\w-]+)["']?\s*=""")


class Rank(IntEnum):
    """Where a value comes from; the lowest rank wins.

    ``ENVIRONMENT`` is a variable of this program, ``AMBIENT`` one that Google's tools read as well.
    """

    OPTION = 0
    ENVIRONMENT = 1
    AMBIENT = 2
    FILE = 3


@dataclass(frozen=True, slots=True)
class Setting:
    """A value, and where it was given: in words for messages, and as a rank."""

    value: str
    where: str
    rank: Rank


@dataclass(frozen=True, slots=True)
class File:
    """The settings of ``[live]`` and of each ``[targets.NAME]``, by key.

    ``headers`` has the header fields to add, by the path of their table, such as ``("live",)``, and
    by name; variables in their values are not yet replaced.
    """

    path: str
    live: Mapping[str, Setting]
    targets: Mapping[str, Mapping[str, Setting]]
    headers: Mapping[tuple[str, ...], Mapping[str, Setting]] = field(default_factory=dict)


def nearest(folder: Path) -> Path | None:
    """Return the file in a folder or in its nearest parent that has one, or None.

    What has its name but is a folder or a broken link is returned too; ``read`` refuses it.
    """
    paths = (parent / NAME for parent in (folder, *folder.parents))
    return next((path for path in paths if os.path.lexists(path)), None)


def read(path: Path) -> File:
    """Read and check a file.

    Raises:
        TargetError: The file is malformed, or a folder or broken link; the message names file, line
            and key.
        OSError: The file cannot be read.
    """
    if path.is_dir():
        raise TargetError(f"{path}: a folder, not a file: rename or remove it")
    if path.is_symlink() and not path.is_file():
        raise TargetError(f"{path}: a link that leads nowhere: correct or remove it")
    try:
        # utf-8-sig: Notepad writes a byte order mark
        return parse(str(path), path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise TargetError(f"{path}: not UTF-8: save it as UTF-8") from None


def parse(path: str, text: str) -> File:
    """Parse and check the text of a file; ``path`` is its name in messages. Raises TargetError."""
    try:
        document = tomllib.loads(text)
    except ValueError as error:  # also an integer of thousands of digits
        raise TargetError(f"{path}: not TOML: {error}") from None
    except RecursionError:
        raise TargetError(
            f"{path}: nested too deeply: write only [live] and [targets.NAME], with a string for"
            " each setting"
        ) from None
    for key in document.keys() - _TABLES.keys():
        raise TargetError(f"{_place(path, text, (), key)}: {_why_unknown(key, document[key])}")
    targets = document.get("targets", {})
    if not isinstance(targets, dict):
        raise TargetError(
            f"{_place(path, text, (), 'targets')}: write a table [targets.NAME] for each target"
        )
    live = _settings(path, text, ("live",), document.get("live", {}))
    tables = {("live",): document.get("live", {})} | {
        ("targets", name): table for name, table in targets.items()
    }
    return File(
        path,
        live,
        {name: _settings(path, text, ("targets", name), table) for name, table in targets.items()},
        {
            names: _headers(path, text, names, table[HEADERS])
            for names, table in tables.items()
            if HEADERS in table
        },
    )


def _why_unknown(key: str, value: Any) -> str:
    """Return what is wrong with a table or key that does not exist, and how to fix it."""
    if _SECRET.fullmatch(key):
        return "unknown setting: secrets do not belong in this file"
    if isinstance(value, dict | list):
        if near := get_close_matches(key.lower(), _TABLES):
            return f"unknown table (did you mean {_TABLES[near[0]]}?)"
        return f"unknown table (there are {', '.join(_TABLES.values())})"
    return "unknown setting: write [live] or [targets.NAME] above the settings of a target"


def _headers(path: str, text: str, table: tuple[str, ...], value: Any) -> dict[str, Setting]:
    """Check the header fields of a table and return them by name, in lower case."""
    place = _place(path, text, table, HEADERS)
    if not isinstance(value, dict):
        raise TargetError(f'{place}: write a table, headers = {{ "x-tenant" = "$TENANT" }}')
    headers = {}
    for name, held in value.items():
        own = _place(path, text, (*table, HEADERS), name)
        own = own if ", line " in own else f"{place}.{name}"
        lower = checked_name(name, own)
        if not isinstance(held, str) or not held:
            raise TargetError(f'{own}: write a non-empty string, such as "$TENANT"')
        if looks_secret(held):
            raise TargetError(
                f"{own}: the value looks like a secret: put the secret into an environment variable"
                f' and name the variable, {name} = "$VARIABLE"'
            )
        headers[lower] = Setting(held, own, Rank.FILE)
    return headers


def _settings(path: str, text: str, table: tuple[str, ...], value: Any) -> dict[str, Setting]:
    if not isinstance(value, dict):
        raise TargetError(
            f"{_place(path, text, table[:-1], table[-1])}: write a table [{'.'.join(table)}]"
        )
    settings = {}
    for key, setting in value.items():
        if key == HEADERS:
            continue
        place = _place(path, text, table, key)
        if why := _why_invalid(key, setting):
            raise TargetError(f"{place}: {why}")
        settings[key] = Setting(setting, place, Rank.FILE)
    return settings


def _why_invalid(key: str, value: Any) -> str:
    """Return what is wrong with a setting and how to fix it, "" for a valid one."""
    if key not in KEYS:
        if _SECRET.fullmatch(key):
            return (
                "secrets do not belong in this file: put the secret into an environment variable"
                ' and name the variable, api_key_env = "VARIABLE"'
            )
        return f"unknown setting; the settings are {', '.join((*KEYS, HEADERS))}"
    if not isinstance(value, str) or not value:
        return f'write a non-empty string, {key} = "..."'
    if looks_secret(value):
        return (
            "the value looks like a secret: put the secret into an environment variable and name"
            ' the variable, api_key_env = "VARIABLE"'
        )
    if key == "api_key_env" and not is_variable(value):
        return "write the name of an environment variable, not the key itself"
    return ""


def looks_secret(value: str) -> bool:
    """Return whether a value looks like a key or token, or contains one."""
    return MARK in scrub(value, BY_LOOK)[0]


def is_variable(value: str) -> bool:
    """Return whether a value is a valid variable name and does not look like a key."""
    return re.fullmatch(r"[A-Za-z_]\w*", value, re.ASCII) is not None and not looks_secret(value)


def _place(path: str, text: str, table: tuple[str, ...], key: str) -> str:
    """Return "FILE, line N: TABLE.KEY", without the line if the key has no line of its own."""
    line = next(
        (f", line {number}" for number, *table_key in _keys(text) if table_key == [table, key]), ""
    )
    return f"{path}{line}: {'.'.join((*table, key))}"


def _keys(text: str) -> Iterator[tuple[int, tuple[str, ...], str]]:
    """Yield line number, table and key of each assignment and table header."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            table = _header(line)
            if table:
                yield number, table[:-1], table[-1]
        elif match := _ASSIGNED.match(line):
            yield number, table, match[1]


def _header(line: str) -> tuple[str, ...]:
    """Return the path of the table that a line such as ``[a.b]`` opens, () for any other line."""
    try:
        value: Any = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return ()
    names = []
    while isinstance(value, dict) and value:
        ((name, value),) = value.items()
        names.append(name)
    return tuple(names)
