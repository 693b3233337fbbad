"""The list of all cases, for people and for programs."""

from collections.abc import Sequence

import orjson

from conformance.cases import Case
from conformance.protocol.exchange import Json

_LONGEST_ID = 40
"""Columns that ids are aligned in; those after a longer one move to the right."""


def as_text(cases: Sequence[Case], width: int | None) -> str:
    """A case a line: its id, what it is about, whether it is a core one and what it needs; cut at a
    width in columns, None for a file."""
    column = min(max((len(case.id) for case in cases), default=0), _LONGEST_ID)
    return "".join(f"{_cut(_line(case, column), width)}\n" for case in cases)


def _line(case: Case, column: int) -> str:
    notes = [
        *(["core"] if case.core else []),
        *([f"needs {', '.join(sorted(case.needs))}"] if case.needs else []),
    ]
    noted = f" ({'; '.join(notes)})" if notes else ""
    return f"{case.id:<{column}}  {case.feature}{noted}"


def _cut(line: str, width: int | None) -> str:
    return line if width is None or len(line) <= width else f"{line[: max(width - 1, 0)]}…"


def as_json(cases: Sequence[Case]) -> bytes:
    """The cases as a JSON list of objects with id, feature, source, needs, probes, core and
    request.

    The body of the request is whole: ``{model}`` stands in it for the model.
    """
    return orjson.dumps([_object(case) for case in cases], option=orjson.OPT_INDENT_2)


def _object(case: Case) -> dict[str, Json]:
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
        "core": case.core,
        "request": request,
    }
