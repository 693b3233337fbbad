"""The suite catches what it claims: the requirement that a fault names reports the fault.

Conforming exchanges have no findings, and no unrelated requirement reports a fault.
"""

import pytest

from conformance.faults import Fault, faults
from conformance.judging.requirements import requirements
from conformance.protocol.exchange import Exchange
from tests.faults.bases import Base, found_in, goldens, more_cassettes, recordings
from tests.faults.matrix import caught, matrix, scores, shipped

FAULTS = [fault for fault in faults().values() if fault.caught_by]
CONTROLS = [fault for fault in faults().values() if not fault.caught_by]

NEVER_ALONE = {
    "MSG-010": "a choice without a message also breaks MSG-004; an empty message breaks MSG-002",
    "MSG-011": "an empty response with the finish reason `stop` also breaks MSG-005 or MSG-013",
    "USG-002": "USG-003 or USG-004 also reports a total below its parts, as it is not their sum",
    "USG-005": (
        "USG-003 or USG-004 also reports a total above its parts, unless the difference counts as"
        " reasoning, which THK-009 reports"
    ),
    "SSE-008": "SSE-010 also reports an event name, because it is a field other than `data`",
    "SEQ-030": "CHO-005 also reports an empty finish reason, because its list does not have it",
    "SO-001": "SO-011 reports the same for `json_object`",
    "SO-006": "SO-009 also reports a rejected `additionalProperties`, because it is a keyword",
    "SO-007": "SO-011 also reports a code fence, because it is not JSON",
}
"""Requirements that cannot be broken alone, and why."""


@pytest.mark.parametrize("base", goldens(), ids=lambda base: base.exchange.id)
def test_a_golden_has_only_findings_that_a_known_deviation_explains(base: Base) -> None:
    unknown = {
        requirement
        for name in base.profiles[:1]
        for requirement, each in found_in(name, base.exchange).items()
        if not each.known
    }
    assert unknown == set()


def _fails(fault: Fault[Exchange]) -> list[str]:
    cells = matrix(with_recordings=True)[fault.name]
    return [
        f"{cell.base}: {', '.join(sorted(cell.new)) or 'no requirement'} reported"
        for cell in cells
        if not caught(fault, cell)
    ]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_caught_by_the_requirement_it_names_and_by_no_other(
    fault: Fault[Exchange],
) -> None:
    assert _fails(fault) == []


@pytest.mark.parametrize("fault", CONTROLS, ids=lambda fault: fault.name)
def test_a_control_is_not_reported(fault: Fault[Exchange]) -> None:
    assert _fails(fault) == []


def test_a_fault_is_tried_on_two_bases_that_everyone_has() -> None:
    tried = {
        name: len({cell.base for cell in cells})
        for name, cells in matrix(with_recordings=False).items()
    }
    assert tried.keys() == faults().keys()
    assert {name: number for name, number in tried.items() if number < 2} == {}


@pytest.mark.parametrize(
    "requirement",
    [
        requirement.id
        for requirement in requirements().values()
        if requirement.needs in ("exchange", "probe")
    ],
)
def test_every_requirement_is_broken_by_a_fault_and_alone_unless_listed(
    requirement: str,
) -> None:
    """A requirement that no fault breaks may never report anything."""
    of_requirement = [
        cell
        for fault in FAULTS
        if fault.caught_by == requirement
        for cell in matrix(with_recordings=False)[fault.name]
    ]
    assert of_requirement
    assert any(cell.new == {requirement} for cell in of_requirement) is (
        requirement not in NEVER_ALONE
    )


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
                f" break {each.broken} of {each.requirements} requirements"
            )
    assert kills == len(pairs)
