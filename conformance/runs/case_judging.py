"""Judge the answers of a target to cases."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus

from conformance.cases.case_ref import join_group, names_of, parse_case
from conformance.cases.corpus import Corpus
from conformance.endpoints.reference.in_process import NAME as SELF_TEST
from conformance.judging.deviations import BEHIND
from conformance.judging.expectations import Expectation
from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import judge_for
from conformance.judging.own_checks import CHECK
from conformance.judging.suite import ChosenProfile
from conformance.judging.verdict import RuleCrash, Verdict
from conformance.protocol.chat import error_messages
from conformance.protocol.exchange import Exchange
from conformance.runs.gists import gist_of
from conformance.runs.reported_finding import ReportedFinding, report_finding
from conformance.runs.results import Answer, CaseReply, CaseVerdict, JudgedCase, Unanswered
from conformance.runs.selection import Selection
from conformance.runs.thin_answers import is_thin


def why_incomplete(answer: Answer) -> Unanswered | None:
    """Return an ``Unanswered`` entry for an incomplete answer, None for a complete one.

    Incomplete are truncated answers, and streams that ended with an error that says nothing about
    the case, such as a rate limit. They are judged all the same, but the entry makes the run
    inconclusive.
    """
    why = error_messages.why_incomplete(answer.exchange)
    return Unanswered(answer.target, answer.case, why) if why else None


def judge_case(answer: Answer, selection: Selection) -> JudgedCase:
    """Judge one answer of a target by itself; requirements of level ``may`` get no verdict.

    Raises UnknownProfile if the recording names a profile that does not exist.
    """
    chosen = selection.suite.choose_profile(answer.exchange, selection.profile)
    left_out: set[str] = set()
    verdicts = judge_for(chosen.profile, selection.suite).verdicts(
        _with_case(prepared(answer.exchange, selection), answer, selection.corpus),
        left_out.add,
        expected_of([answer], selection),
    )
    judged = judged_case(
        [answer], chosen, (verdict for verdict in verdicts if verdict.level != "may"), selection
    )
    return replace(judged, not_judged=tuple(sorted(left_out)))


def prepared(exchange: Exchange, selection: Selection) -> Exchange:
    """Add to the exchange's meta what the user says about the server behind a gateway."""
    if not selection.behind:
        return exchange
    return replace(exchange, meta={**exchange.meta, BEHIND: selection.behind})


def expected_of(answers: Sequence[Answer], selection: Selection) -> tuple[Expectation, ...]:
    """Return the user's expectations about answers that are judged together.

    There are none about the self-test.
    """
    if not selection.expected.entries or answers[0].target == SELF_TEST:
        return ()
    case = join_group(answer.case for answer in answers)
    return selection.expected.in_force(answers[0].target, names_of(case))


def judged_case(
    answers: Sequence[Answer],
    chosen: ChosenProfile,
    verdicts: Iterable[Verdict],
    selection: Selection,
) -> JudgedCase:
    """Combine verdicts on one or several answers of one target into a ``JudgedCase``.

    Verdicts on requirements that were not selected are left out. Server, model and provenance come
    from the first answer. ``reply`` is set only for a single answer.
    """
    first = answers[0]
    meta = first.exchange.meta
    wanted = [verdict for verdict in verdicts if selection.wants(verdict.requirement)]
    case = join_group(answer.case for answer in answers)
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
            _case_verdict(verdict, first.target, case, chosen.profile.name, selection)
            for verdict in wanted
        ),
        reply=_reply(first, selection.corpus) if len(answers) == 1 else None,
        model=_word(request.get("model")) if isinstance(request, dict) else None,
        confirmed=_expected(verdict for verdict in wanted if verdict.found),
        refuted=_expected(verdict for verdict in wanted if not verdict.found),
    )


def _expected(verdicts: Iterable[Verdict]) -> tuple[Expectation, ...]:
    return tuple(entry for verdict in verdicts for entry in verdict.expected)


def _reply(answer: Answer, corpus: Corpus) -> CaseReply:
    status = answer.exchange.response.status
    case = corpus.cases.get(parse_case(answer.case).id)
    return CaseReply(
        answer.case,
        status,
        error_messages.error_text(answer.exchange) if status >= HTTPStatus.BAD_REQUEST else "",
        case.wants_refusal if case else None,
        thin=not (case and case.tests_limit) and is_thin(answer.exchange),
        gist=gist_of(answer.exchange),
    )


def _with_case(exchange: Exchange, answer: Answer, corpus: Corpus) -> Exchange:
    """Add to the exchange's meta what its case tests: requirements, and the answer to expect."""
    meta = {**exchange.meta, "probes": corpus.probes_of(str(exchange.meta.get("case")))}
    reference = parse_case(answer.case)
    case = corpus.cases.get(reference.id)
    if case and case.check and reference.turn == len(case.then) + 1:
        meta[CHECK] = case.check
    else:
        meta.pop(CHECK, None)
    return replace(exchange, meta=meta)


def _word(value: object) -> str | None:
    return str(value) if value else None


def _case_verdict(
    verdict: Verdict, target: str, case: str, profile: str, selection: Selection
) -> CaseVerdict:
    return CaseVerdict(
        target,
        case,
        selection.suite.requirements[verdict.requirement],
        verdict.level,
        verdict.outcome,
        tuple(_findings(verdict, profile)) if verdict.found or verdict.stale else (),
        selection.fail_on,
    )


def _findings(verdict: Verdict, profile: str) -> Iterator[ReportedFinding]:
    cause = verdict.found
    if isinstance(cause, RuleCrash):
        yield ReportedFinding(f"the rule crashed, please report it: {cause.why}")
    elif isinstance(cause, JudgedFinding):
        yield report_finding(cause)
    for deviation in verdict.stale:
        yield ReportedFinding(
            f"profile {profile} says that this always occurs, but it did not: {deviation.described}"
        )
