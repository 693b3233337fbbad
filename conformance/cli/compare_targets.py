"""OLD and NEW of ``compare``: what the words on the command line stand for."""

import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from conformance._text import printable
from conformance.cli.compare_options import CompareOptions
from conformance.cli.target_options import target_here
from conformance.comparison.sample import Side
from conformance.runs.compare.saved import is_comparison
from conformance.runs.selection import SelectionError
from conformance.traffic.redaction.patterns import BY_LOOK, scrub

if TYPE_CHECKING:
    from conformance.endpoints.client.live_target import LiveTarget

_URL = re.compile("https?:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A side that is asked: its URL or the name of its target, None for the options alone."""

    text: str | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A side whose answers are there: a saved comparison, a saved run or recorded traffic."""

    path: Path


SideGiven: TypeAlias = Asked | Stored


@dataclass(frozen=True, slots=True)
class Sides:
    """What to compare; with ``new`` None, ``old`` is a saved comparison to repeat."""

    old: SideGiven
    new: SideGiven | None


def sides_of(options: CompareOptions) -> Sides:
    """Return what OLD and NEW are. Nothing is sent or read. Raises SelectionError."""
    if options.against:
        if options.new is not None:
            raise SelectionError("--against DIR is OLD: give only NEW beside it")
        return Sides(_stored(options.against), _given(options.old, options))
    if options.old is not None and options.new is not None:
        return Sides(_given(options.old, options), _given(options.new, options))
    if options.old_model and options.new_model:
        given = _given(options.old, options)
        if isinstance(given, Stored):
            raise SelectionError(
                "--old-model and --new-model: one URL or target is needed for them, not a saved one"
            )
        return Sides(given, given)
    if options.old is not None and is_comparison(Path(options.old)):
        return Sides(Stored(Path(options.old)), None)
    raise SelectionError(
        "give OLD and NEW, each a URL, a target of conformance.toml, a saved folder or recorded"
        " traffic; or one endpoint with --old-model and --new-model"
    )


def _stored(path: Path) -> Stored:
    if not path.exists():
        raise SelectionError(f"{path}: there is no such file or folder")
    return Stored(path)


def _given(text: str | None, options: CompareOptions) -> SideGiven:
    if text is None:
        if not (options.at.base_url or options.profile):
            raise SelectionError(
                "no endpoint: give a URL, or --profile with --project and --location"
            )
        return Asked(None)
    if _URL.match(text):
        return Asked(text)
    if text in (names := _target_names()):
        return Asked(text)
    if Path(text).exists():
        return Stored(Path(text))
    named = f"; conformance.toml has {', '.join(names)}" if names else ""
    raise SelectionError(
        f"{scrub(text, BY_LOOK)[0]!r} is neither a URL such as http://HOST:PORT/v1, nor a target of"
        f" conformance.toml, nor a file or folder{named}"
    )


def _target_names() -> list[str]:
    """Return the names of the targets in conformance.toml. Raises SelectionError."""
    from conformance.endpoints.client.config_file import nearest, read
    from conformance.endpoints.client.live_target import TargetError

    path = nearest(Path.cwd())
    try:
        return [*read(path).targets] if path else []
    except TargetError as error:
        raise SelectionError(str(error)) from None


@dataclass(frozen=True, slots=True)
class FoundSide:
    """A target, and the number of requests that were sent to find its model."""

    target: "LiveTarget"
    requests: int = 0


def target_of(side: Side, given: Asked, options: CompareOptions) -> FoundSide:
    """Return the target of a side; without a model, its only one is asked for, unless --plan.

    Raises SelectionError, with the name of the side.
    """
    text = given.text
    is_url = text is not None and _URL.match(text) is not None
    is_old = side == "old"
    at = options.at
    at = replace(
        at,
        base_url=text if is_url else at.base_url,
        model=(options.old_model if is_old else options.new_model) or at.model,
        api_key_env=(options.old_api_key_env if is_old else options.new_api_key_env)
        or at.api_key_env,
        headers=(*at.headers, *(options.old_headers if is_old else options.new_headers)),
    )
    name = None if is_url else text
    try:
        target = target_here(at, options.profile, name, model_may_lack=not options.plan)
        return FoundSide(target) if target.model else _with_model(side, target, options)
    except SelectionError as error:
        why = str(error).replace("--base-url", side.upper())
        for option in ("--model", "--api-key-env", "--header"):
            why = why.replace(f" {option}", f" --{side}-{option[2:]}")
        raise SelectionError(f"{side.upper()}: {why}") from None


def _with_model(side: Side, target: "LiveTarget", options: CompareOptions) -> FoundSide:
    from conformance.endpoints.client import http_client
    from conformance.endpoints.client.diagnosis import diagnosed
    from conformance.endpoints.client.doctor import check_settings, proxy_of
    from conformance.endpoints.client.http_client import Limits
    from conformance.endpoints.client.live_target import LiveTarget, TargetError
    from conformance.endpoints.client.models_list import PATH, with_only_model
    from conformance.endpoints.client.preflight import CONNECT
    from conformance.endpoints.client.readiness import wait_until_ready
    from conformance.runs.compare.session import NotReady

    if wrong := next((check for check in check_settings(target) if check.fix), None):
        raise NotReady(f"{side.upper()}: {wrong.said} - fix: {wrong.fix}")
    limits = Limits(connect=CONNECT, read=options.timeout, whole=options.timeout)
    try:
        wait_until_ready(target, options.wait)
        found = with_only_model(target, lambda case: http_client.send(case, target, limits))
    except TargetError as error:
        raise SelectionError(str(error)) from None
    if not isinstance(found, LiveTarget):
        check = diagnosed(found, target, proxy_of(target.base_url))
        raise NotReady(f"{side.upper()}: {check.said} - fix: {check.fix}")
    print(
        printable(
            f"The model of {side.upper()} is {found.model}, the only one that"
            f" {target.base_url}{PATH} lists."
        ),
        file=sys.stderr,
    )
    return FoundSide(found, 1)
