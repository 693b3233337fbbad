"""A selection is checked before anything is read or sent."""

import os
from pathlib import Path

import pytest

from conformance.runs.selection import Selection, SelectionError, cassettes, check
from conformance.traffic.folder_contents import EXPECTED_TO_FAIL
from tests.helpers.made_cassettes import shelve


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        (
            Selection(profile="opnai"),
            "unknown profile 'opnai' (did you mean openai?); there are azure-openai, gemini-api, ",
        ),
        (
            Selection(requirements=frozenset({"SEQ-004", "SEQ-999", "X"})),
            "unknown requirement 'SEQ-999', 'X' (did you mean SEQ-029 or ",
        ),
    ],
)
def test_unknown_names_are_errors_that_show_how_to_find_the_known_ones(
    selection: Selection, message: str
) -> None:
    with pytest.raises(SelectionError) as raised:
        check(selection)
    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)


def test_existing_names_are_accepted() -> None:
    check(Selection("openai", ("any",), frozenset({"SEQ-004"})))
    assert Selection().wants("SEQ-004")
    assert not Selection(requirements=frozenset({"SEQ-005"})).wants("SEQ-004")


def test_cassettes_are_sorted_by_target_and_case(tmp_path: Path) -> None:
    made = [
        shelve(tmp_path, target=target, case=case)
        for target, case in (("b", "x"), ("a", "z"), ("a", "y"))
    ]
    (tmp_path / "a" / ".y.yaml.1.part").touch()
    (tmp_path / "a" / "README.md").touch()
    (tmp_path / "README.md").touch()
    assert cassettes(tmp_path, ()) == sorted(made)
    assert cassettes(tmp_path, ("b",)) == [made[0]]
    assert cassettes(tmp_path, ("b", "a", "b")) == sorted(made)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_only_files_are_cassettes(tmp_path: Path) -> None:
    made = shelve(tmp_path, target="a", case="x")
    os.mkfifo(tmp_path / "a" / "pipe.yaml")
    (tmp_path / "a" / "folder.yaml").mkdir()
    (tmp_path / "a" / "dangling.yaml").symlink_to("nowhere")
    (tmp_path / "a" / "y.yaml").symlink_to(made.name)
    assert cassettes(tmp_path, ()) == [made, made.with_name("y.yaml")]


def test_a_target_that_is_expected_to_fail_is_replayed_only_if_named(tmp_path: Path) -> None:
    sound, sloppy = (shelve(tmp_path, target=target) for target in ("a", "b"))
    (sloppy.parent / EXPECTED_TO_FAIL).touch()
    assert cassettes(tmp_path, ()) == [sound]
    assert cassettes(tmp_path, ("b",)) == [sloppy]


def test_no_cassettes_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(SelectionError, match="holds no cassettes"):
        cassettes(tmp_path, ())
    (tmp_path / "empty").mkdir()
    with pytest.raises(SelectionError, match="holds no cassettes"):
        cassettes(tmp_path, ("empty",))
    with pytest.raises(SelectionError, match="No such file"):
        cassettes(tmp_path / "none", ())


def test_an_unknown_target_is_an_error_that_lists_the_targets(tmp_path: Path) -> None:
    shelve(tmp_path, target="a")
    with pytest.raises(SelectionError, match=r"^unknown target 'b'; .* has a$"):
        cassettes(tmp_path, ("a", "b"))
