"""The command that repeats a run for one case, as reports show it."""

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from conformance.cli.run_options import RunOptions
from conformance.traffic.redaction.patterns import BY_LOOK, scrub

if TYPE_CHECKING:
    from conformance.endpoints.client.live_target import LiveTarget

_SECRET = ("project", "project_number")
"""Options whose value identifies an account: a placeholder stands for it."""


def repeat_command(options: RunOptions, target: "LiveTarget | None" = None) -> str:
    """Return the command to which ``--case ID`` is added to repeat a run for one case.

    It has the options that decide where to send and how to judge, quoted for a shell. It has no
    value of a header field and no other secret.

    Args:
        options: The options of the run.
        target: The target of a live run, None for a replay.
    """
    words = _of_replay(options) if target is None else _of_live_run(options, target)
    own = [word for path in options.own_cases for word in ("--cases", str(path))]
    return shlex.join(["conformance", "run", *words, *own, *_of_judging(options)])


def _of_judging(options: RunOptions) -> Iterator[str]:
    judging = options.judging
    if judging.behind:
        yield from ("--behind", judging.behind)
    if judging.expectations:
        yield from ("--expectations", str(judging.expectations))
    if judging.fail_on != "must":
        yield from ("--fail-on", judging.fail_on)


def _of_replay(options: RunOptions) -> Iterator[str]:
    if options.profile:
        yield from ("--profile", options.profile)
    if len(options.targets) == 1:
        yield from ("--target", options.targets[0])


def _of_live_run(options: RunOptions, target: "LiveTarget") -> Iterator[str]:
    at = options.at
    if at.base_url:
        yield scrub(at.base_url, BY_LOOK)[0]
    else:
        yield "--live"
    if at.base_url or at.model:
        yield from ("--model", target.model)
    if options.profile:
        yield from ("--profile", options.profile)
    for name in options.targets:
        yield from ("--target", name)
    for key in (
        "api_key_env",
        "auth",
        "project",
        "location",
        "endpoint",
        "project_number",
        "api_version",
    ):
        if value := getattr(at, key):
            option = f"--{key.replace('_', '-')}"
            yield from (option, key.upper() if key in _SECRET else value)
    for header in at.headers:
        yield from ("-H", f"{header.partition(':')[0].strip()}:VALUE")
