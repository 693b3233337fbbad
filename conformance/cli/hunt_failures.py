"""The work of the command ``hunt``: call the target, print the smallest requests that fail."""

import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.cases import Case, CaseError
from conformance.cli.exit import usage_error
from conformance.cli.hunt_options import HuntOptions
from conformance.cli.options import live_only_in_use
from conformance.cli.target_options import target_here
from conformance.endpoints.client.budget import Budget
from conformance.endpoints.client.live_endpoint import live_endpoint
from conformance.endpoints.client.live_target import LiveTarget, TargetError
from conformance.endpoints.client.readiness import wait_until_ready
from conformance.endpoints.endpoint import Endpoint
from conformance.endpoints.reference import PROFILES
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.endpoints.reference.in_process import NAME, embedded
from conformance.judging.profiles import profile
from conformance.judging.requirements import requirements
from conformance.runs.progress import progress_bar
from conformance.runs.selection import Selection, SelectionError, check

if TYPE_CHECKING:
    from conformance.runs.hunt import Failure

REFERENCE = "vertex-gemini"
"""The profile of the reference endpoint if the command line names none."""


def hunt_failures(options: HuntOptions) -> int:
    """Hunt and print the failures; return the exit code.

    The code is 1 if a requirement is broken, 2 for bad usage, 3 if there is no failure because
    the target never answered or stopped answering, else 0.
    """
    if find_spec("hypothesis") is None:
        return usage_error(
            "hunt needs Hypothesis, which is not installed: pip install 'chat-conformance[suites]'"
        )
    from conformance.reports.json.hunt import as_json
    from conformance.reports.text.hunt import render
    from conformance.runs.hunt import hunt
    from conformance.runs.hunt.saving import readable

    try:
        target, endpoint = _target(options)
        wanted, only = _features(options), frozenset(options.requirements)
        if options.save:
            readable(options.save)
        with progress_bar(options.max_requests) as bar:
            result = hunt(
                endpoint,
                profile(target.profile),
                target.model,
                most=options.max_requests,
                seed=options.seed,
                wanted=wanted,
                only=only,
                tell=bar.move_to,
            )
    except (SelectionError, TargetError, CaseError) as error:
        return usage_error(str(error))
    except ValueError as error:
        return usage_error(f"{error} of a target that is {target.profile}")
    saved, unsaved = _saved(options.save, result.failures)
    sys.stdout.write(
        as_json(result, target) if options.form == "json" else render(result, target, saved)
    )
    if unsaved:
        raise unsaved
    return 1 if result.failures else 3 if result.in_vain else 0


def _saved(
    path: Path | None, failures: Iterable["Failure"]
) -> tuple[list[Case], OSError | CaseError | None]:
    """Save the failures, if there is a path; return the new cases, or why they cannot be saved."""
    from conformance.runs.hunt.saving import save

    try:
        return (save(path, failures) if path else []), None
    except (OSError, CaseError) as error:
        return [], error


def _target(options: HuntOptions) -> tuple[LiveTarget, Endpoint]:
    """Return a live target and its endpoint, or those of the built-in reference endpoint.

    Raises SelectionError.
    """
    check(Selection(options.profile, requirements=frozenset(options.requirements)))
    if beyond := [
        name for name in options.requirements if requirements()[name].needs != "exchange"
    ]:
        raise SelectionError(
            f"--requirement {beyond[0]}: a hunt cannot test it, as it needs several exchanges or a"
            " dedicated request"
        )
    if options.live:
        target = target_here(options.at, options.profile, options.target)
        wait_until_ready(target, options.wait)
        return target, live_endpoint(target, Budget(requests=options.max_requests))
    if names := live_only_in_use(options):
        raise SelectionError(
            f"{', '.join(names)}: only valid with --live; without it nothing is sent"
        )
    name = options.profile or REFERENCE
    if name not in PROFILES:
        raise SelectionError(
            f"--profile {name}: without --live only the built-in reference endpoint is called, and"
            f" it answers as {', '.join(PROFILES)}"
        )
    dialect = dialect_of(name)
    return LiveTarget(
        NAME, f"https://{name}.invalid{dialect.example}", dialect.listed[0], name
    ), embedded(name)


def _features(options: HuntOptions) -> tuple[str, ...]:
    from conformance.cases.features import FEATURES

    if unknown := sorted(set(options.features) - FEATURES.keys()):
        raise SelectionError(
            f"unknown feature {', '.join(map(repr, unknown))}; there are {', '.join(FEATURES)}"
        )
    return options.features
