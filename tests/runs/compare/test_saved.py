"""A saved comparison is read back; what is damaged is named and the rest is kept."""

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.runs.compare import saved
from conformance.runs.compare.sample_lines import line_of
from conformance.runs.compare.settings import Settings
from conformance.runs.selection import SelectionError
from tests.runs.compare.made_pairs import case, sample

SETTINGS = Settings("a at u", "b at v", "2 own questions", 3, 5, notes=("one case left out",))
BOTH = [sample("ask-a", "old"), sample("ask-a", "new")]


def test_it_comes_back(tmp_path: Path) -> None:
    saved.write_all(tmp_path, SETTINGS, BOTH)
    stored = saved.read(tmp_path)
    assert stored.settings == SETTINGS
    assert [*stored.samples] == BOTH
    assert stored.cases == {"ask-a": case("ask-a")}
    assert stored.damaged == ()


def test_samples_are_added_after_a_torn_line(tmp_path: Path) -> None:
    saved.begin(tmp_path, SETTINGS, [case("ask-a")])
    (tmp_path / saved.SAMPLES).write_bytes(line_of(BOTH[0]) + line_of(BOTH[1])[:-40])
    with saved.appending(tmp_path) as file:
        saved.append(file, [BOTH[1]])
    stored = saved.read(tmp_path)
    assert [*stored.samples] == BOTH
    assert [line.partition(" is ")[0] for line in stored.damaged] == [
        f"{tmp_path}/{saved.SAMPLES}:2"
    ]


def test_the_later_of_two_equal_samples_counts(tmp_path: Path) -> None:
    saved.write_all(tmp_path, SETTINGS, [*BOTH, replace(BOTH[0], position=9)])
    assert {each.position for each in saved.read(tmp_path).samples} == {0, 9}


def test_many_damaged_lines_are_counted(tmp_path: Path) -> None:
    saved.write_all(tmp_path, SETTINGS, BOTH)
    with (tmp_path / saved.SAMPLES).open("ab") as file:
        file.write(b"x\n" * 1000)
    damaged = saved.read(tmp_path).damaged
    assert len(damaged) == 4
    assert damaged[-1] == "997 more lines are damaged and left out"


def test_samples_of_the_comparison_before_are_set_aside(tmp_path: Path) -> None:
    saved.write_all(tmp_path, SETTINGS, BOTH)
    saved.begin(tmp_path, SETTINGS, [case("ask-a")])
    assert not (tmp_path / saved.SAMPLES).exists()
    assert (tmp_path / f"{saved.SAMPLES}.before").read_bytes().count(b"\n") == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (saved.SETTINGS, b"{"),
        (saved.SETTINGS, b"[]"),
        (saved.SETTINGS, b'{"comparison": 99}'),
        (saved.SETTINGS, b'{"comparison": 1}'),
        (saved.SETTINGS, b'{"comparison": 1, "old": 1, "new": 1, "about": 1, "samples": "x"}'),
        (saved.CASES, b"{}\n"),
        (saved.SAMPLES, None),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes | None) -> None:
    saved.write_all(tmp_path, SETTINGS, BOTH)
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SelectionError, match=name):
        saved.read(tmp_path)
