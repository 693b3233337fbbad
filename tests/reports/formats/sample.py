"""Reports for the tests of the formats."""

from pathlib import Path
from typing import Any

from conformance.cases.corpus import shipped_corpus
from conformance.judging.suite import shipped_suite
from conformance.reports.json.saved_run import read_run
from conformance.runs.results import Report
from tests.reports.sample_reports import document, finding, verdict, written


def report(folder: Path, *verdicts: dict[str, Any], **rest: Any) -> Report:
    """Return the report with these verdicts, written and read back."""
    return read_run(written(folder, document(*verdicts, **rest)), shipped_suite(), shipped_corpus())


def failing(requirement: str, case: str = "chat-plain", **rest: Any) -> dict[str, Any]:
    """Return the verdict of a broken requirement; ``rest`` are members of its finding."""
    made = verdict("fail", requirement, case)
    return {**made, "findings": [finding(**rest)]}
