"""Judged cases for tests of reports."""

from conformance.runs.results import CaseReply, CaseVerdict, JudgedCase


def judged_case(
    *verdicts: CaseVerdict,
    target: str = "t",
    case: str = "c",
    provenance: str | None = "recorded",
    server: str | None = None,
    server_version: str | None = None,
    reply: CaseReply | None = None,
) -> JudgedCase:
    """Return a case with these verdicts, judged by openai; without a reply its status is 200."""
    reply = reply or CaseReply(case, 200)
    return JudgedCase(
        target, case, "openai", False, provenance, server, server_version, verdicts, reply
    )
