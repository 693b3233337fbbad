"""No answer fills the memory; benchmarks/memory.py measures more shapes."""

import gzip
import os
from pathlib import Path

import pytest

from tests.helpers.large_answers import SHAPES, peak_of_lint, peak_of_run

pytestmark = pytest.mark.skipif(os.name == "nt", reason="ru_maxrss is not known on Windows")

MOST = 300
"""Megabytes."""


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.mark.parametrize("shape", ["2,600,000 empty choices", "nested 200 levels"])
def test_a_lint_of_a_large_answer_takes_less_than_300_mb(shape: str, tmp_path: Path) -> None:
    assert peak_of_lint(SHAPES[shape](), tmp_path) < MOST


def test_a_run_of_a_small_stream_takes_little_memory() -> None:
    events = SHAPES["ordinary chunks"]()
    assert peak_of_run(events[: len(events) // 4]) < MOST // 2


def test_a_run_does_not_unpack_a_bomb() -> None:
    bomb = gzip.compress(gzip.compress(bytes(1 << 28)))
    assert peak_of_run(bomb, {"content-encoding": "gzip, gzip"}) < MOST // 2
