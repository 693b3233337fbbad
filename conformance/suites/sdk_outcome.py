"""Readings by the official SDK as pytest shows them: what breaks it is an expected failure with its
reason, as the SDK is no judge."""

from collections.abc import Iterable

import pytest

from conformance.runs.results import Answer


def show_readings(answers: Iterable[Answer]) -> None:
    """Read the turns of a case; what breaks this suite fails, and what cannot be read is
    skipped."""
    from conformance.runs.sdk.read_by_sdk import VERSION, read_by_sdk

    readings = [(answer.case, read_by_sdk(answer.exchange)) for answer in answers]
    if errors := [
        f"{case} could not be read: {reading.error}" for case, reading in readings if reading.error
    ]:
        pytest.fail("\n".join(errors), pytrace=False)
    if broken := [
        f"{case} breaks the openai SDK {VERSION}: {each.call} {each.outcome} {each.what}"
        for case, reading in readings
        for each in reading.breaks
    ]:
        pytest.xfail("\n".join(broken))
    if all(reading.not_read for _, reading in readings):
        pytest.skip("; ".join(reading.not_read for _, reading in readings) or "no answer")
