"""Exchanges judged as the answers of a target to cases, and the cassettes that hold them
replayed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus

from conformance.cases import probes_of
from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import judge_for
from conformance.judging.profiles import FALLBACK, Profile, profile, profile_for_url
from conformance.judging.verdict import RuleCrash, Verdict
from conformance.protocol.chat.error_messages import error_text, why_cut
from conformance.protocol.exchange import Exchange
from conformance.runs.reported_finding import ReportedFinding, report_finding
from conformance.runs.results import Answer, CaseReply, CaseVerdict, JudgedCase, Unanswered
from conformance.runs.selection import Selection


def cut_of(answer: Answer) -> Unanswered | None:
    """What is left open by an answer that ended before its end, None where it did not: it is judged
    as far as it goes, and the run is not conclusive."""
    if not answer.exchange.response.truncated:
        return None
    return Unanswered(answer.target, answer.case, f"the answer was cut: {why_cut(answer.exchange)}")


def judge_case(answer: Answer, selection: Selection) -> JudgedCase:
    """Judge the answer of a target to a case. Raises UnknownProfile where the recording names one
    that does not exist."""
    name, _ = profile_of(answer.exchange, selection)
    by = profile(name)
    judged = judge_for(by).verdicts(_with_probes(answer.exchange))
    return judged_case(
        [answer], (verdict for verdict in judged if verdict.level != "may"), selection
    )


def judged_case(
    together: Sequence[Answer], verdicts: Iterable[Verdict], selection: Selection
) -> JudgedCase:
    """Verdicts on an answer, or on several of one target, as they are reported; what the recordings
    say of themselves is told by the first."""
    first = together[0]
    name, assumed = profile_of(first.exchange, selection)
    case = "+".join(answer.case for answer in together)
    told = tuple(
        _told(verdict, first.target, case, profile(name))
        for verdict in verdicts
        if selection.wants(verdict.requirement)
    )
    said = {
        key: _word(first.exchange.meta.get(key))
        for key in ("provenance", "server", "server_version")
    }
    asked = first.exchange.request.body
    model = _word(asked.get("model")) if isinstance(asked, dict) else None
    reply = _reply(first) if len(together) == 1 else None
    return JudgedCase(
        first.target, case, name, assumed, **said, verdicts=told, reply=reply, model=model
    )


def _reply(answer: Answer) -> CaseReply:
    status = answer.exchange.response.status
    return CaseReply(
        answer.case, status, error_text(answer.exchange) if status >= HTTPStatus.BAD_REQUEST else ""
    )


def _with_probes(exchange: Exchange) -> Exchange:
    """The exchange with the requirements that its case was made to show."""
    return replace(
        exchange, meta={**exchange.meta, "probes": probes_of(str(exchange.meta.get("case")))}
    )


def profile_of(exchange: Exchange, selection: Selection) -> tuple[str, bool]:
    """The name of the profile that judges an exchange, and whether it is only assumed."""
    said = (
        selection.profile
        or _word(exchange.meta.get("profile"))
        or profile_for_url(exchange.request.url)
    )
    return said or FALLBACK, said is None


def _word(value: object) -> str | None:
    return str(value) if value else None


def _told(verdict: Verdict, target: str, case: str, by: Profile) -> CaseVerdict:
    return CaseVerdict(
        target,
        case,
        verdict.requirement,
        verdict.level,
        verdict.outcome,
        tuple(_findings(verdict, by)),
    )


def _findings(verdict: Verdict, by: Profile) -> Iterator[ReportedFinding]:
    found = verdict.found
    if isinstance(found, RuleCrash):
        yield ReportedFinding(f"the rule crashed, please report it: {found.why}")
    elif isinstance(found, JudgedFinding):
        yield report_finding(found)
    elif verdict.outcome == "stale":
        for entry in by.deviations:
            if entry.requirement == verdict.requirement and entry.frequency == "always":
                yield ReportedFinding(
                    f"by profile {by.name} this always comes, and it did not: {entry.told}"
                )
