"""Choose the cases for a live target and send them: concurrently and within a budget."""

from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from conformance.cases import MODEL, Case
from conformance.cases.asking_order import in_asking_order
from conformance.cases.core import MOST
from conformance.cases.thinking_room import with_room
from conformance.endpoints.client.budget import Budget, BudgetMeter
from conformance.endpoints.client.google_errors import explained
from conformance.endpoints.client.http_client import Limits
from conformance.endpoints.client.live_endpoint import live_endpoint
from conformance.endpoints.client.live_target import LiveTarget, TargetError
from conformance.endpoints.client.retries import Attempt
from conformance.endpoints.client.small_request import REQUEST
from conformance.endpoints.client.target_from_url import target_at
from conformance.endpoints.endpoint import Endpoint, Unreachable, converse
from conformance.judging.profiles import Profile
from conformance.protocol.chat.error_messages import error_text, is_bad_key
from conformance.protocol.exchange import CHAT_COMPLETIONS, CUT_AGAIN, Exchange
from conformance.runs.case_judging import why_incomplete
from conformance.runs.cassette_answers import turn_of
from conformance.runs.live.thread_pool import done
from conformance.runs.results import Answer, Unanswered
from conformance.runs.selection import Selection, SelectionError, check_cases, why_unsupported
from conformance.traffic.cassette_writer import keep

MAX_CONSECUTIVE_FAILURES = 3
"""After this many cases in a row without a complete answer, the remaining cases are given up.

With several requests at once, those already sent are added to the limit."""

_NO_VALID_KEY = "the key was refused, or none was sent"
_KEY_FIX = " - fix: name the variable that holds a valid key with --api-key-env VAR"
_NOT_ABOUT_THE_CASE = {
    HTTPStatus.PAYMENT_REQUIRED: "payment required",
    HTTPStatus.FORBIDDEN: "access is not allowed",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "a proxy requires credentials",
    HTTPStatus.TOO_MANY_REQUESTS: "rate limit reached",
    HTTPStatus.SERVICE_UNAVAILABLE: "the endpoint is not available",
}
"""Statuses that say nothing about a case, with the reason: their responses are not judged."""


def target_of(base_url: str, model: str, key_variable: str, selection: Selection) -> LiveTarget:
    """Build the live target from the command line options.

    Raises SelectionError if the URL or the target name is not valid.
    """
    try:
        return target_at(
            base_url,
            model,
            key_variable,
            selection.profile,
            selection.targets[0] if selection.targets else None,
        )
    except TargetError as error:
        raise SelectionError(str(error)) from None


def chosen(
    target: LiveTarget, selection: Selection, *, everything: bool = True
) -> tuple[list[Case], list[Unanswered]]:
    """Return the selected cases to send, and those to skip with the reason.

    Unless ``everything`` is true or cases are named, only core cases are sent; of those to choose
    from (``Selection.among``) the first ``MOST`` if no core case is among them. The order is that
    of ``in_asking_order``, so that a run that ends early has tested most features. A model that
    thinks gets cases with room for its thoughts. Raises SelectionError for an unknown case.
    """
    check_cases(selection.cases, selection.corpus.cases)
    profile = selection.suite.profile(target.profile)
    core = selection.corpus.core_of(target.profile)
    possible: list[Case] = []
    skipped: list[Unanswered] = []
    for case in selection.all_cases:
        if (selection.cases and case.id not in selection.cases) or (
            selection.among is not None and case.id not in selection.among
        ):
            continue
        if why := reason_to_leave(case, profile, target.model, keyed=target.keyed):
            skipped.append(Unanswered(target.name, case.id, why))
        else:
            possible.append(case)
    in_order = in_asking_order(possible, core)
    sent = in_order
    if not (everything or selection.cases):
        sent = [case for case in in_order if case.id in core]
        if selection.among is not None and not sent:
            sent = in_order[:MOST]
    ids = {case.id for case in sent}
    skipped += [
        Unanswered(target.name, case.id, "not a core case: --all sends it too")
        for case in possible
        if case.id not in ids
    ]
    return [case_for(case, profile, target.model) for case in sent], sorted(
        skipped, key=lambda entry: entry.case
    )


def may_cost_money(base_url: str) -> bool:
    """True if the endpoint is outside this machine and its local network.

    Decided by the URL alone: a global IP address, or a name with a dot and no local suffix.
    """
    host = urlsplit(base_url).hostname or ""
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host.removesuffix(".") and not host.endswith(
            (".local", ".internal", ".localhost", ".test")
        )


@dataclass(frozen=True, slots=True)
class AskOptions:
    """How to send cases: how many at once, and within which budget and limits.

    Answers are stored as cassettes in each of ``folders``. ``meter`` has what is spent of the
    budget already, None if nothing is.
    """

    at_once: int = 1
    budget: Budget = field(default_factory=Budget)
    folders: tuple[Path, ...] = ()
    limits: Limits = field(default_factory=Limits)
    meter: BudgetMeter | None = None


_DEFAULT_OPTIONS = AskOptions()


def ask(
    target: LiveTarget,
    to_send: Sequence[Case],
    options: AskOptions = _DEFAULT_OPTIONS,
    tell: Callable[[Attempt], None] = lambda _: None,
    is_over: Callable[[], bool] = lambda: False,
    begins: Callable[[str], None] = lambda _: None,
) -> Iterator[list[Answer | Unanswered]]:
    """Send the cases and yield the turns of each as soon as it ends; iterating starts it.

    A turn is an ``Answer`` or, if the response says nothing about the case (a refused key, a rate
    limit, no connection), ``Unanswered``. After several cases in a row without a complete answer
    the simplest case is sent: if it is answered, the run continues, else the remaining cases are
    yielded as given up.

    Args:
        tell: called with every attempt that is retried.
        is_over: once it is true, no other case is sent; those already sent are still yielded.
        begins: called with the id of each case before it is sent, by the thread that sends it.

    Raises TargetError, and OSError if an answer cannot be stored, after yielding it and those to
    the other cases already sent.
    """
    endpoint = live_endpoint(target, options.budget, options.limits, tell, options.meter)

    unwritten: list[OSError] = []

    def work(case: Case) -> list[Exchange | Unreachable]:
        begins(case.id)
        outcomes = _with_shared_meta(converse(case, endpoint))
        answers = [
            outcome
            for outcome in outcomes
            if isinstance(answer_of(target.name, case, 1, outcome), Answer)
            and isinstance(outcome, Exchange)
        ]
        if len(answers) != len(outcomes):  # store neither refusals nor incomplete conversations
            return outcomes
        try:
            for folder in options.folders:
                keep(answers, case, folder / target.name)
        except OSError as error:
            unwritten.append(error)
        return outcomes

    def stops() -> bool:
        return bool(unwritten) or is_over()

    failures = 0
    remaining = {case.id: case for case in to_send}
    for case, outcomes in done(work, to_send, options.at_once, stops):
        del remaining[case.id]
        turns = [
            answer_of(target.name, case, turn, outcome) for turn, outcome in enumerate(outcomes, 1)
        ]
        yield turns
        if stops():
            continue
        missing = [
            entry
            for turn in turns
            if (entry := turn if isinstance(turn, Unanswered) else why_incomplete(turn))
        ]
        failures = failures + 1 if missing and _was_sent(outcomes[0]) else 0
        if failures == MAX_CONSECUTIVE_FAILURES + options.at_once - 1:
            if _answers_anything(target, endpoint):
                failures = 0
                continue
            yield [
                Unanswered(
                    target.name,
                    name,
                    f"given up after {failures} cases in a row without an answer:"
                    f" {missing[-1].why}",
                )
                for name in remaining
            ]
            return
    if unwritten:
        raise unwritten[0]


def _answers_anything(target: LiveTarget, endpoint: Endpoint) -> bool:
    """Send the simplest case; true if a complete answer with status 200 comes back."""
    turn = answer_of(target.name, REQUEST, 1, endpoint(REQUEST))
    return (
        isinstance(turn, Answer)
        and turn.exchange.response.status == HTTPStatus.OK
        and not turn.exchange.response.truncated
    )


def _was_sent(outcome: Exchange | Unreachable) -> bool:
    """False if the request was never sent, for example because the budget was spent."""
    return isinstance(outcome, Exchange) or outcome.asked


def _with_shared_meta(outcomes: Iterable[Exchange | Unreachable]) -> list[Exchange | Unreachable]:
    """Give all turns of a case the meta of the first, plus why one was truncated.

    A cassette has one meta for all its turns, so live and replayed turns are the same.
    """
    turns = list(outcomes)
    exchanges = [turn for turn in turns if isinstance(turn, Exchange)]
    if not exchanges:
        return turns
    meta = dict(
        ChainMap(
            dict(exchanges[0].meta),
            *(
                {key: exchange.meta[key]}
                for exchange in exchanges
                for key in ("why_cut", CUT_AGAIN)
                if key in exchange.meta
            ),
        )
    )
    return [replace(turn, meta=meta) if isinstance(turn, Exchange) else turn for turn in turns]


def answer_of(
    target: str, case: Case, turn: int, outcome: Exchange | Unreachable
) -> Answer | Unanswered:
    """Return the answer in one turn of a case, or why there is none to judge.

    Unanswered are: no response, an error of Google that says what is wrong with the target (see
    ``explained``), a missing model, a redirect or another status between 200 and 400,
    and errors that say nothing about the case, unless it tests credentials.
    """
    name = turn_of(case.id, turn)
    if isinstance(outcome, Unreachable):
        return Unanswered(target, name, outcome.why)
    status = outcome.response.status
    if case.auth == "right" and _requests_target_model(case) and (error := explained(outcome)):
        return Unanswered(target, name, f"status {status}, {error}")
    if status == HTTPStatus.NOT_FOUND and _requests_target_model(case):
        return Unanswered(target, name, f"status {status}, the model or the URL does not exist")
    # Some servers reject a request that they cannot parse with status 503.
    is_rejection = status == HTTPStatus.SERVICE_UNAVAILABLE and case.wants_refusal
    why = _why_not_final(outcome) or (
        "" if case.auth != "right" or is_rejection else _why_not_about_case(outcome)
    )
    return (
        Unanswered(target, name, f"status {status}, {why}")
        if why
        else Answer(target, name, outcome)
    )


def _why_not_final(exchange: Exchange) -> str:
    """Return why a status is neither 200 nor an error, "" if it is one of them."""
    if (
        exchange.response.status >= HTTPStatus.BAD_REQUEST
        or exchange.response.status == HTTPStatus.OK
    ):
        return ""
    where = dict(exchange.response.headers).get("location")
    return f"a redirect to {where}, which is not followed" if where else "which is not an answer"


def _why_not_about_case(exchange: Exchange) -> str:
    """Return why this error (auth, quota, outage) says nothing about the case, or ""."""
    status = exchange.response.status
    if is_bad_key(exchange) or status == HTTPStatus.UNAUTHORIZED:
        said = error_text(exchange)
        return f"{_NO_VALID_KEY}{f' ({said})' if said else ''}{_KEY_FIX}"
    return next((why for code, why in _NOT_ABOUT_THE_CASE.items() if code == status), "")


def _requests_target_model(case: Case) -> bool:
    """True if the case sends the target's own model to the chat completions path.

    Then status 404 means that the model or the URL of the target is wrong, not the case.
    """
    return (
        case.path == CHAT_COMPLETIONS
        and isinstance(case.body, dict)
        and case.body.get("model") == MODEL
    )


def case_for(case: Case, profile: Profile, model: str) -> Case:
    """Return the case as it is sent to a model: with room for thoughts if the model thinks."""
    return with_room(case) if profile.thinks(model) else case


def reason_to_leave(case: Case, profile: Profile, model: str, *, keyed: bool) -> str:
    """Return why a case is skipped for a model of a target, "" if it is sent.

    ``keyed`` is true if the target has an API key.
    """
    return why_unsupported(case, profile, model) or (
        "" if keyed or case.auth == "right" else "needs a target with an API key"
    )
