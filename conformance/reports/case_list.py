"""The list of cases, as text and as JSON."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import orjson

from conformance._text import safe_json
from conformance.cases import Case
from conformance.protocol.exchange import Json

NONE: Mapping[str, str] = MappingProxyType({})
"""No purposes."""

_MAX_ID_WIDTH = 40
"""The maximum width of the column of ids; the text after a longer id moves to the right."""


def as_text(cases: Sequence[Case], width: int | None, purposes: Mapping[str, str] = NONE) -> str:
    """Return one line per case: id, what it tests or its purpose, and what it needs.

    ``purposes`` has the purpose of cases by id. Lines are shortened to ``width`` columns, or not at
    all if it is None. No cases give "".
    """
    column = min(max((len(case.id) for case in cases), default=0), _MAX_ID_WIDTH)
    return "".join(
        f"{_shorten(_line(case, column, purposes.get(case.id)), width)}\n" for case in cases
    )


def _line(case: Case, column: int, purpose: str | None) -> str:
    needs = f" (needs {', '.join(sorted(case.needs))})" if case.needs else ""
    return f"{case.id:<{column}}  {purpose or case.feature}{needs}"


def _shorten(line: str, width: int | None) -> str:
    return line if width is None or len(line) <= width else f"{line[: max(width - 1, 0)]}…"


def as_json(cases: Sequence[Case], purposes: Mapping[str, str] = NONE) -> bytes:
    """Return the cases as a JSON list of objects.

    The keys are id, feature, source, needs, probes, request, and the purpose of a case that has
    one. The request is complete, with ``{model}`` in place of the model.
    """
    return safe_json(
        orjson.dumps(
            [_object(case, purposes.get(case.id)) for case in cases], option=orjson.OPT_INDENT_2
        )
    )


def _object(case: Case, purpose: str | None) -> dict[str, Json]:
    request: dict[str, Json] = {"method": case.method, "path": case.path, "body": case.body}
    if case.auth != "right":
        request["auth"] = case.auth
    needs, probes = sorted(case.needs), list(case.probes)
    return {
        "id": case.id,
        "feature": case.feature,
        "source": case.source,
        "needs": needs,
        "probes": probes,
        **({"purpose": purpose} if purpose else {}),
        "request": request,
    }
