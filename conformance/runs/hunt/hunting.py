"""The hunt: Hypothesis makes requests, the target answers, the judge looks; what fails is shrunk.
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
from conformance.judging.requirements import requirements
from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import CHAT_COMPLETIONS, Exchange
from conformance.runs.live.asking import answer_of
from conformance.runs.results import Unanswered

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

MAX_CONSECUTIVE_FAILURES = 3
"""Requests in a row without an answer after which nothing more is asked."""

_FEW = 5
"""Examples that are asked of features fewer than those that failed: the plainest comes first."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A requirement that a target breaks, with the smallest request found that shows it, and the
    features of that request."""

    requirement: str
    case: Case
    features: frozenset[str]
    exchange: Exchange
    judged: JudgedFinding

    @property
    def listed_features(self) -> list[str]:
        """The features that it takes, from plain to special."""
        return [name for name in FEATURES if name in self.features]


@dataclass(frozen=True, slots=True)
class Hunt:
    """What came of a hunt: one failure a requirement, in the order found, how many requests were
    asked, and why it ended early, "" where it did not.

    ``refused`` counts the requests that were answered by an error, a redirect or whatever else is
    no status 200; where all were, nothing was found out about what was hunted.
    """

    failures: tuple[Failure, ...]
    asked: int
    ended: str = ""
    refused: int = 0

    @property
    def in_vain(self) -> bool:
        """Whether the target answered nothing: no request, or each by what is no 200, of which none
        is a failure."""
        return not self.failures and (bool(self.ended) or 0 < self.asked == self.refused)


class _Ended(BaseException):
    """Nothing more is asked. No Exception, so that Hypothesis does not take it for a failure of the
    target."""


@dataclass(slots=True)
class _Asked:
    """What a target answered so far, by the digest of the request."""

    endpoint: Endpoint
    most: int
    tell: Callable[[int], None]
    answers: dict[str, Exchange | Unreachable] = field(default_factory=dict)
    silent: int = 0

    def __call__(self, case: Case) -> Exchange | Unreachable:
        key = digest(case)
        if key not in self.answers:
            if self.silent == MAX_CONSECUTIVE_FAILURES:
                raise _Ended(
                    f"{MAX_CONSECUTIVE_FAILURES} requests in a row got no answer:"
                    f" {self._last_reason()}"
                )
            if len(self.answers) == self.most:
                raise _Ended
            answer = self.answers[key] = self._answer(case)
            self.silent = self.silent + 1 if isinstance(answer, Unreachable) else 0
            self.tell(len(self.answers))
        return self.answers[key]

    def _answer(self, case: Case) -> Exchange | Unreachable:
        """What comes back; a key that is refused and a rate limit are no answers to what was
        asked."""
        outcome = answer_of("", case, 1, self.endpoint(case))
        return Unreachable(outcome.why) if isinstance(outcome, Unanswered) else outcome.exchange

    def refused(self) -> int:
        return sum(
            isinstance(answer, Exchange) and answer.response.status != HTTPStatus.OK
            for answer in self.answers.values()
        )

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
    *,
    most: int,
    examples: int = 0,
    seed: int = 0,
    wanted: Collection[str] = (),
    only: frozenset[str] = frozenset(),
    tell: Callable[[int], None] = lambda _: None,
) -> Hunt:
    """Ask up to ``most`` different requests that have the features ``wanted``, and shrink each
    requirement that is found broken.

    Broken is a must of the protocol that no known deviation explains; of the requirements ``only``,
    where they are given, each finding that none explains. ``examples`` is how many of them are made
    afresh, all where it is 0; ``tell`` is told how many were asked. The same seed asks the same
    under one version of Hypothesis. Raises ValueError for features that no request to a target of
    this profile may have.
    """
    from conformance.runs.hunt.pair_covering import crowded, fewer

    asked = _Asked(endpoint, most, tell)
    found: dict[str, Failure] = {}

    def look(bodies: "SearchStrategy[Body]", examples: int, row: str = "") -> Failure | None:
        """The first requirement that is broken and not yet found, or just this one, shrunk."""
        return _shrunk(
            bodies,
            examples,
            seed,
            lambda body: _failure(
                asked, body, by, only, lambda each: each == row if row else each not in found
            ),
        )

    try:
        while failure := look(crowded(wanted, by.capabilities), examples or most):
            row = failure.requirement
            found[row] = failure
            while simpler := next(
                filter(
                    None,
                    (
                        look(bodies, _FEW, row)
                        for bodies in fewer(found[row].features, wanted, by.capabilities)
                    ),
                ),
                None,
            ):
                found[row] = simpler
    except _Ended as ended:
        return Hunt(tuple(found.values()), len(asked.answers), str(ended), asked.refused())
    return Hunt(tuple(found.values()), len(asked.answers), refused=asked.refused())


def _failure(
    asked: _Asked, body: Body, by: Profile, only: Collection[str], counts: Callable[[str], bool]
) -> Iterator[Failure]:
    """What the answer to a body breaks, of the requirements that count."""
    case = Case("hunt", "minted by a hunt", "hunt", frozenset(), CHAT_COMPLETIONS, body)
    answer = asked(case)
    if isinstance(answer, Exchange):
        for judged in broken(answer, by, only):
            if counts(judged.finding.requirement):
                yield Failure(judged.finding.requirement, case, features_of(body), answer, judged)


def broken(exchange: Exchange, by: Profile, only: Collection[str] = ()) -> Iterator[JudgedFinding]:
    """The findings in an exchange that a hunt is after."""
    for judged in judge_for(by, shipped_suite()).findings(exchange):
        if isinstance(judged, JudgedFinding) and judged.known is None:
            row = judged.finding.requirement
            if (
                row in only
                if only
                else judged.level == "must" and requirements()[row].about == "protocol"
            ):
                yield judged


def _shrunk(
    bodies: "SearchStrategy[Body]",
    examples: int,
    seed: int,
    failures: Callable[[Body], Iterator[Failure]],
) -> Failure | None:
    """The smallest body that fails as the first one did, None where none fails. What ends the hunt
    keeps what was found until then."""
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
    except _Ended:
        if not smallest:
            raise
    return next(iter(smallest.values()), None)


def _size(failure: Failure) -> tuple[int, int]:
    return len(failure.features), len(str(failure.case.body))
