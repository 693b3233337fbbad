"""The findings of a lint as text: a table, examples, known deviations, and counts."""

from collections import Counter
from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance._text import many, printable
from conformance.judging.profiles import FALLBACK
from conformance.reports.text import known_deviations
from conformance.reports.text.findings import evidence, level_of, located, message
from conformance.reports.text.terminal import prose, verbatim
from conformance.reports.text.unreadable import not_judged, unreadable
from conformance.runs.lint import LintFinding, Tally

_STYLES = {"must": "bold red", "should": "yellow"}
_RANKS = ("must", "should", "may")
_MIN_WIDTH_FOR_TABLE = 64  # columns


class CollectedFindings:
    """Keeps the worst unexpected finding of each requirement, and counts the known ones."""

    def __init__(self) -> None:
        self._first: dict[str, LintFinding] = {}
        self.known: Counter[tuple[str, str]] = Counter()

    def gather(self, findings: Iterable[LintFinding]) -> None:
        """Use up an iterator of findings."""
        for finding in findings:
            if finding.known:
                self.known[finding.requirement, finding.known] += 1
                continue
            kept = self._first.get(finding.requirement)
            if kept is None or _rank(finding) < _rank(kept):
                self._first[finding.requirement] = finding

    def worst_first(self, tally: Tally) -> list[LintFinding]:
        """Return one finding per requirement: musts, shoulds, then those about the model's output.

        Within a level, the most frequent come first.
        """
        return sorted(
            self._first.values(),
            key=lambda finding: (_rank(finding), -_unexpected(finding, tally), finding.requirement),
        )


def _rank(finding: LintFinding) -> tuple[bool, int]:
    return finding.entry.about == "model", _RANKS.index(finding.level)


def _unexpected(finding: LintFinding, tally: Tally) -> int:
    return tally.findings[finding.requirement] - tally.known[finding.requirement]


def render(gathered: CollectedFindings, tally: Tally, console: Console) -> None:
    """Print the result of a lint."""
    findings = gathered.worst_first(tally)
    if findings:
        _summary(findings, tally, console)
        for finding in findings:
            _example(finding, console)
        console.print()
    known_deviations.render(gathered.known, console)
    for line in unreadable(tally.unreadable, tally.more_unreadable):
        verbatim(console, line)
    for line in not_judged(tally.not_judged):
        verbatim(console, line)
    for requirement, (where, why) in sorted(tally.crashes.items()):
        verbatim(
            console,
            f"error  the rule {requirement} crashed at {printable(where)}: {printable(why)}."
            " This is a bug of this suite; please report it.",
        )
    for line in _closing(findings, tally):
        prose(console, line)


def _summary(findings: list[LintFinding], tally: Tally, console: Console) -> None:
    """Print a table of the broken requirements; a narrow terminal gets two lines for each."""
    if console.width < _MIN_WIDTH_FOR_TABLE:
        for finding in findings:
            console.print(
                Text.assemble(
                    _level(finding),
                    f" {finding.requirement}  {many(_unexpected(finding, tally), 'finding')}",
                )
            )
            prose(console, finding.entry.sentence, 2)
        console.print()
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("level", no_wrap=True)
    table.add_column("requirement", no_wrap=True)
    table.add_column("findings", justify="right", no_wrap=True)
    table.add_column("what it requires")
    for finding in findings:
        table.add_row(
            _level(finding),
            finding.requirement,
            f"{_unexpected(finding, tally):,}",
            Text(finding.entry.sentence),
        )
    console.print(table, "")


def _level(finding: LintFinding) -> Text:
    return Text(level_of(finding.entry, finding.level), style=_STYLES.get(finding.level, ""))


def _example(finding: LintFinding, console: Console) -> None:
    verbatim(
        console,
        f"{finding.requirement}  {located(finding.location or finding.exchange, finding.reported)}",
        style="bold",
    )
    prose(console, message(finding.reported), 2)
    for line in evidence(finding.reported):
        verbatim(console, line, 2)


def _closing(findings: list[LintFinding], tally: Tally) -> Iterator[str]:
    left = f", {tally.all_unreadable:,} unreadable" if tally.unreadable else ""
    left += f", {tally.judged_in_part:,} judged in part" if tally.judged_in_part else ""
    if tally.skipped:
        yield f"{many(tally.skipped, 'exchange')} skipped: not Chat Completions."
    if not tally.exchanges:
        yield f"0 exchanges judged{left}."
        return
    yield f"{many(tally.exchanges, 'exchange')} judged{_by_profile(tally)}."
    if tally.guessed:
        yield (
            f"Profile unknown for {many(tally.guessed, 'exchange')}: judged as {FALLBACK}; to"
            " change it, use --profile NAME."
        )
    unexpected = tally.findings.total() - tally.known.total()
    broken = f" ({many(len(findings), 'requirement')} broken)" if findings else ""
    yield f"{many(unexpected, 'unexpected finding')}{broken}, {tally.known.total():,} known{left}."


def _by_profile(tally: Tally) -> str:
    (first, _), *others = tally.profiles.most_common()
    return (
        ": " + ", ".join(f"{count:,} as {name}" for name, count in tally.profiles.most_common())
        if others
        else f" as {first}"
    )
