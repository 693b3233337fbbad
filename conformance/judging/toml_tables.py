"""Read TOML tables strictly: an unknown key or a wrong value is an error that names the place."""

import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class TableError(ValueError):
    """A data file of the suite that is invalid; the message is one line for the user."""


@dataclass(frozen=True, slots=True)
class Key:
    """What one key of a table may hold: ``form`` says it in words, ``holds`` tests a value."""

    form: str
    holds: Callable[[Any], bool]
    required: bool = True

    def optional(self) -> "Key":
        """The same key, but not required."""
        return Key(self.form, self.holds, required=False)


def is_text(value: Any) -> bool:
    """True if the value is a non-empty string."""
    return isinstance(value, str) and value != ""


def is_list(value: Any) -> bool:
    """True if the value is a list; its items are not looked at."""
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
    """A key that holds one of these words."""
    return Key("one of " + ", ".join(words), lambda value: is_text(value) and value in words)


def some_of(words: Collection[str]) -> Key:
    """A key that holds a list of any of these words."""
    return Key(
        "a list of some of " + ", ".join(words),
        lambda value: is_list(value) and all(is_text(item) and item in words for item in value),
    )


def read_table(path: Path) -> dict[str, Any]:
    """Parse a TOML file. Raises TableError if it is missing or not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TableError(f"{path.name}: {error}") from error


def check_table(place: str, table: Mapping[str, Any], keys: Mapping[str, Key]) -> None:
    """Check that a table has all required keys, no unknown key, and only valid values.

    Raises TableError; its message begins with ``place``, which names file and table.
    """
    for name in table:
        if name not in keys:
            raise TableError(f"{place}: unknown key {name!r}; known are {', '.join(keys)}")
    for name, key in keys.items():
        if name not in table:
            if key.required:
                raise TableError(f"{place}: the key {name!r} is missing; it must be {key.form}")
        elif not key.holds(table[name]):
            raise TableError(f"{place}: {name!r} must be {key.form}, not {table[name]!r}")
