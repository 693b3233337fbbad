"""Write cases as one JSON object per line.

The text is ASCII, so that a reviewer sees every character of a prompt.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from conformance._files import write_atomic
from conformance.cases import Case
from conformance.protocol.exchange import Json


def line_of(case: Case) -> str:
    """Return the line of a case, without the line end."""
    request: dict[str, Json] = {"method": case.method, "path": case.path, "body": case.body}
    row: dict[str, Json] = {
        "id": case.id,
        "feature": case.feature,
        "source": case.source,
        "needs": sorted(case.needs),
        "request": request if case.auth == "right" else request | {"auth": case.auth},
    }
    for name in ("probes", "covers", "found"):
        row |= {name: list(getattr(case, name))} if getattr(case, name) else {}
    if case.violates:
        row["violates"] = asdict(case.violates)
    if case.tests_limit:
        row["tests_limit"] = True
    if case.sdk:
        row["sdk"] = case.sdk
    if case.then:
        row["then"] = [
            {key: value for key, value in asdict(turn).items() if value} for turn in case.then
        ]
    if case.check:
        row["check"] = dict(case.check.members)
    return json.dumps(row)


def write_cases(path: Path, cases: Iterable[Case]) -> None:
    """Write cases to a file, sorted by id, completely or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    lines = [line_of(case) for case in sorted(cases, key=lambda case: case.id)]
    write_atomic(path, "".join(f"{line}\n" for line in lines).encode("ascii"))
