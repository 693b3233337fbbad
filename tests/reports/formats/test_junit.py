"""JUnit XML: what fails, what passes with a note, what is skipped."""

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

from conformance.reports.formats.junit import MOST_TARGETS, render
from tests.reports.formats.sample import failing, report
from tests.reports.sample_reports import MODEL, MUST, SHOULD, absent, target, verdict


def made(folder: Path, *verdicts: dict[str, Any], **rest: Any) -> Element:
    return fromstring(render(report(folder, *verdicts, **rest)))


def case(root: Element, start: str) -> Element:
    (found,) = (each for each in root.iter("testcase") if each.attrib["name"].startswith(start))
    return found


def told(element: Element) -> list[tuple[str, str]]:
    """Return the children of a test case, each with its first line."""
    return [(child.tag, (child.text or "").partition("\n")[0]) for child in element]


def test_a_suite_is_a_chapter_and_a_test_case_a_requirement(tmp_path: Path) -> None:
    root = made(tmp_path, verdict("pass"), verdict("pass", SHOULD), verdict("pass", MODEL))
    assert [suite.attrib["name"] for suite in root] == [
        "ENV Envelope (t, judged as openai)",
        "MSG Message (t, judged as openai)",
        "Run",
    ]
    assert [each.attrib["name"][:7] for each in root[0]] == [SHOULD, MUST]
    assert {each.attrib["classname"] for each in root[0]} == {"t.ENV"}


def test_a_failure_has_the_evidence_and_what_to_do(tmp_path: Path) -> None:
    root = made(tmp_path, failing(MUST), failing(MUST, "chat-system"), verdict("pass", case="c"))
    (failure,) = case(root, MUST)
    assert (failure.tag, failure.attrib) == ("failure", {"type": "must", "message": "it is so"})
    assert failure.text is not None
    lines = failure.text.split("\n")
    assert lines[1:5] == [
        "2 of 3 answers",
        "in t/chat-plain /created: it is so",
        "  expected: more",
        "  got:      -1",
    ]
    assert lines[-1] == f"more: conformance explain {MUST}"


def test_only_what_fails_the_run_fails_or_is_an_error(tmp_path: Path) -> None:
    root = made(
        tmp_path,
        failing(MUST),
        failing(SHOULD),
        failing(MODEL),
        verdict("known", "ENV-002"),
        {**failing("ENV-009", accepted="we know"), "verdict": "accepted"},
        verdict("error", "ENV-003"),
        targets=[target(not_exercised=["ENV-004"])],
    )
    assert told(case(root, SHOULD)) == [
        ("system-out", "broken (should), which does not fail the run")
    ]
    assert told(case(root, MODEL)) == [
        ("system-out", "broken (must, about the model), which does not fail the run")
    ]
    assert told(case(root, "ENV-009")) == [("system-out", "accepted: we know (1 of 1 answer)")]
    assert told(case(root, "ENV-002")) == [("system-out", "known: it is known (1 of 1 answer)")]
    assert [tag for tag, _ in told(case(root, "ENV-003"))] == ["error"]
    assert case(root, "ENV-004")[0].tag == "skipped"
    assert told(case(root, "the run")) == [
        ("system-out", "FAIL: t, 1 of 6 tested requirements broken, 1 accepted, 1 case")
    ]


def test_the_counts_are_those_of_the_test_cases(tmp_path: Path) -> None:
    root = made(tmp_path, failing(MUST), failing(SHOULD), verdict("error", "MSG-001"))
    for suite in root:
        counted = {
            "tests": len(suite),
            "failures": len(list(suite.iter("failure"))),
            "errors": len(list(suite.iter("error"))),
            "skipped": len(list(suite.iter("skipped"))),
        }
        assert {name: int(suite.attrib[name]) for name in counted} == counted
    assert (root.attrib["tests"], root.attrib["failures"], root.attrib["errors"]) == ("4", "1", "1")


def test_an_inconclusive_run_is_an_error(tmp_path: Path) -> None:
    root = made(tmp_path, verdict("pass"), unanswered=[absent("chat-system", "connection refused")])
    (error,) = case(root, "the run")
    assert error.tag == "error"
    assert error.attrib["message"].startswith("INCONCLUSIVE: ")
    assert "\nwithout a complete answer: 1 case\n  connection refused (1 case): t/chat-system" in (
        error.text or ""
    )


def test_a_reason_that_many_cases_share_is_said_once(tmp_path: Path) -> None:
    why = "ConnectError: all connection attempts failed, 127.0.0.1 port 9"
    root = made(
        tmp_path,
        verdict("pass"),
        unanswered=[*(absent(f"case-{number:02}", why) for number in range(30)), absent("x", "y")],
    )
    (error,) = case(root, "the run")
    _, *lines = (error.text or "").split("\n")
    assert lines == [
        "without a complete answer: 31 cases",
        f"  {why} (30 cases): {', '.join(f't/case-{n:02}' for n in range(8))} and 22 more",
        "  y (1 case): t/x",
    ]


def test_recordings_that_cannot_be_read_are_grouped_by_reason(tmp_path: Path) -> None:
    unreadable = [{"location": f"{name}.yaml", "why": "not YAML"} for name in "ab"]
    (error,) = case(made(tmp_path, verdict("pass"), unreadable=unreadable), "the run")
    assert (error.text or "").split("\n")[1:] == [
        "unreadable: 2 recordings",
        "  not YAML (2 recordings): a.yaml, b.yaml",
    ]


def test_a_run_that_fails_as_a_whole_fails(tmp_path: Path) -> None:
    root = made(tmp_path, verdict("pass"), targets=[target(failures=["9 cases refused"])])
    (failure,) = case(root, "the run")
    assert (failure.tag, (failure.text or "").split("\n")[1]) == ("failure", "9 cases refused")


def test_targets_of_one_name_are_told_apart_and_their_number_is_limited(tmp_path: Path) -> None:
    count = MOST_TARGETS + 3
    root = made(
        tmp_path,
        *(verdict("pass", part=number) for number in range(count)),
        targets=[target() for _ in range(count)],
    )
    names = [each.attrib["classname"] for each in root.iter("testcase")]
    assert len(names) == len(set(names)) == MOST_TARGETS + 1
    assert "3 more targets without suites" in (case(root, "the run")[0].text or "")
