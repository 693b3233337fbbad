"""Test with real traffic that others recorded, if it is available."""

from collections import Counter

import pytest

from conformance.protocol.exchange import Exchange
from conformance.traffic import read
from tests.helpers.project import RECORDINGS

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="the recordings in ../shared/recordings are not here"
)


def test_every_record_is_read() -> None:
    outcomes = list(read([RECORDINGS]))
    assert [outcome for outcome in outcomes if not isinstance(outcome, Exchange)] == []
    exchanges = [outcome for outcome in outcomes if isinstance(outcome, Exchange)]
    assert len(exchanges) == len({exchange.id for exchange in exchanges}) == 652
    assert Counter(exchange.response.fidelity for exchange in exchanges) == {
        "values": 358,
        "text": 294,
    }
    assert sum("request" not in exchange.evidence for exchange in exchanges) == 8
    assert sum("end" not in exchange.evidence for exchange in exchanges) == 1
    assert all(exchange.response.body for exchange in exchanges)
