"""What a requirement rests on, for each kind of target of Google."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias, get_args

from conformance.judging.toml_tables import TableError

Evidence: TypeAlias = Literal["observed", "documentation", "code", "none"]
"""What supports a requirement for one kind of target, the strongest first.

observed:      genuine answers, or public reports about them;
documentation: Google's documentation, the specification of OpenAI, or a standard;
code:          source code of the server, or answers of it in other places than Google's;
none:          nothing that was found.

For Gemini, answers and documentation of either endpoint count: they share what is not their own.
"""

EVIDENCE: tuple[Evidence, ...] = get_args(Evidence)
GOOGLE_COLUMNS = ("vertex-gemini", "vertex-vllm", "vertex-tgi", "gemini-api")
"""The kinds of target of which the ledger says what each requirement rests on."""

_DOCUMENTATION = re.compile(
    r"(OA|V|G)-[A-Z]+|SEED( [\d ]+)?|RFC \d+|SSE standard|google\.rpc|metamorphic"
)


def is_evidence(value: Any) -> bool:
    """True if a value of the ledger is a table of the words of EVIDENCE by column."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(column in GOOGLE_COLUMNS and word in EVIDENCE for column, word in value.items())
    )


def evidence_of(
    place: str, levels: Mapping[str, str], source: Iterable[str], given: Mapping[str, Evidence]
) -> Mapping[str, Evidence]:
    """Return the evidence of each column of Google that has a level.

    Columns that are not ``given`` rest on documentation, if a source is documentation.

    Raises:
        TableError: a column has no evidence, or has evidence but no level, or is a must without
            evidence.
    """
    columns = [column for column in GOOGLE_COLUMNS if column in levels]
    documented = any(_DOCUMENTATION.fullmatch(key) for key in source)
    for column in given:
        if column not in columns:
            raise TableError(f"{place}: 'evidence' has {column}, to which this does not apply")
    for column in columns:
        if column not in given and not documented:
            raise TableError(
                f"{place}: 'evidence' must have {column}, because no source is documentation"
            )
        if given.get(column) == "none" and levels[column] == "must":
            raise TableError(f"{place}: {column} must not be must without evidence")
    return {column: given.get(column, "documentation") for column in columns}
