"""What one answer a side proves: the words, their exit codes, and few false alarms."""

from pathlib import Path
from typing import Any

import pytest

from conformance.cases.corpus import shipped_corpus
from conformance.judging.own_checks import with_own_checks
from conformance.judging.suite import shipped_suite
from conformance.reports.diff.compare import Diff, compare, exit_code
from conformance.reports.diff.proof import Proved
from conformance.reports.diff.saved_report import read_report
from tests.reports.sample_reports import MUST, document, read, verdict, written

NAMES = [f"case-{number:03}" for number in range(40)]
TOOLS = "TOOL-002"


def diff(folder: Path, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Diff:
    same = verdict("pass", "CHO-001")
    return compare(read(folder / "old", same, *old), read(folder / "new", same, *new))


def of(made: Diff, metric: str) -> Proved:
    (found,) = [each for each in made.targets[0].results if each.metric.name == metric]
    return found


def outcomes(*told: str) -> list[dict[str, Any]]:
    """Return a verdict for each case: ``p`` passes, ``f`` fails, ``k`` is a known deviation."""
    words = {"p": "pass", "f": "fail", "k": "known"}
    return [
        verdict(words[letter], case=name)
        for letter, name in zip("".join(told), NAMES, strict=False)
    ]


@pytest.mark.parametrize(
    ("old", "new", "word", "code"),
    [
        ("p" * 20, "f" * 6 + "p" * 14, "changed", 0),
        ("p" * 20, "f" * 7 + "p" * 13, "worse", 1),
        ("f" + "p" * 19, "p" + "f" * 7 + "p" * 12, "cannot tell", 0),
        ("f" * 8 + "p" * 12, "p" * 20, "better", 0),
        ("p", "f", "changed", 0),
        ("pp", "ff", "always broken", 1),
        ("pf", "ff", "changed", 0),
        ("ppp", "ffp", "changed", 0),
        ("pp", "kk", "no worse", 0),
        ("kk", "ff", "always broken", 1),
        ("fp", "fp", "no worse", 0),
    ],
)
def test_worse_needs_a_proof_or_all_of_at_least_two_cases(
    tmp_path: Path, old: str, new: str, word: str, code: int
) -> None:
    made = diff(tmp_path, outcomes(old), outcomes(new))
    assert (of(made, MUST).word, exit_code(made)) == (word, code)


def test_cases_that_ask_the_same_question_count_once(tmp_path: Path) -> None:
    questions: dict[str, list[str]] = {}
    report = read(tmp_path / "any", verdict("pass"))
    for case, question in report.questions.items():
        questions.setdefault(question, []).append(case)
    same = max(questions.values(), key=len)[:20]
    others = [cases[0] for cases in questions.values() if cases[0] not in same][:20]
    for broken, word in ((same, "changed"), (others, "worse")):
        made = diff(
            tmp_path,
            [verdict("pass", case=case) for case in (*same, *others)],
            [verdict("fail" if case in broken else "pass", case=case) for case in (*same, *others)],
        )
        assert of(made, MUST).word == word
        assert len(of(made, MUST).harmed) == 20


def test_a_model_that_lost_a_quarter_of_its_tool_calls_is_worse(tmp_path: Path) -> None:
    cases, report = shipped_corpus().cases, read(tmp_path / "any", verdict("pass"))
    offering = [id for id in cases if id in report.offering and not cases[id].wants_refusal]
    told = offering[:136]
    lost = told[::4]
    made = diff(
        tmp_path,
        [verdict("pass", TOOLS, id) for id in told],
        [verdict("pass", MUST if id in lost else TOOLS, id) for id in told],
    )
    (target,) = made.targets
    assert target.lost_calls == tuple(sorted(lost))
    assert target.calls == len(told)
    assert (of(made, "any-tool").word, exit_code(made)) == ("worse", 1)


def test_a_check_of_own_cases_needs_more_than_two_of_them(tmp_path: Path) -> None:
    suite = with_own_checks(shipped_suite())
    for count, word in ((2, "changed"), (7, "worse")):
        old, new = (
            read_report(
                written(
                    tmp_path / outcome,
                    document(*(verdict(outcome, "CHECK-001", name) for name in NAMES[:count])),
                ),
                suite,
                shipped_corpus(),
            )
            for outcome in ("pass", "fail")
        )
        assert of(compare(old, new), "CHECK-001").word == word


def test_a_report_that_did_not_judge_tool_calls_says_nothing_about_them(tmp_path: Path) -> None:
    made = diff(
        tmp_path,
        [verdict("pass", TOOLS, name) for name in NAMES],
        [verdict("pass", MUST, name) for name in NAMES],
    )
    assert made.targets[0].lost_calls == ()
    assert [each.metric.name for each in made.targets[0].results] == ["CHO-001"]
