"""Reports for the tests of the formats."""

from pathlib import Path
from typing import Any

from conformance.cases.corpus import shipped_corpus
from conformance.judging.suite import shipped_suite
from conformance.reports.json.saved_run import read_run
from conformance.runs.results import Report
from tests.reports.sample_reports import document, finding, verdict, written


def report(folder: Path, *verdicts: dict[str, Any], **rest: Any) -> Report:
    """The report with these verdicts, as read back."""
    return read_run(written(folder, document(*verdicts, **rest)), shipped_suite(), shipped_corpus())


def failing(requirement: str, case: str = "chat-plain", **rest: Any) -> dict[str, Any]:
    """A verdict of a broken requirement, whose finding has the other members."""
    made = verdict("fail", requirement, case)
    return {**made, "findings": [finding(**rest)]}
