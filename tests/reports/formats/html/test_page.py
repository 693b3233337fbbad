"""The page is complete and accessible, needs no network, and runs no text of the traffic."""

import re
from base64 import b64encode
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from conformance.judging.requirements import requirements
from conformance.reports.formats.html import requirement_section
from conformance.reports.formats.html.rows import NAMES
from conformance.runs.results import Unanswered
from conformance.traffic import Unreadable
from tests.helpers.html_tree import Node, tree_of
from tests.helpers.injections import INJECTIONS, exchanges
from tests.judging.conftest import completion, edited, stream
from tests.reports.formats.html.pages import page, reported
from tests.reports.formats.sample import failing, report
from tests.reports.sample_reports import finding, target, verdict

NO_DONE = edited(stream("Hello!", request={"model": "m"}), "data: [DONE]\n\n", "")
HEADINGS = ("h1", "h2", "h3", "h4", "h5")


@pytest.fixture(scope="module")
def broken() -> Node:
    """Return the page about a stream without its last event, and an answer without a fault."""
    return page(reported({"stream-plain": NO_DONE, "chat-plain": completion("Hello!")}))


def attribute(nodes: list[Node], name: str) -> list[str]:
    return [value for node in nodes if (value := node.attributes.get(name)) is not None]


def test_the_verdict_is_the_heading_and_the_title(broken: Node) -> None:
    verdict_line = re.sub(r"\s+", " ", broken.one("h1").text)
    assert verdict_line.startswith("FAIL t, 1 of ")
    assert broken.one("title").text.startswith("FAIL: t, 1 of ")


def test_the_page_has_landmarks_and_a_language(broken: Node) -> None:
    assert broken.one("html").attributes["lang"] == "en"
    for tag in ("header", "nav", "main", "footer", "h1"):
        assert broken.one(tag)
    assert broken.one("a", class_="skip").attributes["href"] == "#requirements"


def test_no_level_of_heading_is_skipped(broken: Node) -> None:
    levels = [int(node.tag[1]) for node in broken.all() if node.tag in HEADINGS]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert set(levels) == {1, 2, 3, 4}


def test_ids_are_unique_and_every_link_leads_to_one(broken: Node) -> None:
    ids = attribute([*broken.all()], "id")
    assert [name for name, count in Counter(ids).items() if count > 1] == []
    links = attribute([*broken.all("a")], "href")
    assert len(links) > 5
    assert {link for link in links if not link.startswith("#")} == set()
    assert {link[1:] for link in links} <= set(ids)


def test_each_requirement_that_was_tested_has_a_deep_link(broken: Node) -> None:
    ids = set(attribute([*broken.all()], "id"))
    assert ids >= {"SSE-003", "ENV-001", "USG-001"}
    assert broken.one(id="SSE-003").tag == "details"


def test_each_control_has_a_name(broken: Node) -> None:
    inputs, labels = [*broken.all("input")], [*broken.all("label")]
    named = set(attribute(labels, "for"))
    inside = [id(node) for label in labels for node in label.all("input")]
    assert [
        node.attributes
        for node in inputs
        if node.attributes.get("id") not in named and id(node) not in inside
    ] == []
    assert all(button.text.strip() for button in broken.all("button"))
    assert all(pre.attributes.get("aria-label") for pre in broken.all("pre"))
    assert all(table.one("caption") for table in broken.all("table"))
    assert [*broken.all("pre")]
    assert [*broken.all("table")]
    assert len([*broken.one(id="requirements").all("button")]) > 2


def test_nothing_is_loaded_from_anywhere(broken: Node) -> None:
    nodes = [*broken.all()]
    assert attribute(nodes, "src") == []
    assert attribute([*broken.all("link")], "href") == ["data:,"]
    style = broken.one("style").text
    assert "url(" not in style
    assert "@import" not in style
    script = broken.one("script").text
    assert not re.search(r"fetch|XMLHttpRequest|import\b|WebSocket|innerHTML|eval", script)


def test_the_policy_allows_only_its_own_style_and_script(broken: Node) -> None:
    policy = str(
        broken.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    )
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for directive, tag in (("style-src", "style"), ("script-src", "script")):
        digest = b64encode(sha256(broken.one(tag).text.encode()).digest()).decode()
        assert rules[directive] == f"'sha256-{digest}'"
    assert attribute([*broken.all()], "style") == []


def test_the_page_fits_a_phone_follows_the_scheme_and_can_be_printed(broken: Node) -> None:
    viewport = broken.one("meta", name="viewport").attributes["content"]
    assert viewport == "width=device-width, initial-scale=1"
    style = broken.one("style").text
    for rule in (
        "prefers-color-scheme: dark",
        "@media print",
        "max-width: 40rem",
        ":focus-visible",
    ):
        assert rule in style


def test_a_broken_requirement_is_shown_with_the_request_and_the_marked_event(broken: Node) -> None:
    section = broken.one(id="SSE-003")
    assert section.attributes["data-kind"] == "must"
    assert "does not end with [DONE]" in section.one("h3").text
    assert requirements()["SSE-003"].why.split("`")[0] in section.text
    assert section.one("tr", class_="found").one("span", class_="tag").text == "finding"
    pairs = section.one("dl", class_="finding").all("div")
    facts = {pair.one("dt").text: pair.one("dd").text for pair in pairs}
    assert facts["Expected"] == "[DONE]"
    assert facts["Got"].startswith('{"')
    names = [str(node.attributes["value"]) for node in section.all("input", type="radio")]
    assert names == ["json", "curl", "httpx", "openai"]
    views = {name: section.one("div", **{"data-view": name}) for name in names}
    codes = {name: view.one("pre").text for name, view in views.items()}
    assert "curl -sS" in codes["curl"]
    assert "$API_KEY" in codes["curl"]
    assert "import httpx" in codes["httpx"]
    assert "OpenAI(" in codes["openai"]
    assert "--case stream-plain --requirement SSE-003" in section.text
    assert "conformance explain SSE-003" in section.text


def test_the_key_is_read_from_the_variable_of_the_command() -> None:
    made = reported({"stream-plain": NO_DONE}, repeat="conformance run URL --api-key-env MY_KEY")
    assert "$MY_KEY" in page(made).one(id="SSE-003").text


def test_a_passed_requirement_is_one_line_however_many_answers_pass() -> None:
    one = page(reported({"chat-plain": completion("Hello!")}))
    many = page(reported({f"chat-{number}": completion("Hello!") for number in range(30)}))
    assert len([*one.all()]) == len([*many.all()])
    assert one.one(id="ENV-001").tag == "tr"


def test_known_and_accepted_deviations_are_shown_with_their_reason(tmp_path: Path) -> None:
    accepted = verdict("accepted", "ENV-007", findings=[finding(accepted="it is agreed")])
    made = page(report(tmp_path, verdict("known"), accepted))
    assert made.one(id="ENV-008").attributes["data-kind"] == "known"
    assert "it is known" in made.one(id="ENV-008").text
    assert made.one(id="ENV-007").attributes["data-kind"] == "accepted"
    assert "it is agreed" in made.one(id="ENV-007").text
    filters = attribute([*made.all("button")], "data-filter")
    assert filters == ["accepted", "known", "passed"]


def test_what_no_requirement_says_is_on_the_page(tmp_path: Path) -> None:
    made = report(
        tmp_path,
        verdict("pass"),
        targets=[
            {**target(), "failures": ["all answers are the same"], "not_exercised": ["SSE-003"]}
        ],
        expectation_problems=["conformance-expectations.toml:3: it no longer fails"],
    )
    text = page(made).text
    assert "t: all answers are the same" in text
    assert "conformance-expectations.toml:3: it no longer fails" in text
    assert page(made).one(id="untested").one(id="SSE-003")
    unread = replace(
        made,
        unreadable=(Unreadable("a.yaml:3", "not YAML"),),
        unanswered=(Unanswered("t", "chat-plain", "refused"),),
    )
    assert "a.yaml:3: not YAML" in page(unread).text
    assert "Unanswered: 1 case" in page(unread).one(id="left-out").text


def test_without_a_broken_requirement_the_page_says_so(tmp_path: Path) -> None:
    made = page(report(tmp_path, verdict("pass")))
    assert "No requirement is broken" in made.one(id="requirements").text
    assert made.one("header").has({"class_": "pass"})


def test_a_request_that_is_not_known_is_named(tmp_path: Path) -> None:
    without = replace(NO_DONE, request=replace(NO_DONE.request, body=None))
    section = page(reported({"stream-plain": without})).one(id="SSE-003")
    assert "was not recorded, or it is too large to show" in section.text
    assert [*section.all("input")] == []


def test_an_exchange_that_is_not_in_the_report_is_named(tmp_path: Path) -> None:
    made = page(report(tmp_path, failing("SSE-003")))
    assert "does not contain the exchange" in made.one(id="SSE-003").text


def test_the_page_shows_a_limited_number_of_exchanges(monkeypatch: pytest.MonkeyPatch) -> None:
    made = reported({"a": NO_DONE, "b": NO_DONE, "c": NO_DONE})
    assert len([*page(made).all("div", class_="exchange")]) == 3
    monkeypatch.setattr(requirement_section, "MOST_EXCHANGES", 2)
    assert len([*page(made).all("div", class_="exchange")]) == 2
    assert "report.json has the exchange" in page(made).text


def test_each_status_has_a_name_and_a_color() -> None:
    style = page(reported({"chat-plain": completion("Hello!")})).one("style").text
    for status in NAMES:
        assert re.search(rf"\.{status}\b[^{{}}]*\{{[^}}]*--tone", style), status


@pytest.mark.parametrize("kind", INJECTIONS)
def test_text_of_the_traffic_is_never_markup(kind: str) -> None:
    allowed = shape(page(reported({"a": NO_DONE})))
    some = [*exchanges(INJECTIONS[kind])][len(kind) % 20 :: 20]
    assert some
    for place, exchange in some:
        assert shape(page(reported({"a": exchange}))) <= allowed | MORE, place


MORE = {
    ("h5",),
    ("mark",),
    ("strong",),
    *(("tr", "class", name) for name in ("gap", "found")),
}


def shape(root: Node) -> set[tuple[str, ...]]:
    """Return the names of the elements, and of their attributes."""
    made = {(node.tag,) for node in root.all()}
    return made | {(node.tag, name) for node in root.all() for name in node.attributes}


def luminance(color: str) -> float:
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


TONES = ("must", "should", "model", "known", "passed")
PAIRS = [
    *((text, on) for text in ("text", "muted", "link") for on in ("page", "card", "sunken")),
    *((tone, f"{tone}-soft") for tone in TONES),
    *((tone, "card") for tone in TONES),
    *(("text", f"{tone}-soft") for tone in TONES),
    *(("muted", f"{tone}-soft") for tone in ("must", "should", "passed", "known")),
    ("page", "text"),
    ("on-strong", "must"),
    ("mark-text", "mark"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_enough_contrast(broken: Node, scheme: str) -> None:
    light, dark, *_ = re.findall(r":root \{([^}]*)\}", broken.one("style").text)
    colors = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        colors |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark))
    too_low = {pair: contrast(colors[pair[0]], colors[pair[1]]) for pair in PAIRS}
    assert {pair: value for pair, value in too_low.items() if value < 4.5} == {}


def test_a_page_that_is_not_well_formed_would_be_noticed() -> None:
    with pytest.raises(AssertionError):
        tree_of("<p><b></p></b>")


def test_accepted_failures_have_their_own_column_and_are_named_in_the_titles(
    tmp_path: Path,
) -> None:
    accepted = {**failing("ENV-009", accepted="we know"), "verdict": "accepted"}
    made = page(report(tmp_path, accepted, verdict("known"), verdict("pass", "ENV-002")))
    table = made.one("table", class_="chapters")
    cells = {
        str(cell.attributes["data-label"]): cell.text
        for cell in table.all("td")
        if "data-label" in cell.attributes
    }
    assert cells == {"Broken": "0", "Accepted": "1", "Known": "1", "Passed": "1", "Not tested": "0"}
    head = [cell.text for cell in table.all("th") if cell.attributes.get("scope") == "col"]
    assert head == ["Chapter", "Share", *cells]
    assert made.one(id="requirements").one("h2").text == "Requirements that are accepted or known"
    filters = made.one("div", class_="filters")
    assert made.one(id=str(filters.attributes["aria-labelledby"])).text == "Show only"
    assert [button.text for button in filters.all("button")] == ["Accepted", "Known", "Passed"]
