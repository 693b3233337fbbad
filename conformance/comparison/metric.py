"""What a comparison measures, as one row of data for each metric."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Unit: TypeAlias = Literal["share", "tokens", "milliseconds"]
"""share: 0 to 1, shown in percent, its difference in points; tokens and milliseconds: compared as
ratios, so that a margin of 0.1 means 10 % more."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number that is compared.

    Attributes:
        name: The short name, such as ``schema-valid``, or the id of a requirement.
        title: What it is, in a few words, as in "answers valid by the schema asked for".
        unit: What its values are.
        worse: Whether more or less of it is worse; "neither" if it has no direction.
        margin: The least harm that counts: a share (0.05 is 5 points), or a ratio minus 1.
        gates: Whether "worse" beyond the margin makes the comparison fail.
        is_requirement: Whether it is a requirement of the protocol; its name is then the id.
    """

    name: str
    title: str
    unit: Unit
    worse: Literal["more", "less", "neither"]
    margin: float
    gates: bool
    is_requirement: bool = False
