"""Choose the cases whose answers are collected: the core cases and the documented examples."""

import re

from conformance.cases import Case
from conformance.endpoints.client.live_target import LiveTarget
from conformance.runs.live.asking import chosen
from conformance.runs.selection import Selection

_EXAMPLE = re.compile(r"SEED \d")
"""How the source of a case begins that is an example of Google's documentation page."""


def is_example(case: Case) -> bool:
    """True if the case is one of the 18 examples of Google's documentation page."""
    return _EXAMPLE.match(case.source) is not None


def collected_cases(target: LiveTarget, selection: Selection) -> frozenset[str]:
    """Return the ids of the core cases and the examples that the target supports."""
    core, _ = chosen(target, selection, everything=False)
    supported, _ = chosen(target, selection, everything=True)
    return frozenset(case.id for case in (*core, *filter(is_example, supported)))
