"""The rules together: none is left out, and none checks what another checks."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import pytest

from conformance.judging import rules as package
from conformance.judging.group_rule import SessionRule, TwinRule
from conformance.judging.rule import COMPLETION, Rule, rule
from conformance.judging.rules import by_requirement, rules, session_rules, twin_rules
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Finding

MODULES = [
    import_module(f"{package.__name__}.{found.name}") for found in iter_modules(package.__path__)
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_rule_that_a_module_defines_is_in_its_tuple_in_the_same_order(module: ModuleType) -> None:
    defined = [
        value
        for value in vars(module).values()
        if isinstance(value, Rule | TwinRule | SessionRule)
        and value.check.__module__ == module.__name__
    ]
    given = getattr(module, "RULES", ())
    assert [rule for rule in given if rule in defined] == defined


def test_the_rules_of_all_modules_are_those_of_the_package() -> None:
    given = [each.requirement for module in MODULES for each in getattr(module, "RULES", ())]
    assert sorted(given) == sorted([*rules(), *twin_rules(), *session_rules()])


def test_two_rules_for_one_row_are_a_mistake_that_names_both() -> None:
    make = rule("ENV-001", COMPLETION)
    with pytest.raises(ValueError, match="ENV-001 is checked twice: by first and by another"):
        by_requirement([make(first), make(another)])


def first(facts: Facts) -> Iterator[Finding]:
    return iter(())


def another(facts: Facts) -> Iterator[Finding]:
    return iter(())
