"""The words and sentences that all formats of the table share."""

from collections.abc import Sequence

from conformance._text import few, many, one_line, shortened
from conformance.judging.requirements.client_impact import Effect
from conformance.reports.matrix.client_effects import ClientEffect, SdkEffects, is_sdk
from conformance.reports.matrix.matrix import Cell, Column, Matrix, Row

_MOST_NAMED = 5
_LONGEST_MESSAGE = 160

EFFECT: dict[Effect, str] = {
    "hangs": "gives no result within 5 seconds",
    "raises": "raises an error",
    "loses": "loses content without an error",
    "meta": "reads another finish reason or usage",
}
"""What happens to a client, by effect."""

LEGEND = (
    "A cell says in how many of the tested cases a target breaks the requirement. *known* breaks it"
    " as its profile knows it, *accepted* as the user accepts it; *not tested* had no case that"
    " could show it; a dash means that it does not apply to this kind of target."
)


def verdict_line(matrix: Matrix) -> str:
    """Return how many requirements the targets break, in one line."""
    if not matrix.columns:
        return "No target in these reports was judged."
    broken = [column.name for column in matrix.columns if column.counts["broken"]]
    told = f"{many(len(matrix.columns), 'target')}, {many(len(matrix.rows), 'requirement')}"
    if not broken:
        return f"{told}: no target breaks one unexpectedly."
    return f"{told}: {few(broken, _MOST_NAMED)} break{'s' if len(broken) == 1 else ''} some."


def summed_up(column: Column) -> str:
    """Return the number of requirements by status: "3 broken, 9 known, 180 pass"."""
    return ", ".join(f"{count:,} {status}" for status, count in column.counts.items() if count)


def description(column: Column) -> str:
    """Return what a target is, in one line."""
    parts = (
        column.model,
        column.server and f"from {column.server}",
        f"judged as {column.profile}",
        many(column.cases, "case"),
    )
    return one_line(", ".join(filter(None, parts)))


def cell_text(cell: Cell) -> str:
    """Return a cell in a word, with counts if it is broken: "broken 3 of 40", "pass", "-"."""
    if cell.level is None:
        return "-"
    if cell.status in ("pass", "not tested"):
        return cell.status
    return f"{cell.status} {cell.count:,} of {cell.of:,}"


def level_of(row: Row) -> str:
    """Return the level of a requirement; the strictest if the targets differ."""
    return min(cell.level for cell in row.cells if cell.level)


def evidence(cell: Cell) -> str:
    """Return the first case that shows a broken cell, with its first finding."""
    said = shortened(one_line(cell.finding.message), _LONGEST_MESSAGE) if cell.finding else ""
    where = _place(cell)
    return f"{one_line(cell.case)}{where}: {said}" if said else f"{one_line(cell.case)}{where}"


def _place(cell: Cell) -> str:
    finding = cell.finding
    if finding is None:
        return ""
    event = f" event {finding.event}" if finding.event is not None else ""
    return f"{event} {finding.pointer}" if finding.pointer else event


def impact(column: Column) -> list[str]:
    """Return what the answers of a target do to clients, one sentence each."""
    return [*_sdk(column.sdk), *_measured(column)]


def _sdk(sdk: SdkEffects | None) -> list[str]:
    if sdk is None:
        return []
    version = f"openai (Python) {sdk.version}"
    if not sdk.breaks:
        return [f"{version} read the answers of this run without a loss."]
    verbs = {"raised": "raised an exception on", "lost": "lost content of"}
    sentences = []
    for outcome, breaks in sdk.by_outcome().items():
        first = breaks[0]
        said = shortened(one_line(first.what), _LONGEST_MESSAGE)
        sentences.append(
            f"{version} {verbs[outcome]} {many(len(breaks), 'answer')} of this run, such as"
            f" {one_line(first.case)}: {first.call} {outcome} {said}"
        )
    return sentences


def _measured(column: Column) -> list[str]:
    """Return what the official SDK for Python did with such faults, then how many harm others."""
    harmed: dict[str, list[ClientEffect]] = {}
    for each in column.effects:
        harmed.setdefault(each.client, []).append(each)
    official = [_harm(client, effects) for client, effects in harmed.items() if is_sdk(client)]
    others = [
        f"{client} by {many(len(effects), 'requirement')}"
        for client, effects in harmed.items()
        if not is_sdk(client)
    ]
    harm = [f"Faults like these also harm {few(others, _MOST_NAMED)}."] if others else []
    return [*(sentence for sentences in official for sentence in sentences), *harm]


def _harm(client: str, effects: Sequence[ClientEffect]) -> list[str]:
    """Return a sentence for each effect on one client, the worst first."""
    sentences = []
    for effect in dict.fromkeys(each.effect for each in effects):
        found = [each for each in effects if each.effect == effect]
        named = few(
            [f"{each.requirement} ({many(each.cases, 'case')})" for each in found], _MOST_NAMED
        )
        printed = next(filter(None, (each.message for each in found)), "")
        said = f": {shortened(one_line(printed), _LONGEST_MESSAGE)}" if printed else ""
        sentences.append(f"{client} {EFFECT[effect]} with faults of {named}{said}")
    return sentences


MEASURED = (
    "What clients do was measured with one fault for each requirement, not with these answers; the"
    " official SDK read these answers if a report was made with --sdk."
)
"""What the effects on clients rest on."""
