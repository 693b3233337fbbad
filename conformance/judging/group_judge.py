"""The judge of several exchanges at once, of a twin or of a conversation: verdicts as for one
exchange."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal, TypeAlias

from conformance.judging.deviations import applicable, stale
from conformance.judging.finding_group import FindingGroup, JudgedFinding
from conformance.judging.profiles import Profile
from conformance.judging.requirements import requirements
from conformance.judging.rules import session_rules, twin_rules
from conformance.judging.verdict import RuleCrash, Verdict, crash, verdict
from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.chat.twins import twin_relation
from conformance.protocol.exchange import Exchange, Finding

Result: TypeAlias = list[Finding] | RuleCrash | None
"""What a rule finds, that it crashed, or None where it is not exercised."""


def verdicts_of_twins(profile: Profile, a: Exchange, b: Exchange) -> list[Verdict]:
    """A verdict for each requirement of the profile that twins show, in the order of the ledger;
    the two come in whatever order."""
    facts = (fold(a), fold(b))
    return _verdicts(profile, facts, _of_twins(profile, *facts), "twin")


def verdicts_of_session(profile: Profile, turns: Sequence[Exchange]) -> list[Verdict]:
    """A verdict for each requirement of the profile that a conversation shows, in the order of the
    ledger; the turns come in their order."""
    facts = tuple(map(fold, turns))
    return _verdicts(profile, facts, _of_session(profile, facts), "session")


def _of_twins(profile: Profile, a: Facts, b: Facts) -> Mapping[str, Result]:
    told = twin_relation(a.exchange.request, b.exchange.request)
    if told is None:
        return {}
    baseline, variant = (b, a) if told.second_is_baseline else (a, b)
    demanded = profile.demanded
    return {
        row: _result(row, partial(rule.look, told.difference, baseline, variant))
        for row, rule in twin_rules().items()
        if row in demanded
    }


def _of_session(profile: Profile, turns: Sequence[Facts]) -> Mapping[str, Result]:
    demanded = profile.demanded
    return {
        row: _result(row, partial(rule.look, turns))
        for row, rule in session_rules().items()
        if row in demanded
    }


def _result(row: str, look: Callable[[], list[Finding] | None]) -> Result:
    try:
        return look()
    except Exception as error:
        return crash(row, error)


def _seen(
    profile: Profile, facts: Sequence[Facts], row: str, result: list[Finding] | RuleCrash
) -> JudgedFinding | RuleCrash:
    if isinstance(result, RuleCrash):
        return result
    return FindingGroup(row, profile.levels[row], applicable(profile.deviations, row, facts)).of(
        result
    )


def _verdicts(
    profile: Profile,
    facts: Sequence[Facts],
    results: Mapping[str, Result],
    needs: Literal["twin", "session"],
) -> list[Verdict]:
    rows = [
        row.id for row in requirements().values() if row.needs == needs and row.id in profile.levels
    ]
    return [_verdict(profile, facts, row, results.get(row)) for row in rows]


def _verdict(profile: Profile, facts: Sequence[Facts], row: str, result: Result) -> Verdict:
    found = _seen(profile, facts, row, result) if result else None
    return verdict(
        row,
        profile.levels[row],
        found,
        exercised=result is not None,
        stale=partial(stale, profile.deviations, row, facts),
    )
