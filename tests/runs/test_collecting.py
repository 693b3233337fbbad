"""A run collects cassettes and the self-test, and the reason for each missing case."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.cases import cases
from conformance.endpoints.reference.in_process import NAME, served_as
from conformance.judging.suite import shipped_suite
from conformance.runs.collecting import replayed
from conformance.runs.selection import NO_CASSETTE, Selection, SelectionError
from conformance.traffic import Unreadable
from tests.helpers.made_cassettes import shelve
from tests.judging.test_suite import own_suite


def chosen(
    *targets: str, names: tuple[str, ...] = ("chat-plain",), profile: str | None = None
) -> Selection:
    return Selection(profile, targets, cases=frozenset(names))


def test_the_self_test_runs_only_if_named_or_if_nothing_else_does(tmp_path: Path) -> None:
    shelve(tmp_path)
    assert {each.target for each in replayed(tmp_path, chosen()).judged_cases} == {"sample"}
    elsewhere = chosen(names=("stream-plain",))
    assert {each.target for each in replayed(tmp_path, elsewhere).judged_cases} == {NAME}
    both = chosen("sample", NAME)
    assert {each.target for each in replayed(tmp_path, both).judged_cases} == {"sample", NAME}
    assert {each.target for each in replayed(tmp_path, chosen("sample")).judged_cases} == {"sample"}
    assert {each.target for each in replayed(tmp_path / "nowhere", chosen(NAME)).judged_cases} == {
        NAME
    }


def test_a_case_without_a_cassette_is_listed_with_the_reason(tmp_path: Path) -> None:
    shelve(tmp_path)
    shelve(tmp_path, target="made", provenance="emulated")
    found = replayed(
        tmp_path,
        chosen("sample", "made", names=("chat-plain", "stream-plain", "thinking-tag-marker")),
    )
    told = {(each.target, each.case): each.why for each in found.not_asked}
    assert told[("sample", "stream-plain")] == NO_CASSETTE
    assert (
        told[("sample", "thinking-tag-marker")]
        == "not supported by openai: extra-body, thinking, thought-tag-marker"
    )
    assert {target for target, _ in told} == {"sample"}


def test_the_self_test_answers_by_the_chosen_profile(tmp_path: Path) -> None:
    found = replayed(
        tmp_path, chosen(NAME, profile="openai", names=("chat-plain", "story-no-model"))
    )
    assert [(each.case, each.profile) for each in found.judged_cases] == [("chat-plain", "openai")]
    assert [(each.case, each.why) for each in found.not_asked] == [
        ("story-no-model", "not supported by openai: model-optional")
    ]


def test_the_self_test_answers_as_a_profile_of_the_suite(tmp_path: Path) -> None:
    shelve(tmp_path, profile="openai")
    found = replayed(tmp_path, replace(chosen("sample", NAME), suite=own_suite()))
    assert {(each.target, each.profile) for each in found.judged_cases} == {
        ("sample", "openai"),
        (NAME, "openai"),
    }
    assert found.unreadable == []


def test_a_suite_without_a_served_profile_has_no_self_test(tmp_path: Path) -> None:
    suite = own_suite()
    mine = replace(suite.profile("openai"), name="mine")
    selection = replace(chosen(), suite=replace(suite, profiles={"mine": mine}))
    shelve(tmp_path, profile="mine")
    found = replayed(tmp_path, selection)
    assert {each.target for each in found.judged_cases} == {"sample"}
    assert (found.unreadable, found.not_asked) == ([], [])
    with pytest.raises(SelectionError, match=r"^--target self-test: .* no profile of this suite, "):
        replayed(tmp_path, replace(selection, targets=(NAME,)))


def test_a_profile_that_the_self_test_does_not_support(tmp_path: Path) -> None:
    shelve(tmp_path)
    assert {
        each.target for each in replayed(tmp_path, chosen(profile="azure-openai")).judged_cases
    } == {"sample"}
    with pytest.raises(SelectionError, match="has no profile azure-openai, only "):
        replayed(tmp_path, chosen(NAME, profile="azure-openai"))


def test_an_unknown_case_is_an_error(tmp_path: Path) -> None:
    shelve(tmp_path, case="odd-one")
    assert [
        each.case for each in replayed(tmp_path, chosen("sample", names=("odd-one",))).judged_cases
    ] == ["odd-one"]
    with pytest.raises(SelectionError, match="unknown case 'chat-plan'"):
        replayed(tmp_path, chosen(names=("chat-plan",)))


def test_the_self_test_finds_nothing_at_any_level() -> None:
    found = replayed(Path(), Selection(targets=(NAME,)))
    assert {each.case.partition("#")[0] for each in found.judged_cases if each.reply} == {
        each.id for each in cases() if served_as(each, shipped_suite().profiles)
    }
    verdicts = [verdict for each in found.judged_cases for verdict in each.verdicts]
    assert [
        (each.case, each.requirement)
        for each in verdicts
        if each.verdict in ("fail", "stale", "error")
    ] == []


@pytest.mark.skipif(os.name != "posix", reason="named pipes of POSIX")
def test_a_named_pipe_beside_the_cassettes_is_named_and_not_read(tmp_path: Path) -> None:
    pipe = shelve(tmp_path).with_name("pipe.yaml")
    os.mkfifo(pipe)
    found = replayed(tmp_path, Selection(targets=(pipe.parent.name,)))
    assert found.unreadable == [
        Unreadable(str(pipe), "a named pipe, which is not read in a folder")
    ]
    assert len(found.answers) == 1
