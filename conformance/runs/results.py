"""What a run makes: a verdict a case and requirement, gathered by target into one report."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from conformance.cases import wants_a_refusal
from conformance.endpoints.client.retries import Attempt
from conformance.judging.requirements import Level, requirements
from conformance.judging.verdict import Outcome, fails_run
from conformance.protocol.exchange import Exchange
from conformance.runs.reported_finding import ReportedFinding
from conformance.runs.sdk.reading import Readings
from conformance.traffic import Unreadable

EMULATED = "emulated"
"""The provenance of answers that the suite gave itself: they are counted apart, as a self-test."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a target answered to a case; the second turn of a conversation is the case ``ID#2``."""

    target: str
    case: str
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """What the answer to one case shows of one requirement."""

    target: str
    case: str
    requirement: str
    level: Level
    verdict: Outcome
    findings: tuple[ReportedFinding, ...] = ()

    @property
    def about_protocol(self) -> bool:
        """True if the requirement is about the protocol, false if about what a model says."""
        return requirements()[self.requirement].about == "protocol"

    @property
    def fails_run(self) -> bool:
        """True if this verdict makes a run fail: a broken must of the protocol, or stale."""
        return fails_run(requirements()[self.requirement], self.level, self.verdict)


@dataclass(frozen=True, slots=True)
class CaseReply:
    """The status with which a case was answered, and what an error said of itself, "" where it said
    nothing or is none."""

    case: str
    status: int
    said: str = ""

    @property
    def is_ordinary(self) -> bool:
        """Whether the case was made to be answered, not refused."""
        return wants_a_refusal(self.case.partition("#")[0]) is False

    @property
    def is_refusal(self) -> bool:
        """Whether an error came where an answer was asked for."""
        return self.status >= HTTPStatus.BAD_REQUEST and self.is_ordinary


@dataclass(frozen=True, slots=True)
class JudgedCase:
    """One answer judged, or several together: twins and the turns of a conversation, whose cases
    are joined by ``+``, and which have no ``reply`` of their own.

    ``assumed`` says that nothing told the profile; ``provenance``, ``server`` and
    ``server_version`` are the recording's own words, None where it has none. ``model`` is the one
    that was asked for, None where the request names none.
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


@dataclass(frozen=True, slots=True)
class TargetVerdicts:
    """All verdicts on one target, by one profile.

    ``server`` and ``server_version`` list what the answers said, None where none said it or each
    another; ``model`` is the one that was asked for most often. ``not_exercised`` are the musts and
    shoulds of the profile that no case put to the test, in the order of the ledger.
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

    @property
    def refusals(self) -> tuple[CaseReply, ...]:
        """The errors where an answer was asked for."""
        return tuple(reply for reply in self.replies if reply.is_refusal)

    @property
    def refuses_most(self) -> bool:
        """Whether so much is refused that the rest says little: half or more of what was made to be
        answered."""
        return 0 < sum(reply.is_ordinary for reply in self.replies) <= 2 * len(self.refusals)

    @property
    def self_test(self) -> bool:
        """Whether the suite answered itself."""
        return self.provenance == EMULATED


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A case without an answer to judge: one that was not asked, or one to which none came. ``why``
    fits on one line."""

    target: str
    case: str
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a run has to say.

    ``corpus`` is the digest of all cases there are. ``profiles`` gives the digest of each profile
    that judged, ``attempts`` the requests that were put off and asked again. ``sdk`` is what the
    official SDK makes of the answers, None where that was not asked for.
    """

    edition: str
    suite: str
    corpus: str
    profiles: Mapping[str, str]
    targets: tuple[TargetVerdicts, ...]
    unreadable: tuple[Unreadable, ...] = ()
    not_asked: tuple[Unanswered, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    sdk: Readings | None = None
