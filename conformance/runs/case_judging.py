"""Exchanges judged as the answers of a target to cases, and the cassettes that hold them
replayed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus

from conformance.cases import probes_of
from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import judge_for
from conformance.judging.suite import ChosenProfile
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
    """Judge the answer of a target to a case; levels ``may`` are left out.

    Raises UnknownProfile if the recording names a profile that does not exist.
    """
    chosen = selection.suite.choose_profile(answer.exchange, selection.profile)
    verdicts = judge_for(chosen.profile, selection.suite).verdicts(_with_probes(answer.exchange))
    return judged_case(
        [answer], chosen, (verdict for verdict in verdicts if verdict.level != "may"), selection
    )


def judged_case(
    answers: Sequence[Answer],
    chosen: ChosenProfile,
    verdicts: Iterable[Verdict],
    selection: Selection,
) -> JudgedCase:
    """The verdicts on one answer, or on several of one target, as reports need them.

    Server, model and provenance are those that the first answer names. Only an answer by itself
    has a ``reply``.
    """
    first = answers[0]
    meta = first.exchange.meta
    case = "+".join(answer.case for answer in answers)
    request = first.exchange.request.body
    return JudgedCase(
        target=first.target,
        case=case,
        profile=chosen.profile.name,
        assumed=chosen.assumed,
        provenance=_word(meta.get("provenance")),
        server=_word(meta.get("server")),
        server_version=_word(meta.get("server_version")),
        verdicts=tuple(
            _case_verdict(verdict, first.target, case, chosen.profile.name)
            for verdict in verdicts
            if selection.wants(verdict.requirement)
        ),
        reply=_reply(first) if len(answers) == 1 else None,
        model=_word(request.get("model")) if isinstance(request, dict) else None,
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


def _word(value: object) -> str | None:
    return str(value) if value else None


def _case_verdict(verdict: Verdict, target: str, case: str, profile: str) -> CaseVerdict:
    return CaseVerdict(
        target,
        case,
        verdict.requirement,
        verdict.level,
        verdict.outcome,
        tuple(_findings(verdict, profile)),
    )


def _findings(verdict: Verdict, profile: str) -> Iterator[ReportedFinding]:
    found = verdict.found
    if isinstance(found, RuleCrash):
        yield ReportedFinding(f"the rule crashed, please report it: {found.why}")
    elif isinstance(found, JudgedFinding):
        yield report_finding(found)
    for deviation in verdict.stale:
        yield ReportedFinding(
            f"by profile {profile} this always comes, and it did not: {deviation.described}"
        )
