"""Bases: the exchanges that faults are put into.

They are goldens written from the documentation, the shipped cassettes, and recordings of OpenAI
and Google.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import NamedTuple
from zlib import crc32

from conformance.cases import DOCUMENTED, cases, read_cases
from conformance.cases.corpus import shipped_corpus
from conformance.faults import faults
from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile as profile_named
from conformance.judging.requirements import requirements
from conformance.judging.rules import rules
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import RuleCrash
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange
from conformance.runs.explaining.goldens import as_probes
from conformance.runs.explaining.goldens import goldens as shipped_goldens
from conformance.traffic import read
from tests.helpers import shipped_cassettes
from tests.helpers.project import RECORDINGS

STRIDE = 3
"""One in so many of OpenAI's recordings is a base."""
LARGEST = 30_000
"""Bytes; a recording with a longer body is not a base."""

SPREAD = 20
"""Each fault is put into so many of the cassettes that are only tried in part."""

_COMPATIBLE = ("openai", "openai-compatible")
_JUDGED_AS = {
    "openai": _COMPATIBLE,
    "llama.cpp": _COMPATIBLE,
    "litellm": _COMPATIBLE,
    "vllm": (*_COMPATIBLE, "vertex-vllm"),
}
"""The profiles under which a target's exchanges are bases; by default only its own profile."""


class Base(NamedTuple):
    """An exchange that conforms, except for known deviations, and the profiles it conforms to."""

    exchange: Exchange
    profiles: tuple[str, ...]


def _base(exchange: Exchange, target: str) -> Base:
    return Base(exchange, _JUDGED_AS.get(target, (target,)))


@cache
def goldens() -> tuple[Base, ...]:
    """Return the goldens; their bytes count as recorded because they were written here."""
    return tuple(_base(each, each.meta["profile"]) for each in shipped_goldens())


@cache
def cassettes() -> tuple[Base, ...]:
    """Return llama.cpp's cassettes for documented cases, into which every fault is put."""
    documented = {case.id for case in read_cases(DOCUMENTED)}
    return tuple(
        base
        for base in _recorded()
        if base.exchange.meta["target"] == "llama.cpp" and base.exchange.meta["case"] in documented
    )


@cache
def more_cassettes() -> tuple[Base, ...]:
    """Return all other cassettes, into a selection of which each fault is put."""
    whole = {id(base) for base in cassettes()}
    return tuple(base for base in _recorded() if id(base) not in whole)


def spread(fault: str) -> list[Base]:
    """Return the other cassettes in the order in which this fault is tried on them.

    The order depends on the name of the fault and is the same in every run.
    """
    return sorted(
        more_cassettes(),
        key=lambda base: crc32(
            f"{fault} in {base.exchange.meta['target']}/{base.exchange.id}".encode()
        ),
    )


@cache
def _recorded() -> tuple[Base, ...]:
    """Return the cassettes of the servers above, without illegal requests answered with success."""
    exchanges = [
        each
        for each in shipped_cassettes.exchanges()
        if each.meta["provenance"] == "recorded" and each.meta["target"] in _JUDGED_AS
    ]
    suitable = [
        each
        for each in exchanges
        if each.response.status >= 400 or not each.meta["case"].startswith(("error-", "negative-"))
    ]
    return tuple(
        _base(
            replace(
                each, meta={**each.meta, "probes": shipped_corpus().probes_of(each.meta["case"])}
            ),
            each.meta["target"],
        )
        for each in suitable
    )


@cache
def recordings() -> tuple[Base, ...]:
    """Return some recordings of OpenAI and Google, if present; partial ones are left out."""
    found = (
        [each for each in read([RECORDINGS]) if isinstance(each, Exchange)]
        if RECORDINGS.is_dir()
        else []
    )
    whole = [
        each
        for each in found
        if not each.meta.get("partial") and 0 < len(each.response.body or b"") < LARGEST
    ]
    openai = [each for each in whole if each.meta["target"] == "openai"]
    google = [each for each in whole if each.meta["target"] in ("gemini-api", "vertex-gemini")]
    return tuple(_base(each, each.meta["target"]) for each in [*openai[::STRIDE], *google])


@cache
def probed() -> tuple[Base, ...]:
    """Return two bases for each requirement that needs a probe and each profile of its faults.

    They are goldens as the right responses to cases that probe the requirement, or the goldens
    themselves if there is no such case.
    """
    pairs = [
        (fault.caught_by, fault.profile)
        for fault in faults().values()
        if fault.caught_by and requirements()[fault.caught_by].needs == "probe"
    ]
    return tuple(
        base
        for requirement, name in dict.fromkeys(pairs)
        for base in islice(_answers(requirement, name), 2)
    )


def _answers(requirement: str, name: str) -> Iterator[Base]:
    golden = [base.exchange for base in goldens() if base.profiles[0] == name]
    for each in as_probes(requirement, golden, cases()):
        findings = found_in(name, each)
        broken = any(judged.level == "must" and not judged.known for judged in findings.values())
        if requirement not in findings and not broken and _tests_requirement(requirement, each):
            yield Base(each, (name,))


def _tests_requirement(requirement: str, exchange: Exchange) -> bool:
    """Return whether the exchange has what the requirement's rule checks."""
    rule, facts = rules()[requirement], fold(exchange)
    return (
        facts.kind in rule.kinds
        and rule.needs <= facts.evidence
        and all(condition(facts) for condition in rule.conditions)
    )


def found_in(name: str, exchange: Exchange) -> dict[str, JudgedFinding]:
    """Return the findings in an exchange under a profile, by requirement.

    Raises:
        AssertionError: a rule crashed.
    """
    judged = list(judge_for(profile_named(name), shipped_suite()).findings(exchange))
    crashes = [each for each in judged if isinstance(each, RuleCrash)]
    assert not crashes, crashes
    return {each.finding.requirement: each for each in judged if isinstance(each, JudgedFinding)}
