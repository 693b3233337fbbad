"""The live target of ``run``, from its URL or its other options; its model may be found."""

import re
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conformance._text import printable
from conformance.cli.run_options import RunOptions
from conformance.cli.target_options import target_here
from conformance.runs.selection import SelectionError
from conformance.traffic.redaction.patterns import BY_LOOK, MARK, scrub

if TYPE_CHECKING:
    from conformance.endpoints.client.live_target import LiveTarget

_URL, _BASE_URL = "URL", "--base-url"
_HOST_NAME = r"[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)*\.[a-z]{2,}"


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
    if not re.match("https?:", options.url, re.IGNORECASE):
        shown, fix = repr(_shown(options.url)), _shown(_meant_url(options.url))
        if fix:
            raise SelectionError(f"{shown} is not a URL: write {fix}")
        raise SelectionError(
            f"{shown} is not a URL: write one such as http://HOST:PORT/v1 to ask an endpoint,"
            " --target NAME to replay recordings, or use `conformance lint PATH` for your own"
        )
    if options.at.base_url:
        raise SelectionError(f"{_URL} and {_BASE_URL}: give only one of them")
    return replace(options, live=True, at=replace(options.at, base_url=options.url))


def _shown(text: str) -> str:
    """Return a text without what looks like a secret, also if it lacks the scheme of a URL."""
    hidden = re.sub(r"(?<![^/\s])[^/\s]*(?=@)", MARK, text)
    return scrub(hidden, BY_LOOK)[0]


def _meant_url(text: str) -> str:
    """Return the URL that a text without a scheme stands for, "" if it seems to be none."""
    host, colon, port = text.partition("/")[0].partition(":")
    is_number = re.fullmatch(r"[0-9]+(\.[0-9]+){3}", host) is not None
    if host and (port.isdecimal() if colon else host == "localhost" or is_number):
        return f"http://{text}"
    if "/" in text and re.fullmatch(_HOST_NAME, host, re.ASCII) and not colon:
        return f"https://{text}"
    return ""


def naming_url(why: str, options: RunOptions) -> str:
    """Return a message that names the argument URL, if it was given, in place of --base-url."""
    return why.replace(_BASE_URL, _URL) if options.url else why


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
        return FoundTarget(target) if target.model else _with_model(target, options)
    except SelectionError as error:
        raise SelectionError(naming_url(str(error), options)) from None
    except NoAnswer as error:
        raise NoAnswer(naming_url(str(error), options), error.target) from None


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
