"""``assert_conformant`` for other people's tests, and what it shares with the lint of their
traffic."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

from conformance._text import many
from conformance.judging.profiles import FALLBACK
from conformance.judging.requirements import requirements
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import fails_run
from conformance.protocol.exchange import Exchange
from conformance.reports.text.blocks import blocks
from conformance.runs.lint import AUTO, Row, Tally, lint
from conformance.traffic.capture.httpx_objects import exchange_of, is_response


class ConformanceWarning(UserWarning):
    """A finding that does not fail a test: a should is violated, or a must about what the model
    says."""


@dataclass(frozen=True, slots=True)
class LintOutcome:
    """What exchanges show: findings that fail, those that are only told, and those that are known;
    ``tally`` has the counts and the rules that crashed."""

    failing: tuple[Row, ...]
    told: tuple[Row, ...]
    known: tuple[Row, ...]
    tally: Tally

    @property
    def passes(self) -> bool:
        """Whether nothing fails and every rule could judge."""
        return not (self.failing or self.tally.crashes)


def lint_exchanges(exchanges: Iterable[Exchange], profile: str) -> LintOutcome:
    """Judge exchanges by a profile, or by the one that each proves (``auto``). Raises
    UnknownProfile."""
    tally = Tally()
    rows = list(lint(exchanges, profile, tally, shipped_suite()))
    failing = tuple(row for row in rows if _fails(row))
    told = tuple(row for row in rows if not row.known and not _fails(row))
    return LintOutcome(failing, told, tuple(row for row in rows if row.known), tally)


def _fails(row: Row) -> bool:
    return fails_run(requirements()[row.requirement], row.level, "known" if row.known else "fail")


def failure(seen: LintOutcome) -> str:
    """Why a test fails: what broke and as what it was judged, then a block for each finding, those
    that fail first."""
    head = (
        f"not conformant: {many(len({row.requirement for row in seen.failing}), 'must')} broken,"
        f" judged as {judged_as(seen.tally)}"
    )
    crashed = [
        f"the rule {row} crashed, please report it: {why}"
        for row, (_, why) in sorted(seen.tally.crashes.items())
    ]
    return "\n\n".join([head, *crashed, *blocks((*seen.failing, *seen.told))])


def judged_as(tally: Tally) -> str:
    """The profiles that judged, and that the last resort is only assumed where that is so."""
    names = ", ".join(sorted(tally.profiles))
    return f"{names} (nothing tells the profile: {FALLBACK} is assumed)" if tally.guessed else names


def assert_conformant(answer: object, profile: str = AUTO) -> None:
    """Fail unless an answer keeps every must of a profile; a should that it breaks is a
    ConformanceWarning, and a known deviation is let pass.

    ``answer`` is an Exchange, an httpx or httpx2 Response whose body was read, or a raw response of
    the official SDK. The profile is told from the URL where none is named. Raises AssertionError
    with a block for each finding, TypeError for another kind of argument, ValueError for an answer
    that cannot be judged and for an unknown profile; these on one line.
    """
    __tracebackhide__ = True
    seen = lint_exchanges([_exchange(answer)], _name(profile))
    if not seen.passes:
        raise AssertionError(failure(seen))
    for told in blocks(seen.told):
        warnings.warn(ConformanceWarning(told), stacklevel=2)


def _exchange(answer: object) -> Exchange:
    __tracebackhide__ = True
    if isinstance(answer, Exchange):
        return answer
    held = getattr(answer, "http_response", answer)  # with_raw_response of the official SDK
    if is_response(held):
        return exchange_of(held)
    kinds = (
        "an Exchange, a Response of httpx or httpx2, or what with_raw_response of the openai SDK"
        " returns"
    )
    raise TypeError(
        f"assert_conformant takes {kinds}, not"
        f" {type(answer).__module__}.{type(answer).__qualname__}"
    )


def _name(profile: object) -> str:
    __tracebackhide__ = True
    if isinstance(profile, str):
        return profile
    raise TypeError(
        f"assert_conformant takes the name of a profile, not {type(profile).__qualname__}"
    )
