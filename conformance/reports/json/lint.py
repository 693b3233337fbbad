"""The findings of a lint for machines: one JSON document, or a JSON object a line."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import orjson

from conformance.runs.lint import Row, Tally

MOST = 1000
"""Findings of one requirement that a document holds; the counts are exact all the same."""


def summary(tally: Tally) -> dict[str, Any]:
    """The counts of a lint. ``findings`` and ``by_requirement`` include those that are known."""
    return {
        "exchanges": tally.exchanges,
        "unreadable": tally.all_unreadable,
        "skipped": tally.skipped,
        "findings": tally.findings.total(),
        "known": tally.known.total(),
        "by_requirement": dict(sorted(tally.findings.items())),
        "profiles": dict(sorted(tally.profiles.items())),
        "crashed": sorted(tally.crashes),
    }


def lines(rows: Iterable[Row], tally: Tally) -> Iterator[bytes]:
    """A line a finding, as they come, and the summary as the last line."""
    for row in rows:
        yield orjson.dumps(row)
    yield orjson.dumps({"summary": summary(tally), "unreadable": _unreadable(tally)})


def document(rows: Iterable[Row], tally: Tally) -> bytes:
    """All of it in one document, with at most ``MOST`` findings a requirement."""
    kept: list[dict[str, Any]] = []
    seen: Counter[str] = Counter()
    for row in rows:
        seen[row.requirement] += 1
        if seen[row.requirement] <= MOST:
            kept.append(asdict(row))
    whole = {"summary": summary(tally), "findings": kept, "unreadable": _unreadable(tally)}
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2)


def _unreadable(tally: Tally) -> list[dict[str, str]]:
    return [{"location": each.where, "why": each.why} for each in tally.unreadable]
