"""The core cases: the few that are sent to a target that costs money, chosen by hand."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from conformance.judging.toml_tables import Key, TableError, check_table, is_text, read_table

CORE = Path(__file__).parent / "core.toml"
"""The purpose of each core case, and the core cases of each profile."""

MOST = 40
"""The maximum number of core cases of a profile."""


def _are_purposes(value: Any) -> bool:
    return isinstance(value, dict) and all(map(is_text, value.values()))


def _are_lists(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(ids, list) and all(map(is_text, ids)) for ids in value.values()
    )


_KEYS = {
    "purpose": Key("a table of sentences by case id", _are_purposes),
    "profile": Key("a table of lists of case ids by profile", _are_lists),
}


@cache
def core() -> Mapping[str, Mapping[str, str]]:
    """Return the core cases: purposes by profile and case id, in the order of the file.

    Raises TableError if the file is invalid.
    """
    table = read_table(CORE)
    check_table(CORE.name, table, _KEYS)
    purposes, lists = table["purpose"], table["profile"]
    for profile, ids in lists.items():
        if unknown := [name for name in ids if name not in purposes]:
            raise TableError(f"{CORE.name}: [profile] {profile}: {unknown[0]!r} has no purpose")
        if len(ids) != len(set(ids)) or len(ids) > MOST:
            raise TableError(
                f"{CORE.name}: [profile] {profile}: list at most {MOST} cases, each once"
            )
    if unused := purposes.keys() - {name for ids in lists.values() for name in ids}:
        raise TableError(f"{CORE.name}: [purpose] {min(unused)}: no profile has this case")
    return MappingProxyType(
        {
            profile: MappingProxyType({name: purposes[name] for name in ids})
            for profile, ids in lists.items()
        }
    )
