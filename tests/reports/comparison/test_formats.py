"""All formats show the same comparison; hostile text stays text."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import jsonschema
import pytest
from rich.console import Console

from conformance._files import data_folder
from conformance.comparison.result import Comparison, ShapeChange
from conformance.protocol.exchange import Exchange, Request, Response
from conformance.reports.comparison import as_html, as_json, as_markdown, render
from tests.comparison.made_samples import metric
from tests.helpers.injections import INJECTIONS, commands
from tests.reports.comparison.made_comparisons import GOOD, SLOW, comparison, result, worse


def text(made: Comparison, width: int = 80, *, verbose: bool = False) -> str:
    out = io.StringIO()
    render(made, Console(file=out, width=width, highlight=False), verbose=verbose)
    return out.getvalue()


def page(made: Comparison) -> bytes:
    return as_html(made, {"q64": (answer("Yes"), answer(None)), "q65": (answer("No"), None)})


def answer(content: str | None) -> Exchange:
    body: dict[str, Any] = {
        "choices": [{"index": 0, "message": {"content": content}, "finish_reason": "stop"}]
    }
    request = {"messages": [{"role": "user", "content": "What <b>now</b>?"}]}
    return Exchange("", Request(body=request), Response(200, body=json.dumps(body).encode()))


def many_results() -> Comparison:
    """Return a comparison with a hundred metrics that are worse."""
    one = result(GOOD, 0.96, 0.64)
    named = [replace(one, metric=replace(GOOD, name=f"metric-{n}")) for n in range(100)]
    return replace(worse(), results=tuple(named))


def long_names() -> Comparison:
    """Return a comparison with long names and many of everything."""
    long = replace(result(GOOD, 0.96, 0.64), metric=replace(GOOD, name="m" * 90))
    question = replace(long.by_question[0], question="q" * 300)
    one = replace(long, by_question=(question,))
    return replace(
        worse(),
        old="o" * 900,
        new="n" * 900,
        results=(one,) * 300,
        lost_tool_calls=tuple(f"{n}{'z' * 300}" for n in range(300)),
        shape=(ShapeChange("member", f"/{'k' * 300}", "v" * 300, 0, 5, 5, 5),) * 300,
        notes=("one more note, which is long enough for a line of its own",) * 60,
        errors={"old": {"e" * 300: 1}, "new": {"f" * 300: 2}},
    )


@pytest.mark.parametrize("width", [60, 80, 200])
@pytest.mark.parametrize("make", [worse, many_results, long_names, comparison])
def test_the_text_has_at_most_40_lines_and_fits(make: Callable[[], Comparison], width: int) -> None:
    lines = text(make(), width).splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= width


def test_the_text_begins_with_the_verdict_and_shows_all_changes_on_one_screen() -> None:
    shown = text(worse())
    assert shown.startswith("NEW is worse than OLD on 100 questions: right-tool 96 % -> 64 %.")
    for part in (
        "-32 points (",
        "410 ms -> 560 ms, +37 %",
        "+ /service_tier in 322 of 322 of NEW",
        "Lost their tool call (2 questions): q64, q65",
        "No worse (1): empty. That is: the harm is proved to be below the margin",
        "Cannot tell (1): refused (about ",
        "NEW without an answer: status 400 (3)",
        "--cases FILE",
    ):
        assert part in " ".join(shown.split())


def test_a_text_that_is_cut_still_ends_with_how_to_ask_own_questions() -> None:
    shown = " ".join(text(long_names()).split())
    assert "more lines: see --format json" in shown
    assert shown.endswith("compare with --cases FILE to use your own.")


def test_verbose_lists_each_metric() -> None:
    assert text(many_results(), verbose=True).count("metric-") >= 100


def test_json_is_valid_by_its_schema_and_the_same_each_time() -> None:
    schema = json.loads((data_folder("schemas") / "comparison.json").read_text(encoding="utf-8"))
    for made in (worse(), comparison(), many_results(), comparison(result(metric(), 0, 0, 5))):
        jsonschema.validate(json.loads(as_json(made)), schema)
        assert as_json(made) == as_json(replace(made))
    assert json.loads(as_json(worse()))["fails"] is True


def test_markdown_has_a_row_for_each_change() -> None:
    lines = as_markdown(worse()).decode().splitlines()
    assert lines[0].startswith("**NEW is worse than OLD on 100 questions")
    assert any(line.startswith("| right-tool | 96 % -> 64 % | -32 points") for line in lines)


class Tags(HTMLParser):
    """Collects the elements of a page that are not closed, and those that were opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_shows_both_answers_escaped_and_needs_no_network() -> None:
    shown = page(worse()).decode()
    tags = Tags()
    tags.feed(shown)
    assert tags.open == []
    assert "script" not in tags.seen
    assert "What &lt;b&gt;now&lt;/b&gt;?" in shown
    assert shown.count('class="side"') == 4
    assert "http://" not in shown.replace("http://old", "").replace("http://new", "")


def test_the_page_shows_answers_that_differ_before_those_that_took_longer() -> None:
    slow, good = result(SLOW, 410, 560), result(GOOD, 0.96, 0.64)
    assert "<h3>q64</h3>" in page_of_all(comparison(slow, good))
    assert "<h3>q0</h3>" not in page_of_all(comparison(slow, good))
    assert "<h3>q0</h3>" in page_of_all(comparison(slow))


def page_of_all(made: Comparison) -> str:
    return as_html(made, {f"q{n}": (answer("Yes"), answer("No")) for n in range(100)}).decode()


def spoilt(injection: str) -> Comparison:
    return replace(
        worse(),
        old=injection,
        new=injection,
        about=injection,
        lost_tool_calls=(injection,),
        shape=(ShapeChange("member", f"/{injection}", injection, 0, 5, 5, 5),),
        notes=(injection,),
        errors={"old": {injection: 1}, "new": {injection: 2}},
    )


FORMATS: dict[str, Callable[[Comparison], bytes]] = {
    "text": lambda made: text(made).encode(),
    "json": as_json,
    "markdown": as_markdown,
    "html": page,
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("injection", INJECTIONS)
def test_nothing_from_a_server_becomes_a_command(form: str, injection: str) -> None:
    assert commands(FORMATS[form](spoilt(injection)).decode()) == []
