"""A comparison as one page of HTML, with the answers of both sides next to each other."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

import orjson

from conformance._text import many, shortened
from conformance.comparison.result import Comparison, MetricResult
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange
from conformance.reports.comparison import words
from conformance.reports.formats.html.elements import Html, el, join, lines_of

Examples = Mapping[str, tuple[Exchange | None, Exchange | None]]
"""By question, one answer of OLD and one of NEW; None if a side has none."""

_MOST_EXAMPLES, _MOST_LISTED = 12, 200
_LONGEST_ANSWER, _LONGEST_QUESTION = 6_000, 1_500


def as_html(comparison: Comparison, examples: Examples) -> bytes:
    """Return the page; its text is escaped, and its own policy allows only its own style."""
    line = words.verdict_line(comparison)
    body = el(
        "body",
        el(
            "header",
            el("p", "Comparison of two Chat Completions endpoints", class_="label"),
            el("h1", line),
            _sides(comparison),
            class_="worse" if comparison.fails else "open",
        ),
        el("main", *_sections(comparison, examples)),
    )
    return f"<!doctype html>\n{el('html', _head(line), body, lang='en')}\n".encode()


def _sections(comparison: Comparison, examples: Examples) -> Iterator[Html]:
    listed = [each for each in comparison.results if each.judgement in words.SHOWN]
    folded = [
        each
        for each in comparison.results
        if each.judgement not in words.SHOWN and not words.is_unbroken(each)
    ]
    if listed:
        yield _table("What changed", listed)
    if comparison.lost_tool_calls:
        yield _list("Questions that lost their tool call", comparison.lost_tool_calls)
    shown = _questions(listed, examples)
    if shown:
        yield el(
            "section",
            el("h2", "Answers of both sides"),
            *(_example(question, *examples[question]) for question in shown),
        )
    if comparison.shape:
        yield _list("Shape of the answers", [words.shape(each) for each in comparison.shape])
    if folded:
        yield _table("No worse, or cannot tell", folded)
    notes = [
        *filter(None, [words.unbroken(comparison)]),
        *words.errors(comparison),
        *(f"{note}." for note in comparison.notes),
        *filter(None, [words.calibration(comparison)]),
        words.OWN_QUESTIONS,
    ]
    yield _list("What limits this comparison", notes, code=False)


def _sides(comparison: Comparison) -> Html:
    return el(
        "dl",
        *(
            el("div", el("dt", side), el("dd", what))
            for side, what in (("OLD", comparison.old), ("NEW", comparison.new))
        ),
    )


def _table(title: str, results: Sequence[MetricResult]) -> Html:
    head = ("Metric", "Verdict", "OLD", "NEW", "Difference (99 %)", "Questions")
    return el(
        "section",
        el("h2", title),
        el(
            "div",
            el(
                "table",
                el("thead", el("tr", *(el("th", name, scope="col") for name in head))),
                el("tbody", *map(_row, results)),
            ),
            class_="scroll",
            tabindex="0",
            role="group",
            aria_label=title,
        ),
    )


def _row(result: MetricResult) -> Html:
    more = [part for part in (words.answered(result), words.example(result)) if part]
    return el(
        "tr",
        el(
            "th",
            el("strong", result.metric.name),
            el("span", words.title(result.metric), class_="more"),
            scope="row",
        ),
        el(
            "td",
            el("span", words.judgement(result), class_=f"tag {result.judgement.split()[0]}"),
        ),
        el("td", words.amount(result.old, result), class_="number"),
        el("td", words.amount(result.new, result), class_="number"),
        el("td", words.difference(result), class_="number"),
        el("td", words.counts(result), *(el("span", part, class_="more") for part in more)),
    )


def _list(title: str, lines: Sequence[str], *, code: bool = True) -> Html:
    rows = [el("li", el("code", line) if code else line) for line in lines[:_MOST_LISTED]]
    if len(lines) > _MOST_LISTED:
        rows.append(el("li", f"and {len(lines) - _MOST_LISTED:,} more"))
    return el("section", el("h2", title), el("ul", *rows))


def _questions(results: Sequence[MetricResult], examples: Examples) -> list[str]:
    """Return the questions to show: the most harmed of each metric in turn, each once.

    Times and tokens cannot be seen in an answer, so they are looked at only if nothing else is.
    """
    seen = [result for result in results if result.metric.unit == "share"] or results
    ranked: dict[str, None] = {}
    for place in range(_MOST_EXAMPLES):
        for result in seen:
            if place < len(result.by_question):
                ranked.setdefault(result.by_question[place].question)
    return [question for question in ranked if question in examples][:_MOST_EXAMPLES]


def _example(question: str, old: Exchange | None, new: Exchange | None) -> Html:
    asked = old or new
    return el(
        "article",
        el("h3", question),
        el("p", _asked(asked), class_="question") if asked else Html(""),
        el("div", _answer("OLD", old), _answer("NEW", new), class_="sides"),
    )


def _asked(exchange: Exchange) -> str:
    """Return the last message of the user."""
    contents = [
        content
        for message in fold(exchange).chat_request.messages
        if message.get("role") == "user" and isinstance(content := message.get("content"), str)
    ]
    return shortened(contents[-1], _LONGEST_QUESTION) if contents else ""


def _answer(side: str, exchange: Exchange | None) -> Html:
    text = _said(exchange) if exchange else "no answer"
    return el(
        "div",
        el("h4", side),
        el("pre", lines_of(text), tabindex="0", role="group", aria_label=f"Answer of {side}"),
        class_="side",
    )


def _said(exchange: Exchange) -> str:
    """Return what the first choice says: calls, text, refusal and how it ended."""
    facts = fold(exchange)
    if not facts.choices:
        body = (exchange.response.body or b"").decode(errors="replace")
        return _cut(f"status {facts.status}\n{body}")
    choice = facts.choices[0]
    parts = [f"{call.name or '?'}({call.arguments or ''})" for call in choice.calls]
    parts += [part for part in (choice.text, choice.refusal) if part]
    if not choice.says_something and choice.reasoning:
        parts.append(f"(only thoughts: {choice.reasoning})")
    parts.append(f"[finish reason: {orjson.dumps(choice.finish_reason).decode()}]")
    return _cut("\n".join(parts))


def _cut(text: str) -> str:
    if len(text) <= _LONGEST_ANSWER:
        return text
    return f"{text[:_LONGEST_ANSWER]}\n... {many(len(text) - _LONGEST_ANSWER, 'more character')}"


@cache
def _style() -> str:
    return Path(__file__).with_name("comparison.css").read_text(encoding="utf-8")


def _head(title: str) -> Html:
    digest = b64encode(sha256(_style().encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none';"
        " form-action 'none'"
    )
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("link", rel="icon", href="data:,"),
        el("title", title),
        join([Html(f"<style>{_style()}</style>")]),
    )
