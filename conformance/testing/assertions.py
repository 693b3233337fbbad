"""``assert_conformant`` for the tests of a project, and code shared with the traffic lint."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

from conformance._text import many, printable
from conformance.judging.expectations import NO_EXPECTATIONS, Expectations
from conformance.judging.profiles import FALLBACK
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import fails_run
from conformance.protocol.exchange import Exchange
from conformance.reports.text.blocks import blocks
from conformance.reports.text.unreadable import not_judged
from conformance.runs.lint import AUTO, LintFinding, Tally, lint
from conformance.traffic.capture.httpx_objects import exchange_of, is_response
from conformance.traffic.read_result import judgeable


class ConformanceWarning(UserWarning):
    """Warns of a finding that does not fail a test: a broken should, or one about model output.

    Also warns of a part of an answer that was not judged.
    """


@dataclass(frozen=True, slots=True)
class LintOutcome:
    """The findings of some exchanges: ``failing`` a test, ``warned`` of, ``known`` or ``accepted``.

    ``tally`` has the counts and the rules that crashed.
    """

    failing: tuple[LintFinding, ...]
    warned: tuple[LintFinding, ...]
    known: tuple[LintFinding, ...]
    tally: Tally
    accepted: tuple[LintFinding, ...] = ()

    @property
    def passes(self) -> bool:
        """True if every exchange was judged, no finding fails the test and no rule crashed."""
        return not (self.failing or self.tally.crashes or self.tally.all_unreadable)


def lint_exchanges(
    exchanges: Iterable[Exchange],
    profile: str,
    expected: Expectations = NO_EXPECTATIONS,
    test: str = "",
) -> LintOutcome:
    """Judge exchanges by a profile; with ``auto``, by the profile derived from each exchange.

    ``expected`` are the failures that the project accepts, ``test`` is the name of the test that
    caused the exchanges.

    Raises UnknownProfile.
    """
    tally = Tally()
    found = lint(
        map(judgeable, exchanges), profile, tally, shipped_suite(), expected=expected, test=test
    )
    findings = [each.report() for each in found]
    failing = tuple(finding for finding in findings if _fails(finding))
    known = tuple(finding for finding in findings if finding.known)
    accepted = tuple(finding for finding in findings if finding.accepted)
    warned = tuple(
        finding
        for finding in findings
        if not (finding.known or finding.accepted or _fails(finding))
    )
    return LintOutcome(failing, warned, known, tally, accepted)


def _fails(finding: LintFinding) -> bool:
    is_explained = finding.known or finding.accepted
    return fails_run(finding.entry, finding.level, "known" if is_explained else "fail")


def failure(outcome: LintOutcome) -> str:
    """Return the message of a failing test: a summary, then a block for each requirement.

    Exchanges that could not be judged, rules that crashed and findings that fail come first.
    """
    broken = {finding.requirement for finding in outcome.failing}
    judged = judged_as(outcome.tally) or "no profile"
    head = f"not conformant: {many(len(broken), 'must')} broken, judged as {judged}"
    unread = [f"not judged: {printable(each.why)}" for each in outcome.tally.unreadable]
    in_part = not_judged(outcome.tally.not_judged)
    crashed = [
        f"the rule {finding} crashed, please report it: {printable(why)}"
        for finding, (_, why) in sorted(outcome.tally.crashes.items())
    ]
    return "\n\n".join(
        [head, *unread, *in_part, *crashed, *blocks((*outcome.failing, *outcome.warned))]
    )


def judged_as(tally: Tally) -> str:
    """Return the profiles that judged, and a note if the fallback profile was assumed."""
    names = ", ".join(sorted(tally.profiles))
    return f"{names} (profile unknown: {FALLBACK} is assumed)" if tally.guessed else names


def assert_conformant(answer: object, profile: str = AUTO) -> None:
    """Fail if an answer breaks a must of the protocol; warn if it breaks another requirement.

    It also warns of what is not judged because it would take too long. Known deviations of the
    profile neither fail nor warn.

    Args:
        answer: An Exchange, an httpx or httpx2 Response whose body was read, or a raw response of
            the official SDK.
        profile: The name of the profile to judge by; by default it is derived from the answer.

    Raises:
        AssertionError: A must is broken, or a rule crashed; with a block for each requirement.
        TypeError: ``answer`` or ``profile`` has another type.
        ValueError: The answer is not one of Chat Completions, was not read, or has too many parts;
            or the profile is unknown: ``profile``, or that which an Exchange names in its ``meta``.
    """
    __tracebackhide__ = True
    outcome = lint_exchanges([_exchange(answer)], _name(profile))
    if unreadable := outcome.tally.unreadable:
        raise ValueError(printable(unreadable[0].why))
    if not outcome.passes:
        raise AssertionError(failure(outcome))
    for block in (*blocks(outcome.warned), *not_judged(outcome.tally.not_judged)):
        warnings.warn(ConformanceWarning(block), stacklevel=2)


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
