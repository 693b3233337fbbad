"""The questions about behaviour: different questions, each with a check of its answer.

They are for comparing two endpoints, where the question is the unit of chance; `conformance run`
does not ask them. Each has one request, which may begin with a fixed history.
"""

from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias, cast

from conformance.cases import Case, read_cases

BEHAVIOUR = Path(__file__).parent / "behaviour.jsonl"
"""The file of the questions, in the format of all cases."""

Family: TypeAlias = Literal["tool", "json", "text"]

FAMILIES: tuple[Family, ...] = ("tool", "json", "text")
"""What a question asks for: a free choice of a tool, JSON by a schema, or a plain text."""

_PREFIX = "ask-"


@cache
def behaviour_cases() -> tuple[Case, ...]:
    """Return the questions, sorted by id. Raises CaseError if the file is not valid."""
    return tuple(read_cases(BEHAVIOUR))


def family_of(case_id: str) -> Family | None:
    """Return the family of a question by its id, None for another case."""
    family = case_id.removeprefix(_PREFIX).partition("-")[0]
    is_question = case_id.startswith(_PREFIX) and family in FAMILIES
    return cast("Family", family) if is_question else None
