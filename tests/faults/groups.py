"""Conforming twins and conversations, made from goldens once."""

from functools import cache

from conformance.faults import Group
from conformance.faults.groups import groups as made_from
from tests.faults.bases import goldens


@cache
def groups() -> dict[str, Group]:
    """Return all groups by what they differ in."""
    return made_from(base.exchange for base in goldens())
