"""The impact of a requirement on a client is the worst effect of the requirement's faults."""

from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from conformance.faults import faults
from conformance.judging.requirements import client_impact, requirements
from conformance.judging.requirements.client_impact import (
    EFFECTS,
    ClientImpact,
    Measurement,
    measured_impact,
)

HEAD = {"measured": "2026-11", "clients": {"a": "client a 1.0", "b": "client b 2.0"}}


def read(folder: Path, monkeypatch: pytest.MonkeyPatch, *faults: dict[str, object]) -> Measurement:
    path = folder / "impact.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, (HEAD, *faults))))
    monkeypatch.setattr(client_impact, "_FILE", path)
    measured: Measurement = measured_impact.__wrapped__()
    return measured


def test_the_worst_effect_of_all_faults_counts_with_its_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = read(
        tmp_path,
        monkeypatch,
        {"requirement": "X-1", "worst": {"a": "loses", "b": "raises"}, "example": {"b": "first"}},
        {"requirement": "X-1", "worst": {"a": "hangs", "b": "meta"}, "example": {"a": "second"}},
        {"requirement": "X-1", "worst": {"b": "raises"}, "example": {"b": "third"}},
        {"requirement": "X-2", "worst": {}},
    )
    assert (measured.month, measured.clients) == ("2026-11", HEAD["clients"])
    impact = measured.of("X-1")
    assert impact == ClientImpact({"a": "hangs", "b": "raises"}, {"a": "second", "b": "first"})
    assert impact.weight == (1, 1, 0, 0)
    assert measured.of("X-2") == measured.of("X-3") == ClientImpact()


def test_an_effect_without_a_message_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = read(tmp_path, monkeypatch, {"requirement": "X-1", "worst": {"a": "meta"}})
    assert measured.of("X-1") == ClientImpact({"a": "meta"})


def test_a_worse_effect_weighs_more_than_any_number_of_others() -> None:
    for better, worse in pairwise(EFFECTS):
        all_better = ClientImpact(dict.fromkeys("abcdefg", better))
        assert ClientImpact({"a": worse}).weight > all_better.weight
    assert ClientImpact().weight == (0, 0, 0, 0)


def test_the_shipped_measurement_fits_the_catalogue() -> None:
    measured = measured_impact()
    assert set(measured.by_requirement) <= set(requirements())
    assert set(measured.by_requirement) <= {fault.caught_by for fault in faults().values()}
    for impact in measured.by_requirement.values():
        assert set(impact.effects) <= set(measured.clients)
        assert set(impact.effects.values()) <= set(EFFECTS)
        assert set(impact.messages) <= {
            client for client, effect in impact.effects.items() if effect in ("raises", "hangs")
        }
    assert any(impact.messages for impact in measured.by_requirement.values())
