"""Read a saved report for the table of targets: the run, and what the official SDK did."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance._text import one_line
from conformance.cases.corpus import Corpus
from conformance.judging.suite import Suite
from conformance.reports.json.saved_file import in_document
from conformance.reports.json.saved_run import run_of
from conformance.reports.matrix.client_effects import SdkBreak, SdkEffects
from conformance.runs.results import Report, TargetVerdicts


@dataclass(frozen=True, slots=True)
class SavedMatrixReport:
    """A saved report; ``source`` is its file or folder as the user named it.

    ``sdk`` is what the official SDK did, by target; None if the run did not ask it.
    """

    source: str
    run: Report
    sdk: Mapping[str, tuple[SdkBreak, ...]] | None = None
    sdk_version: str = ""

    def sdk_of(self, part: TargetVerdicts) -> SdkEffects | None:
        """Return what the SDK did with the answers of a target, None if the report lacks it."""
        if self.sdk is None:
            return None
        cases = {reply.case for reply in part.replies}
        breaks = self.sdk.get(part.name, ())
        return SdkEffects(self.sdk_version, tuple(each for each in breaks if each.case in cases))


def read_for_matrix(path: Path, suite: Suite, corpus: Corpus) -> SavedMatrixReport:
    """Return the report in a file, or in ``report.json`` of a folder.

    ``suite`` has the requirements that the report may name, ``corpus`` the cases.

    Raises ReportError or OSError.
    """
    return in_document(path, lambda document: _read(one_line(str(path)), document, suite, corpus))


def _read(
    source: str, document: Mapping[str, Any], suite: Suite, corpus: Corpus
) -> SavedMatrixReport:
    run = run_of(document, suite, corpus)
    if "sdk" not in document:
        return SavedMatrixReport(source, run)
    breaks: dict[str, list[SdkBreak]] = {}
    for row in document["sdk_readings"]:
        if row["outcome"] in ("raised", "lost"):
            breaks.setdefault(row["target"], []).append(_break(row))
    return SavedMatrixReport(
        source,
        run,
        {target: tuple(those) for target, those in breaks.items()},
        one_line(document["sdk"]["version"]),
    )


def _break(row: Mapping[str, Any]) -> SdkBreak:
    """Return the first call that shows the outcome of a reading."""
    first = next(
        (each for each in row["breaks"] if each["outcome"] == row["outcome"]),
        {"call": "a call", "what": ""},
    )
    return SdkBreak(row["case"], one_line(first["call"]), row["outcome"], one_line(first["what"]))
