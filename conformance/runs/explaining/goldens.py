"""Read the goldens: conforming exchanges, written from the documentation, that ship with faults."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import conformance.faults
from conformance.cases import Case
from conformance.faults.kit.body_edits import Frame, frames, with_frames
from conformance.protocol.exchange import Exchange
from conformance.traffic import read

FOLDER = Path(conformance.faults.__file__).parent / "golden"


@cache
def goldens() -> tuple[Exchange, ...]:
    """Return the goldens; their bytes count as recorded because they were written by hand."""
    return tuple(
        replace(each, response=replace(each.response, fidelity="bytes"))
        for each in read([FOLDER])
        if isinstance(each, Exchange)
    )


def in_small_deltas(exchange: Exchange) -> Exchange:
    """Split the text of a golden's stream into deltas of one character each."""
    made: list[Frame] = []
    for frame in frames(exchange):
        chunk = frame.chunk or {}
        choices = chunk.get("choices") or [{}]
        content = choices[0].get("delta", {}).get("content")
        if len(choices) > 1 or not content:
            made.append(frame)
            continue
        for character in content:
            choice = choices[0] | {"delta": choices[0]["delta"] | {"content": character}}
            made.append(frame.with_data(chunk | {"choices": [choice]}))
    return with_frames(exchange, made)


def as_probes(
    requirement: str, goldens: Iterable[Exchange], cases: Iterable[Case]
) -> Iterator[Exchange]:
    """Yield goldens as the responses to the cases that probe a requirement.

    If no case probes it, the goldens themselves count as probes.
    """
    probing = [case for case in cases if requirement in case.probes]
    for golden in goldens:
        if not probing:
            yield replace(
                golden,
                id=f"{golden.id} for {requirement}",
                meta={**golden.meta, "probes": (requirement,)},
            )
        for case in probing:
            yield _asked(golden, case, requirement)


def _asked(golden: Exchange, case: Case, requirement: str) -> Exchange:
    """Use the golden as the response to a case that probes this requirement."""
    asked = golden.request.body if isinstance(golden.request.body, dict) else {}
    request = replace(golden.request, body=case.request_for(asked.get("model", "")))
    return replace(
        golden,
        id=f"{golden.id} to {case.id} for {requirement}",
        request=request,
        meta={**golden.meta, "probes": (requirement,)},
    )
