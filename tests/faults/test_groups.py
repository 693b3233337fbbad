"""Faults that only several exchanges show can be put into twins and conversations."""

import pytest

from conformance.faults import Fault, Group, group_faults
from tests.faults.bases import found_in
from tests.faults.groups import groups

each_fault = pytest.mark.parametrize("each", group_faults().values(), ids=group_faults())


@pytest.mark.parametrize("name", groups())
def test_a_group_conforms(name: str) -> None:
    for exchange in groups()[name]:
        assert {
            requirement
            for requirement, each in found_in(exchange.meta["profile"], exchange).items()
            if not each.known and each.level == "must"
        } == set()


@each_fault
def test_a_group_fault_applies_to_a_group(each: Fault[Group]) -> None:
    changed = [
        name
        for name, group in groups().items()
        if group[0].meta["profile"] == each.profile and each(group) is not None
    ]
    assert changed


@each_fault
def test_a_group_fault_is_pure_and_keeps_the_requests(each: Fault[Group]) -> None:
    for group in groups().values():
        faulty = each(group)
        if faulty is not None:
            assert faulty == each(group)
            assert faulty != group
            assert [exchange.request for exchange in faulty] == [
                exchange.request for exchange in group
            ]


@pytest.mark.parametrize(
    ("name", "group", "changed"),
    [
        ("finish-differs-when-streamed", "forced call, streamed", 1),
        ("signature-only-when-streamed", "signed call, streamed", 0),
        ("prompt-differs-when-streamed", "text, streamed", 1),
        ("arguments-in-a-burst", "usage in a stream of a call", 1),
        ("image-dropped", "an image", 1),
        ("own-message-refused", "a call and its result", 1),
    ],
)
def test_only_the_exchange_that_goes_wrong_is_changed(name: str, group: str, changed: int) -> None:
    faulty = group_faults()[name](groups()[group])
    assert faulty is not None
    assert [
        number
        for number, (before, after) in enumerate(zip(groups()[group], faulty, strict=True))
        if before != after
    ] == [changed]


def test_a_twin_of_two_plain_answers_has_no_stream_to_go_wrong() -> None:
    assert group_faults()["finish-differs-when-streamed"](groups()["newer limit"]) is None
    assert group_faults()["own-message-refused"]((groups()["an image"][0],)) is None
