"""The findings of a lint as text: order, details, length, and what was not judged."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import StringIO
from itertools import groupby

import pytest
from rich.console import Console

from conformance.judging.finding_group import JudgedFinding
from conformance.judging.profiles import Condition, Deviation
from conformance.judging.requirements import requirements
from conformance.judging.verdict import MUST_ONLY
from conformance.protocol.exchange import Exchange, Finding, Request, Response
from conformance.reports.text.lint import CollectedFindings, View, render
from conformance.runs.broken import MOST_EXAMPLES
from conformance.runs.lint import JudgedExchange, LintFinding, Tally, UnreportedFinding
from conformance.runs.reported_finding import ReportedFinding
from conformance.traffic import LeftOut, Unreadable

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


def unreported(rows: Iterable[LintFinding]) -> Iterator[UnreportedFinding]:
    """Return findings with these reports; findings with the same location are in one exchange."""
    for location, group in groupby(rows, key=lambda row: row.location):
        place = JudgedExchange(Exchange("one", Request(), Response(200), {}, location), "openai")
        for row in group:
            told = row.reported
            seen = (told.known or "").removesuffix(" (12.1)")
            known = Deviation(row.requirement, seen, "always", Condition(), ("12.1",))
            finding = Finding(
                row.requirement,
                told.message,
                told.expected,
                told.actual,
                told.event,
                told.pointer,
                told.count,
            )
            yield UnreportedFinding(
                place, row.entry, JudgedFinding(finding, row.level, known if seen else None), True
            )


def shown(
    rows: Iterable[LintFinding],
    tally: Tally | None = None,
    width: int = 80,
    view: View | None = None,
) -> str:
    tally = tally or Tally()
    tally.profiles["openai"] += 1
    rows = list(rows)
    tally.findings.update(row.requirement for row in rows)
    tally.known.update(row.requirement for row in rows if row.known)
    gathered = CollectedFindings(MUST_ONLY)
    gathered.gather(unreported(rows))
    out = StringIO()
    console = Console(file=out, width=width, highlight=False, color_system=None)
    render(gathered, tally, console, view or View(1, 0.25))
    return out.getvalue()


def test_only_examples_are_put_into_words(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[UnreportedFinding] = []
    report = UnreportedFinding.report

    def counted(finding: UnreportedFinding) -> LintFinding:
        told.append(finding)
        return report(finding)

    monkeypatch.setattr(UnreportedFinding, "report", counted)
    rows = [replace(MUST, location=f"a:{number}") for number in range(100)]
    assert "100 answers" in shown([*rows, KNOWN])
    assert len(told) == MOST_EXAMPLES


def test_the_verdict_comes_first_and_last() -> None:
    lines = shown([MUST, SHOULD]).splitlines()
    assert lines[0] == "FAIL: 2 requirements broken, 1 exchange judged as openai, 0.2 s"
    assert lines[-1] == "FAIL: exit code 1"


def test_the_listed_and_the_other_requirements_are_those_that_the_verdict_counts() -> None:
    every = [each for each in requirements().values() if each.about == "protocol"][:60]
    rows = [replace(MUST, entry=each) for each in every]
    text = shown(rows, width=200)
    assert text.startswith("FAIL: 60 requirements broken, ")
    listed = sum(
        1 + len(found[1].split(",")) if found[1] else 1
        for found in re.finditer(r"^must    \S+ +1 answer(?: \(also ([^)]*)\))?: ", text, re.M)
    )
    found = re.search(
        r"^\+(\d+) more(?: \((\d+) requirements\))?(?:, which [^:]+)?: -v$", text, re.M
    )
    assert found
    assert listed + int(found[2] or found[1]) == 60


def test_a_must_comes_before_a_should_and_the_protocol_before_the_model() -> None:
    text = shown([MODEL, SHOULD, MUST], width=120)
    entries = [line.split()[:2] for line in text.splitlines() if "; first in log.jsonl:2" in line]
    assert entries == [["must", "ENV-008"], ["model", "MSG-005"], ["should", "ENV-007"]]


def test_details_have_place_and_evidence() -> None:
    assert "  in log.jsonl:2 event 2 /created\n  expected: 1 or more\n  got:      0\n" in shown(
        [MUST]
    )


def test_the_worst_level_of_a_requirement_counts() -> None:
    text = shown(
        [
            replace(MUST, level="should", location="a:1"),
            replace(MUST, location="a:2"),
            replace(MUST, location="a:3"),
        ]
    )
    assert "must    ENV-008  3 answers: too small; first in a:1" in text


def test_a_requirement_that_another_covers_is_named_on_its_line() -> None:
    of_one_fault = [
        replace(MUST, entry=requirements()[identifier]) for identifier in ("SO-001", "SO-011")
    ]
    text = shown(of_one_fault, width=200)
    assert "SO-011   1 answer (also SO-001): too small" in text
    assert "2 requirements broken" in text
    apart = shown([of_one_fault[0], replace(of_one_fault[1], location="log.jsonl:3")], width=200)
    assert "also" not in apart


def test_known_deviations_are_counted_and_listed_on_request() -> None:
    rows = [KNOWN, KNOWN, replace(KNOWN, reported=replace(KNOWN.reported, known=None))]
    assert "Known deviations: 1 requirement, 2 times (--show known)\n" in shown(rows)
    listed = shown(rows, view=View(1, 0.2, frozenset({"known"})))
    assert "  SEQ-004  2 times: taken for each chunk (12.1)\n" in listed
    assert requirements()["SEQ-004"].sentence not in shown([KNOWN])


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
        View(2, 0.2),
    )
    assert "unreadable a\\x1b.har#1: no response\n" in text
    assert "error  the rule ENV-001 crashed at b:1: KeyError: \\x1b. This is a bug" in text
    assert "Skipped: 2 exchanges, not Chat Completions\n" in text
    assert (
        "Profile unknown for 1 exchange: judged as openai-compatible; to change it, use --profile"
        in text
    )
    assert text.endswith("UNREADABLE: exit code 2, 1 unreadable\n")


def test_what_is_left_out_is_counted_or_named() -> None:
    answers = [LeftOut("r/answers.before", "the answers of the run before", is_folder=True)]
    targets = [
        LeftOut(f"t\x1b{number}", "marked by expected-to-fail.txt", is_folder=True)
        for number in range(6)
    ]
    tally = Tally(files_left_out=1, folders_left_out=[*answers, *targets])
    text = shown([], tally, 200, View(0, 0.2))
    assert "Skipped: 1 file, not a recording but a report\n" in text
    assert (
        "Left out: r/answers.before: the answers of the run before; to judge it too, name it\n"
        "Left out: t\\x1b0, t\\x1b1, t\\x1b2, t\\x1b3 and 2 more: marked by expected-to-fail.txt;"
        " to judge them too, name them\n"
    ) in text


@pytest.mark.parametrize(
    ("tally", "why"),
    [
        (Tally(), "there is no Chat Completions exchange, so nothing could be judged"),
        (
            Tally(profiles=Counter(openai=2), empty=2),
            "no exchange has a response body, so nothing could be judged",
        ),
    ],
)
def test_nothing_judged_is_inconclusive(tally: Tally, why: str) -> None:
    out = StringIO()
    render(CollectedFindings(()), tally, Console(file=out, width=200), View(3, 0.2))
    first = out.getvalue().splitlines()[0]
    assert first.startswith("INCONCLUSIVE: 0 requirements broken, ")
    assert first.endswith(f"; {why}")


@pytest.mark.parametrize("width", [60, 80, 200])
def test_it_keeps_to_the_width_and_to_one_page(width: int) -> None:
    long = replace(
        MUST,
        reported=replace(MUST.reported, message="wrong " * 20, actual="y z" * 50),
    )
    rows = [replace(long, entry=entry) for entry in requirements().values()]
    lines = shown(rows, width=width).splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= width


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
