"""The comparison as text: summary, regressions with evidence, and no control characters."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from conformance.reports.diff.as_text import render
from conformance.reports.diff.compare import compare
from tests.reports.sample_reports import MODEL, SHOULD, absent, finding, read, reply, verdict


def shown(
    folder: Path,
    old: list[dict[str, Any]],
    new: list[dict[str, Any]],
    width: int = 100,
    **of_new: Any,
) -> list[str]:
    out = StringIO()
    made = compare(
        read(folder / "old", verdict("pass", "CHO-001"), *old),
        read(folder / "new", verdict("pass", "CHO-001"), *new, **of_new),
    )
    render(made, Console(file=out, width=width, highlight=False, color_system=None))
    return out.getvalue().splitlines()


def test_the_whole_of_it(tmp_path: Path) -> None:
    old = [
        verdict("pass"),
        verdict("pass", MODEL),
        verdict("fail", SHOULD),
        verdict("known", "ERR-007"),
        verdict("pass", "ENV-003"),
        *(verdict("pass", case=c) for c in "ab"),
    ]
    new = [
        verdict("fail"),
        verdict("fail", MODEL),
        verdict("pass", SHOULD),
        verdict("pass", "ERR-007"),
        verdict("fail", "ENV-001"),
        verdict("pass", "ENV-002"),
    ]
    lines = shown(
        tmp_path,
        old,
        [*new, *(verdict("fail", case=c) for c in "bc")],
        not_asked=[absent("a", "lacks: audio")],
    )
    assert " ".join(lines[: lines.index("")]) == (
        "NEW is worse than OLD on 2 cases answered in both: ENV-008 broken in 0 -> 2 of 2 cases."
        " Verdicts: 3 newly failing, 1 fixed, 1 change of known or stale deviations, 2 tested only"
        " in NEW (1 failing), 1 tested only in OLD, 1 case only in OLD, 1 case only in NEW. Exit"
        " code 1 because of 2 changes about the protocol."
    )
    assert lines[lines.index("") :] == [
        "",
        "OLD  t: m, from llama.cpp b1, judged as openai",
        "NEW  t: m, from llama.cpp b1, judged as openai",
        "     2 cases answered in both",
        "",
        "Newly failing (3)",
        *_heading(lines, "  ENV-008  must  "),
        (
            "    worse: it held in each case of OLD and is broken in each of NEW: broken in 0 -> 2"
            " of 2 cases, on"
        ),
        "    2 questions",
        "    b /created",
        "      passed, fails now",
        "      it is so",
        "      Expected: more",
        "      Actual:   -1",
        "    chat-plain /created",
        "      passed, fails now",
        "      it is so",
        "      Expected: more",
        "      Actual:   -1",
        *_heading(lines, "  MSG-005  must (model)  "),
        "    changed on these cases: broken in 0 -> 1 of 1 case, on 1 question",
        "    chat-plain /created",
        "      passed, fails now",
        "      it is so",
        "      Expected: more",
        "      Actual:   -1",
        "",
        "Failing in NEW, not tested in OLD (1)",
        *_heading(lines, "  ENV-001  must  "),
        "    chat-plain /created",
        "      was not tested, fails now",
        "      it is so",
        "      Expected: more",
        "      Actual:   -1",
        "",
        "Fixed (1)",
        "  ENV-007  should  failed, passes now (1 case): chat-plain",
        "",
        "Other changes of known or stale deviations (1)",
        "  ERR-007  must  was a known deviation, passes now (1 case): chat-plain",
        "",
        "Tested only in NEW (1)",
        "  ENV-002 1",
        "",
        "Tested only in OLD (1)",
        "  ENV-003 1",
        "",
        "Only in OLD (1 case)",
        "  lacks (1 case): a",
        "",
        "Only in NEW (1 case, 1 unexpected failure)",
        "  not in the report (1 case): c",
    ]


def _heading(lines: list[str], beginning: str) -> list[str]:
    """Return the lines of the heading of a requirement, which contain its sentence."""
    (at,) = [number for number, line in enumerate(lines) if line.startswith(beginning)]
    end = next(number for number in range(at + 1, len(lines)) if lines[number].startswith("    "))
    return lines[at:end]


def test_nothing_changed_is_said(tmp_path: Path) -> None:
    assert shown(tmp_path, [], [])[:2] == ["No verdict changed on 1 case answered in both.", ""]
    assert shown(tmp_path, [], [verdict("pass", case="b")])[:2] == [
        "No verdict changed on 1 case answered in both.",
        "Verdicts: 1 case only in NEW.",
    ]


def test_one_answer_a_side_proves_nothing_and_that_is_said_first(tmp_path: Path) -> None:
    lines = shown(tmp_path, [verdict("pass")], [verdict("fail")], width=200)
    assert lines[:3] == [
        "Cannot tell from one answer a side whether NEW is worse than OLD on 1 case answered in"
        " both: ENV-008 broken in 0 -> 1 of 1 case.",
        "Verdicts: 1 newly failing.",
        "`conformance compare OLD NEW` asks both again, as often as it takes to tell.",
    ]
    assert "      Actual:   -1" in lines


def test_cases_that_lost_their_tool_call_are_named_first(tmp_path: Path) -> None:
    names = [f"case-{number:02}" for number in range(5)]
    lines = shown(
        tmp_path,
        [verdict("pass", "TOOL-002", case=name) for name in names],
        [verdict("pass", case=name) for name in names[:2]]
        + [verdict("pass", "TOOL-002", case=name) for name in names[2:]],
        width=200,
    )
    assert lines[0].endswith(
        "on 6 cases answered in both: 2 of 5 tool calls lost, any-tool 5 -> 3 of 5 cases."
    )
    start = lines.index("Lost their tool call (2 of 5 in OLD)")
    assert lines[start + 1 :][:2] == [
        "  any-tool  changed on these cases: 5 -> 3 of 5 cases, on 5 questions",
        "  case-00, case-01",
    ]


def test_what_passed_and_is_excused_now_stands_before_what_is_mended(tmp_path: Path) -> None:
    lines = shown(
        tmp_path,
        [verdict("pass"), verdict("fail", SHOULD), verdict("known", "ERR-007")],
        [verdict("known"), verdict("pass", SHOULD), verdict("pass", "ERR-007")],
    )
    titles = [line for line in lines if line.endswith("(1)")]
    assert titles == [
        "Passed in OLD, a known deviation in NEW (1)",
        "Fixed (1)",
        "Other changes of known or stale deviations (1)",
    ]


def test_accepted_failures_are_neither_known_nor_stale(tmp_path: Path) -> None:
    lines = shown(
        tmp_path,
        [verdict("fail"), verdict("pass", SHOULD), verdict("accepted", "ERR-007")],
        [verdict("accepted"), verdict("accepted", SHOULD), verdict("pass", "ERR-007")],
    )
    assert lines[0] == "Nothing newly fails on 1 case answered in both."
    assert lines[1] == "Verdicts: 1 fixed, 2 changes of accepted failures."
    assert lines[lines.index("") + 4 :] == [
        "",
        "Passed in OLD, an accepted failure in NEW (1)",
        "  ENV-007  should  passed, is an accepted failure now (1 case): chat-plain",
        "",
        "Fixed (1)",
        "  ERR-007  must  was an accepted failure, passes now (1 case): chat-plain",
        "",
        "Other changes of accepted failures (1)",
        "  ENV-008  must  failed, is an accepted failure now (1 case): chat-plain",
    ]


def test_what_can_no_longer_be_judged_is_shown_by_its_reason(tmp_path: Path) -> None:
    names = [f"case-{number:02}" for number in range(12)]
    old = [verdict("pass", case=name) for name in (*names, "chat-plain", "error-n-zero")]
    said = [
        *(reply(name, status=400, said=f"no {number // 2}") for number, name in enumerate(names)),
        reply("error-n-zero", status=400, said="too small"),
    ]
    cut = [absent("chat-plain", "the answer was cut: ReadTimeout")]
    lines = shown(tmp_path, old, old, replies=[*said, reply("chat-plain")], unanswered=cut)
    assert lines[:2] == [
        "No verdict changed on 14 cases answered in both.",
        "13 cases can no longer be judged.",
    ]
    start = lines.index("Unanswered or truncated in NEW (1 case)")
    assert lines[start:] == [
        "Unanswered or truncated in NEW (1 case)",
        "  the answer was cut: ReadTimeout (1 case): chat-plain",
        "",
        "Refused in NEW (12 cases)",
        *(
            f"  was 200, is 400: no {number} (2 cases): case-{2 * number:02},"
            f" case-{2 * number + 1:02}"
            for number in range(6)
        ),
        "",
        "Answered with another status (1 case)",
        "  was 200, is 400: too small (1 case): error-n-zero",
    ]


def test_of_many_reasons_the_most_frequent_are_told(tmp_path: Path) -> None:
    names = [f"case-{number:02}" for number in range(20)]
    old = [verdict("pass", case=name) for name in names]
    lines = shown(
        tmp_path,
        old,
        old,
        replies=[
            reply(name, status=400, said=f"no {min(number, 11)}")
            for number, name in enumerate(names)
        ],
    )
    start = lines.index("Refused in NEW (20 cases)")
    assert lines[start + 1].startswith("  was 200, is 400: no 11 (9 cases): case-11, ")
    assert lines[-1] == "  and 4 cases for 4 other reasons"


def test_a_newly_stale_deviation_is_shown_with_its_evidence(tmp_path: Path) -> None:
    shipped: dict[str, Any] = {"fail_on": {"levels": ["must"], "stale": True}}
    lines = shown(tmp_path, [verdict("known")], [verdict("stale")], **shipped)
    assert lines[:2] == [
        "NEW fails on 1 case answered in both: known deviations are stale that must not be.",
        "Verdicts: 1 change of known or stale deviations. Exit code 1 because of 1 change about"
        " the protocol.",
    ]
    assert "Newly stale deviations (1)" in lines
    assert "      was a known deviation, is a stale deviation now" in lines
    assert not any(line.startswith("Other changes") for line in lines)


def test_an_accepted_failure_that_is_stale_now_is_shown_with_its_evidence(tmp_path: Path) -> None:
    shipped: dict[str, Any] = {"fail_on": {"levels": ["must"], "stale": True}}
    lines = shown(tmp_path, [verdict("accepted")], [verdict("stale")], **shipped)
    assert "Newly stale deviations that were accepted failures (1)" in lines
    assert "      was an accepted failure, is a stale deviation now" in lines


def test_a_users_server_that_got_better_is_no_regression(tmp_path: Path) -> None:
    lines = shown(tmp_path, [verdict("known")], [verdict("stale")])
    assert lines[:2] == [
        "Nothing newly fails on 1 case answered in both.",
        "Verdicts: 1 change of known or stale deviations.",
    ]
    assert "Other changes of known or stale deviations (1)" in lines


def test_of_many_cases_a_few_are_shown(tmp_path: Path) -> None:
    names = [f"case-{number:02}" for number in range(20)]
    lines = shown(
        tmp_path,
        [verdict("pass", case=name) for name in names],
        [verdict("fail", case=name) for name in names],
        width=200,
    )
    assert sum(line.startswith("    case-") for line in lines) == 3
    assert (
        "    and 17 more cases: case-03, case-04, case-05, case-06, case-07, case-08, case-09,"
        " case-10 and 9 more" in lines
    )


@pytest.mark.parametrize("width", [40, 60])
def test_prose_keeps_to_a_narrow_terminal(tmp_path: Path, width: int) -> None:
    lines = shown(
        tmp_path,
        [verdict("pass")],
        [verdict("fail")],
        width,
        corpus="fedcba9876543210",
        profiles={"openai": "fedcba9876543210"},
    )
    assert len([line for line in lines if line.startswith("Note: ")]) == 2
    assert max(map(len, lines)) <= width


def test_what_a_stranger_wrote_is_obeyed_by_no_terminal(tmp_path: Path) -> None:
    evil = "\x1b[31m[bold]\x9b\n"
    broken = verdict(
        "fail",
        case=evil,
        findings=[finding(evil, expected=evil, actual=evil, pointer=evil, known=evil)],
    )
    lines = shown(
        tmp_path,
        [verdict("pass", case=evil), verdict("pass", case="x" + evil)],
        [broken],
        suite="0.1.0" + evil,
        not_asked=[absent("x" + evil, evil)],
    )
    assert any("\\x1b[31m[bold]\\x9b" in line for line in lines)
    assert all(line.isprintable() for line in lines)
