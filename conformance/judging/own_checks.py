"""What a user's own cases check, as requirements: the tool called, the JSON or the text.

They are no part of the ledger, and are judged only if a user's cases are. The judge finds the check
of a case in the meta of its exchange; it is never written into a recording.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from conformance.judging.extended_suite import extended
from conformance.judging.requirements import COLUMNS, EDITION, Requirement
from conformance.judging.rule import ANY, Condition, Rule, finding
from conformance.judging.suite import Suite
from conformance.protocol.chat.answer_check import KINDS, AnswerCheck, Kind, problems
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Finding

CHECK = "check"
"""The key in the meta of an exchange under which the judge finds the check of its case."""

_SENTENCES: Mapping[Kind, str] = MappingProxyType(
    {
        "tool": "The answer calls the tool that its case expects, or none",
        "arguments": "The arguments of the call match the schema of the case",
        "json_schema": "The text is JSON that matches the schema of the case",
        "pattern": "The pattern of the case is in the text",
        "value": "The text is the value that the case expects",
    }
)

_IDS: Mapping[Kind, str] = MappingProxyType(
    {kind: f"CHECK-{number:03}" for number, kind in enumerate(KINDS, 1)}
)

REQUIREMENTS = tuple(
    Requirement(
        id=_IDS[kind],
        sentence=_SENTENCES[kind],
        levels=MappingProxyType(dict.fromkeys(COLUMNS, "must")),
        needs="exchange",
        when="any; a case of your own that checks it",
        about="protocol",  # so that it fails the run, as whoever wrote the case asks for
        source=("your case",),
        edition=EDITION,
        why="Your application expects this answer to this question.",
    )
    for kind in KINDS
)
"""One requirement for each kind of check, in the order of the checks."""


@cache
def with_own_checks(suite: Suite) -> Suite:
    """Return the suite with the requirements of a user's cases; always the same for a suite."""
    return extended(suite, REQUIREMENTS, map(_rule, KINDS))


def _check_of(facts: Facts) -> AnswerCheck | None:
    check = facts.exchange.meta.get(CHECK)
    return check if isinstance(check, AnswerCheck) else None


def _rule(kind: Kind) -> Rule:
    def judge(facts: Facts) -> Iterator[Finding]:
        check = _check_of(facts)
        choice = facts.choices[0] if facts.choices else None
        for problem in problems(_only(kind, check), choice) if check else ():
            if problem.kind == kind:
                yield finding(problem.message, expected=problem.expected, actual=problem.actual)

    return Rule(_IDS[kind], judge, ANY, (_checks(kind),), frozenset({"end"}))


def _only(kind: Kind, check: AnswerCheck) -> AnswerCheck:
    """Return the part of a check that has this kind, with the tool whose arguments are meant."""
    names = (kind, "tool")
    return AnswerCheck({name: check.members[name] for name in names if name in check.members})


def _checks(kind: Kind) -> Condition:
    def condition(facts: Facts) -> bool:
        check = _check_of(facts)
        return check is not None and kind in check.members

    return condition
