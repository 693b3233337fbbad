"""The explanation of a requirement as text."""

import re
from dataclasses import replace

import pytest

from conformance.judging.requirements import requirements
from conformance.judging.suite import shipped_suite
from conformance.reports.explain_text import page_of
from conformance.reports.text.findings import when_in_words
from conformance.reports.text.page import PAGE, height
from conformance.runs.explaining.difference import Change
from conformance.runs.explaining.explanation import Explanation, explanation_of
from tests.helpers.project import ROOT

SUITE = shipped_suite()
WIDTH = 80


def text_of(explanation: Explanation, width: int = WIDTH) -> str:
    return "\n".join(line.text for line in page_of(explanation, width))


@pytest.mark.parametrize("name", requirements())
def test_an_explanation_is_one_page_that_needs_no_other_file(name: str) -> None:
    explanation = explanation_of(name, SUITE)
    lines = page_of(explanation, WIDTH)
    assert height(lines, WIDTH) <= PAGE
    assert [
        line.text
        for line in lines
        if len(line.text) > WIDTH and not re.search(r"https://\S+( and \d+ more)?$", line.text)
    ] == []
    text = "\n".join(line.text for line in lines)
    assert "docs/" not in text.replace("/docs/", "")
    assert str(ROOT) not in text
    assert all(line.text.isprintable() for line in lines)
    words = " ".join(text.split())
    entry = explanation.entry
    assert f"{entry.id} {entry.sentence}" in words
    assert " ".join(entry.why.split()) in words
    assert explanation.example is not None
    assert explanation.example.does.split(".")[0][:40] in words
    assert "reported: " in text
    assert re.search(r"^    [-+] ", text, re.MULTILINE)
    assert "Source:" in text


def test_a_page_has_the_parts_in_their_order() -> None:
    assert text_of(explanation_of("CHO-013", SUITE)).splitlines() == [
        "CHO-013  A non-null `finish_reason` is `stop_sequence` or one of OpenAI's five",
        "          values (CHO-005 lists them)",
        "must:     vertex-tgi",
        "when:     any answer",
        "shown by: one answer",
        "why:      pydantic-ai raises an error, and code that knows only this server's",
        "          reasons cannot tell why the answer ended.",
        "clients:  pydantic-ai 2.38.0: raises an error; openai (Python) 3.3.0, openai",
        "          (Node) 7.59.0 and 4 more: reports a wrong finish reason or usage",
        "          (measured 2026-11)",
        "",
        "Example: The finish reason is Anthropic's `end_turn`.",
        '  request: {"model": "google/gemma-2-9b-it", "max_tokens": 6, "messages":',
        '      [{"role": "user", "content": "A story."}]}',
        "  its response (- conforms, + violates):",
        "  /choices/0:",
        '      "logprobs": null',
        '    - "finish_reason": "length"',
        '    + "finish_reason": "end_turn"',
        "  reported: the value is not one of those expected (/choices/0/finish_reason)",
        '  expected: ["stop","length","tool_calls","content_filter","function_call","sto…',
        '  got:      "end_turn"',
        "",
        "Known to break it:",
        "  vertex-tgi (sometimes): finish_reason `eos_token`",
        "    https://github.com/huggingface/text-generation-inference/issues/1724",
        "",
        "Source:",
        "  5.3: Plain answers – finish_reason",
        "    https://github.com/huggingface/text-generation-inference/tree/HEAD/router/src/",
    ]


def test_when_is_in_words() -> None:
    given = "when:     a stream, given: request with include_usage, body complete"
    assert given in text_of(explanation_of("SEQ-014", SUITE))
    for entry in requirements().values():
        words = when_in_words(entry)
        assert words.split(",")[0] in (
            "any answer",
            "an answer that is not streamed",
            "a stream",
            "an error response",
        )
        assert ";" not in words


def test_the_change_that_the_finding_is_about_is_shown_first() -> None:
    shown = text_of(explanation_of("SEQ-014", SUITE)).partition("violates):")[2]
    assert '- data: {…, "usage":{"prompt_tokens":' in shown
    assert '"stream_options":\n      {"include_usage": true}' in text_of(
        explanation_of("SEQ-014", SUITE)
    )


def test_clients_are_listed_by_the_worst_effect() -> None:
    text = text_of(explanation_of("CHO-001", SUITE))
    assert "clients:  all 7: raises an error (measured 2026-11)" in text
    assert "clients:  not measured" in text_of(explanation_of("META-001", SUITE))
    assert "clients:  7 of 7 unaffected" in text_of(explanation_of("SEQ-009", SUITE))


def test_lists_that_do_not_fit_say_how_many_are_left_out() -> None:
    text = text_of(explanation_of("MSG-005", SUITE))
    assert re.search(r"^  \+\d more: --format json$", text, re.MULTILINE)
    assert re.search(r"^  … and \d more changes$", text, re.MULTILINE)


def test_without_an_example_or_breakers_the_rest_remains() -> None:
    bare = replace(explanation_of("SSE-003", SUITE), example=None, changes=(), breakers=())
    text = text_of(bare)
    assert "Example: none" in text
    assert "Known to break it" not in text
    assert "  6.1: Events are" in text


def test_text_of_a_golden_cannot_control_a_terminal() -> None:
    explanation = explanation_of("SSE-003", SUITE)
    hostile = Change("event \x1b[2J", "\x1b]0;x\x07", ("\x1b[31m", "a\n::error::b"), ())
    text = text_of(replace(explanation, changes=((hostile,),)))
    assert "event " in text
    assert all(line.isprintable() for line in text.splitlines())
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())


@pytest.mark.parametrize("width", [40, 60, 200])
def test_other_widths_keep_the_lines_within_them(width: int) -> None:
    for line in page_of(explanation_of("TOOL-012", SUITE), width):
        assert len(line.text) <= max(width, 50) or "https://" in line.text
