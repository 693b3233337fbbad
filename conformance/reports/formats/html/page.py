"""The whole page: head with its policy, verdict, requirements, targets, chapters, and the rest."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

from conformance._text import many
from conformance.cases.corpus import shipped_corpus
from conformance.judging.requirements import Requirement
from conformance.reports.formats.html.elements import Html, el, join, prose
from conformance.reports.formats.html.requirement_section import (
    Context,
    context_of,
    definitions,
    section,
)
from conformance.reports.formats.html.rows import (
    NAMES,
    ChapterSums,
    Row,
    Status,
    chapter_sums,
    not_tested,
    rows_of,
)
from conformance.reports.text.left_out import left_out
from conformance.reports.text.unreadable import not_judged_in
from conformance.reports.text.verdict_line import verdict_line
from conformance.runs.results import Report, TargetVerdicts

_FOLDER = Path(__file__).parent
_LISTED_ELSEWHERE = ("known", "accepted", "stale", "not-tested")
_MOST_ENTRIES = 200  # lines in a list of what was left out
_SECTIONS = {
    "verdict": "Verdict",
    "requirements": "Requirements",
    "targets": "Targets",
    "chapters": "Chapters",
    "passed": "Passed",
    "untested": "Not tested",
    "left-out": "Left out",
}
_KEYS = {
    "/": "Search",
    "j": "Next requirement",
    "k": "Previous requirement",
    "Enter": "Open or close a requirement",
    "e": "Open or close all",
    "Esc": "Clear search and filter",
}


def page(report: Report) -> str:
    """Return the page about the report of a run."""
    rows = rows_of(report)
    untested = not_tested(report, rows)
    word, _, rest = verdict_line(report, report.seconds).partition(": ")
    wrong = [row for row in rows if row.status != "passed"]
    context = context_of(report, shipped_corpus())
    body = el(
        "body",
        el("a", "Skip to the requirements", href="#requirements", class_="skip"),
        _header(report, word, rest),
        el(
            "div",
            _navigation(wrong),
            el(
                "main",
                _numbers(rows, untested),
                *_problems(report),
                *([_requirements(wrong, context)] if wrong else []),
                _targets(report),
                _chapters(chapter_sums(rows, untested)),
                *([] if wrong else [_requirements(wrong, context)]),
                *_passed([row for row in rows if row.status == "passed"]),
                *_untested(untested),
                *_left_out(report),
            ),
            class_="columns",
        ),
        _footer(report),
        el("p", role="status", id="status", class_="hidden"),
        _raw("script", "report.js"),
    )
    return f"<!doctype html>\n{el('html', _head(word, rest), body, lang='en')}\n"


@cache
def _asset(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _raw(element: str, name: str) -> Html:
    return Html(f"<{element}>{_asset(name)}</{element}>")


def _hash(name: str) -> str:
    return f"'sha256-{b64encode(sha256(_asset(name).encode()).digest()).decode()}'"


def _head(word: str, rest: str) -> Html:
    policy = (
        f"default-src 'none'; style-src {_hash('report.css')}; script-src {_hash('report.js')};"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("link", rel="icon", href="data:,"),
        el("title", f"{word}: {rest}"),
        _raw("style", "report.css"),
    )


def _header(report: Report, word: str, rest: str) -> Html:
    facts, *reasons = rest.split("; ")
    judged = ", ".join(sorted({target.profile for target in report.main_targets}))
    more = {"Judged as": judged, "Edition": report.edition, "chat-conformance": report.suite}
    return el(
        "header",
        el(
            "div",
            el("p", "Chat Completions conformance", class_="label"),
            el("h1", el("span", word, class_="word"), " ", el("span", facts, class_="told")),
            *(el("p", reason, class_="reason") for reason in reasons),
            definitions(more, "facts"),
        ),
        class_=word.lower(),
        id="verdict",
    )


def _navigation(wrong: Sequence[Row]) -> Html:
    links = [
        el("li", el("a", title, href=f"#{name}"))
        for name, title in _SECTIONS.items()
        if name not in ("passed", "untested", "left-out", "verdict")
    ]
    broken = [
        el(
            "li",
            el(
                "a",
                el("span", class_=f"dot {row.status}"),
                row.entry.id,
                el("span", f" {NAMES[row.status]}", class_="hidden"),
                href=f"#{row.entry.id}",
            ),
        )
        for row in wrong
    ]
    listed = [el("ul", *broken, class_="ids")] if broken else []
    return el("nav", el("ul", *links), *listed, aria_label="On this page")


def _numbers(rows: Sequence[Row], untested: Sequence[Requirement]) -> Html:
    """Return how many requirements have each status."""
    counts = {name: sum(row.status == name for row in rows) for name in NAMES}
    shown: list[tuple[str, int, str]] = [
        (NAMES[name], count, name)
        for name, count in counts.items()
        if count or name in ("must", "should", "known", "passed")
    ]
    shown.append(("Not tested", len(untested), "untested"))
    return el(
        "section",
        el("h2", "Requirements by result", class_="hidden"),
        el(
            "dl",
            *(
                el("div", el("dt", title), el("dd", f"{count:,}"), class_=f"{kind}{_none(count)}")
                for title, count, kind in shown
            ),
            class_="numbers",
        ),
    )


def _none(count: int) -> str:
    return "" if count else " none"


def _problems(report: Report) -> Iterator[Html]:
    """Yield what fails the run that no requirement says, and what could not be read."""
    lines = [
        *(f"{target.name}: {why}" for target in report.main_targets for why in target.failures),
        *report.expectation_problems,
        *(f"{item.where}: {item.why}" for item in report.unreadable),
    ]
    if lines:
        yield el(
            "section",
            el("h2", "About the run as a whole"),
            el("ul", *(el("li", line) for line in lines[:_MOST_ENTRIES])),
            *_more(len(lines)),
            class_="problems",
        )


def _more(count: int) -> Iterator[Html]:
    if count > _MOST_ENTRIES:
        yield el("p", f"and {count - _MOST_ENTRIES:,} more", class_="muted")


def _targets(report: Report) -> Html:
    head = ("Target", "Server", "Model", "Judged as", "Answers", "Cases")
    targets = report.main_targets
    others = sum(target.cases for target in report.targets) - sum(
        target.cases for target in targets
    )
    note = f"Beside them: {many(others, 'case')} of the self-test" if others else ""
    return el(
        "section",
        el("h2", "Targets"),
        _table(
            "Targets",
            head,
            [_target(target, live=report.seconds is not None) for target in targets],
            "targets",
        ),
        *([el("p", note, class_="muted")] if note else []),
        id="targets",
    )


def _target(target: TargetVerdicts, *, live: bool) -> Html:
    answers = target.provenance or "unknown"
    if target.self_test:
        answers = "self-test, emulated"
    elif live and answers == "recorded":
        answers = "live"
    judged = f"{target.profile} (assumed)" if target.assumed else target.profile
    server = " ".join(filter(None, (target.server, target.server_version)))
    cells = (server or "unknown", target.model or "unknown", judged, answers)
    names = ("Server", "Model", "Judged as", "Answers")
    return el(
        "tr",
        el("th", target.name, scope="row"),
        *(el("td", cell, data_label=name) for name, cell in zip(names, cells, strict=True)),
        el("td", f"{target.cases:,}", class_="number", data_label="Cases"),
    )


def _table(caption: str, head: Sequence[str], rows: Sequence[Html], kind: str) -> Html:
    return el(
        "table",
        el("caption", caption, class_="hidden"),
        el("thead", el("tr", *(el("th", name, scope="col") for name in head))),
        el("tbody", *rows),
        class_=kind,
    )


def _chapters(chapters: Sequence[ChapterSums]) -> Html:
    head = ("Chapter", "Share", "Broken", "Accepted", "Known", "Passed", "Not tested")
    most = max((sum(each.statuses.values()) + each.not_tested for each in chapters), default=1)
    return el(
        "section",
        el("h2", "Chapters"),
        el("p", "Requirements of each chapter by result.", class_="muted"),
        _table("Chapters", head, [_chapter(each, most) for each in chapters], "chapters"),
        id="chapters",
    )


def _chapter(chapter: ChapterSums, most: int) -> Html:
    statuses = chapter.statuses
    accepted, known = statuses["accepted"], statuses["known"] + statuses["improved"]
    broken = sum(statuses.values()) - accepted - known - statuses["passed"]
    counts = {
        "Broken": broken,
        "Accepted": accepted,
        "Known": known,
        "Passed": statuses["passed"],
        "Not tested": chapter.not_tested,
    }
    name = el(
        "a", el("span", chapter.prefix, class_="id"), " ", chapter.title, href="#requirements"
    )
    return el(
        "tr",
        el("th", name, scope="row", data_chapter=f"{chapter.prefix}-"),
        el("td", _bar(chapter, most), class_="bar"),
        *(
            el(
                "td",
                f"{count:,}" if count else el("span", "0", class_="zero"),
                class_=f"number {title.lower().replace(' ', '-')}{_none(count)}",
                data_label=title,
            )
            for title, count in counts.items()
        ),
    )


def _bar(chapter: ChapterSums, most: int) -> Html:
    """Return a bar of the shares; the numbers in the row say the same."""
    parts: list[tuple[Status | str, int]] = [
        *((name, chapter.statuses[name]) for name in NAMES if chapter.statuses[name]),
        ("untested", chapter.not_tested),
    ]
    drawn, left = list[Html](), 0
    for kind, count in parts:
        if count:
            drawn.append(el("rect", class_=kind, x=str(left), y="0", width=str(count), height="8"))
        left += count
    box = f"0 0 {most} 8"
    return Html(
        f'<svg viewBox="{box}" preserveAspectRatio="none" aria-hidden="true">{join(drawn)}</svg>'
    )


def _requirements(wrong: Sequence[Row], context: Context) -> Html:
    sections = [
        section(row, context, opened=not number and row.broken is not None)
        for number, row in enumerate(wrong)
    ]
    none = el("p", "No requirement is broken, and no deviation is known.", class_="muted")
    return el(
        "section",
        el("h2", _title(wrong)),
        _toolbar(wrong),
        *(sections or [none]),
        id="requirements",
    )


def _title(wrong: Sequence[Row]) -> str:
    """Return the title of the listed requirements, which names what is among them."""
    statuses = {row.status for row in wrong}
    kinds = {
        "broken": statuses - {"accepted", "known", "improved"},
        "accepted": statuses & {"accepted"},
        "known": statuses & {"known", "improved"},
    }
    names = [name for name, found in kinds.items() if found]
    if not names:
        return "Requirements"
    listed = " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"Requirements that are {listed}"


def _toolbar(wrong: Sequence[Row]) -> Html:
    kinds = [name for name in NAMES if any(row.status == name for row in wrong)]
    buttons = [
        el(
            "button",
            el("span", class_=f"dot {kind}"),
            NAMES[kind],
            type="button",
            aria_pressed="false",
            data_filter=kind,
        )
        for kind in [*kinds, "passed"]
    ]
    keys = [el("div", el("dt", el("kbd", key)), el("dd", what)) for key, what in _KEYS.items()]
    return el(
        "div",
        el(
            "div",
            el("label", "Search", for_="search", class_="hidden"),
            el(
                "input",
                type="search",
                id="search",
                placeholder="Search id, text, case, or traffic",
                autocomplete="off",
                spellcheck="false",
                aria_keyshortcuts="/",
            ),
            el("kbd", "/", aria_hidden="true"),
            class_="search",
        ),
        el(
            "div",
            el("span", "Show only", id="filter-title", class_="label"),
            *buttons,
            class_="filters",
            role="group",
            aria_labelledby="filter-title",
        ),
        el(
            "details",
            el("summary", "Keys"),
            el("dl", *keys),
            el("label", el("input", type="checkbox", id="keys", checked=True), " Use these keys"),
            class_="keys",
        ),
        class_="toolbar",
        role="search",
    )


def _passed(rows: Sequence[Row]) -> Iterator[Html]:
    if not rows:
        return
    listed = [_line(row.entry, row.level, f"{many(row.counts['pass'], 'answer')}") for row in rows]
    yield _folded("passed", f"Passed: {many(len(rows), 'requirement')}", "Tested in", listed)


def _untested(untested: Sequence[Requirement]) -> Iterator[Html]:
    if untested:
        listed = [_line(entry, "", "") for entry in untested]
        title = f"Not tested: {many(len(untested), 'requirement')}"
        yield _folded("untested", title, "", listed)


def _line(entry: Requirement, level: str, tested: str) -> Html:
    shown = f"{level}, model" if level and entry.about == "model" else level
    return el(
        "tr",
        el("th", entry.id, scope="row", class_="id"),
        *([el("td", shown)] if level else []),
        el("td", prose(entry.sentence)),
        *([el("td", tested, class_="number")] if tested else []),
        id=entry.id,
    )


def _folded(name: str, title: str, last: str, rows: Sequence[Html]) -> Html:
    head = ("Id", "Level", "Requirement", last) if last else ("Id", "Requirement")
    return el(
        "section",
        el(
            "details",
            el("summary", el("h2", title)),
            _table(title, head, rows, "compact"),
            class_="folded",
        ),
        id=name,
    )


def _left_out(report: Report) -> Iterator[Html]:
    kinds = [
        kind for kind in left_out(report, report.main_targets) if kind.name not in _LISTED_ELSEWHERE
    ]
    parts = [
        el(
            "details",
            el("summary", kind.line),
            el("ul", *(el("li", entry) for entry in kind.entries[:_MOST_ENTRIES])),
            *_more(len(kind.entries)),
            class_="more",
        )
        for kind in kinds
    ]
    notes = [
        el("p", f"Not judged in {many(count, 'answer')}: {what}")
        for what, count in not_judged_in(report).items()
    ]
    if parts or notes:
        yield el("section", el("h2", "Left out"), *parts, *notes, id="left-out")


def _footer(report: Report) -> Html:
    profiles = [f"{name} {digest}" for name, digest in report.profiles.items()]
    text = (
        f"chat-conformance {report.suite}, edition {report.edition}, corpus {report.corpus},"
        f" profiles {', '.join(profiles)}. Secrets are removed from requests and answers;"
        " code reads the key from an environment variable."
    )
    return el("footer", el("p", text))
