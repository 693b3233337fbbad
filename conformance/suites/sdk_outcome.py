"""Show in pytest how the official SDK parses answers; one that breaks it is an xfail."""

from collections.abc import Iterable

import pytest

from conformance._text import one_line
from conformance.runs.results import Answer


def show_readings(answers: Iterable[Answer]) -> None:
    """Parse the answers to a case with the SDK and set the outcome of the test.

    The test fails if the check itself crashes, is an expected failure if an answer breaks the SDK,
    and is skipped if no answer can be parsed.
    """
    from conformance.runs.sdk.read_by_sdk import VERSION, read_by_sdk

    readings = [(answer.case, read_by_sdk(answer.exchange)) for answer in answers]
    if errors := [
        one_line(f"{case}: the SDK check crashed: {reading.error}")
        for case, reading in readings
        if reading.error
    ]:
        pytest.fail("\n".join(errors), pytrace=False)
    if broken := [
        one_line(
            f"{case} breaks the openai SDK {VERSION}: {problem.call} {problem.outcome}"
            f" {problem.what}"
        )
        for case, reading in readings
        for problem in reading.breaks
    ]:
        pytest.xfail("\n".join(broken))
    if all(reading.not_read for _, reading in readings):
        pytest.skip("; ".join(one_line(reading.not_read) for _, reading in readings) or "no answer")
