"""The findings of a lint as text: order, known deviations, wrapping."""

from collections.abc import Iterable
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from conformance.judging.requirements import requirements
from conformance.reports.text.lint import CollectedFindings, render
from conformance.runs.lint import LintFinding, Tally
from conformance.runs.reported_finding import ReportedFinding
from conformance.traffic import Unreadable

MUST = LintFinding(
    exchange="one",
    profile="openai",
    entry=requirements()["ENV-008"],
    level="must",
    location="log.jsonl:2",
    reported=ReportedFinding("too small", "1 or more", 0, event=2, pointer="/created", count=3),
)
SHOULD = replace(MUST, entry=requirements()["ENV-007"], level="should")
MODEL = replace(MUST, entry=requirements()["MSG-005"])
KNOWN = replace(
    MUST,
    entry=requirements()["SEQ-004"],
    level="should",
    reported=replace(MUST.reported, known="taken for each chunk (12.1)"),
)


def shown(rows: Iterable[LintFinding], tally: Tally | None = None, width: int = 80) -> str:
    tally = tally or Tally()
    tally.profiles["openai"] += 1
    rows = list(rows)
    tally.findings.update(row.requirement for row in rows)
    tally.known.update(row.requirement for row in rows if row.known)
    gathered = CollectedFindings()
    gathered.gather(rows)
    out = StringIO()
    render(gathered, tally, Console(file=out, width=width, highlight=False, color_system=None))
    return out.getvalue()


def test_the_worst_comes_first_and_the_model_last() -> None:
    text = shown([MODEL, SHOULD, MUST])
    order = [text.index(f"{row.requirement}  log.jsonl:2") for row in (MUST, SHOULD, MODEL)]
    assert order == sorted(order)
    assert "must (model)" in text
    assert text.endswith("3 unexpected findings (3 requirements broken), 0 known.\n")


def test_an_example_has_place_message_and_evidence() -> None:
    assert (
        "ENV-008  log.jsonl:2 event 2 /created\n  too small (3 times)\n  Expected: 1 or more\n "
        " Actual:   0\n" in shown([MUST])
    )


def test_the_example_is_the_first_of_the_worst_level() -> None:
    text = shown(
        [
            replace(MUST, level="should", location="a:1"),
            replace(MUST, location="a:2"),
            replace(MUST, location="a:3"),
        ]
    )
    assert "ENV-008  a:2" in text
    assert "a:1" not in text
    assert "a:3" not in text


def test_what_is_known_is_counted_apart_with_its_source() -> None:
    text = shown([KNOWN, KNOWN, replace(KNOWN, reported=replace(KNOWN.reported, known=None))])
    assert (
        "Known deviations (2); their sources are listed in docs/protocol.md\n  SEQ-004   2  taken"
        " for each chunk (12.1)\n" in text
    )
    assert text.endswith("1 unexpected finding (1 requirement broken), 2 known.\n")
    only = shown([KNOWN])
    assert requirements()["SEQ-004"].sentence not in only
    assert only.endswith("0 unexpected findings, 1 known.\n")


def test_what_was_not_judged_is_said() -> None:
    text = shown(
        [],
        Tally(
            skipped=2,
            guessed=1,
            unreadable=[Unreadable("a\x1b.har#1", "no\nresponse")],
            crashes={"ENV-001": ("b:1", "KeyError: \x1b")},
        ),
        100,
    )
    assert "unreadable a\\x1b.har#1: no response\n" in text
    assert "error  the rule ENV-001 crashed at b:1: KeyError: \\x1b. This is a bug" in text
    assert "2 exchanges skipped: not Chat Completions.\n" in text
    assert (
        "Profile unknown for 1 exchange: judged as openai-compatible; to change it, use --profile"
        " NAME.\n" in text
    )
    assert text.endswith("0 unexpected findings, 0 known, 1 unreadable.\n")


def test_no_exchange_is_no_result() -> None:
    out = StringIO()
    render(
        CollectedFindings(), Tally(unreadable=[Unreadable("a", "b")]), Console(file=out, width=80)
    )
    assert out.getvalue() == "unreadable a: b\n0 exchanges judged, 1 unreadable.\n"


@pytest.mark.parametrize("width", [30, 50, 80, 200])
def test_prose_keeps_to_the_width_and_evidence_stays_whole(width: int) -> None:
    long = replace(
        MUST,
        location=f"folder/{'x' * 100}.jsonl:2",
        reported=replace(MUST.reported, message="wrong " * 20, actual="y z" * 50),
    )
    lines = shown([long, KNOWN], width=width).splitlines()
    whole = [f"ENV-008  {long.location} event 2 /created", f'  Actual:   "{long.reported.actual}"']
    assert set(whole) <= set(lines)
    assert max(len(line) for line in lines if line not in whole) <= width


def test_what_traffic_says_cannot_command_the_terminal() -> None:
    evil = "\x1b[2J\x9b2J\u202e[bold]\r\nend"
    text = shown(
        [
            replace(
                MUST,
                location=evil,
                reported=replace(
                    MUST.reported, message=evil, expected=evil, actual=evil, pointer=f"/{evil}"
                ),
            ),
            replace(KNOWN, reported=replace(KNOWN.reported, known="[bold]")),
        ]
    )
    assert not {"\x1b", "\x9b", "\u202e", "\r"} & set(text)
    assert "[bold]" in text
