"""What the sources of requirements and known deviations stand for: words, and links.

``sources.jsonl`` is made from the protocol reference, docs/protocol.md, which only a checkout has.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

_FILE = Path(__file__).with_suffix(".jsonl")
_ISSUE = re.compile(r"([\w.-]+/[\w.-]+)#(\d+)")
_RFC = re.compile(r"RFC (\d+)")
_EXAMPLES = re.compile(r"SEED [\d ]+")


@dataclass(frozen=True, slots=True)
class Source:
    """One source: what it says or is, "" if its key says it, and the addresses where it stands.

    ``by_profile`` is for a source that is a list of facts: the addresses of those about one kind of
    target. Such a source has ``links`` about all of them.
    """

    key: str
    says: str = ""
    links: tuple[str, ...] = ()
    by_profile: Mapping[str, tuple[str, ...]] | None = None

    def links_about(self, profile: str) -> tuple[str, ...]:
        """Return the addresses of what the source says about a kind of target."""
        return self.links if self.by_profile is None else self.by_profile.get(profile, ())


@cache
def _sources() -> Mapping[str, Source]:
    rows = map(orjson.loads, _FILE.read_bytes().splitlines())
    return MappingProxyType({row["key"]: _source(row) for row in rows})


def _source(row: Mapping[str, Any]) -> Source:
    about = row.get("by_profile")
    return Source(
        row["key"],
        row["says"],
        tuple(row["links"]),
        None if about is None else {name: tuple(links) for name, links in about.items()},
    )


def source(key: str) -> Source:
    """Return what a source stands for; only its key if nothing else is known.

    A note in brackets after the key is kept in ``key`` and otherwise ignored.
    """
    name = key.partition(" (")[0] if key.endswith(")") else key
    if found := _sources().get("SEED" if _EXAMPLES.fullmatch(name) else name):
        return replace(found, key=key)
    return Source(key, "", tuple(filter(None, (address(name),))))


def address(name: str) -> str:
    """Return the address of a public issue, ``owner/repo#number``, or of an RFC; "" for others."""
    if issue := _ISSUE.fullmatch(name):
        return f"https://github.com/{issue[1]}/issues/{issue[2]}"
    if rfc := _RFC.fullmatch(name):
        return f"https://www.rfc-editor.org/rfc/rfc{rfc[1]}"
    return ""
