"""Generate requests, judge the answers and shrink the requests whose answers fail.

An identical request is never sent twice."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from conformance.cases import Case
from conformance.cases.digest import digest
from conformance.cases.features import FEATURES, Body, features_of
from conformance.endpoints.endpoint import Endpoint, Unreachable
from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import judge_for
from conformance.judging.profiles import Profile
from conformance.judging.requirements import Requirement
from conformance.judging.suite import Suite, shipped_suite
from conformance.judging.verdict import fails_run
from conformance.protocol.exchange import CHAT_COMPLETIONS, Exchange
from conformance.runs.live.asking import answer_of, case_for
from conformance.runs.results import Unanswered

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

MAX_CONSECUTIVE_FAILURES = 3
"""After this many requests in a row without an answer the hunt ends."""

_FEW = 5
"""How many examples to try of each smaller set of features; the simplest come first."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A requirement that a target breaks, and the smallest request found that shows it.

    ``entry`` is the requirement, ``features`` are those of the request, ``exchange`` and ``judged``
    the answer and the finding.
    """

    entry: Requirement
    case: Case
    features: frozenset[str]
    exchange: Exchange
    judged: JudgedFinding

    @property
    def requirement(self) -> str:
        """The id of the broken requirement."""
        return self.entry.id

    @property
    def listed_features(self) -> list[str]:
        """The features of the request, from simple to special."""
        return [name for name in FEATURES if name in self.features]


@dataclass(frozen=True, slots=True)
class Hunt:
    """The result of a hunt: one failure for each broken requirement, in the order found.

    ``asked`` counts the requests sent and ``refused`` those answered with another status than 200.
    ``ended`` says why the target stopped answering, "" if it did not; reaching the maximum number
    of requests is not reported.
    """

    failures: tuple[Failure, ...]
    asked: int
    ended: str = ""
    refused: int = 0

    @property
    def in_vain(self) -> bool:
        """True if there is no failure because the target answered nothing or only refusals."""
        return not self.failures and (bool(self.ended) or 0 < self.asked == self.refused)


class _HuntEnded(BaseException):
    """Ends the hunt; the message is the reason, "" if the maximum number of requests is reached.

    Not an Exception, because Hypothesis would treat that as a failure of the target.
    """


@dataclass(slots=True)
class _CachedEndpoint:
    """Sends each different request once and remembers its answer by the digest of the request."""

    endpoint: Endpoint
    most: int
    tell: Callable[[int], None]
    answers: dict[str, Exchange | Unreachable] = field(default_factory=dict)
    silent: int = 0

    def __call__(self, case: Case) -> Exchange | Unreachable:
        key = digest(case)
        if key not in self.answers:
            if self.silent == MAX_CONSECUTIVE_FAILURES:
                raise _HuntEnded(
                    f"{MAX_CONSECUTIVE_FAILURES} requests in a row got no answer:"
                    f" {self._last_reason()}"
                )
            if len(self.answers) == self.most:
                raise _HuntEnded
            answer = self.answers[key] = self._answer(case)
            self.silent = self.silent + 1 if isinstance(answer, Unreachable) else 0
            self.tell(len(self.answers))
        return self.answers[key]

    def _answer(self, case: Case) -> Exchange | Unreachable:
        """Send the request; a response that says nothing about it, like 429, is Unreachable."""
        outcome = answer_of("", case, 1, self.endpoint(case))
        return Unreachable(outcome.why) if isinstance(outcome, Unanswered) else outcome.exchange

    def refused(self) -> int:
        return sum(
            isinstance(answer, Exchange) and answer.response.status != HTTPStatus.OK
            for answer in self.answers.values()
        )

    def why_nothing(self) -> str:
        """Return why no request got an answer, "" if one did or none was sent."""
        if any(isinstance(answer, Exchange) for answer in self.answers.values()):
            return ""
        return f"no request got an answer: {self._last_reason()}" if self.answers else ""

    def _last_reason(self) -> str:
        return next(
            (
                answer.why
                for answer in reversed(self.answers.values())
                if isinstance(answer, Unreachable)
            ),
            "",
        )


def hunt(
    endpoint: Endpoint,
    by: Profile,
    model: str = "",
    *,
    most: int,
    examples: int = 0,
    seed: int = 0,
    wanted: Collection[str] = (),
    only: frozenset[str] = frozenset(),
    tell: Callable[[int], None] = lambda _: None,
    suite: Suite | None = None,
) -> Hunt:
    """Send generated requests and shrink those that show a broken requirement.

    A failure is a finding that no known deviation explains: of the requirements ``only``, or if
    that is empty, of any requirement of level must about the protocol.

    Args:
        by: the profile of the target; it limits the features and judges the answers.
        model: the requested model, which limits the features too; a model that thinks gets room
            for its thoughts. "" if it is unknown.
        most: the maximum number of different requests to send.
        examples: the number of requests to generate in each round before shrinking; 0 means
            ``most``.
        seed: the same seed sends the same requests, with the same version of Hypothesis.
        wanted: features that every request has.
        tell: called with the number of requests sent so far, after each one.
        suite: what judges the answers; None means the shipped suite.

    Raises ValueError if the profile allows no request with all ``wanted`` features.
    """
    from conformance.runs.hunt.pair_covering import crowded, fewer

    cached = _CachedEndpoint(lambda case: endpoint(case_for(case, by, model)), most, tell)
    able = by.capabilities_of(model)
    judged_by = suite or shipped_suite()
    failures: dict[str, Failure] = {}

    def search(
        bodies: "SearchStrategy[Body]", examples: int, requirement: str = ""
    ) -> Failure | None:
        """Find and shrink a failure of the requirement, or of any that has no failure yet."""

        def is_wanted(broken_id: str) -> bool:
            return broken_id == requirement if requirement else broken_id not in failures

        return _shrunk(
            bodies,
            examples,
            seed,
            lambda body: _failure(cached, body, by, judged_by, only, is_wanted),
        )

    try:
        while failure := search(crowded(wanted, able), examples or most):
            requirement = failure.requirement
            failures[requirement] = failure
            while simpler := next(
                filter(
                    None,
                    (
                        search(bodies, _FEW, requirement)
                        for bodies in fewer(failures[requirement].features, wanted, able)
                    ),
                ),
                None,
            ):
                failures[requirement] = simpler
        ended = ""
    except _HuntEnded as why:
        ended = str(why)
    return Hunt(
        tuple(failures.values()),
        len(cached.answers),
        ended or cached.why_nothing(),
        cached.refused(),
    )


def _failure(
    endpoint: _CachedEndpoint,
    body: Body,
    by: Profile,
    suite: Suite,
    only: Collection[str],
    counts: Callable[[str], bool],
) -> Iterator[Failure]:
    """Send a body and yield a failure for each broken requirement that ``counts`` accepts."""
    case = Case("hunt", "generated by a hunt", "hunt", frozenset(), CHAT_COMPLETIONS, body)
    answer = endpoint(case)
    if isinstance(answer, Exchange):
        for judged in broken(answer, by, suite, only):
            entry = suite.requirements[judged.finding.requirement]
            if counts(entry.id):
                yield Failure(entry, case, features_of(body), answer, judged)


def broken(
    exchange: Exchange, by: Profile, suite: Suite, only: Collection[str] = ()
) -> Iterator[JudgedFinding]:
    """Yield the findings that count as failures: those of ``only``, or of protocol musts.

    Findings that a known deviation explains are left out, and so are crashed rules.
    """
    for judged in judge_for(by, suite).findings(exchange):
        if isinstance(judged, JudgedFinding) and judged.known is None:
            entry = suite.requirements[judged.finding.requirement]
            if entry.id in only if only else fails_run(entry, judged.level, "fail"):
                yield judged


def _shrunk(
    bodies: "SearchStrategy[Body]",
    examples: int,
    seed: int,
    failures: Callable[[Body], Iterator[Failure]],
) -> Failure | None:
    """Return the smallest failure of the first requirement that fails, None if no body fails.

    If the hunt ends while shrinking, the smallest failure so far is returned; if it ends before
    any failure, _HuntEnded is raised.
    """
    import hypothesis

    smallest: dict[str, Failure] = {}

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.given(bodies)
    def attempt(body: Body) -> None:
        for failure in failures(body):
            before = smallest.get(failure.requirement)
            if before or not smallest:
                smallest[failure.requirement] = min(filter(None, (failure, before)), key=_size)
                raise AssertionError(failure.requirement)

    try:
        attempt()
    except AssertionError:
        pass
    except _HuntEnded:
        if not smallest:
            raise
    return next(iter(smallest.values()), None)


def _size(failure: Failure) -> tuple[int, int]:
    return len(failure.features), len(str(failure.case.body))
