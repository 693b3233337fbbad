"""Proof that the suite catches what it claims: clean is silent, each fault is told by the
requirement that it names, and nothing unrelated speaks."""

import pytest

from conformance.faults import Fault, faults
from conformance.judging.requirements import requirements
from conformance.protocol.exchange import Exchange
from tests.faults.bases import Base, found_in, goldens, more_cassettes, recordings
from tests.faults.matrix import caught, matrix, scores, shipped

FAULTS = [fault for fault in faults().values() if fault.caught_by]
CONTROLS = [fault for fault in faults().values() if not fault.caught_by]

NEVER_ALONE = {
    "MSG-010": "a choice without a message breaks MSG-004, one with an empty message MSG-002",
    "MSG-011": "what says nothing and finishes stop breaks MSG-005 or MSG-013",
    "USG-002": "a total below its parts is not their sum, of which USG-003 and USG-004 speak",
    "USG-005": (
        "nor is one above them, unless the tokens are counted as reasoning, of which THK-009 speaks"
    ),
    "SSE-008": "the name of an event is a field other than data, of which SSE-010 speaks",
    "SEQ-030": "an empty finish reason is none of those that CHO-005 lists",
    "SO-001": "it is SO-011 for json_object",
    "SO-006": "additionalProperties is one of the keywords of which SO-009 speaks",
    "SO-007": "a fence is no JSON, of which SO-011 speaks",
}
"""Rows that cannot be broken alone, and why."""


@pytest.mark.parametrize("base", goldens(), ids=lambda base: base.exchange.id)
def test_a_golden_is_silent_but_for_what_is_known(base: Base) -> None:
    unknown = {
        row
        for name in base.profiles[:1]
        for row, each in found_in(name, base.exchange).items()
        if not each.known
    }
    assert unknown == set()


def _fails(fault: Fault[Exchange]) -> list[str]:
    cells = matrix(with_recordings=True)[fault.name]
    return [
        f"{cell.base}: {', '.join(sorted(cell.new)) or 'nothing'} speaks"
        for cell in cells
        if not caught(fault, cell)
    ]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_caught_by_the_requirement_it_names_and_by_no_other(
    fault: Fault[Exchange],
) -> None:
    assert _fails(fault) == []


@pytest.mark.parametrize("fault", CONTROLS, ids=lambda fault: fault.name)
def test_what_is_legal_stays_silent(fault: Fault[Exchange]) -> None:
    assert _fails(fault) == []


def test_a_fault_is_tried_on_two_bases_that_everyone_has() -> None:
    tried = {
        name: len({cell.base for cell in cells})
        for name, cells in matrix(with_recordings=False).items()
    }
    assert tried.keys() == faults().keys()
    assert {name: number for name, number in tried.items() if number < 2} == {}


@pytest.mark.parametrize(
    "row", [row.id for row in requirements().values() if row.needs in ("exchange", "probe")]
)
def test_every_row_that_one_exchange_shows_is_broken_by_a_fault_and_by_one_of_it_alone(
    row: str,
) -> None:
    """A requirement that no fault can break is no requirement."""
    of_row = [
        cell
        for fault in FAULTS
        if fault.caught_by == row
        for cell in matrix(with_recordings=False)[fault.name]
    ]
    assert of_row
    assert any(cell.new == {row} for cell in of_row) is (row not in NEVER_ALONE)


def test_the_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    cells = matrix(with_recordings=True)
    pairs = [(fault, cell) for fault in FAULTS for cell in cells[fault.name]]
    kills = sum(caught(fault, cell) for fault, cell in pairs)
    known = sum(fault.caught_by in cell.known for fault, cell in pairs)
    with capsys.disabled():
        print(
            f"\n{len(FAULTS)} faults and {len(CONTROLS)} controls on {len(shipped())} bases,",
            end=" ",
        )
        print(
            f"a spread of {len(more_cassettes())} more, and {len(recordings())} recordings:",
            end=" ",
        )
        print(f"{kills} of {len(pairs)} caught ({known} explained by a known deviation)")
        for each in scores(cells):
            print(
                f"  {each.chapter:<5} {each.kills:>5} of {each.cells:>5}  {each.faults:>3} faults"
                f" break {each.broken} of {each.rows} requirements"
            )
    assert kills == len(pairs)
