"""The results of a run: verdicts by case and requirement, summed up by target in one report."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from conformance.endpoints.client.retries import Attempt
from conformance.judging.expectations import Expectation
from conformance.judging.requirements import Level, Requirement
from conformance.judging.verdict import ON_MUST, FailOn, Outcome, fails_run
from conformance.protocol.exchange import Exchange
from conformance.runs.gists import NO_GIST, Gist
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.sdk.reading import Readings
from conformance.runs.shown_exchange import ShownExchange
from conformance.traffic import Unreadable

EMULATED = "emulated"
"""The provenance of the suite's own answers; they are counted separately, as the self-test."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a target to one turn of a case; ``case`` is ID, or ID#N from turn 2 on."""

    target: str
    case: str
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """The verdict on one requirement for the answer to one case.

    ``entry`` is the requirement as its suite has it. ``fail_on`` says what makes the run fail.
    """

    target: str
    case: str
    entry: Requirement
    level: Level
    verdict: Outcome
    findings: tuple[ReportedFinding, ...] = ()
    fail_on: FailOn = ON_MUST

    @property
    def requirement(self) -> str:
        """The id of the requirement."""
        return self.entry.id

    @property
    def about_protocol(self) -> bool:
        """True if the requirement is about the protocol, false if about what a model says."""
        return self.entry.about == "protocol"

    @property
    def fails_run(self) -> bool:
        """True if this verdict makes the run fail."""
        fail_on = self.fail_on
        return fails_run(self.entry, self.level, self.verdict, fail_on.levels, stale=fail_on.stale)


@dataclass(frozen=True, slots=True)
class CaseReply:
    """The status of the answer to a case; ``said`` is the error text, "" if there is none.

    ``wants_refusal`` says whether the case must be rejected; None if the corpus does not have it.
    ``thin`` is true for an answer that is empty, filtered or declined, or that is cut although the
    case does not test its limit. ``gist`` is what was asked and said in short.
    """

    case: str
    status: int
    said: str = ""
    wants_refusal: bool | None = None
    thin: bool = False
    gist: Gist = NO_GIST

    @property
    def is_ordinary(self) -> bool:
        """True if the case expects an answer, false if it expects an error or is unknown."""
        return self.wants_refusal is False

    @property
    def is_refusal(self) -> bool:
        """True if the status is an error although the case expects an answer."""
        return self.status >= HTTPStatus.BAD_REQUEST and self.is_ordinary


@dataclass(frozen=True, slots=True)
class JudgedCase:
    """The verdicts on one answer, or on several that were judged together.

    Several are twins or the turns of a conversation: ``case`` then joins their cases with ``+``,
    and ``reply`` is None. ``assumed`` is true if neither the user, the recording nor the URL
    determined the profile. ``provenance``, ``server`` and ``server_version`` come from the
    recording, ``model`` from the request; None if they are missing there. ``not_judged`` is what of
    the answer was not judged because it would take too long. ``confirmed`` and ``refuted`` are the
    user's expectations about what was tested, by whether the requirement is broken.
    """

    target: str
    case: str
    profile: str
    assumed: bool
    provenance: str | None
    server: str | None
    server_version: str | None
    verdicts: tuple[CaseVerdict, ...]
    reply: CaseReply | None
    model: str | None = None
    not_judged: tuple[str, ...] = ()
    confirmed: tuple[Expectation, ...] = ()
    refuted: tuple[Expectation, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetVerdicts:
    """All verdicts on one target, judged by one profile.

    ``server`` and ``server_version`` list the values in the answers; None if there is none or too
    many differ. ``model`` is the one requested most often. ``not_exercised`` are the requirements
    of level must or should that no case tested, in the order of the requirement files.
    ``not_judged`` counts answers by what of them was not judged, ``judged_in_part`` all of them.
    ``failures`` is what makes the run fail that no requirement says alone, the worst first.
    """

    name: str
    profile: str
    assumed: bool
    provenance: str | None
    server: str | None
    server_version: str | None
    model: str | None
    cases: int
    replies: tuple[CaseReply, ...]
    verdicts: tuple[CaseVerdict, ...]
    not_exercised: tuple[str, ...]
    not_judged: tuple[tuple[str, int], ...] = ()
    judged_in_part: int = 0
    failures: tuple[str, ...] = ()

    @property
    def refusals(self) -> tuple[CaseReply, ...]:
        """The errors that were returned to cases that expect an answer."""
        return tuple(reply for reply in self.replies if reply.is_refusal)

    @property
    def refuses_most(self) -> bool:
        """True if half or more of the cases that expect an answer were refused.

        The run is inconclusive then.
        """
        return 0 < sum(reply.is_ordinary for reply in self.replies) <= 2 * len(self.refusals)

    @property
    def thin_answers(self) -> tuple[CaseReply, ...]:
        """The empty, cut, filtered and declined answers to cases that expect an answer."""
        return tuple(reply for reply in self.replies if reply.thin and reply.is_ordinary)

    @property
    def says_too_little(self) -> bool:
        """True if half or more of the cases that expect an answer got no usable one.

        They were refused, or the answer is empty, cut, filtered or declined. The run is
        inconclusive then.
        """
        ordinary = sum(reply.is_ordinary for reply in self.replies)
        return 0 < ordinary <= 2 * (len(self.thin_answers) + len(self.refusals))

    @property
    def self_test(self) -> bool:
        """True if the answers are the suite's own."""
        return self.provenance == EMULATED


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A case that was skipped or got no complete answer; ``why`` is the reason, on one line."""

    target: str
    case: str
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """The complete result of a run.

    ``corpus`` is the digest of all cases of the suite, ``profiles`` maps each profile used to its
    digest, ``requirements`` are those of the suite, by id. ``not_asked`` are the skipped cases,
    ``attempts`` the requests that were retried. ``sdk`` is how the official SDK reads the answers,
    None if this was not requested. ``examples`` are the first exchanges that break each
    requirement. ``repeat`` is the command that asks a case again if ``--case ID`` is added;
    ``seconds`` is how long a live run took, None if nothing was sent. ``fail_on`` says what makes
    the run fail. ``expectation_problems`` are the entries of the user's expectations that are out
    of date, a line each, beginning with file and line.
    """

    edition: str
    suite: str
    corpus: str
    profiles: Mapping[str, str]
    requirements: Mapping[str, Requirement]
    targets: tuple[TargetVerdicts, ...]
    unreadable: tuple[Unreadable, ...] = ()
    not_asked: tuple[Unanswered, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    sdk: Readings | None = None
    examples: tuple[ShownExchange, ...] = ()
    repeat: str = "conformance run"
    seconds: float | None = None
    fail_on: FailOn = ON_MUST
    expectation_problems: tuple[str, ...] = ()

    @property
    def main_targets(self) -> tuple[TargetVerdicts, ...]:
        """The targets that the report is about: the real ones, or the self-tests without any."""
        return tuple(target for target in self.targets if not target.self_test) or self.targets
