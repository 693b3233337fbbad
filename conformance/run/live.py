"""A live run: the cases a target can be asked, one after another. Whoever iterates sends."""

import re
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from conformance.cases import Case, cases
from conformance.endpoints import live
from conformance.endpoints.asking import Unreachable
from conformance.endpoints.live import Target
from conformance.exchange import Exchange
from conformance.profiles import FALLBACK, profile, profile_for_url
from conformance.run.replay import turn_of
from conformance.run.selection import Selection, SelectionError, check_cases
from conformance.run.values import Answer, Unanswered
from conformance.traffic.secret_text import BY_LOOK, scrub

PATIENCE = 3
"""Cases in a row without an answer after which the others are not asked."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_REFUSED = {HTTPStatus.UNAUTHORIZED: "the key was refused", HTTPStatus.FORBIDDEN: "this is not allowed", HTTPStatus.TOO_MANY_REQUESTS: "a rate limit"}


def target_of(base_url: str, model: str, key_variable: str, selection: Selection) -> Target:
    """The target a user describes. Raises SelectionError where it is none."""
    typed = scrub(base_url, BY_LOOK)[0]
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise SelectionError(f"--base-url {typed!r}: {error}") from None
    if "@" in parts.netloc:  # httpx would send it instead of the key
        raise SelectionError(f"--base-url {typed!r}: leave user and password out; --api-key-env VAR names the variable that holds the key")
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise SelectionError(f"--base-url {typed!r}: write http:// or https://, a host and the path before /chat/completions")
    name = selection.targets[0] if selection.targets else re.sub(r"[^A-Za-z0-9.]+", "-", f"{host}-{port}" if port else host).strip("-.")
    if not _NAME.fullmatch(name):
        raise SelectionError(f"--target {name!r}: a target is named with letters, digits, '.', '_' and '-'")
    told = selection.profile or profile_for_url(f"{base_url.rstrip('/')}/chat/completions")
    return Target(name, base_url, model, told or FALLBACK, key_variable, assumed=told is None)


def chosen(target: Target, selection: Selection) -> tuple[list[Case], list[Unanswered]]:
    """Of the cases selected those a target can be asked, and those it cannot with the reason. Raises SelectionError for an unknown case."""
    check_cases(selection.cases, (case.id for case in cases()))
    asked: list[Case] = []
    left: list[Unanswered] = []
    for case in cases():
        if selection.cases and case.id not in selection.cases:
            continue
        if why := reason_to_leave(case, target.profile, keyed=bool(target.key_variable)):
            left.append(Unanswered(target.name, case.id, why))
        else:
            asked.append(case)
    return asked, left


def ask(target: Target, asked: Sequence[Case], folder: Path | None = None) -> Iterator[list[Answer | Unanswered]]:
    """Send the cases, and give what comes back to each; with a folder, keep each answer as a cassette in it. Raises TargetError and OSError.

    A key that is refused and a rate limit are answers to another question than the one that was asked: they are not judged.
    """
    silent = 0
    for number, (case, outcomes) in enumerate(live.ask(target, asked, folder), 1):
        silent = silent + 1 if isinstance(outcomes[0], Unreachable) else 0
        yield [answer_of(target.name, case, turn, outcome) for turn, outcome in enumerate(outcomes, 1)]
        if silent == PATIENCE:
            yield [Unanswered(target.name, rest.id, f"not asked after {PATIENCE} cases in a row without an answer") for rest in asked[number:]]
            return


def answer_of(target: str, case: Case, turn: int, outcome: Exchange | Unreachable) -> Answer | Unanswered:
    """What came back in one turn of a case, or why it is none to judge."""
    name = turn_of(case.id, turn)
    if isinstance(outcome, Unreachable):
        return Unanswered(target, name, outcome.why)
    status = outcome.response.status
    if status in _REFUSED and case.auth == "right":
        return Unanswered(target, name, f"status {status}, {_REFUSED[HTTPStatus(status)]}")
    return Answer(target, name, outcome)


def reason_to_leave(case: Case, name: str, *, keyed: bool) -> str:
    """Why a case is not asked of a target with this profile, "" where it is."""
    if missing := case.needs - profile(name).capabilities:
        return f"{name} lacks what it needs: {', '.join(sorted(missing))}"
    return "" if keyed or case.auth == "right" else "a target without a key cannot refuse one"
