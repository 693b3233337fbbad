"""The findings of a lint as text: the verdict, then the broken requirements."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from rich.console import Console

from conformance._text import duration, few, many, printable
from conformance.judging.profiles import FALLBACK
from conformance.judging.requirements import Level
from conformance.judging.verdict import fails_run
from conformance.reports.repeatable_request import request_of_recording
from conformance.reports.shown_requests import code_or_none
from conformance.reports.text.broken import Form, all_of, worst_of
from conformance.reports.text.page import PAGE, Line, filled, height, show
from conformance.reports.text.unreadable import not_judged, unreadable
from conformance.reports.text.verdict_line import WORDS
from conformance.runs.broken import Broken, BrokenTally, Sighting
from conformance.runs.lint import JudgedExchange, Tally, UnreportedFinding
from conformance.traffic.redaction.redact import redact

_MOST_FOLDERS = 4  # names of folders that are left out, on a line


class CollectedFindings:
    """Keeps the first unexpected findings of each requirement, and counts the known ones.

    ``fail_on`` are the levels at which a finding fails the lint, ``keep`` is how many answers that
    break a requirement are kept in ``sightings``. ``all_sightings`` counts all of them.
    ``exchanges`` has the first exchange that breaks each requirement, by id, if
    ``keep_exchanges``.
    """

    def __init__(
        self, fail_on: Collection[Level], keep: int = 0, *, keep_exchanges: bool = False
    ) -> None:
        self._fail_on = fail_on
        self._keep_exchanges = keep_exchanges
        self.exchanges: dict[str, JudgedExchange] = {}
        self._keep = keep
        self._broken = BrokenTally()
        self._kept: Counter[str] = Counter()
        self.known: Counter[tuple[str, str]] = Counter()
        self.accepted: Counter[tuple[str, str]] = Counter()
        self.sightings: list[Sighting] = []
        self.all_sightings = 0

    def gather(self, findings: Iterable[UnreportedFinding]) -> None:
        """Use up an iterator of findings, in which those of one exchange follow each other.

        Only the findings that are kept as examples are put into words.
        """
        for _, group in groupby(findings, key=attrgetter("place")):
            unexpected = []
            for finding in group:
                if finding.known:
                    self.known[finding.requirement, finding.known] += 1
                elif finding.accepted:
                    self.accepted[finding.requirement, finding.accepted] += 1
                else:
                    unexpected.append(self._sighting(finding))
                    if self._keep_exchanges:
                        self.exchanges.setdefault(finding.requirement, finding.place)
            self._broken.add(unexpected)
            self._keep_first(unexpected)

    def broken(self) -> tuple[Broken, ...]:
        """Return the broken requirements, the worst first.

        A lint does not count which answers test a requirement: rules say only what is wrong.
        """
        return self._broken.broken(None)

    def _keep_first(self, sightings: Collection[Sighting]) -> None:
        self.all_sightings += len(sightings)
        for sighting in sightings:
            if self._kept[sighting.entry.id] < self._keep:
                self._kept[sighting.entry.id] += 1
                self.sightings.append(sighting)

    def _sighting(self, finding: UnreportedFinding) -> Sighting:
        name = finding.requirement
        kept = self._kept[name] < self._keep or self._broken.needs_example(name)
        return Sighting(
            "",
            finding.place.where if kept else "",
            finding.entry,
            finding.level,
            "fail",
            fails_run(finding.entry, finding.level, "fail", self._fail_on),
            (finding.report().reported,) if kept else (),
        )


@dataclass(frozen=True, slots=True)
class View:
    """What to show of a lint: the exit code, how long it took in seconds, and what in full.

    ``outdated`` are lines about expectations of the user that are out of date. ``code_as`` is the
    name of the client as which requests are shown, "" for none.
    """

    code: int
    seconds: float
    show: frozenset[str] = frozenset()
    verbose: bool = False
    outdated: tuple[str, ...] = ()
    code_as: str = ""


def render(gathered: CollectedFindings, tally: Tally, console: Console, view: View) -> None:
    """Print the result of a lint, the verdict first."""
    width = console.width
    broken = gathered.broken()
    head = [*_head(broken, tally, view, width), Line("")]
    tail = [*_tail(gathered, tally, view, width)]
    form = Form(width, code_of=lambda sighting: _code_of(sighting, gathered, view.code_as))
    room = PAGE - height(head, width) - height(tail, width)
    show(console, head)
    show(console, all_of(broken, form) if view.verbose else worst_of(broken, form, room))
    show(console, tail)


def _code_of(sighting: Sighting, gathered: CollectedFindings, name: str) -> str:
    """Return the request of the first exchange that breaks a requirement, as code."""
    place = gathered.exchanges.get(sighting.entry.id) if name else None
    request = request_of_recording(redact(place.exchange).request) if place else None
    return code_or_none(request, name) if request else ""


def _head(broken: Collection[Broken], tally: Tally, view: View, width: int) -> Iterator[Line]:
    yield from filled(verdict_line(broken, tally, view.code, view.seconds), width, style="bold")
    if tally.guessed:
        yield from filled(
            f"Profile unknown for {many(tally.guessed, 'exchange')}: judged as {FALLBACK}; to"
            " change it, use --profile NAME.",
            width,
            indent=2,
            hang=2,
        )


def verdict_line(
    broken: Collection[Broken], tally: Tally, code: int, seconds: float | None = None
) -> str:
    """Return the verdict of a lint by its exit code, what was judged, and the time if given."""
    count = len(broken) + sum(len(each.also) for each in broken)
    parts = [
        f"{many(count, 'requirement')} broken",
        *([f"{len(tally.accepted):,} accepted"] if tally.accepted else []),
        f"{many(tally.exchanges, 'exchange')} judged{_by_profile(tally)}",
        *([] if seconds is None else [duration(seconds)]),
    ]
    why = f"; {reason}" if (reason := _why_nothing(tally)) else ""
    return f"{WORDS[code]}: {', '.join(parts)}{why}"


def _why_nothing(tally: Tally) -> str:
    """Return why nothing could be judged, "" if something was."""
    if not tally.judges_nothing:
        return ""
    if tally.exchanges:
        return "no exchange has a response body, so nothing could be judged"
    return "there is no Chat Completions exchange, so nothing could be judged"


def _by_profile(tally: Tally) -> str:
    named = [f"as {name}" for name in tally.profiles]
    if len(named) > 1:
        counted = (f"{count:,} as {name}" for name, count in tally.profiles.most_common())
        return f" ({', '.join(counted)})"
    return "".join(f" {name}" for name in named)


def _tail(gathered: CollectedFindings, tally: Tally, view: View, width: int) -> Iterator[Line]:
    for name, line, counted in (
        ("known", known_line(gathered), gathered.known),
        ("accepted", accepted_line(gathered), gathered.accepted),
    ):
        listed = name in view.show
        if line:
            yield from filled(f"{line}:" if listed else f"{line} (--show {name})", width)
        for (requirement, why), count in counted.most_common() if listed else ():
            yield from filled(f"{requirement}  {many(count, 'time')}: {why}", width, 2, 2)
    for problem in view.outdated:
        yield from filled(problem, width, hang=2)
    for text in not_found_by_judging(tally):
        yield from filled(text, width, hang=2)
    unreadable_too = f", {tally.all_unreadable:,} unreadable" if tally.all_unreadable else ""
    in_part = f", {tally.judged_in_part:,} judged in part" if tally.judged_in_part else ""
    yield from filled(
        f"{WORDS[view.code]}: exit code {view.code}{unreadable_too}{in_part}", width, style="bold"
    )


def known_line(gathered: CollectedFindings) -> str:
    """Return how many known deviations occurred, "" for none."""
    return _counted("Known deviations", gathered.known)


def accepted_line(gathered: CollectedFindings) -> str:
    """Return how many findings the user accepts, "" for none."""
    return _counted("Accepted", gathered.accepted)


def _counted(title: str, counted: Counter[tuple[str, str]]) -> str:
    if not counted:
        return ""
    requirements = {requirement for requirement, _ in counted}
    return f"{title}: {many(len(requirements), 'requirement')}, {many(counted.total(), 'time')}"


def not_found_by_judging(tally: Tally) -> Iterator[str]:
    """Yield a line for each kind of what was skipped, unreadable or not judged."""
    if tally.skipped:
        yield f"Skipped: {many(tally.skipped, 'exchange')}, not Chat Completions"
    if tally.files_left_out:
        yield f"Skipped: {many(tally.files_left_out, 'file')}, not a recording but a report"
    yield from _folders_left_out(tally)
    yield from unreadable(tally.unreadable, tally.more_unreadable)
    yield from not_judged(tally.not_judged)
    for requirement, (where, why) in sorted(tally.crashes.items()):
        yield (
            f"error  the rule {requirement} crashed at {printable(where)}: {printable(why)}."
            " This is a bug of this suite; please report it."
        )


def _folders_left_out(tally: Tally) -> Iterator[str]:
    """Yield a line for each reason for which folders are left out, with their names."""
    by_why: dict[str, list[str]] = {}
    for folder in tally.folders_left_out:
        by_why.setdefault(folder.why, []).append(printable(folder.where))
    for why, names in by_why.items():
        it = "it" if len(names) == 1 else "them"
        yield f"Left out: {few(names, _MOST_FOLDERS)}: {why}; to judge {it} too, name {it}"
