"""A server compared with itself: 16 comparisons of the core cases, 4 faults on 10 % of answers."""

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from conformance.cases import Case
from conformance.cases.corpus import shipped_corpus
from conformance.endpoints.reference import TOKEN, answer
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.faults import faults
from conformance.protocol.exchange import Exchange, Request
from conformance.reports.diff.compare import Diff, compare, exit_code
from conformance.reports.diff.saved_report import ReadReport
from conformance.reports.json.run import write
from conformance.runs.collecting import of_answers
from conformance.runs.results import Answer
from conformance.runs.selection import Selection
from conformance.runs.summary import report_of
from tests.reports.sample_reports import read_back

PROFILE = "openai"
FAULTS = (
    "message-null",
    "model-empty",
    "usage-without-completion-tokens",
    "no-role",
)


@cache
def answers() -> dict[str, Exchange]:
    """Return the reference endpoint's answers to the core cases, by case."""
    corpus = shipped_corpus()
    return {id: _asked(corpus.cases[id]) for id in corpus.core_of(PROFILE)}


def _asked(case: Case) -> Exchange:
    request = Request(
        case.method,
        f"http://127.0.0.1:8000{dialect_of(PROFILE).example}{case.path}",
        (("content-type", "application/json"), ("authorization", f"Bearer {TOKEN}")),
        case.request_for("gpt-4o"),
    )
    meta = {"case": case.id, "target": "t", "profile": PROFILE, "probes": case.probes}
    return Exchange("", request, answer(request, PROFILE), meta)


def judged(folder: Path, seed: str, names: Sequence[str], rate: float) -> ReadReport:
    """Return the report on answers of which this share has one of the faults."""
    chance = random.Random(seed)
    given = [
        Answer("t", case, _faulty(exchange, names, chance) if chance.random() < rate else exchange)
        for case, exchange in answers().items()
    ]
    selection = Selection(PROFILE)
    found = of_answers(given, selection, [], [])
    report = report_of(found.judged_cases, selection, found.unreadable, (), found.unanswered)
    return read_back(write(replace(report, attempts=()), folder / seed))


def _faulty(exchange: Exchange, names: Sequence[str], chance: random.Random) -> Exchange:
    for name in chance.sample(names, len(names)):
        if (faulty := faults()[name](exchange)) is not None:
            return faulty
    return exchange


def test_a_server_compared_with_itself_is_not_worse(tmp_path: Path) -> None:
    made = [_compared(tmp_path, seed) for seed in range(16)]
    assert [exit_code(each) for each in made] == [0] * 16
    changed = [each for each in made if any(target.changes for target in each.targets)]
    assert len(changed) >= 12, "there is something that could raise a false alarm"


def _compared(folder: Path, seed: int) -> Diff:
    old, new = (judged(folder, f"{side} {seed}", FAULTS, 0.1) for side in ("old", "new"))
    return compare(old, new)


@pytest.mark.parametrize("name", FAULTS)
def test_a_server_that_always_has_a_fault_is_worse(tmp_path: Path, name: str) -> None:
    old = judged(tmp_path, "old", (), 0)
    new = judged(tmp_path, "new", (name,), 1)
    assert exit_code(compare(old, new)) == 1
