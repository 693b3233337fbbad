"""A live run: the cases a target can be asked, within a budget and several at once. Whoever
iterates sends."""

from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from conformance.cases import MODEL, Case, cases, wants_a_refusal
from conformance.endpoints.client import http_client
from conformance.endpoints.client.budget import Budget, BudgetMeter
from conformance.endpoints.client.http_client import Limits
from conformance.endpoints.client.live_target import LiveTarget, TargetError
from conformance.endpoints.client.retries import Attempt, with_retries
from conformance.endpoints.client.target_from_url import target_at
from conformance.endpoints.endpoint import Endpoint, Unreachable, converse
from conformance.judging.profiles import profile
from conformance.protocol.chat.error_messages import is_bad_key
from conformance.protocol.exchange import CHAT_COMPLETIONS, Exchange
from conformance.runs.case_judging import cut_of
from conformance.runs.cassette_answers import turn_of
from conformance.runs.live.thread_pool import done
from conformance.runs.results import Answer, Unanswered
from conformance.runs.selection import Selection, SelectionError, check_cases
from conformance.traffic.cassette_writer import keep

MAX_CONSECUTIVE_FAILURES = 3
"""Cases in a row without a whole answer after which the others are not asked; where several are
asked at once, those on their way do not count."""

_PLAIN = "chat-plain"
"""The case by which is told whether an endpoint answers anything at all."""

_NOT_TO_THIS = {
    HTTPStatus.UNAUTHORIZED: "the key was refused",
    HTTPStatus.PAYMENT_REQUIRED: "it wants to be paid",
    HTTPStatus.FORBIDDEN: "this is not allowed",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "a proxy wants credentials",
    HTTPStatus.TOO_MANY_REQUESTS: "a rate limit",
    HTTPStatus.SERVICE_UNAVAILABLE: "it is not available",
}
"""The answers to another question than the one that was asked."""


def target_of(base_url: str, model: str, key_variable: str, selection: Selection) -> LiveTarget:
    """The target a user describes. Raises SelectionError where it is none."""
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
    """Of the cases selected those a target can be asked, and those it cannot with the reason.
    Raises SelectionError for an unknown case.

    Without ``everything`` only the core cases are asked, unless others are named.
    """
    check_cases(selection.cases, (case.id for case in cases()))
    asked: list[Case] = []
    left: list[Unanswered] = []
    for case in cases():
        if selection.cases and case.id not in selection.cases:
            continue
        why = reason_to_leave(case, target.profile, keyed=target.keyed)
        if not why and not (everything or selection.cases or case.core):
            why = "not a core case: --all sends it too"
        if why:
            left.append(Unanswered(target.name, case.id, why))
        else:
            asked.append(case)
    return asked, left


def may_cost_money(base_url: str) -> bool:
    """Whether an endpoint is somewhere else than on this machine or in its own network."""
    host = urlsplit(base_url).hostname or ""
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host.removesuffix(".") and not host.endswith(
            (".local", ".internal", ".localhost", ".test")
        )


@dataclass(frozen=True, slots=True)
class AskOptions:
    """How a target is asked: how many cases at once, within which budget and limits, and where
    answers are kept: cassettes, in each of the folders."""

    at_once: int = 1
    budget: Budget = field(default_factory=Budget)
    folders: tuple[Path, ...] = ()
    limits: Limits = field(default_factory=Limits)


_ONE_BY_ONE = AskOptions()


def ask(
    target: LiveTarget,
    asked: Sequence[Case],
    options: AskOptions = _ONE_BY_ONE,
    tell: Callable[[Attempt], None] = lambda _: None,
) -> Iterator[list[Answer | Unanswered]]:
    """Send the cases, and give what comes back to each, as it comes; ``tell`` is told of what had
    to be asked again. Raises TargetError and OSError.

    A key that is refused and a rate limit are answers to another question than the one that was
    asked: they are not judged. After some cases without an answer the plainest is asked: where that
    is answered, it was what they asked for, and the others are asked too.
    """
    endpoint = with_retries(
        BudgetMeter(options.budget).asking(
            lambda case: http_client.send(case, target, options.limits)
        ),
        tell,
    )

    def work(case: Case) -> list[Exchange | Unreachable]:
        outcomes = _of_one_recording(converse(case, endpoint))
        answers = [
            outcome
            for outcome in outcomes
            if isinstance(answer_of(target.name, case, 1, outcome), Answer)
            and isinstance(outcome, Exchange)
        ]
        if len(answers) == len(outcomes):  # neither a refusal nor half a conversation is kept
            for folder in options.folders:
                keep(answers, case, folder / target.name)
        return outcomes

    in_vain = 0
    left = {case.id: case for case in asked}
    for case, outcomes in done(work, asked, options.at_once):
        del left[case.id]
        turns = [
            answer_of(target.name, case, turn, outcome) for turn, outcome in enumerate(outcomes, 1)
        ]
        yield turns
        missing = [
            each
            for turn in turns
            if (each := turn if isinstance(turn, Unanswered) else cut_of(turn))
        ]
        in_vain = in_vain + 1 if missing and _was_asked(outcomes[0]) else 0
        if in_vain == MAX_CONSECUTIVE_FAILURES + options.at_once - 1:
            if _answers_anything(target, endpoint):
                in_vain = 0
                continue
            yield [
                Unanswered(
                    target.name,
                    name,
                    f"given up after {in_vain} cases in a row without an answer: {missing[-1].why}",
                )
                for name in left
            ]
            return


def _answers_anything(target: LiveTarget, endpoint: Endpoint) -> bool:
    plain = next(case for case in cases() if case.id == _PLAIN)
    turn = answer_of(target.name, plain, 1, endpoint(plain))
    return (
        isinstance(turn, Answer)
        and turn.exchange.response.status == HTTPStatus.OK
        and not turn.exchange.response.truncated
    )


def _was_asked(outcome: Exchange | Unreachable) -> bool:
    return isinstance(outcome, Exchange) or outcome.asked


def _of_one_recording(outcomes: Iterable[Exchange | Unreachable]) -> list[Exchange | Unreachable]:
    """The turns of a case, all with what the first says of where they come from and why one was
    cut, as the cassette that holds them says it."""
    found = list(outcomes)
    exchanges = [each for each in found if isinstance(each, Exchange)]
    if not exchanges:
        return found
    meta = dict(
        ChainMap(
            dict(exchanges[0].meta),
            *({"why_cut": each.meta["why_cut"]} for each in exchanges if "why_cut" in each.meta),
        )
    )
    return [replace(each, meta=meta) if isinstance(each, Exchange) else each for each in found]


def answer_of(
    target: str, case: Case, turn: int, outcome: Exchange | Unreachable
) -> Answer | Unanswered:
    """What came back in one turn of a case, or why it is none to judge."""
    name = turn_of(case.id, turn)
    if isinstance(outcome, Unreachable):
        return Unanswered(target, name, outcome.why)
    status = outcome.response.status
    if status == HTTPStatus.NOT_FOUND and _asks_the_model(case):
        return Unanswered(
            target, name, f"status {status}, there is no such model, or nothing at this URL"
        )
    refuses = status == HTTPStatus.SERVICE_UNAVAILABLE and wants_a_refusal(
        case.id
    )  # servers do answer so what they cannot read
    why = _neither_answer_nor_error(outcome) or (
        "" if case.auth != "right" or refuses else _other_question(outcome)
    )
    return (
        Unanswered(target, name, f"status {status}, {why}")
        if why
        else Answer(target, name, outcome)
    )


def _neither_answer_nor_error(exchange: Exchange) -> str:
    """What a status between is, "" for 200 and for errors."""
    if (
        exchange.response.status >= HTTPStatus.BAD_REQUEST
        or exchange.response.status == HTTPStatus.OK
    ):
        return ""
    where = dict(exchange.response.headers).get("location")
    return f"it redirects to {where}, which is not followed" if where else "which is no answer"


def _other_question(exchange: Exchange) -> str:
    """Why an error in answer to a request with the right key is none to what was asked, "" where it
    is."""
    status = exchange.response.status
    return (
        _NOT_TO_THIS[HTTPStatus.UNAUTHORIZED]
        if is_bad_key(exchange)
        else next((why for code, why in _NOT_TO_THIS.items() if code == status), "")
    )


def _asks_the_model(case: Case) -> bool:
    """Whether a case asks for the model of the target where every other one is answered, so that it
    cannot be at fault for what is not found."""
    return (
        case.path == CHAT_COMPLETIONS
        and isinstance(case.body, dict)
        and case.body.get("model") == MODEL
    )


def reason_to_leave(case: Case, name: str, *, keyed: bool) -> str:
    """Why a case is not asked of a target with this profile, "" where it is."""
    if missing := case.needs - profile(name).capabilities:
        return f"not supported by {name}: {', '.join(sorted(missing))}"
    return "" if keyed or case.auth == "right" else "needs a target with an API key"
