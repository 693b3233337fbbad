"""The answers of a run, read by the official SDK: of real targets, or of the suite itself where
there is no other."""

from collections.abc import Iterable

from conformance.runs.results import EMULATED, Answer
from conformance.runs.sdk.read_by_sdk import VERSION, read_by_sdk
from conformance.runs.sdk.reading import CaseReading, Readings


def readings_of(answers: Iterable[Answer]) -> Readings:
    """The reading of each answer, by target and case. Needs openai."""
    given = sorted(answers, key=lambda each: (each.target, each.case))
    real = [each for each in given if each.exchange.meta.get("provenance") != EMULATED]
    return Readings(
        VERSION,
        tuple(
            CaseReading(each.target, each.case, read_by_sdk(each.exchange))
            for each in real or given
        ),
    )
