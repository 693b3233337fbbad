"""One requirement that is not simply passed: what is wrong, why it matters, and the evidence."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from conformance._text import few, many
from conformance.cases.case_ref import parse_group
from conformance.cases.corpus import Corpus
from conformance.judging.requirements import Requirement
from conformance.judging.requirements.client_impact import Effect, measured_impact
from conformance.judging.verdict import Outcome
from conformance.reports.formats.html.elements import Html, el, join, prose
from conformance.reports.formats.html.exchange_view import answer_view, code_block, request_view
from conformance.reports.formats.html.rows import NAMES, Row
from conformance.reports.shown_requests import ShownRequests
from conformance.reports.text.broken import breaks_clients, repeat_command
from conformance.reports.text.findings import is_json_text, located, message, source_in_words, value
from conformance.runs.broken import Sighting
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import CaseVerdict, Report
from conformance.runs.shown_exchange import ShownExchange

MOST_EXCHANGES = 150
"""How many exchanges the page shows, those that break the worst requirements first."""

_MOST_REASONS = 10
_MOST_CASES = 60
_EFFECTS: dict[Effect, str] = {
    "hangs": "hangs",
    "raises": "raises an error",
    "loses": "loses content",
    "meta": "gets another finish reason or usage",
}
_COUNTED: dict[Outcome, str] = {
    "fail": "broken",
    "error": "crashed",
    "stale": "no longer broken",
    "accepted": "accepted",
    "known": "known",
    "pass": "passed",
}


@dataclass(frozen=True, slots=True)
class Context:
    """What all sections share.

    ``examples`` are by target and case. ``requests`` makes their requests repeatable. ``several``
    is true if the report has several targets. ``numbers`` counts the requests on the page.
    """

    repeat: str
    examples: Mapping[tuple[str, str], ShownExchange]
    requests: ShownRequests
    several: bool
    numbers: Iterator[int]


def context_of(report: Report, corpus: Corpus) -> Context:
    """Return what the sections of a report share."""
    return Context(
        report.repeat,
        {(shown.target, shown.case): shown for shown in report.examples},
        ShownRequests(report, corpus),
        len({target.name for target in report.targets if not target.self_test}) > 1,
        count(1),
    )


def section(row: Row, context: Context, *, opened: bool) -> Html:
    """Return the section of one requirement, which opens and closes."""
    entry = row.entry
    head = el(
        "summary",
        el("span", NAMES[row.status], class_=f"badge {row.status}"),
        el("h3", el("span", entry.id, class_="id"), " ", el("span", prose(_headline(row)))),
        el("span", _share(row), class_="share"),
    )
    return el(
        "details",
        head,
        el("div", *_content(row, context), class_="content"),
        id=entry.id,
        class_=f"requirement {row.status}",
        data_kind=row.status,
        open=opened,
    )


def _headline(row: Row) -> str:
    """Return what is wrong in the first answer that breaks the requirement, else its sentence."""
    if row.broken and row.broken.examples[0].findings:
        return row.broken.examples[0].findings[0].message
    return row.entry.sentence


def _share(row: Row) -> str:
    wrong = sum(row.counts.values()) - row.counts["pass"]
    return f"{wrong:,} of {many(sum(row.counts.values()), 'answer')}"


def _content(row: Row, context: Context) -> Iterator[Html]:
    entry = row.entry
    if _headline(row) != entry.sentence:
        yield el("p", prose(entry.sentence), class_="sentence")
    yield _facts(row)
    for other in row.broken.also if row.broken else ():
        yield el("p", "The same fault breaks ", _id(other), ": ", prose(other.sentence))
    if row.cover:
        yield el("p", "Broken together with ", el("a", row.cover, href=f"#{row.cover}"), ".")
    yield from _why(entry)
    if row.broken:
        for number, sighting in enumerate(row.broken.examples, 1):
            yield _example(sighting, context, f"Example {number}")
        yield from _other_cases(row, context)
        yield from _commands(row, context)
    yield from _explained(row, context)


def _id(entry: Requirement) -> Html:
    return el("span", entry.id, class_="id")


def _facts(row: Row) -> Html:
    counted = [
        f"{_COUNTED[outcome]} {row.counts[outcome]:,}"
        for outcome in _COUNTED
        if row.counts[outcome]
    ]
    facts = {
        "Level": row.level,
        "About": "the model's output" if row.entry.about == "model" else "the protocol",
        "Answers": ", ".join(counted),
        "Source": join((prose(source_in_words(key)) for key in row.entry.source), "; "),
    }
    return definitions(facts, "facts")


def definitions(facts: Mapping[str, str | Html], kind: str) -> Html:
    """Return names and values as a list of definitions."""
    pairs = (el("div", el("dt", name), el("dd", value)) for name, value in facts.items())
    return el("dl", *pairs, class_=kind)


def _why(entry: Requirement) -> Iterator[Html]:
    """Yield why the requirement matters, and what was measured with real clients."""
    if entry.why:
        yield el("p", el("strong", "Why it matters: "), prose(entry.why))
    measured = measured_impact()
    impact = measured.of(entry.id)
    breaks = breaks_clients(entry.id)
    if not breaks:
        return
    clients = [
        el(
            "li",
            f"{measured.clients[client]} {_EFFECTS[effect]}",
            *([": ", el("code", impact.messages[client])] if client in impact.messages else []),
        )
        for effect, names in impact.by_effect().items()
        for client in names
    ]
    yield el(
        "details",
        el("summary", f"{breaks[0].upper()}{breaks[1:]} (measured {measured.month})"),
        el("ul", *clients),
        class_="more",
    )


def _example(sighting: Sighting, context: Context, title: str) -> Html:
    place = _name(sighting, context.several)
    heading = el("h4", el("span", f"{title}: ", class_="muted"), el("code", place))
    pointers = {finding.event: finding.pointer for finding in sighting.findings}
    cases = [str(case) for case in parse_group(sighting.case)]
    shown = [context.examples.get((sighting.target, case)) for case in cases]
    parts: list[Html] = [
        _exchange(each, context, pointers if len(shown) == 1 else {}, titled=len(shown) > 1)
        for each in shown
        if each
    ]
    if not parts:
        parts.append(el("p", "This report does not contain the exchange.", class_="muted"))
    return el(
        "article",
        heading,
        *(_finding(finding) for finding in sighting.findings),
        *parts,
        class_="example",
    )


def _name(sighting: Sighting | CaseVerdict, several: bool) -> str:
    return f"{sighting.target}/{sighting.case}" if several else sighting.case


def _finding(finding: ReportedFinding) -> Html:
    """Return what is wrong and where, with what was expected and received."""
    told = message(replace(finding, known=None))
    facts: dict[str, str | Html] = {"Finding": el("strong", prose(told))}
    if place := located("", finding):
        facts["Where"] = el("code", place)
    if finding.expected is not None:
        in_words = isinstance(finding.expected, str) and finding.expected
        facts["Expected"] = (
            el("span", str(finding.expected)) if in_words else el("code", _shown(finding.expected))
        )
    if finding.expected is not None or finding.actual is not None:
        facts["Got"] = el("code", _shown(finding.actual))
    return definitions(facts, "finding")


def _shown(given: object) -> str:
    """Return a value as JSON; a text that is JSON itself stays as it is."""
    return given if is_json_text(given) else value(given)


def _exchange(
    shown: ShownExchange, context: Context, pointers: Mapping[int | None, str], *, titled: bool
) -> Html:
    number = next(context.numbers)
    if number > MOST_EXCHANGES:
        return el(
            "p", "report.json has the exchange; the page shows the first ones.", class_="muted"
        )
    title = [el("h5", el("code", shown.case))] if titled else []
    request = context.requests.of(shown)
    return el(
        "div",
        *title,
        request_view(shown, request, number),
        answer_view(shown, pointers),
        class_="exchange",
    )


def _other_cases(row: Row, context: Context) -> Iterator[Html]:
    """Yield the names of all answers that break the requirement, if some are not examples."""
    names = [
        _name(verdict, context.several)
        for verdict in row.verdicts
        if verdict.verdict in ("fail", "error", "stale")
    ]
    if row.broken and len(names) > len(row.broken.examples):
        yield el(
            "details",
            el("summary", f"All {len(names):,} answers that break it"),
            el("p", *_codes(names), class_="names"),
            class_="more",
        )


def _codes(names: Sequence[str]) -> Iterator[str]:
    for number, name in enumerate(names[:_MOST_CASES]):
        if number:
            yield " "
        yield el("code", name)
    if len(names) > _MOST_CASES:
        yield f" and {len(names) - _MOST_CASES:,} more"


def _commands(row: Row, context: Context) -> Iterator[Html]:
    lines = [f"conformance explain {row.entry.id}"]
    if row.broken and context.repeat and row.status != "crash":
        lines.insert(0, repeat_command(context.repeat, row.broken))
    yield el("p", el("span", "Check it again, or read more", class_="label"))
    yield join(code_block(line, "Command") for line in lines)


def _explained(row: Row, context: Context) -> Iterator[Html]:
    """Yield why answers that break the requirement are no failure, with the first of each."""
    reasons: dict[tuple[Outcome, str], list[CaseVerdict]] = {}
    for verdict in row.verdicts:
        if verdict.verdict in ("known", "accepted") or (
            verdict.verdict == "stale" and row.status == "improved"
        ):
            for reason in _reasons(verdict):
                reasons.setdefault((verdict.verdict, reason), []).append(verdict)
    for (outcome, reason), verdicts in [*reasons.items()][:_MOST_REASONS]:
        names = [_name(verdict, context.several) for verdict in verdicts]
        first = next((found for found in verdicts[0].findings), None)
        yield el(
            "article",
            el("p", el("strong", f"{_COUNTED[outcome].capitalize()}: "), prose(reason)),
            *([_finding(first)] if first else []),
            el("p", f"{many(len(names), 'answer')}: ", few(names, 6), class_="muted"),
            class_="example",
        )
    if len(reasons) > _MOST_REASONS:
        yield el("p", f"and {many(len(reasons) - _MOST_REASONS, 'more reason')}", class_="muted")


def _reasons(verdict: CaseVerdict) -> Iterable[str]:
    found = Counter(
        finding.known or finding.accepted or finding.message for finding in verdict.findings
    )
    return found or ("",)
