"""The ledger and what implements it: every row has one rule, or its rows in the schemas, and says
the same thing there."""

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from conformance.judging.requirements import requirements
from conformance.judging.rule import ANSWER, ANY, COMPLETION, ERROR, STREAM
from conformance.judging.rules import Rule, SessionRule, TwinRule, rules, session_rules, twin_rules
from conformance.protocol import schema
from tests.helpers.every import fails

KINDS = {"completion": COMPLETION, "stream": STREAM, "error": ERROR, "any": ANY}

STATED_OF = {
    "completion": {"completion"},
    "chunk": {"stream"},
    "error": {"error"},
    "parts": {"completion", "stream"},
    "request": set(),
}
"""The kinds of answer that each schema document speaks of."""

BY_EXCHANGE = {row.id for row in requirements().values() if row.needs == "exchange"}
BY_PROBE = {row.id for row in requirements().values() if row.needs == "probe"}

OF_EXCHANGES = {row: rule for row, rule in rules().items() if row not in BY_PROBE}


def when(requirement: str) -> tuple[str, str]:
    kind, _, feature = requirements()[requirement].when.partition("; ")
    return kind, feature


def test_every_row_that_one_exchange_shows_is_implemented_exactly_once() -> None:
    assert rules().keys() & schema.rows() == set()
    assert OF_EXCHANGES.keys() | schema.rows() == BY_EXCHANGE


def test_every_row_that_a_probe_shows_has_its_rule() -> None:
    assert rules().keys() - OF_EXCHANGES.keys() == BY_PROBE


def test_every_row_that_more_than_one_exchange_shows_has_its_rule() -> None:
    assert twin_rules().keys() == {row.id for row in requirements().values() if row.needs == "twin"}
    assert session_rules().keys() == {
        row.id for row in requirements().values() if row.needs == "session"
    }


def test_every_row_is_implemented() -> None:
    assert (
        rules().keys() | schema.rows() | twin_rules().keys() | session_rules().keys()
        == requirements().keys()
    )


def failing(
    check: Callable[[Any], None], looked_at: Iterable[Rule | TwinRule | SessionRule]
) -> list[str]:
    """The rules that a check does not hold of, by their requirement, with the reasons."""
    return fails(check, looked_at, lambda rule: rule.requirement)


def test_the_sentence_of_a_requirement_stands_in_the_ledger_only() -> None:
    every: list[Rule | TwinRule | SessionRule] = [
        *rules().values(),
        *twin_rules().values(),
        *session_rules().values(),
    ]
    assert [each.requirement for each in every if each.check.__doc__] == []


def test_the_name_of_a_rule_is_its_own_within_its_chapter() -> None:
    names = [(rule.check.__module__, rule.check.__name__) for rule in rules().values()]
    assert len(set(names)) == len(names)


def test_a_rule_stands_in_the_module_of_its_chapter() -> None:
    assert failing(stands_in_the_module_of_its_chapter, rules().values()) == []


def stands_in_the_module_of_its_chapter(rule: Rule) -> None:
    chapter = {
        "ENV": "envelope",
        "CHO": "choices",
        "MSG": "message",
        "USG": "usage",
        "SSE": "framing",
        "SEQ": "sequence",
        "TOOL": "tools",
    } | {
        "SO": "structured_output",
        "MM": "multimodal",
        "THK": "thinking",
        "LOG": "logprobs",
        "ERR": "errors",
        "AUTH": "auth",
        "HDR": "headers",
    }
    expected = (
        "probes" if rule.requirement in BY_PROBE else chapter[rule.requirement.partition("-")[0]]
    )
    assert rule.check.__module__.rpartition(".")[2].startswith(expected)


NARROWER = {
    "ERR-014": "an error before the first chunk is one of a stream, or of a request for one",
    "ERR-023": "a JSON body of status 200 is a completion",
}
"""Rows whose ``when`` says any, and whose rule is asked of less, with the reason."""

ANSWERS_ONLY = "an error has neither choices nor usage"


def test_a_rule_is_asked_of_the_answers_its_row_speaks_of() -> None:
    assert failing(is_asked_of_the_answers_its_row_speaks_of, OF_EXCHANGES.values()) == []


def is_asked_of_the_answers_its_row_speaks_of(rule: Rule) -> None:
    """A row of any kind may leave errors out, as most of what it speaks of is not there."""
    kind, feature = when(rule.requirement)
    if rule.requirement in NARROWER:
        assert kind == "any"
        assert rule.kinds < ANY
    elif kind == "any":
        assert rule.kinds in (ANY, ANSWER), ANSWERS_ONLY
    else:
        assert rule.kinds == KINDS[kind], feature


def test_a_rule_needs_what_its_row_says_must_be_recorded() -> None:
    assert failing(needs_what_its_row_says_must_be_recorded, rules().values()) == []


def needs_what_its_row_says_must_be_recorded(rule: Rule) -> None:
    _, feature = when(rule.requirement)
    for words, known in (
        ("headers recorded", "headers"),
        ("body complete", "end"),
        ("raw bytes", "bytes"),
        ("request recorded", "request"),
    ):
        assert words not in feature or known in rule.needs


def test_a_row_of_the_schemas_stands_where_its_answers_are_described() -> None:
    assert fails(stands_where_its_answers_are_described, sorted(schema.rows()), str) == []


def stands_where_its_answers_are_described(row: str) -> None:
    kind, _ = when(row)
    described = set().union(
        *(
            STATED_OF[name]
            for name in schema.DOCUMENTS
            if row in schema._annotations(schema.document(name))
        )
    )
    assert described == ({"completion", "stream"} if kind == "any" else {kind})


@pytest.mark.parametrize("rule", twin_rules().values(), ids=twin_rules())
def test_a_rule_of_twins_compares_what_its_row_speaks_of(rule: TwinRule) -> None:
    _, feature = when(rule.requirement)
    assert "stream on and off" not in feature or rule.differences == {"stream"}
    assert "arrival times recorded" not in feature or "timing" in rule.needs


def test_a_rule_is_a_plain_function_of_facts() -> None:
    for checks, parameters in (
        (rules(), ["facts"]),
        (twin_rules(), ["baseline", "variant"]),
        (session_rules(), ["turns"]),
    ):
        for rule in checks.values():
            assert inspect.isfunction(rule.check)
            assert list(inspect.signature(rule.check).parameters) == parameters
