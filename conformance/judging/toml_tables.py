"""TOML tables that are read strictly: a key nobody knows or a value of the wrong form is an error
that names file and key."""

import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class TableError(ValueError):
    """A data file of the suite that does not hold together; the message is one line for the
    user."""


@dataclass(frozen=True, slots=True)
class Key:
    """What one key of a table may hold: ``form`` says it in words, ``holds`` decides."""

    form: str
    holds: Callable[[Any], bool]
    required: bool = True

    def optional(self) -> "Key":
        """The same key where it may be left out."""
        return Key(self.form, self.holds, required=False)


def is_text(value: Any) -> bool:
    """Whether the value is a string that is not empty."""
    return isinstance(value, str) and value != ""


def is_list(value: Any) -> bool:
    """Whether the value is a list, its items apart."""
    return isinstance(value, list)


TEXT = Key("a string that is not empty", is_text)
TEXTS = Key(
    "a list of strings that are not empty",
    lambda value: is_list(value) and all(map(is_text, value)),
)
TABLES = Key(
    "an array of tables",
    lambda value: is_list(value) and all(isinstance(item, dict) for item in value),
)
TRUE = Key("true, or be left out", lambda value: value is True, required=False)


def one_of(words: Collection[str]) -> Key:
    """A key that holds one of the words."""
    return Key("one of " + ", ".join(words), lambda value: is_text(value) and value in words)


def some_of(words: Collection[str]) -> Key:
    """A key that holds a list of some of the words."""
    return Key(
        "a list of some of " + ", ".join(words),
        lambda value: is_list(value) and all(is_text(item) and item in words for item in value),
    )


def read_table(path: Path) -> dict[str, Any]:
    """The TOML file as a table. Raises TableError where it is not TOML or not there."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TableError(f"{path.name}: {error}") from error


def check_table(place: str, table: Mapping[str, Any], keys: Mapping[str, Key]) -> None:
    """Raise TableError unless the table has all required keys, no unknown one, and each holds what
    it may; ``place`` names file and table."""
    for name in table:
        if name not in keys:
            raise TableError(f"{place}: unknown key {name!r}; known are {', '.join(keys)}")
    for name, key in keys.items():
        if name not in table:
            if key.required:
                raise TableError(f"{place}: the key {name!r} is missing; it must be {key.form}")
        elif not key.holds(table[name]):
            raise TableError(f"{place}: {name!r} must be {key.form}, not {table[name]!r}")
