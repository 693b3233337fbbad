"""Read the answers of a run with the official SDK."""

from collections.abc import Iterable

from conformance.runs.results import EMULATED, Answer
from conformance.runs.sdk.read_by_sdk import VERSION, read_by_sdk
from conformance.runs.sdk.reading import CaseReading, Readings


def readings_of(answers: Iterable[Answer]) -> Readings:
    """Read each answer with the SDK, sorted by target and case. Needs openai.

    The suite's own answers are read only if there are no others.
    """
    ordered = sorted(answers, key=lambda answer: (answer.target, answer.case))
    real = [answer for answer in ordered if answer.exchange.meta.get("provenance") != EMULATED]
    return Readings(
        VERSION,
        tuple(
            CaseReading(answer.target, answer.case, read_by_sdk(answer.exchange))
            for answer in real or ordered
        ),
    )
