"""Turn what a project's ``conformance_target`` fixture returns into an endpoint to call."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from conformance.cases import Case
from conformance.endpoints.client import http_client
from conformance.endpoints.client.config_file import nearest, read
from conformance.endpoints.client.live_endpoint import live_endpoint
from conformance.endpoints.client.live_target import LiveTarget, TargetError, WrongModel
from conformance.endpoints.client.readiness import wait_until_ready
from conformance.endpoints.client.target_settings import missing_key, resolve
from conformance.endpoints.endpoint import Endpoint
from conformance.judging.profiles import FALLBACK, UnknownProfile, profile
from conformance.protocol.exchange import Exchange, Request, Response
from conformance.runs.live.asking import may_cost_money, target_of
from conformance.runs.selection import Selection, SelectionError
from conformance.traffic.capture.httpx_objects import content_of, headers_of, is_response
from conformance.traffic.redaction.redact import redact

FIXTURE = "conformance_target"
"""The name of the fixture that returns the target of a project, and of that target."""

IN_PROCESS = "http://in-process.invalid/v1"
"""The base URL of a target that is a function."""

Answering: TypeAlias = Callable[[Request], Any]
"""A server in process: takes a Request, returns our Response or one of httpx or httpx2."""


class WrongTarget(ValueError):
    """Raised if the fixture returns something that is not a target; the message is one line."""


class Missing(ValueError):
    """Raised if a live target has no URL or no credential; the message is one line."""


@dataclass(frozen=True, slots=True)
class Target:
    """The endpoint that a project wants to test.

    Args:
        at: A base URL, to which ``/chat/completions`` is appended, or a function that answers a
            Request in process.
        model: The model to request.
        profile: The profile to judge by; if empty, it is derived from the URL.
        api_key_env: The environment variable that holds the API key; if empty, no key is sent.
    """

    at: str | Answering
    model: str = "default"
    profile: str = ""
    api_key_env: str = ""


@dataclass(frozen=True, slots=True)
class SuiteTarget:
    """A target that is ready to be called.

    ``assumed`` is true if the profile is only the default, ``keyed`` if a key is sent, and
    ``core_only`` if only the core cases are sent, because requests may cost money; ``model`` is the
    requested model.
    """

    name: str
    profile: str
    assumed: bool
    keyed: bool
    endpoint: Endpoint
    core_only: bool = False
    model: str = ""


def given(value: object, chosen: str | None = None, wait: float = 0.0) -> SuiteTarget:
    """Return the target for the value that a project's fixture returned.

    Sends nothing, except to wait for an endpoint that is still starting.

    Args:
        value: A base URL, a function that answers a Request, or a Target with one of them.
        chosen: The profile given on the command line, which takes precedence.
        wait: How many seconds an endpoint that is still starting is waited for.

    Raises:
        WrongTarget: The value is something else, or names an unknown profile or an unset variable.
    """
    target = (
        value
        if isinstance(value, Target)
        else Target(value)
        if isinstance(value, str) or callable(value)
        else None
    )
    if target is None or isinstance(value, type):
        raise WrongTarget(
            f"{FIXTURE} returned {_kind(value)}; it must return a base URL, a conformance.Target,"
            " or a function that answers a conformance.Request"
        )
    for field in ("model", "profile", "api_key_env"):
        if not isinstance(getattr(target, field), str):
            raise WrongTarget(
                f"{FIXTURE}: {field} is {_kind(getattr(target, field))}, not a string"
            )
    name = chosen or target.profile or None
    try:
        if name:
            profile(name)
        return _called(target, name) if callable(target.at) else _at_url(target, name, wait)
    except (UnknownProfile, SelectionError) as error:
        raise WrongTarget(f"{FIXTURE}: {str(error).removeprefix('--base-url ')}") from None


def live_target(selection: Selection, wait: float = 0.0) -> SuiteTarget:
    """Return the target from the environment and ``conformance.toml``.

    An endpoint that is still starting is waited for, up to ``wait`` seconds. Raises Missing if they
    describe none, or if it has no credential, and WrongTarget if its API has no model of this name.
    """
    from conformance.endpoints.client.credentials import (
        APPLICATION_DEFAULT,
        CredentialError,
        key_in,
    )  # brings httpx

    path = nearest(Path.cwd())
    chosen = {
        "profile": selection.profile,
        "target": selection.targets[0] if selection.targets else None,
    }
    try:
        there = resolve(chosen, os.environ, read(path) if path else None)
        if there.application_default:
            APPLICATION_DEFAULT.token()
        elif there.keyed:
            key_in(there.key_variable)
    except WrongModel as error:
        raise WrongTarget(str(error)) from None
    except (TargetError, CredentialError) as error:
        raise Missing(str(error)) from None
    if why := missing_key(there):
        raise Missing(why)
    wait_until_ready(there, wait)
    return SuiteTarget(
        there.name,
        there.profile,
        there.assumed,
        there.keyed,
        _endpoint(there),
        core_only=may_cost_money(there.base_url),
        model=there.model,
    )


def _endpoint(target: LiveTarget) -> Endpoint:
    """Return the endpoint of a target, for a remote one with its rate, retries and quotas."""
    if may_cost_money(target.base_url):
        return live_endpoint(target)
    return lambda case: http_client.send(case, target)


def _kind(value: object) -> str:
    return (
        "None"
        if value is None
        else (
            f"the class {value.__qualname__}"
            if isinstance(value, type)
            else f"a value of type {type(value).__qualname__}"
        )
    )


def _at_url(target: Target, name: str | None, wait: float) -> SuiteTarget:
    if not isinstance(target.at, str):
        raise WrongTarget(f"{FIXTURE}: at is {_kind(target.at)}, neither a base URL nor a function")
    if target.api_key_env and not os.environ.get(target.api_key_env, "").strip():
        raise WrongTarget(
            f"{FIXTURE}: the environment variable {target.api_key_env} for the API key is not set"
        )
    there = target_of(target.at, target.model, target.api_key_env, Selection(profile=name))
    wait_until_ready(there, wait)
    return SuiteTarget(
        there.name,
        there.profile,
        there.assumed,
        there.keyed,
        _endpoint(there),
        model=there.model,
    )


def _called(target: Target, name: str | None) -> SuiteTarget:
    def ask(case: Case) -> Exchange:
        request = Request(
            case.method,
            IN_PROCESS + case.path,
            (("content-type", "application/json"),),
            case.request_for(target.model),
        )
        meta = {"case": case.id, "target": "in-process"} | ({"profile": name} if name else {})
        assert callable(target.at)
        return redact(
            Exchange(f"in-process/{case.id}", request, _response(target.at(request)), meta)
        )

    return SuiteTarget(
        "in-process", name or FALLBACK, name is None, keyed=False, endpoint=ask, model=target.model
    )


def _response(answer: Any) -> Response:
    if isinstance(answer, Response):
        if wrong := next(_wrong_fields(answer), None):
            raise WrongTarget(
                f"{FIXTURE}: its function returned a conformance.Response whose {wrong}"
            )
        return replace(
            answer, headers=tuple((field.lower(), text) for field, text in answer.headers)
        )
    if is_response(answer):
        return Response(
            answer.status_code, headers_of(answer), content_of(answer), fidelity="bytes"
        )
    raise WrongTarget(
        f"{FIXTURE}: its function returned {_kind(answer)}; it must return a"
        " conformance.Response or one of httpx"
    )


def _wrong_fields(response: Response) -> Iterator[str]:
    """Yield which fields of a Response have a wrong type, as a project may not check types."""
    pairs = response.headers if isinstance(response.headers, tuple | list) else (None,)
    if type(response.status) is not int:
        yield f"status is {_kind(response.status)}, not a number"
    if not all(
        isinstance(pair, tuple | list) and [type(text) for text in pair] == [str, str]
        for pair in pairs
    ):
        yield "headers are not pairs of strings"
    if not isinstance(response.body, bytes | None):
        yield f"body is {_kind(response.body)}, not bytes"
