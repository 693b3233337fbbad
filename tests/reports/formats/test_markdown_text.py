"""No text of the traffic becomes markup, a link, a mention or a table cell in Markdown."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from conformance._text import one_line
from conformance.reports.formats.markdown_text import block, cell, code, html, text
from tests.helpers.injections import INJECTIONS

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
LIVE = re.compile(r"@|#[0-9]|(?i:gh-[0-9])|(?i:www\.)|://|:[a-z0-9_+-]+:|\$")
TEXTS = st.text(st.sampled_from("`|\\<>&*_[]()#@!:~.-+= aw1\n"), max_size=20) | st.text()
ALLOWED = {"text", "code_inline"}
HOSTILE = [
    "`",
    "``x`",
    "a`b``c",
    "a|b",
    "a\\|b",
    "\\",
    "x\\`|y",
    "*a* _b_ __c__ ~~d~~",
    "www.evil.test http://evil.test a@evil.test @team #1 GH-1 :smile:",
    "1. x",
    "- x",
    "# x",
    "<b>x</b>",
    "&lt;",
    "![x](y)",
    *INJECTIONS.values(),
]


def inline(markdown: str) -> list[tuple[str, str]]:
    """Return the kinds and contents of the parts of a paragraph."""
    tokens = MARKDOWN.parse(f"so: {markdown}")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    return [(each.type, each.content) for each in tokens[1].children or []]


def visible(markdown: str) -> str:
    return "".join(content for _, content in inline(markdown)).removeprefix("so:").strip()


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_text_is_only_text_and_code(value: str) -> None:
    for kind, content in inline(text(value)):
        assert kind in ALLOWED
        assert kind == "code_inline" or not LIVE.search(content)


@given(TEXTS)
@example("``")
def test_any_text_is_shown_and_is_no_markup(value: str) -> None:
    assert {kind for kind, _ in inline(text(value))} <= ALLOWED
    assert not any(LIVE.search(part) for kind, part in inline(text(value)) if kind == "text")
    shown = visible(text(value)).replace("`", "").split()
    assert shown == one_line(value).replace("`", "").split()


@given(TEXTS)
@example("1. x")
@example("- x")
@example("---")
@example("# x")
@example("> x")
def test_any_text_starts_no_block(value: str) -> None:
    for start in ("", "- "):
        kinds = [token.type for token in MARKDOWN.parse(f"{start}{text(value)}")]
        inner = [kind for kind in kinds if not kind.startswith(("bullet_list", "list_item"))]
        assert inner in (["paragraph_open", "inline", "paragraph_close"], [])
        assert len(kinds) - len(inner) == (4 if start else 0)


@given(TEXTS)
def test_any_code_is_shown_as_it_is(value: str) -> None:
    if one_line(value).strip():
        assert visible(code(value)) == one_line(value)


@given(TEXTS, TEXTS)
def test_a_cell_stays_one_cell(first: str, second: str) -> None:
    table = f"| a | b |\n|---|---|\n| {cell(code(first))} | {cell(text(second))} |"
    tokens = MARKDOWN.parse(table)
    assert [token.type for token in tokens].count("td_open") == 2
    cells = [token for token in tokens if token.type == "inline"]
    assert {each.type for token in cells for each in token.children or []} <= ALLOWED


@given(st.lists(TEXTS.map(one_line), min_size=1))
def test_a_block_holds_its_lines(lines: list[str]) -> None:
    (token,) = MARKDOWN.parse(block(lines))
    assert (token.type, token.content) == ("fence", "\n".join(lines) + "\n")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        assert not attrs


@given(TEXTS)
@example("<b>`<i>`</b>")
def test_html_has_no_element_but_code(value: str) -> None:
    tags = Tags()
    tags.feed(html(value))
    assert tags.tags <= {"code"}


def test_ordinary_words_stay_plain() -> None:
    for plain in (
        "the number is too small",
        "1,184 cases (two, or three): it's finish_reason/stop; 2026-11.",
    ):
        assert text(plain) == plain
    assert text("`created` is missing") == "`created` is missing"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('write occurs = "sometimes" - fix: it', 'write occurs = "sometimes" - fix: it'),
        ("a * b, x_y, _z_ and [1] or <b>", r"a \* b, x_y, \_z\_ and \[1\] or &lt;b&gt;"),
        ("say `a b`, or `c`: d|e & f`", "say `a b`, or `c`: d&#124;e &amp; f&#96;"),
        ("ask @team about x#1", "ask `@team` about `x#1`"),
        ("- x", r"\- x"),
        ("12) x", r"12\) x"),
        ("1.5 s", "1.5 s"),
    ],
)
def test_a_sentence_stays_readable(value: str, shown: str) -> None:
    assert text(value) == shown
