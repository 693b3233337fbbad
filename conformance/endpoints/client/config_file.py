"""The file ``conformance.toml``: targets by name, without a secret. Nothing of a value is repeated
where it is refused."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

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
)
"""What a target may say of itself; each value is a string."""

_SECRET = re.compile(rf"{FIELDS}|key|token|secret|(api_)?(key|token)_value", re.IGNORECASE)
_ASSIGNED = re.compile(r"""\s*["']?([\w-]+)["']?\s*=""")


class Rank(IntEnum):
    """Where a value comes from, the strongest first; ``AMBIENT`` is what the environment says to
    all programs, not to this one."""

    OPTION = 0
    ENVIRONMENT = 1
    AMBIENT = 2
    FILE = 3


@dataclass(frozen=True, slots=True)
class Setting:
    """A value, and where it was given, in words and as a rank."""

    value: str
    where: str
    rank: Rank


@dataclass(frozen=True, slots=True)
class File:
    """What a file says: its settings by key, of ``[live]`` and of each ``[targets.NAME]``."""

    path: str
    live: Mapping[str, Setting]
    targets: Mapping[str, Mapping[str, Setting]]


def nearest(folder: Path) -> Path | None:
    """The file in a folder or in the nearest of those above it."""
    return next(
        (path for each in (folder, *folder.parents) if (path := each / NAME).is_file()), None
    )


def read(path: Path) -> File:
    """The file, checked. Raises TargetError, naming file, line and key; OSError where it cannot be
    read."""
    try:
        return parse(
            str(path), path.read_text(encoding="utf-8-sig")
        )  # Notepad puts a mark before it
    except UnicodeDecodeError:
        raise TargetError(f"{path}: not UTF-8: save it as UTF-8") from None


def parse(path: str, text: str) -> File:
    """The text of a file, checked. Raises TargetError."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TargetError(f"{path}: not TOML: {error}") from None
    except RecursionError:
        raise TargetError(
            f"{path}: nested too deeply: write [live] or [targets.NAME], and a string for each"
            " setting"
        ) from None
    for key in document.keys() - {"live", "targets"}:
        mend = (
            "a key has no place in this file"
            if _SECRET.fullmatch(key)
            else "write [live] or [targets.NAME] above the settings of a target"
        )
        raise TargetError(f"{_place(path, text, (), key)}: unknown: {mend}")
    named = document.get("targets", {})
    if not isinstance(named, dict):
        raise TargetError(
            f"{_place(path, text, (), 'targets')}: write a table [targets.NAME] for each target"
        )
    live = _settings(path, text, ("live",), document.get("live", {}))
    return File(
        path,
        live,
        {name: _settings(path, text, ("targets", name), table) for name, table in named.items()},
    )


def _settings(path: str, text: str, table: tuple[str, ...], value: Any) -> dict[str, Setting]:
    if not isinstance(value, dict):
        raise TargetError(
            f"{_place(path, text, table[:-1], table[-1])}: write a table [{'.'.join(table)}]"
        )
    settings = {}
    for key, given in value.items():
        place = _place(path, text, table, key)
        if why := _wrong(key, given):
            raise TargetError(f"{place}: {why}")
        settings[key] = Setting(given, place, Rank.FILE)
    return settings


def _wrong(key: str, value: Any) -> str:
    """What is wrong with a setting and how to mend it, "" where nothing is."""
    if key not in KEYS:
        if _SECRET.fullmatch(key):
            return (
                "no secret belongs into a file: put it into an environment variable and name that"
                ' one, api_key_env = "VARIABLE"'
            )
        return f"unknown; there are {', '.join(KEYS)}"
    if not isinstance(value, str) or not value:
        return f'write a string that is not empty, {key} = "..."'
    if looks_secret(value):
        return (
            "it holds what looks like a secret: put that into an environment variable and name that"
            ' one, api_key_env = "VARIABLE"'
        )
    if key == "api_key_env" and not is_variable(value):
        return "write the name of an environment variable, not the key itself"
    return ""


def looks_secret(value: str) -> bool:
    """Whether a value looks like a key, or holds one."""
    return MARK in scrub(value, BY_LOOK)[0]


def is_variable(value: str) -> bool:
    """Whether a value may be the name of an environment variable, and does not look like a key."""
    return re.fullmatch(r"[A-Za-z_]\w*", value, re.ASCII) is not None and not looks_secret(value)


def _place(path: str, text: str, table: tuple[str, ...], key: str) -> str:
    """Where a key stands: the file, the line where that can be told, and the key with its table."""
    line = next((f", line {number}" for number, *found in _keys(text) if found == [table, key]), "")
    return f"{path}{line}: {'.'.join((*table, key))}"


def _keys(text: str) -> Iterator[tuple[int, tuple[str, ...], str]]:
    """The keys that a text assigns on lines of their own: line, table, key."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            table = _header(line)
            if table:
                yield number, table[:-1], table[-1]
        elif match := _ASSIGNED.match(line):
            yield number, table, match[1]


def _header(line: str) -> tuple[str, ...]:
    """The table that a line opens, () where it opens none."""
    try:
        value: Any = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return ()
    names = []
    while isinstance(value, dict) and value:
        ((name, value),) = value.items()
        names.append(name)
    return tuple(names)
