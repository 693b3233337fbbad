"""Inputs that failed once pass now, and so do some seeds of each target."""

from pathlib import Path
from random import Random

import pytest

from tests.fuzz.crash_files import crash_files, failure_of
from tests.fuzz.mutations import mutated
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize(
    ("target", "path"),
    [pytest.param(*each, id="/".join(each[1].parts[-2:])) for each in crash_files()],
)
def test_a_past_crash_stays_fixed(target: str, path: Path) -> None:
    failure = failure_of(target, path.read_bytes())
    if failure is not None:
        raise failure


@pytest.mark.parametrize("target", TARGETS)
def test_the_seeds_of_a_target_and_changed_ones_break_nothing(target: str) -> None:
    seeds = TARGETS[target].seeds()
    assert seeds
    random = Random(0)
    few = random.sample(list(seeds), min(3, len(seeds)))
    for data in (*few, *(mutated(each, random, seeds) for each in few)):
        assert failure_of(target, data) is None
