"""What a run or a lint found, as the formats need it that only list what is broken."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from conformance._text import one_line
from conformance.judging.requirements import Level, Requirement
from conformance.judging.requirements.sources import source
from conformance.reports.text.findings import brief_evidence, located, source_in_words
from conformance.reports.text.findings import message as message_of
from conformance.reports.text.left_out import left_out
from conformance.reports.text.verdict_line import verdict_line
from conformance.runs.broken import Broken, Sighting, broken_in, sightings_in
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.results import Report
from conformance.runs.summary import exit_code

Severity: TypeAlias = Literal["error", "warning", "note"]

ACCEPTED = "Accepted: "
_REASON_AND_LINK = re.compile(r"(.+) \((https?://[^\s()]+)\)")  # as Expectation.described
_PLACE = re.compile(r"(?P<file>.+)(?::(?P<line>[0-9]{1,9})|#[0-9]+)")


@dataclass(frozen=True, slots=True)
class AcceptedFailure:
    """A requirement that is broken in a way that the user accepts.

    ``link`` is the address with which the user's reason ends, "" for none. ``count`` is how many
    answers break it so; in a lint, how many findings.
    """

    requirement: str
    reason: str
    link: str
    count: int


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: the verdict, the broken requirements, and each answer that breaks one.

    ``verdict`` is the first line of the report, ``code`` the exit code. ``broken`` and
    ``sightings`` begin with the worst. ``all_sightings`` is their number if only some were kept.
    ``left_out`` are lines about what is not in ``broken``. ``problems`` are the user's expectations
    that are out of date, a line each that begins with file and line. ``judged_by`` are the
    profiles. ``in_files`` is true for a lint, in which ``Sighting.case`` is a place in a file.
    ``repeat`` is the command that asks a case again, "" if there is none. ``accepted`` are the
    failures that the user accepts, the most frequent first; ``left_out`` counts them in a line
    that begins with ``ACCEPTED``.
    """

    verdict: str
    code: int
    broken: tuple[Broken, ...]
    sightings: tuple[Sighting, ...]
    all_sightings: int
    left_out: tuple[str, ...]
    edition: str
    suite: str
    judged_by: tuple[str, ...]
    problems: tuple[str, ...] = ()
    in_files: bool = False
    repeat: str = ""
    accepted: tuple[AcceptedFailure, ...] = ()


def found_in(report: Report) -> Found:
    """Return what a run found; self-tests count only if there is no other target."""
    targets = report.main_targets
    broken = broken_in(report)
    sightings = worst_first(broken, sightings_in(report))
    return Found(
        verdict=verdict_line(report, report.seconds),
        code=exit_code(report),
        broken=broken,
        sightings=sightings,
        all_sightings=len(sightings),
        left_out=tuple(kind.line for kind in left_out(report, targets)),
        problems=tuple(map(one_line, report.expectation_problems)),
        edition=one_line(report.edition),
        suite=one_line(report.suite),
        judged_by=tuple(sorted({one_line(target.profile) for target in targets})),
        repeat=report.repeat,
        accepted=accepted_failures(
            Counter(
                (verdict.requirement, reason)
                for target in targets
                for verdict in target.verdicts
                if verdict.verdict == "accepted"
                for reason in {finding.accepted or "" for finding in verdict.findings}
            )
        ),
    )


def accepted_failures(counted: Mapping[tuple[str, str], int]) -> tuple[AcceptedFailure, ...]:
    """Return the accepted failures; ``counted`` has them by requirement and described reason."""
    listed = []
    for (requirement, described), count in sorted(
        counted.items(), key=lambda item: (-item[1], item[0])
    ):
        line = one_line(described)
        linked = _REASON_AND_LINK.fullmatch(line)
        reason, link = linked.groups() if linked else (line, "")
        listed.append(AcceptedFailure(requirement, reason, link, count))
    return tuple(listed)


def worst_first(broken: Iterable[Broken], sightings: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Sort sightings like the broken requirements; those of one requirement keep their order."""
    ids = [entry.id for each in broken for entry in (each.entry, *each.also)]
    ranks = {name: rank for rank, name in enumerate(ids)}
    return tuple(sorted(sightings, key=lambda sighting: ranks.get(sighting.entry.id, len(ranks))))


def severity(seen: Broken | Sighting) -> Severity:
    """Return how serious something is: an error exactly if it makes the run or lint fail."""
    if seen.fails_run:
        return "error"
    if seen.outcome == "stale" or (seen.outcome == "fail" and seen.entry.about == "model"):
        return "note"
    return "warning"


def label(seen: Broken | Sighting) -> str:
    """Return the level of a broken requirement in words, or why it is listed."""
    if seen.outcome == "error":
        return "the rule crashed"
    if seen.outcome == "stale":
        return "known deviation did not occur"
    return level_in_words(seen.level, model=seen.entry.about == "model")


def level_in_words(level: Level, *, model: bool) -> str:
    """Return the level, marked if the requirement is about what a model says."""
    return f"{level}, about the model" if model else level


def what(seen: Sighting) -> str:
    """Return in one line what is wrong in an answer."""
    return message_of(seen.findings[0]) if seen.findings else one_line(seen.entry.sentence)


def answer(seen: Sighting) -> str:
    """Return the name of the answer: TARGET/CASE, or the place in a file."""
    return one_line(f"{seen.target}/{seen.case}" if seen.target else seen.case)


def where(seen: Sighting, finding: ReportedFinding | None = None) -> str:
    """Return the answer, with event and JSON pointer of a finding, by default the first."""
    shown = finding or (seen.findings[0] if seen.findings else None)
    return located(answer(seen), shown) if shown else answer(seen)


def example_lines(seen: Sighting) -> Iterator[str]:
    """Yield the place of each finding in an answer with what is wrong, expected and received."""
    for finding in seen.findings:
        yield f"in {where(seen, finding)}: {message_of(finding)}"
        for line in brief_evidence(finding):
            yield f"  {line}"
    if not seen.findings:
        yield f"in {where(seen)}"


@dataclass(frozen=True, slots=True)
class LinkedSource:
    """A source of a requirement in words, with its first address, "" if it has none."""

    words: str
    address: str = ""

    @property
    def host(self) -> str:
        """The host of the address, to name the link."""
        return urlsplit(self.address).netloc


def sources_of(entry: Requirement) -> tuple[LinkedSource, ...]:
    """Return what a requirement rests on, in the order of the ledger."""
    return tuple(
        LinkedSource(source_in_words(key), next(iter(source(key).links), ""))
        for key in entry.source
    )


def file_and_line(place: str) -> tuple[str, int | None]:
    """Split the place of an exchange into the file and its line, None if that is unknown.

    A place is ``FILE:LINE`` or, for the entry of a HAR file or cassette, ``FILE#NUMBER``.
    """
    if found := _PLACE.fullmatch(place):
        return found["file"], int(found["line"]) if found["line"] else None
    return place, None
