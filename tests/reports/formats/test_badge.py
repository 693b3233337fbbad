"""The badge says "conformant" only if recorded answers pass."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from conformance.reports.formats.badge import render
from conformance.reports.text.verdict_line import word_of
from tests.reports.formats.sample import failing, report
from tests.reports.sample_reports import MUST, SHOULD, absent, target, verdict

PASSED = verdict("pass"), verdict("pass", SHOULD)


def made(folder: Path, *verdicts: dict[str, Any], **rest: Any) -> tuple[str, str]:
    badge = orjson.loads(render(report(folder, *verdicts, **rest)))
    assert badge.keys() == {"schemaVersion", "label", "message", "color"}
    assert (badge["schemaVersion"], badge["label"]) == (1, "chat conformance 2026-11")
    return badge["message"], badge["color"]


@pytest.mark.parametrize(
    ("provenance", "badge"),
    [
        ("recorded", ("conformant, openai, 2 requirements", "brightgreen")),
        ("documented", ("passed, openai, 2 requirements", "blue")),
        (None, ("passed, openai, 2 requirements", "blue")),
        ("emulated", ("emulated, passed, openai, 2 requirements", "lightgrey")),
    ],
)
def test_only_recorded_answers_are_conformant(
    provenance: str | None, badge: tuple[str, str], tmp_path: Path
) -> None:
    assert made(tmp_path, *PASSED, targets=[target(provenance=provenance)]) == badge


ACCEPTED = {**failing(SHOULD, accepted="we know"), "verdict": "accepted"}


def test_an_accepted_failure_is_counted_and_is_not_conformant(tmp_path: Path) -> None:
    assert made(tmp_path, verdict("pass"), ACCEPTED) == (
        "passed, 1 accepted, openai, 2 requirements",
        "blue",
    )
    assert made(tmp_path, failing(MUST), ACCEPTED) == (
        "1 broken, 1 accepted, openai, 2 requirements",
        "red",
    )


def test_what_is_broken_is_counted_even_if_nothing_may_fail_the_run(tmp_path: Path) -> None:
    never = report(
        tmp_path, failing(MUST), verdict("pass", SHOULD), fail_on={"levels": [], "stale": False}
    )
    assert word_of(never) == "PASS"
    badge = orjson.loads(render(never))
    assert (badge["message"], badge["color"]) == ("1 broken, openai, 2 requirements", "red")


def test_a_self_test_does_not_count_beside_a_target(tmp_path: Path) -> None:
    both = [target(), target("self-test", provenance="emulated", profile="azure-openai")]
    told = made(tmp_path, *PASSED, verdict("pass", target="self-test"), targets=both)
    assert told == ("conformant, openai, 2 requirements", "brightgreen")


def test_a_failure_counts_what_is_broken(tmp_path: Path) -> None:
    assert made(tmp_path, failing(MUST), verdict("pass", SHOULD)) == (
        "1 broken, openai, 2 requirements",
        "red",
    )


def test_an_inconclusive_run_says_so(tmp_path: Path) -> None:
    assert made(tmp_path, *PASSED, unanswered=[absent("chat-system", "refused")]) == (
        "inconclusive, openai, 2 requirements",
        "lightgrey",
    )


def test_a_run_that_fails_as_a_whole_failed(tmp_path: Path) -> None:
    assert made(tmp_path, *PASSED, targets=[target(failures=["9 cases refused"])]) == (
        "failed, openai, 2 requirements",
        "red",
    )
