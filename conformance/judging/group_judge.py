"""Judge several exchanges together: the two of a twin, or the turns of a conversation."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal, TypeAlias

from conformance.judging.deviations import applicable, stale
from conformance.judging.expectations import Expectation
from conformance.judging.finding_group import FindingGroup, JudgedFinding
from conformance.judging.judge import with_expected
from conformance.judging.profiles import Profile
from conformance.judging.suite import Suite
from conformance.judging.verdict import RuleCrash, Verdict, crash, verdict
from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.chat.twins import twin_relation
from conformance.protocol.exchange import Exchange, Finding

Result: TypeAlias = list[Finding] | RuleCrash | None
"""The findings of a rule, its crash, or None if the requirement is not exercised."""


def verdicts_of_twins(
    profile: Profile,
    suite: Suite,
    a: Exchange,
    b: Exchange,
    *,
    own: Sequence[Expectation] = (),
) -> list[Verdict]:
    """A verdict for each requirement that twins can show, in the order of the ledger.

    The two exchanges may come in any order. ``own`` are the expectations of the user about them.
    """
    facts = (fold(a), fold(b))
    return _verdicts(profile, suite, facts, _of_twins(profile, suite, *facts), "twin", own)


def verdicts_of_session(
    profile: Profile, suite: Suite, turns: Sequence[Exchange], *, own: Sequence[Expectation] = ()
) -> list[Verdict]:
    """A verdict for each requirement that a conversation can show, in the order of the ledger.

    ``turns`` come in the order in which they were sent. ``own`` are the expectations of the user
    about them.
    """
    facts = tuple(map(fold, turns))
    return _verdicts(profile, suite, facts, _of_session(profile, suite, facts), "session", own)


def _of_twins(profile: Profile, suite: Suite, a: Facts, b: Facts) -> Mapping[str, Result]:
    relation = twin_relation(a.exchange.request, b.exchange.request)
    if relation is None:
        return {}
    baseline, variant = (b, a) if relation.second_is_baseline else (a, b)
    demanded = profile.demanded
    return {
        row: _result(row, partial(rule.look, relation.difference, baseline, variant))
        for row, rule in suite.twin_rules.items()
        if row in demanded
    }


def _of_session(profile: Profile, suite: Suite, turns: Sequence[Facts]) -> Mapping[str, Result]:
    demanded = profile.demanded
    return {
        row: _result(row, partial(rule.look, turns))
        for row, rule in suite.session_rules.items()
        if row in demanded
    }


def _result(row: str, look: Callable[[], list[Finding] | None]) -> Result:
    try:
        return look()
    except Exception as error:
        return crash(row, error)


def _group(
    profile: Profile,
    facts: Sequence[Facts],
    row: str,
    result: list[Finding] | RuleCrash,
    own: Sequence[Expectation],
) -> JudgedFinding | RuleCrash:
    if isinstance(result, RuleCrash):
        return result
    return FindingGroup(
        row,
        profile.levels[row],
        applicable(profile.deviations, row, facts),
        applicable(own, row, facts),
    ).of(result)


def _verdicts(
    profile: Profile,
    suite: Suite,
    facts: Sequence[Facts],
    results: Mapping[str, Result],
    needs: Literal["twin", "session"],
    own: Sequence[Expectation],
) -> list[Verdict]:
    rows = [
        row.id
        for row in suite.requirements.values()
        if row.needs == needs and row.id in profile.levels
    ]
    return [
        with_expected(_verdict(profile, facts, row, results.get(row), own), own, facts)
        for row in rows
    ]


def _verdict(
    profile: Profile,
    facts: Sequence[Facts],
    row: str,
    result: Result,
    own: Sequence[Expectation],
) -> Verdict:
    found = _group(profile, facts, row, result, own) if result else None
    return verdict(
        row,
        profile.levels[row],
        found,
        exercised=result is not None,
        stale=partial(stale, profile.deviations, exchanges=facts),
    )
