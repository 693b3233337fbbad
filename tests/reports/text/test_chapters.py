"""The heading of a target, and its verdicts by chapter as a table."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.judging.requirements import Level, requirements
from conformance.judging.verdict import Outcome
from conformance.reports.text.chapters import heading, table
from conformance.runs.results import EMULATED, CaseVerdict, Report, TargetVerdicts
from conformance.runs.selection import Selection
from conformance.runs.summary import report_of
from tests.helpers.judged_cases import judged_case


def verdict(requirement: str, outcome: Outcome, level: Level = "must") -> CaseVerdict:
    return CaseVerdict("t", "c", requirements()[requirement], level, outcome)


def report(*verdicts: CaseVerdict) -> Report:
    return report_of([judged_case(*verdicts)], Selection())


def target(**changed: Any) -> TargetVerdicts:
    (only,) = report(verdict("ENV-008", "pass")).targets
    return replace(only, **{"cases": 1, **changed})


@pytest.mark.parametrize(
    ("changed", "live", "said"),
    [
        ({}, False, "t: 1 case, recorded, judged as openai"),
        ({}, True, "t: 1 case, live, judged as openai"),
        ({"provenance": "documented"}, True, "t: 1 case, documented, judged as openai"),
        ({"provenance": None}, False, "t: 1 case, unknown provenance, judged as openai"),
        ({"provenance": EMULATED}, False, "t: 1 case, self-test, emulated, judged as openai"),
        (
            {"server": "vllm", "server_version": "1.2", "cases": 1234},
            False,
            "t: 1,234 cases, recorded, from vllm 1.2, judged as openai",
        ),
        (
            {"assumed": True},
            False,
            "t: 1 case, recorded, judged as openai (assumed; to change it, use --profile NAME)",
        ),
        ({"server": "a\nb\x1b"}, False, "t: 1 case, recorded, from a b\\x1b, judged as openai"),
    ],
)
def test_the_heading_says_where_the_answers_are_from(
    changed: dict[str, Any], live: bool, said: str
) -> None:
    assert heading(target(**changed), live=live) == said


def test_the_table_counts_verdicts_the_worst_chapter_first_the_model_last() -> None:
    made = report(
        verdict("ENV-008", "pass"),
        verdict("ENV-007", "known", "should"),
        verdict("ERR-007", "fail"),
        verdict("ERR-019", "fail", "should"),
        verdict("MSG-005", "stale"),
        verdict("MSG-005", "error"),
    )
    (only,) = made.targets
    lines = list(table(replace(only, not_exercised=("ENV-001",)), made, titles=True))
    assert [line.split() for line in lines] == [
        ["must", "should"],
        ["fails", "fails", "stale", "error", "known", "pass", "tested"],
        ["ERR", "Errors", "1", "1", "2/2"],
        ["ENV", "Envelope", "1", "1", "2/3"],
        ["about", "the", "model's", "output:"],
        ["MSG", "Message", "1", "1", "1/1"],
    ]
    assert len({len(line) for line in lines[1:] if "about" not in line}) == 1


def test_accepted_failures_have_their_own_column_if_there_are_any() -> None:
    made = report(verdict("ENV-008", "accepted"), verdict("ENV-007", "known", "should"))
    for titles in (True, False):
        _, head, line = table(made.targets[0], made, titles=titles)
        assert head.split()[4:] == ["accepted", "known", "pass", "tested"]
        assert line.split()[-3:-1] == ["1", "1"]
        assert len(head) == len(line) <= 80


def test_without_titles_the_table_is_narrow() -> None:
    made = report(verdict("ENV-008", "pass"))
    lines = list(table(made.targets[0], made, titles=False))
    assert lines[2].startswith("ENV   ")
    assert max(map(len, lines)) < 50
