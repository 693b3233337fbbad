"""The live target of ``run``, from its URL or its other options; its model may be found."""

import re
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conformance._text import printable
from conformance.cli.run_options import RunOptions
from conformance.cli.target_options import target_here
from conformance.runs.selection import SelectionError
from conformance.traffic.redaction.patterns import BY_LOOK, MARK, scrub

if TYPE_CHECKING:
    from conformance.endpoints.client.live_target import LiveTarget

_URL, _BASE_URL = "URL", "--base-url"


class NoAnswer(Exception):
    """The list of models could not be read; the message says why and how to fix it.

    ``target`` is the name of the target.
    """

    def __init__(self, why: str, target: str) -> None:
        super().__init__(why)
        self.target = target


@dataclass(frozen=True, slots=True)
class FoundTarget:
    """A target, and the number of requests that were sent to find its model."""

    target: "LiveTarget"
    requests: int = 0


def with_url(options: RunOptions) -> RunOptions:
    """Return the options of a live run if the argument URL is given, otherwise the same.

    Raises SelectionError if the argument is not a URL, or if --base-url is given too.
    """
    if options.url is None:
        return options
    shown = repr(_shown(options.url))
    if urlsplit(options.url.partition("?")[0]).scheme.lower() not in ("http", "https"):
        fix = f"http://{options.url}" if _looks_like_host(options.url) else "http://HOST:PORT/v1"
        raise SelectionError(
            f"{shown} is not a URL: write one such as {_shown(fix)} to ask an endpoint,"
            " --target NAME to replay recordings, or use `conformance lint PATH` for your own"
        )
    if options.at.base_url:
        raise SelectionError(f"{_URL} and {_BASE_URL}: give only one of them")
    return replace(options, live=True, at=replace(options.at, base_url=options.url))


def _shown(text: str) -> str:
    """Return a text without what looks like a secret, also if it lacks the scheme of a URL."""
    hidden = re.sub(r"[^/\s]*(?=@)", MARK, text)
    return scrub(hidden, BY_LOOK)[0]


def _looks_like_host(text: str) -> bool:
    host, colon, port = text.partition("/")[0].partition(":")
    return bool(host) and (port.isdecimal() if colon else host == "localhost")


def found_target(options: RunOptions, profile: str | None) -> FoundTarget:
    """Return the target of a live run; without a model, ask the endpoint for its only one.

    With --plan nothing is sent, so that a model must be given.

    Raises:
        SelectionError: The options describe no target, or no model.
        NoAnswer: The endpoint does not answer the request for its models.
    """
    name = options.targets[0] if options.targets else None
    try:
        target = target_here(options.at, profile, name, model_may_lack=not options.plan)
    except SelectionError as error:
        if options.url and str(error).startswith(f"{_BASE_URL} "):
            raise SelectionError(f"{_URL}{str(error).removeprefix(_BASE_URL)}") from None
        raise
    if target.model:
        return FoundTarget(target)
    return _with_model(target, options)


def _with_model(target: "LiveTarget", options: RunOptions) -> FoundTarget:
    from conformance.endpoints.client import http_client
    from conformance.endpoints.client.diagnosis import diagnosed
    from conformance.endpoints.client.doctor import check_settings, proxy_of
    from conformance.endpoints.client.http_client import Limits
    from conformance.endpoints.client.live_target import LiveTarget, TargetError
    from conformance.endpoints.client.models_list import PATH, with_only_model
    from conformance.endpoints.client.preflight import CONNECT
    from conformance.endpoints.client.readiness import wait_until_ready

    if wrong := next((check for check in check_settings(target) if check.fix), None):
        raise NoAnswer(f"{wrong.said} - fix: {wrong.fix}", target.name)
    if options.max_requests == 0:
        raise SelectionError("no model: --max-requests 0 allows no request for it; give --model ID")
    limits = Limits(connect=CONNECT, read=options.timeout, whole=options.timeout)
    try:
        wait_until_ready(target, options.wait)
        found = with_only_model(target, lambda case: http_client.send(case, target, limits))
    except TargetError as error:
        raise SelectionError(str(error)) from None
    if not isinstance(found, LiveTarget):
        check = diagnosed(found, target, proxy_of(target.base_url))
        raise NoAnswer(f"{check.said} - fix: {check.fix}", target.name)
    print(
        printable(f"The model is {found.model}, the only one that {target.base_url}{PATH} lists."),
        file=sys.stderr,
    )
    return FoundTarget(found, 1)
