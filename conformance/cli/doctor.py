"""The command ``doctor``: find out why a live target does not answer."""

import shutil
from dataclasses import dataclass
from typing import Annotated

import click

from conformance.cli.exit import exit_with, usage_error
from conformance.cli.options import Number, option, takes_options
from conformance.cli.target_options import TargetOptions, target_here, wait_option

_UNLIMITED = 1 << 20  # columns


@dataclass(frozen=True, slots=True)
class DoctorOptions:
    """The options of ``doctor`` as given on the command line."""

    profile: Annotated[
        str | None,
        option(
            "--profile", metavar="NAME", help="The profile of the target, such as vertex-gemini."
        ),
    ]
    target: Annotated[
        str | None,
        option(
            "--target",
            metavar="NAME",
            help="The name of the target, or of its table in conformance.toml.",
        ),
    ]
    timeout: Annotated[
        float,
        option(
            "--timeout",
            default=60.0,
            show_default=True,
            type=Number(0, min_open=True),
            metavar="S",
            help="The number of seconds to wait for each answer.",
        ),
    ]
    wait: Annotated[float, wait_option()]
    at: TargetOptions


@click.command(short_help="Find out why a live target does not answer.")
@takes_options(DoctorOptions)
def doctor(options: DoctorOptions) -> None:
    """Check the settings of a live target, and print how to fix each problem.

    Checks URL, proxy, host name, credentials, model and streaming.

    Sends at most two small requests to the target, and more only to wait for it.

    The target comes from the options, else from the environment (CONFORMANCE_BASE_URL,
    CONFORMANCE_MODEL, CONFORMANCE_PROJECT ...), else from conformance.toml.

    Exit codes: 0 everything works, 2 bad usage, 3 the target cannot be reached or rejects requests.
    """
    exit_with(lambda: _doctor(options))


def _doctor(options: DoctorOptions) -> int:
    """Print one line for each check of the target; return 3 if any needs a fix, else 0."""
    from conformance.endpoints.client.doctor import diagnose
    from conformance.endpoints.client.live_target import TargetError
    from conformance.runs.selection import SelectionError

    try:
        target = target_here(options.at, options.profile, options.target, keyless=True)
    except SelectionError as error:
        return usage_error(str(error))
    _print(f"target: {target.name}: {target.base_url} as {target.profile}, model {target.model}")
    is_broken = False
    try:
        for check in diagnose(target, options.timeout, options.wait):
            _print(str(check))
            is_broken = is_broken or bool(check.fix)
    except TargetError as error:
        return usage_error(str(error))
    return 3 if is_broken else 0


def _print(text: str) -> None:
    """Print a text at once, wrapped to the width of the terminal; into a pipe it is one line."""
    from conformance._text import printable
    from conformance.reports.text.page import filled

    width = shutil.get_terminal_size((_UNLIMITED, 0)).columns
    for line in filled(printable(text), width, hang=4):
        print(line.text, flush=True)
