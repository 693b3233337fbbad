"""Make the example of a requirement: a conforming exchange, and the same with a fault in it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from conformance.cases import DOCUMENTED, read_cases
from conformance.faults import Fault, Group, faults, group_faults
from conformance.faults.groups import groups, timed
from conformance.faults.kit.body_edits import is_event_stream
from conformance.judging.finding_group import JudgedFinding
from conformance.judging.group_judge import verdicts_of_session, verdicts_of_twins
from conformance.judging.judge import judge_for
from conformance.judging.requirements import Requirement
from conformance.judging.suite import Suite
from conformance.judging.verdict import Verdict
from conformance.protocol.exchange import Exchange
from conformance.runs.explaining.goldens import as_probes, goldens, in_small_deltas
from conformance.runs.reported_finding import ReportedFinding, report_finding

_WRITTEN_FOR = {"openai-compatible": "openai"}
"""The profile of the goldens that also conform to another one, by that other."""

_TRIES = 40

_Of = TypeVar("_Of", Exchange, Group)


@dataclass(frozen=True, slots=True)
class Example:
    """What breaks a requirement: exchanges that conform, and the same after a fault was put in.

    There are two exchanges for a twin, and one for each turn of a conversation. ``fault`` and
    ``does`` name and describe the fault, ``profile`` is the kind of target that answers,
    ``finding`` what the rule reports. ``reports`` are public issues with the fault.
    """

    fault: str
    does: str
    profile: str
    conforming: Group
    violating: Group
    finding: ReportedFinding
    reports: tuple[str, ...] = ()


def example_of(requirement: Requirement, suite: Suite) -> Example | None:
    """Return the first fault of a requirement, in the smallest golden that it applies to.

    None if the requirement has no fault that the suite finds in a golden.
    """
    if requirement.needs in ("twin", "session"):
        return _first(
            requirement,
            suite,
            group_faults().values(),
            _groups_of,
            _verdict_together,
            lambda of: of,
        )
    return _first(requirement, suite, faults().values(), _bases_of, _verdict, lambda of: (of,))


def _first(
    requirement: Requirement,
    suite: Suite,
    known: Iterable[Fault[_Of]],
    bases_of: Callable[[Requirement, str], Iterable[_Of]],
    verdict_on: Callable[[Requirement, str, Suite, _Of], Verdict | None],
    as_group: Callable[[_Of], Group],
) -> Example | None:
    """Return the first example; a base that shows that it conforms precedes one that does not.

    Only the first ``_TRIES`` bases of a fault are looked at once there is an example.
    """
    for fault in known:
        untested, tries = None, 0
        bases = bases_of(requirement, fault.profile) if fault.caught_by == requirement.id else ()
        for base in bases:
            faulty = fault(base)
            tries += faulty is not None
            if faulty is None or (untested and tries > _TRIES):
                continue
            before = verdict_on(requirement, fault.profile, suite, base)
            tested = before is not None and before.outcome == "pass"
            if _found(before) or (untested and not tested):
                continue
            if found := _found(verdict_on(requirement, fault.profile, suite, faulty)):
                example = _example(fault, as_group(base), as_group(faulty), found)
                if tested:
                    return example
                untested = example
        if untested:
            return untested
    return None


def _example(
    fault: Fault[_Of], conforming: Group, violating: Group, found: JudgedFinding
) -> Example:
    return Example(
        fault.name,
        fault.does,
        fault.profile,
        conforming,
        violating,
        report_finding(found),
        fault.source,
    )


def _found(verdict: Verdict | None) -> JudgedFinding | None:
    return verdict.found if verdict and isinstance(verdict.found, JudgedFinding) else None


def _bases_of(requirement: Requirement, profile: str) -> Iterator[Exchange]:
    """Yield the goldens of a kind of target, the smallest first; as probes if it needs one.

    The goldens have no arrival times; after them come the streams with times, and at last streams
    of many small deltas.
    """
    named = _WRITTEN_FOR.get(profile, profile)
    bases = sorted((each for each in goldens() if each.meta["profile"] == named), key=_size)
    if requirement.needs == "probe":
        yield from as_probes(requirement.id, bases, read_cases(DOCUMENTED))
        return
    yield from bases
    streams = [base for base in bases if is_event_stream(base)]
    yield from timed(tuple(streams))
    yield from timed(tuple(map(in_small_deltas, streams)))


def _groups_of(requirement: Requirement, profile: str) -> list[Group]:
    """Return the twins and conversations of a kind of target, the smallest first."""
    of_profile = (
        group for group in groups(goldens()).values() if group[0].meta["profile"] == profile
    )
    return sorted(of_profile, key=lambda group: sum(map(_size, group)))


def _size(exchange: Exchange) -> int:
    return len(exchange.response.body or b"")


def _verdict(
    requirement: Requirement, profile: str, suite: Suite, exchange: Exchange
) -> Verdict | None:
    """Return the verdict on the requirement in one exchange."""
    return _of(requirement, judge_for(suite.profile(profile), suite).verdicts(exchange))


def _verdict_together(
    requirement: Requirement, profile: str, suite: Suite, group: Group
) -> Verdict | None:
    """Return the verdict on the requirement in a twin or conversation."""
    chosen = suite.profile(profile)
    return _of(
        requirement,
        verdicts_of_twins(chosen, suite, group[0], group[1])
        if requirement.needs == "twin"
        else verdicts_of_session(chosen, suite, group),
    )


def _of(requirement: Requirement, verdicts: Iterable[Verdict]) -> Verdict | None:
    return next((each for each in verdicts if each.requirement == requirement.id), None)
