"""The explanation of a requirement as text: at most 40 lines of 80 columns, plain or in colour."""

import json
from collections.abc import Iterator, Mapping, Sequence

from conformance._text import few, many, one_line, printable, shortened
from conformance.judging.requirements import COLUMNS, LEVELS, Requirement
from conformance.judging.requirements.client_impact import measured_impact
from conformance.judging.requirements.sources import Source, source
from conformance.protocol.exchange import Exchange, Json
from conformance.reports.text.findings import brief_evidence, located, message, when_in_words
from conformance.reports.text.page import PAGE, Line, filled, fitting, height
from conformance.runs.explaining.difference import Change, contrasted
from conformance.runs.explaining.example import Example
from conformance.runs.explaining.explanation import Breaker, Explanation

_HANG = 10  # columns of the labels
_CHANGES = 3  # the most changes shown of one example
_LINES = 3  # lines shown of one side of a change
_DEPTH = 2  # levels of objects shown of a request
_STRING = 40  # characters of a string in a request
_SHOWN_BY = {
    "exchange": "one answer",
    "twin": "two answers to requests that differ in one thing",
    "session": "a conversation",
    "probe": "the answer to a request made for it",
}
_EFFECTS = {
    "hangs": "hangs",
    "raises": "raises an error",
    "loses": "returns a wrong result",
    "meta": "reports a wrong finish reason or usage",
}


def page_of(explanation: Explanation, width: int) -> list[Line]:
    """Return the lines of the explanation; lists are cut so that it keeps to one page."""
    entry = explanation.entry
    known = [list(_breaker(each, width)) for each in explanation.breakers]
    sources = [list(_source(source(key), entry, width)) for key in entry.source]
    titles = 3 if known else 1
    least = titles + sum(height(blocks[0], width) + 1 for blocks in (known, sources) if blocks)
    for most in range(_CHANGES, 0, -1):
        example = _example(explanation, width, most)
        head = [*_head(explanation, width), Line(""), *example, Line("")]
        if height(head, width) <= PAGE - least:
            break
    room = PAGE - height(head, width) - titles
    for_known = max(room // 2, height(known[0], width) + 1) if known else 0
    listed = list(_fitted(sources, width, room - for_known))
    if known:
        head += [Line("Known to break it:", "bold")]
        head += [*_fitted(known, width, room - height(listed, width)), Line("")]
    return [*head, Line("Source:", "bold"), *listed]


def _fitted(blocks: list[list[Line]], width: int, room: int) -> Iterator[Line]:
    """Yield the first blocks that fit, then how many were left out; at least one block."""
    shown = fitting(blocks, width, room)
    if shown < len(blocks):
        shown = fitting(blocks, width, room - 1)
    for block in blocks[:shown]:
        yield from block
    if shown < len(blocks):
        yield Line(f"  +{len(blocks) - shown:,} more: --format json")


def _head(explanation: Explanation, width: int) -> Iterator[Line]:
    entry = explanation.entry
    yield from filled(f"{entry.id}  {entry.sentence}", width, hang=_HANG, style="bold")
    for level in LEVELS:
        columns = [column for column in COLUMNS if entry.levels.get(column) == level]
        everyone = len(columns) == len(COLUMNS)
        if columns:
            yield from _labelled(
                level, "every kind of target" if everyone else ", ".join(columns), width
            )
    model = "; depends on the model" if entry.about == "model" else ""
    yield from _labelled("when", when_in_words(entry), width)
    yield from _labelled("shown by", f"{_SHOWN_BY[entry.needs]}{model}", width)
    if entry.why:
        yield from _labelled("why", entry.why, width)
    yield from _labelled("clients", _clients(explanation), width)
    if entry.covered_by:
        others = ", ".join(entry.covered_by)
        yield from _labelled(
            "together", f"{others} (reported once if one fault breaks both)", width
        )


def _labelled(label: str, text: str, width: int) -> list[Line]:
    return filled(f"{label + ':':<{_HANG}}{text}", width, hang=_HANG)


def _clients(explanation: Explanation) -> str:
    """Return which clients break and how, the worst effect first, and when it was measured."""
    measured, impact = measured_impact(), explanation.impact
    if impact is None:
        return "not measured"
    everyone = len(measured.clients)
    parts = [
        f"{_named(clients, measured.clients)}: {_EFFECTS[effect]}"
        for effect, clients in impact.by_effect().items()
    ]
    sound = everyone - len(impact.effects)
    parts += [f"{sound} of {everyone} unaffected"] if sound else []
    return f"{'; '.join(parts)} (measured {measured.month})"


def _named(clients: Sequence[str], names: Mapping[str, str]) -> str:
    """Return the names of the first clients, or that it is all; ``names`` has those of all."""
    everyone = len(names)
    return (
        f"all {everyone}"
        if len(clients) == everyone
        else few([names[client] for client in clients], 2)
    )


def _example(explanation: Explanation, width: int, most: int) -> Iterator[Line]:
    example = explanation.example
    if example is None:
        yield Line("Example: none", "bold")
        return
    yield from filled(f"Example: {printable(example.does)}", width, hang=_HANG, style="bold")
    for exchange, changes in zip(example.conforming, explanation.changes, strict=True):
        if changes:
            yield from _request(exchange, width)
            yield Line("  its response (- conforms, + violates):")
            yield from _changes(changes, width, most)
    yield from _reported(example, width)


def _request(exchange: Exchange, width: int) -> list[Line]:
    """Return the request in about two lines, the longest members last and deep values left out."""
    body = exchange.request.body
    if isinstance(body, dict):
        sketch = {key: _sketch(value) for key, value in body.items()}
        order = sorted(sketch, key=lambda key: (key != "model", len(_json(sketch[key]))))
        body = {key: sketch[key] for key in order}
    return filled(f"request: {shortened(_json(body), 2 * width - 40)}", width, 2, 4)


def _sketch(value: Json, depth: int = _DEPTH) -> Json:
    """Return a value without the objects below ``depth``, its strings shortened."""
    if isinstance(value, dict):
        return {key: _sketch(item, depth - 1) for key, item in value.items()} if depth else "…"
    if isinstance(value, list):
        return [_sketch(item, depth) for item in value]
    return shortened(value, _STRING) if isinstance(value, str) else value


def _json(value: Json) -> str:
    return printable(json.dumps(value, ensure_ascii=False, default=str))


def _changes(changes: tuple[Change, ...], width: int, most: int) -> Iterator[Line]:
    room = width - 6
    for change in changes[:most]:
        yield Line(f"  {printable(change.place)}:")
        if change.context:
            yield Line(f"      {shortened(printable(change.context), room)}", "dim")
        removed, added = _sides(change, room)
        for mark, lines, style in (("-", removed, "green"), ("+", added, "red")):
            for line in lines[:_LINES]:
                yield Line(f"    {mark} {line}", style)
            if len(lines) > _LINES:
                yield Line(f"    {mark} … and {many(len(lines) - _LINES, 'more line')}", style)
    if len(changes) > most:
        yield Line(f"  … and {many(len(changes) - most, 'more change')}")


def _sides(change: Change, room: int) -> tuple[list[str], list[str]]:
    """Return the lines that conform and those that violate, shortened to ``room`` columns."""
    removed, added = (list(map(printable, lines)) for lines in (change.removed, change.added))
    if len(removed) == len(added):
        pairs = [contrasted(a, b, room) for a, b in zip(removed, added, strict=True)]
        return [a for a, _ in pairs], [b for _, b in pairs]
    return [shortened(line, room) for line in removed], [shortened(line, room) for line in added]


def _reported(example: Example, width: int) -> Iterator[Line]:
    where = located("", example.finding)
    at = f" ({where})" if where else ""
    for line in filled(f"reported: {message(example.finding)}{at}", width, 2, _HANG):
        yield Line(shortened(line.text, width))
    for text in brief_evidence(example.finding):
        yield Line(f"  {shortened(text, width - 2)}")
    links = [link for key in example.reports for link in source(key).links]
    if links:
        more = f" and {len(links) - 1:,} more" if len(links) > 1 else ""
        yield Line(f"  seen in:  {one_line(links[0])}{more}")


def _breaker(breaker: Breaker, width: int) -> Iterator[Line]:
    deviation = breaker.deviation
    server = f", {one_line(breaker.server)}" if breaker.server else ""
    yield from filled(
        f"{breaker.profile}{server} ({deviation.frequency}): {one_line(deviation.seen)}",
        width,
        2,
        2,
    )
    sources = [source(key) for key in deviation.source]
    links = (link for each in sources for link in each.links_about(breaker.profile))
    said = next(links, None) or next((each.says or each.key for each in sources), "")
    yield Line(f"    {_link_or_words(said, width - 4)}")


def _link_or_words(said: str, room: int) -> str:
    return one_line(said) if said.startswith("https://") else shortened(one_line(said), room)


def _source(each: Source, entry: Requirement, width: int) -> Iterator[Line]:
    said = f"{each.key}: {each.says}" if each.says else each.key
    yield from filled(shortened(one_line(said), 2 * width - 10), width, 2, 2)
    about = (link for column in entry.levels for link in each.links_about(column))
    if link := next(about, "") or next(iter(each.links), ""):
        yield Line(f"    {one_line(link)}")
