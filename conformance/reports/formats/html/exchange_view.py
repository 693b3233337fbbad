"""An exchange on the page: the request, also as code, and the answer with the finding marked."""

import json
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from itertools import pairwise

import orjson

from conformance._text import many
from conformance.protocol.exchange import Headers
from conformance.reports.formats.html.elements import Html, el, join, lines_of
from conformance.reports.formats.html.json_lines import json_lines, marked
from conformance.reports.repeatable_request import RepeatableRequest
from conformance.reports.request_code import CODES, json_text
from conformance.runs.shown_exchange import ShownEvent, ShownExchange

_NAMES = {"curl": "curl", "httpx": "httpx", "openai": "openai SDK"}
_BRIEFEST = 100  # characters of an event from which on it is shown in short


def request_view(shown: ShownExchange, request: RepeatableRequest | None, number: int) -> Html:
    """Return the request as JSON and as code.

    Args:
        request: the request to write as code; None if its body is not known.
        number: a number that no other request on the page has.
    """
    if request is None:
        return el(
            "p",
            el("code", f"{shown.method} {shown.url}"),
            " The body of the request was not recorded, or it is too large to show.",
            class_="muted",
        )
    views = _views(request)
    if not views:
        return el(
            "p", el("code", request.url), " The body is nested too deeply to show.", class_="muted"
        )
    choices = [
        el(
            "label",
            el(
                "input",
                type="radio",
                name=f"view-{number}",
                value=name,
                checked=name == "json",
            ),
            el("span", title),
        )
        for name, (title, _) in views.items()
    ]
    shows = [
        code_block(text, f"Request as {title}", view=name) for name, (title, text) in views.items()
    ]
    return el(
        "div",
        el(
            "fieldset",
            el("legend", "Request", class_="label"),
            el("div", *choices, class_="choices"),
        ),
        *shows,
        class_="request",
    )


def _views(request: RepeatableRequest) -> dict[str, tuple[str, str]]:
    """Return the title and text of each view by name; empty for a body nested too deeply."""
    try:
        body = request.body if isinstance(request.body, str) else json_text(request.body)
        lines = json_lines(body)
        shown = body if lines is None else "\n".join(line.text for line in lines)
        return {
            "json": ("JSON", f"{request.method} {request.url}\n\n{shown}"),
            **{name: (_NAMES[name], code(request)) for name, code in CODES.items()},
        }
    except RecursionError:
        return {}


def code_block(text: str, label: str, view: str | None = None) -> Html:
    """Return text in a block that scrolls, with a button that copies it."""
    return el(
        "div",
        el(
            "pre",
            el("code", lines_of(text.rstrip("\n"))),
            tabindex="0",
            aria_label=label,
            role="group",
        ),
        el(
            "button", "Copy", el("span", f" {label}", class_="hidden"), type="button", class_="copy"
        ),
        class_="code",
        data_view=view,
    )


def answer_view(shown: ShownExchange, pointers: Mapping[int | None, str]) -> Html:
    """Return the answer: its status, its headers, and its events or its body.

    ``pointers`` has the JSON pointer of a finding by the number of its event, None for a body.
    """
    count = f", {many(shown.all_events, 'event')}" if shown.all_events else ""
    return el(
        "div",
        el("p", el("span", "Response", class_="label"), f" {_status(shown.status)}{count}"),
        _headers(shown.headers),
        _events(shown, pointers) if shown.events else _body(shown.text, pointers),
        class_="answer",
    )


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _headers(headers: Headers) -> Html:
    if not headers:
        return Html("")
    text = "\n".join(f"{name}: {value}" for name, value in headers)
    return el(
        "details",
        el("summary", many(len(headers), "header")),
        code_block(text, "Headers of the response"),
        class_="more",
    )


def _body(text: str, pointers: Mapping[int | None, str]) -> Html:
    if not text:
        return el("p", "The response has no body, or it was not recorded.", class_="muted")
    return el(
        "pre",
        _marked_json(text, pointers.get(None, "")),
        tabindex="0",
        role="group",
        aria_label="Body of the response",
    )


def _events(shown: ShownExchange, pointers: Mapping[int | None, str]) -> Html:
    """Return the events as a table, the one with the finding marked and in full."""
    timed = any(event.at is not None for event in shown.events)
    head = ("Event", *(("ms",) if timed else ()), "Data")
    rows: list[Html] = []
    expected = 0
    for before, event in pairwise([None, *shown.events]):
        if event is None:
            continue
        if event.number > expected:
            rows.append(_gap(event.number - expected, len(head)))
        expected = event.number + 1
        rows.append(_event(event, before, pointers, timed=timed))
    if shown.all_events > expected:
        rows.append(_gap(shown.all_events - expected, len(head)))
    return el(
        "table",
        el("caption", "Events", class_="hidden"),
        el("thead", el("tr", *(el("th", name, scope="col") for name in head))),
        el("tbody", *rows),
        class_="events",
    )


def _gap(count: int, columns: int) -> Html:
    return el(
        "tr", el("td", f"{many(count, 'event')} not shown", colspan=str(columns)), class_="gap"
    )


def _event(
    event: ShownEvent, before: ShownEvent | None, pointers: Mapping[int | None, str], *, timed: bool
) -> Html:
    found = event.number in pointers
    mark = el("span", "finding", class_="tag") if found else Html("")
    time = "" if event.at is None else f"{event.at:,.1f}"
    data = (
        el("div", _marked_json(event.data, pointers[event.number]), class_="pre")
        if found
        else _brief(event.data, before.data if before else "")
    )
    return el(
        "tr",
        el("th", str(event.number), mark, scope="row"),
        *((el("td", time, class_="time"),) if timed else ()),
        el("td", data),
        class_="found" if found else None,
    )


def _brief(data: str, before: str) -> Html:
    """Return the data in short, without the members that are as in the event before it."""
    if len(data) < _BRIEFEST:
        return el("div", lines_of(data), class_="pre")
    return el(
        "details",
        el("summary", el("code", _difference(data, before))),
        el("div", lines_of(data), class_="pre"),
        class_="more",
    )


def _difference(data: str, before: str) -> str:
    try:
        new, old = orjson.loads(data), orjson.loads(before or "null")
    except ValueError:
        return data
    if not isinstance(new, dict):
        return data
    known = old if isinstance(old, dict) else {}
    try:
        changed = {
            name: value for name, value in new.items() if name not in known or known[name] != value
        }
        shown = _compact(changed)[1:]
    except RecursionError:
        return data
    if len(changed) == len(new):
        return data
    return f"{{… {shown}" if changed else "{…} as before"


def _marked_json(text: str, pointer: str) -> Html:
    """Return JSON on indented lines with the value at a pointer marked, any other text as it is."""
    lines = json_lines(text, pointer)
    if lines is None:
        return el("code", lines_of(text))
    numbers = marked(lines, pointer)
    return el("code", join(_marked([line.text for line in lines], numbers), "\n"))


def _marked(texts: Sequence[str], numbers: frozenset[int]) -> Iterator[Html]:
    for number, text in enumerate(texts):
        yield el("mark", lines_of(text)) if number in numbers else lines_of(text)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
