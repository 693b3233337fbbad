"""What faults are put into: goldens written from the documentation, the shipped cassettes, and
recordings of what OpenAI and Google really answered."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from conformance.cases import DOCUMENTED, Case, cases, probes_of, read_cases
from conformance.faults import faults
from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile as profile_named
from conformance.judging.requirements import requirements
from conformance.judging.rules import rules
from conformance.judging.verdict import RuleCrash
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange
from conformance.traffic import read
from tests.helpers import shipped_cassettes
from tests.helpers.project import RECORDINGS

GOLDEN = Path(__file__).parent / "golden"
STRIDE = 3
"""Every how many-th of OpenAI's recordings is a base."""
LARGEST = 30_000
"""Bytes; a recording with a longer body is none."""

SPREAD = 20
"""In how many of the cassettes that are tried in part each fault is put."""

_COMPATIBLE = ("openai", "openai-compatible")
_JUDGED_AS = {
    "openai": _COMPATIBLE,
    "llama.cpp": _COMPATIBLE,
    "litellm": _COMPATIBLE,
    "vllm": (*_COMPATIBLE, "vertex-vllm"),
}
"""Under which profiles the answers of a target are bases; those of others under the profile of
their own."""


class Base(NamedTuple):
    """An exchange that conforms, or all but, and the profiles under which it is one."""

    exchange: Exchange
    profiles: tuple[str, ...]


def _base(exchange: Exchange, target: str) -> Base:
    return Base(exchange, _JUDGED_AS.get(target, (target,)))


@cache
def goldens() -> tuple[Base, ...]:
    """The goldens, whose bytes are known as they were written here."""
    exchanges = [each for each in read([GOLDEN]) if isinstance(each, Exchange)]
    return tuple(
        _base(
            replace(each, response=replace(each.response, fidelity="bytes")), each.meta["profile"]
        )
        for each in exchanges
    )


@cache
def cassettes() -> tuple[Base, ...]:
    """The cassettes of llama.cpp's server that answer a documented case: every fault is put into
    each."""
    documented = {case.id for case in read_cases(DOCUMENTED)}
    return tuple(
        base
        for base in _recorded()
        if base.exchange.meta["target"] == "llama.cpp" and base.exchange.meta["case"] in documented
    )


@cache
def more_cassettes() -> tuple[Base, ...]:
    """All other cassettes, of minted cases, and of LiteLLM and vLLM: a fault is put into a spread
    of them."""
    whole = {id(base) for base in cassettes()}
    return tuple(base for base in _recorded() if id(base) not in whole)


def spread(fault: str) -> list[Base]:
    """The other cassettes in the order in which a fault is put into them, until there are enough:
    each fault has its own, and it is always the same."""
    return sorted(
        more_cassettes(),
        key=lambda base: crc32(
            f"{fault} in {base.exchange.meta['target']}/{base.exchange.id}".encode()
        ),
    )


@cache
def _recorded() -> tuple[Base, ...]:
    """The cassettes of the servers named above, but for illegal requests that were answered all the
    same."""
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
            replace(each, meta={**each.meta, "probes": probes_of(each.meta["case"])}),
            each.meta["target"],
        )
        for each in suitable
    )


@cache
def recordings() -> tuple[Base, ...]:
    """Some of the genuine recordings, where they are there; what is quoted in part is left out."""
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
    """For each row that a probe shows, and each profile under which a fault breaks it: two goldens
    as the right answers to cases made to show it.

    Where there is no such case, goldens that would be right answers stand for themselves.
    """
    rows = [
        (fault.caught_by, fault.profile)
        for fault in faults().values()
        if fault.caught_by and requirements()[fault.caught_by].needs == "probe"
    ]
    return tuple(
        base for row, name in dict.fromkeys(rows) for base in islice(_answers(row, name), 2)
    )


def _answers(row: str, name: str) -> Iterator[Base]:
    golden = [base.exchange for base in goldens() if base.profiles[0] == name]
    made = [_asked(each, case, row) for each in golden for case in cases() if row in case.probes]
    for each in made or [
        replace(each, id=f"{each.id} for {row}", meta={**each.meta, "probes": (row,)})
        for each in golden
    ]:
        found = found_in(name, each)
        broken = any(judged.level == "must" and not judged.known for judged in found.values())
        if row not in found and not broken and _is_exercised(row, each):
            yield Base(each, (name,))


def _is_exercised(row: str, exchange: Exchange) -> bool:
    """Whether an exchange has what the rule of a row speaks of."""
    rule, facts = rules()[row], fold(exchange)
    return (
        facts.kind in rule.kinds
        and rule.needs <= facts.evidence
        and all(condition(facts) for condition in rule.conditions)
    )


def _asked(golden: Exchange, case: Case, row: str) -> Exchange:
    """The golden as the answer to a case."""
    asked = golden.request.body if isinstance(golden.request.body, dict) else {}
    request = replace(golden.request, body=case.request_for(asked.get("model", "")))
    return replace(
        golden,
        id=f"{golden.id} to {case.id}",
        request=request,
        meta={**golden.meta, "probes": (row,)},
    )


def found_in(name: str, exchange: Exchange) -> dict[str, JudgedFinding]:
    """The findings in an exchange under a profile, by requirement. A rule that crashes is an error
    here."""
    judged = list(judge_for(profile_named(name)).findings(exchange))
    crashes = [each for each in judged if isinstance(each, RuleCrash)]
    assert not crashes, crashes
    return {each.finding.requirement: each for each in judged if isinstance(each, JudgedFinding)}
