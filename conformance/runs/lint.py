"""Judge recorded traffic: yield the findings one by one and count all of them."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from conformance.judging.expectations import NO_EXPECTATIONS, Expectation, Expectations
from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import Judge, LeaveOut, judge_for
from conformance.judging.profiles import UnknownProfile
from conformance.judging.requirements import Level, Requirement
from conformance.judging.suite import Suite
from conformance.judging.verdict import RuleCrash, fails_run
from conformance.protocol.exchange import Exchange
from conformance.runs.reported_finding import ReportedFinding, report_finding
from conformance.traffic import LeftOut, Outcome, Skipped, Unreadable
from conformance.traffic.redaction import excerpt
from conformance.traffic.redaction.patterns import Rule
from conformance.traffic.redaction.redact import rules_for, without_own_secrets

AUTO = "auto"
"""Choose the profile for each exchange by what its recording or URL says."""

MOST_UNREADABLE = 1000
"""How many unreadable entries are listed; the others are only counted, because every line of a
recording may be unreadable."""


@dataclass(frozen=True, slots=True)
class LintFinding:
    """A finding in an exchange: where that was read, by which profile it was judged, what is wrong.

    ``entry`` is the broken requirement. ``location`` is the file with line or number, or "" if the
    exchange was not read from a file.
    """

    exchange: str
    profile: str
    entry: Requirement
    level: Level
    location: str
    reported: ReportedFinding

    @property
    def requirement(self) -> str:
        """The id of the broken requirement."""
        return self.entry.id

    @property
    def known(self) -> str | None:
        """The known deviation that explains the finding, or None."""
        return self.reported.known

    @property
    def accepted(self) -> str | None:
        """Why the user accepts the finding, or None."""
        return self.reported.accepted


@dataclass(frozen=True, eq=False)
class JudgedExchange:
    """An exchange, and the name of the profile that it was judged by; equal only to itself."""

    exchange: Exchange
    profile: str

    @cached_property
    def secrets(self) -> tuple[Rule, ...]:
        """The rules for what a finding must not repeat."""
        return rules_for(self.exchange.request)

    @cached_property
    def name(self) -> str:
        """The id of the exchange, fit for a report."""
        return str(excerpt.shown_all([self.exchange.id], self.secrets)[0])

    @property
    def where(self) -> str:
        """The file with line or number; the id if the exchange was not read from a file."""
        return self.exchange.origin or self.name


@dataclass(frozen=True, slots=True)
class UnreportedFinding:
    """A finding that refers to the exchange it is in; ``report`` makes what a report shows of it.

    Most findings of a long log are only counted. What shows or keeps one keeps its report: the
    finding itself would hold the whole exchange in memory. ``quotes`` is false if the report must
    repeat nothing of the traffic's content.
    """

    place: JudgedExchange
    entry: Requirement
    judged: JudgedFinding
    quotes: bool

    @property
    def requirement(self) -> str:
        """The id of the broken requirement."""
        return self.entry.id

    @property
    def level(self) -> Level:
        """The level of the requirement in the profile."""
        return self.judged.level

    @property
    def known(self) -> str | None:
        """The known deviation that explains the finding, or None."""
        return self.judged.known.described if self.judged.known else None

    @property
    def accepted(self) -> str | None:
        """Why the user accepts the finding, or None."""
        return self.judged.accepted.described if self.judged.accepted else None

    def report(self) -> LintFinding:
        """The finding without secrets, shortened.

        Without quotes, the sentence of its requirement replaces all content.
        """
        place = self.place
        reported = report_finding(self.judged, place.secrets)
        if not self.quotes:
            reported = replace(reported, message=self.entry.sentence, expected=None, actual=None)
        return LintFinding(
            place.name, place.profile, self.entry, self.level, place.exchange.origin, reported
        )


@dataclass(slots=True)
class Tally:
    """The counts of a lint so far: exchanges by profile, findings by requirement.

    ``guessed`` counts exchanges whose profile was assumed, ``empty`` those without a recorded
    response body, of which next to nothing can be judged, ``known`` the findings that a known
    deviation explains, ``accepted`` those that the user accepts. ``levels`` has the levels of the
    other findings by requirement, ``crashes`` the first exchange and the reason by crashed rule.
    ``not_judged`` counts exchanges by what of them was not judged because it would take too long,
    ``judged_in_part`` all of them. ``files_left_out`` and ``folders_left_out`` were not meant to be
    judged.
    """

    profiles: Counter[str] = field(default_factory=Counter)
    guessed: int = 0
    empty: int = 0
    skipped: int = 0
    files_left_out: int = 0
    folders_left_out: list[LeftOut] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    more_unreadable: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    levels: dict[str, set[Level]] = field(default_factory=dict)
    crashes: dict[str, tuple[str, str]] = field(default_factory=dict)
    not_judged: Counter[str] = field(default_factory=Counter)
    judged_in_part: int = 0

    @property
    def exchanges(self) -> int:
        """How many exchanges were judged."""
        return self.profiles.total()

    @property
    def judges_nothing(self) -> bool:
        """True if no exchange has a response body, or there is no exchange."""
        return self.exchanges == self.empty

    @property
    def all_unreadable(self) -> int:
        """The number of unreadable entries, listed or not."""
        return len(self.unreadable) + self.more_unreadable

    def add_unreadable(self, outcome: Unreadable) -> None:
        """Count an unreadable entry; also list it unless the list is full."""
        if len(self.unreadable) < MOST_UNREADABLE:
            self.unreadable.append(outcome)
        else:
            self.more_unreadable += 1

    def add_left_out(self, outcome: LeftOut) -> None:
        """Count a file that is left out; list a folder."""
        if outcome.is_folder:
            self.folders_left_out.append(outcome)
        else:
            self.files_left_out += 1

    def fails(self, levels: Collection[Level], suite: Suite) -> bool:
        """True if a finding at one of the levels fails the run: no known deviation explains it."""
        return any(
            fails_run(suite.requirements[requirement], level, "fail", levels)
            for requirement, broken_at in self.levels.items()
            for level in broken_at
        )


def lint(
    outcomes: Iterable[Outcome],
    name: str,
    tally: Tally,
    suite: Suite,
    *,
    quote: bool = True,
    expected: Expectations = NO_EXPECTATIONS,
    test: str = "",
) -> Iterator[UnreportedFinding]:
    """Yield the findings in exchanges, and count them in ``tally``.

    The findings of one exchange follow each other and have the same ``place``.

    Args:
        outcomes: what ``read`` yields; skipped and unreadable entries are only counted.
        name: a profile or ``auto``. Raises UnknownProfile at the first step if it does not exist.
        quote: if false, findings repeat nothing of the traffic's content.
        expected: the failures that the user accepts. Their ``case`` is the id of an exchange, the
            file that contains it, or ``test``.
        test: the name of the test that caused the exchanges, "" if there is none.
    """
    fixed = None if name == AUTO else judge_for(suite.profile(name), suite)
    for outcome in outcomes:
        if isinstance(outcome, Exchange):
            try:
                judge = fixed or _judge_of(outcome, tally, suite)
            except UnknownProfile as error:
                tally.add_unreadable(Unreadable(outcome.origin, str(error)))
                continue
            tally.profiles[judge.profile.name] += 1
            place = JudgedExchange(outcome, judge.profile.name)
            tally.empty += outcome.response.body is None
            left_out: set[str] = set()
            own = _own(outcome, test, expected)
            for judged in _findings(judge, outcome, left_out.add, own):
                if isinstance(judged, RuleCrash):
                    why = judged.why if quote else judged.why.partition(":")[0]
                    tally.crashes.setdefault(
                        judged.requirement, (outcome.origin or outcome.id, why)
                    )
                else:
                    _count(judged, tally)
                    entry = suite.requirements[judged.finding.requirement]
                    yield UnreportedFinding(place, entry, judged, quote)
            tally.not_judged.update(left_out)
            tally.judged_in_part += bool(left_out)
        elif isinstance(outcome, Skipped):
            tally.skipped += 1
        elif isinstance(outcome, LeftOut):
            tally.add_left_out(outcome)
        else:
            tally.add_unreadable(outcome)


def _own(exchange: Exchange, test: str, expected: Expectations) -> tuple[Expectation, ...]:
    """Return the user's expectations about an exchange."""
    if not expected.entries:
        return ()
    names = [exchange.id, exchange.origin, exchange.origin.rpartition(":")[0], test]
    return expected.in_force(str(exchange.meta.get("target", "")), [*filter(None, names)])


def _findings(
    judge: Judge, exchange: Exchange, leave_out: LeaveOut, own: Sequence[Expectation]
) -> Iterator[JudgedFinding | RuleCrash]:
    """Yield the findings; if an answer repeats a secret of its request, those without the secret.

    Rules join and decode what stands in an answer, and quote parts of it, so the secret must be
    gone before they run.
    """
    findings = judge.findings(exchange, leave_out, own)
    first = next(findings, None)
    if first is not None:
        clean = without_own_secrets(exchange)
        again = chain([first], findings) if clean is exchange else judge.findings(clean, own=own)
        yield from again


def _judge_of(exchange: Exchange, tally: Tally, suite: Suite) -> Judge:
    """Return the judge for the profile of the exchange. Raises UnknownProfile."""
    chosen = suite.choose_profile(exchange)
    tally.guessed += chosen.assumed
    return judge_for(chosen.profile, suite)


def _count(judged: JudgedFinding, tally: Tally) -> None:
    requirement = judged.finding.requirement
    tally.findings[requirement] += 1
    if judged.known:
        tally.known[requirement] += 1
    elif judged.accepted:
        tally.accepted[requirement] += 1
    else:
        tally.levels.setdefault(requirement, set()).add(judged.level)
