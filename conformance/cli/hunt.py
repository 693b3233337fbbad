"""The command ``hunt``: asks a target requests that nobody thought of, and shows the smallest that
are answered wrongly."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from conformance.cases import CaseError
from conformance.cli.exit import usage_error
from conformance.cli.target_options import TargetOptions, target_here, typed
from conformance.endpoints.client.budget import Budget, BudgetMeter
from conformance.endpoints.client.http_client import send
from conformance.endpoints.client.live_target import LiveTarget, TargetError
from conformance.endpoints.client.retries import with_retries
from conformance.endpoints.endpoint import Endpoint
from conformance.endpoints.reference import PROFILES
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.endpoints.reference.in_process import NAME, embedded
from conformance.judging.profiles import profile
from conformance.judging.requirements import requirements
from conformance.runs.selection import Selection, SelectionError, check

REFERENCE = "vertex-gemini"
"""The profile of the reference endpoint where none is chosen."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was typed."""

    profile: str | None
    features: tuple[str, ...]
    requirements: tuple[str, ...]
    max_requests: int
    seed: int
    save: Path | None
    form: str
    live: bool
    at: TargetOptions
    target: str | None = None


def run(options: Options) -> int:
    """Hunt and print what was found; 1 where something was, 3 where nothing was as the target
    answered nothing or stopped answering."""
    if find_spec("hypothesis") is None:
        return usage_error(
            "hunting needs Hypothesis, which is not installed: pip install"
            " 'chat-conformance[suites]'"
        )
    from conformance.reports.json.hunt import as_json
    from conformance.reports.text.hunt import render
    from conformance.runs.hunt import hunt
    from conformance.runs.hunt.saving import readable, save

    try:
        target, endpoint = _target(options)
        wanted, only = _features(options), frozenset(options.requirements)
        if options.save:
            readable(options.save)
        with _progress(options.max_requests) as tell:
            found = hunt(
                endpoint,
                profile(target.profile),
                most=options.max_requests,
                seed=options.seed,
                wanted=wanted,
                only=only,
                tell=tell,
            )
        saved = save(options.save, found.failures) if options.save else []
    except (SelectionError, TargetError, CaseError) as error:
        return usage_error(str(error))
    except ValueError as error:
        return usage_error(f"{error} of a target that is {target.profile}")
    sys.stdout.write(
        as_json(found, target) if options.form == "json" else render(found, target, saved)
    )
    return 1 if found.failures else 3 if found.in_vain else 0


def _target(options: Options) -> tuple[LiveTarget, Endpoint]:
    """What is asked: a live endpoint, or the reference endpoint in process. Raises
    SelectionError."""
    selection = Selection(options.profile, requirements=frozenset(options.requirements))
    check(selection)
    if beyond := [
        name for name in options.requirements if requirements()[name].needs != "exchange"
    ]:
        raise SelectionError(
            f"--requirement {beyond[0]}: it takes several exchanges or a request made for it to"
            " show, neither of which a hunt asks"
        )
    if options.live:
        target = target_here(options.at, options.profile, options.target)
        paid = BudgetMeter(Budget(requests=options.max_requests)).asking(
            partial(send, target=target)
        )
        return target, with_retries(paid, lambda _: None)
    if used := [
        name for name, value in {**typed(options.at), "--target": options.target}.items() if value
    ]:
        raise SelectionError(
            f"{', '.join(used)}: only together with --live, as nothing is sent without it"
        )
    name = options.profile or REFERENCE
    if name not in PROFILES:
        raise SelectionError(
            f"--profile {name}: without --live the suite answers itself, as {', '.join(PROFILES)}"
        )
    dialect = dialect_of(name)
    return LiveTarget(
        NAME, f"https://{name}.invalid{dialect.example}", dialect.listed[0], name
    ), embedded(name)


def _features(options: Options) -> tuple[str, ...]:
    from conformance.cases.features import FEATURES

    if unknown := sorted(set(options.features) - FEATURES.keys()):
        raise SelectionError(
            f"unknown feature {', '.join(map(repr, unknown))}; there are {', '.join(FEATURES)}"
        )
    return options.features


@contextmanager
def _progress(most: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error if that is a terminal, moved by the number of requests."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    with Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as progress:
        task = progress.add_task("", total=most)
        yield lambda asked: progress.update(task, completed=asked)
