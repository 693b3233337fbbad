"""Markdown: the verdict, a table of what is broken, details of the worst, counts of the rest."""

from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from conformance.judging.requirements import requirements
from conformance.reports.formats.found import sources_of
from conformance.reports.formats.markdown import MOST_DETAILS, MOST_ROWS, render
from tests.helpers.injections import INJECTIONS
from tests.reports.formats.sample import failing, report
from tests.reports.sample_reports import MODEL, MUST, SHOULD, absent, target, verdict

MARKDOWN = MarkdownIt("commonmark").enable("table")


def made(folder: Path, *verdicts: dict[str, Any], **rest: Any) -> str:
    return render(report(folder, *verdicts, **rest)).decode()


def test_the_verdict_comes_first_then_a_row_for_each_requirement(tmp_path: Path) -> None:
    lines = made(tmp_path, failing(SHOULD), failing(MODEL), failing(MUST)).splitlines()
    assert lines[:7] == [
        "**FAIL**: t, 1 of 3 tested requirements broken, 1 case",
        "",
        "| Level | Requirement | Answers | What is wrong | First in |",
        "|---|---|---|---|---|",
        f"| must | {MUST} | 1 of 1 | it is so | `t/chat-plain` |",
        f"| must, about the model | {MODEL} | 1 of 1 | it is so | `t/chat-plain` |",
        f"| should | {SHOULD} | 1 of 1 | it is so | `t/chat-plain` |",
    ]


def test_the_details_open_on_request(tmp_path: Path) -> None:
    text = made(tmp_path, failing(MUST))
    start = text.index("<details>")
    details = text[start : text.index("</details>")].splitlines()
    assert details[:7] == [
        "<details>",
        "<summary>ENV-008: <code>created</code> of the response is an integer and a plausible"
        " Unix time in seconds (not 0, not milliseconds)</summary>",
        "",
        "```text",
        "in t/chat-plain /created: it is so",
        "  expected: more",
        "  got:      -1",
    ]
    assert any(line.startswith("again: conformance run ") for line in details)


def test_what_does_not_fit_is_counted(tmp_path: Path) -> None:
    names = [name for name in requirements() if not requirements()[name].covered_by]
    text = made(tmp_path, *map(failing, names[: MOST_ROWS + 4]))
    assert "\nand 4 more requirements\n" in text
    assert text.count("<details>") == MOST_DETAILS


def test_a_passing_run_says_so_and_counts_the_rest(tmp_path: Path) -> None:
    text = made(tmp_path, verdict("known"), not_asked=[absent("image-data", "no images")])
    assert text.startswith("**PASS**: t, ")
    assert "\n- Known deviations: 1 requirement, 1 time" in text
    assert "\n- Skipped: 1 case: no images (1)\n" in text
    assert "Requirements of edition 2026-11, judged as openai, chat-conformance " in text


LINK = "https://bugs.example.com/issues/12?a=b&c=d#e"


def test_accepted_failures_are_listed_with_count_reason_and_link(tmp_path: Path) -> None:
    def accepted(requirement: str, case: str, why: str) -> dict[str, Any]:
        return {**failing(requirement, case, accepted=why), "verdict": "accepted"}

    text = made(
        tmp_path,
        verdict("pass", "ENV-002"),
        accepted(MUST, "a", "to be fixed"),
        accepted(SHOULD, "a", f"we know (ours) ({LINK})"),
        accepted(SHOULD, "b", f"we know (ours) ({LINK})"),
    )
    assert text.startswith("**PASS**: t, 0 of 3 tested requirements broken, 2 accepted, 1 case")
    start = text.index("<details>")
    assert text[start : text.index("</details>")].splitlines() == [
        "<details>",
        "<summary>Accepted: 2 requirements</summary>",
        "",
        "| Requirement | Answers | Accepted because | Link |",
        "|---|---|---|---|",
        f"| {SHOULD} | 2 | we know (ours) | [`{LINK}`]({LINK.replace('&', '&amp;')}) |",
        f"| {MUST} | 1 | to be fixed |  |",
        "",
    ]
    assert "- Accepted" not in text


def test_a_source_is_a_link_unless_it_is_an_issue(tmp_path: Path) -> None:
    (issue,) = sources_of(requirements()["TOOL-007"])
    assert issue.address.endswith("/issues/2806")
    assert "\nSource:\n\n- No `index` in tool-call deltas\n" in made(tmp_path, failing("TOOL-007"))
    text = made(tmp_path, failing("SEQ-003"))
    of_openai = "OpenAI's contract ([github.com](https://github.com/openai/openai-openapi))"
    assert f"\nSource:\n\n- {of_openai}\n- the Gemini API, a tool-call chunk quoted in" in text
    assert "/issues/" not in text


def elements(text: str) -> list[str]:
    """Return the kinds of Markdown elements, and the tags of HTML elements."""
    found = []
    for token in MARKDOWN.parse(text):
        if token.type == "html_block":
            found.append(token.content.strip())
        else:
            found.append(token.type)
            found += [each.type for each in token.children or [] if each.type != "text"]
    return found


def test_nothing_from_outside_adds_an_element(tmp_path: Path) -> None:
    def shaped(value: str) -> set[str]:
        text = made(
            tmp_path,
            failing(MUST, value, message=value, expected=value, actual=value, pointer=value),
            targets=[target(failures=[value], model=value, server=value)],
            not_asked=[absent("image-data", value)],
            replies=[],
        )
        return {each for each in elements(text) if each != "code_inline"}

    plain = shaped("plain")
    assert {"table_open", "fence", "bullet_list_open", "</details>"} <= plain
    for value in INJECTIONS.values():
        assert shaped(value) == plain
