"""A fault is one line of a report, however many requirements it breaks.

A report lists a requirement with the one that covers it if the same fault breaks both.
"""

from collections.abc import Collection

import pytest

from conformance.faults import Fault, faults
from conformance.judging.profiles import profile
from conformance.judging.requirements import requirements
from conformance.protocol.exchange import Exchange
from conformance.runs.broken import BrokenTally, Sighting
from tests.faults.matrix import matrix

FAULTS = [fault for fault in faults().values() if fault.caught_by]


def _lines(broken: Collection[str], name: str) -> list[str]:
    """Return which of these requirements get their own line if one answer breaks them all."""
    levels = profile(name).levels
    tally = BrokenTally()
    tally.add(
        [
            Sighting("", "answer", requirements()[each], levels[each], "fail", fails_run=True)
            for each in sorted(broken)
        ]
    )
    return [each.entry.id for each in tally.broken({})]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_one_line(fault: Fault[Exchange]) -> None:
    cells = matrix(with_recordings=False)[fault.name]
    lines = {
        f"{cell.base}: {sorted(shown)}": listed
        for cell in cells
        if (shown := cell.new - cell.known) and len(listed := _lines(shown, fault.profile)) > 1
    }
    assert lines == {}
