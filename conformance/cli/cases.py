"""The command ``cases``: list the cases, which are the requests that a run sends."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from conformance.cli.cases_import import import_command
from conformance.cli.exit import exit_with, usage_error

if TYPE_CHECKING:
    from conformance.cases import Case


class _ListedByDefault(click.Group):
    """A group that lists the cases unless its first argument is a command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command to list the cases before arguments that name no command."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_ListedByDefault,
    commands=[import_command],
    short_help="List the cases, which are the requests that a run sends.",
)
def cases() -> None:
    """List the cases, which are the requests that a run sends, or make cases from traffic.

    Without a command, `conformance cases [ID]...` lists them; `conformance cases list --help` has
    the options.
    """


@cases.command("list", short_help="List all cases, or those with these IDs.")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "curl"]),
    default="text",
    show_default=True,
    help="The format of the list; curl prints one curl command per case.",
)
@click.option(
    "--core",
    metavar="PROFILE",
    help="List only the core cases of a profile, such as vertex-gemini, with their purpose.",
)
@click.option(
    "--base-url",
    metavar="URL",
    help="With --format curl: the base URL of the endpoint; /chat/completions is appended.",
)
@click.option("--model", metavar="ID", help="With --format curl: the model to request.")
def list_command(
    ids: tuple[str, ...], form: str, core: str | None, base_url: str | None, model: str | None
) -> None:
    """List all cases, or those with the given IDs.

    Each case is listed with what it tests and what a target must support. With --format json the
    list also contains the complete request of each case.

    The commands of --format curl read the API key from the environment variable API_KEY. The
    command for a conversation contains only its first turn.

    Exit codes: 0 success, 2 bad usage or a broken case file.
    """
    exit_with(lambda: _cases(ids, form, core, base_url, model))


def _cases(
    ids: Sequence[str], form: str, core: str | None, base_url: str | None, model: str | None
) -> int:
    """Print the cases with these ids, or all; return 2 for bad usage or a broken case, else 0."""
    from conformance.cases import CaseError
    from conformance.reports.case_list import as_json, as_text
    from conformance.runs.selection import SelectionError

    try:
        purposes = _core(core) if core else {}
        if core and ids:
            raise SelectionError("--core lists the core cases of a profile; leave out the IDs")
        listed = _select(tuple(purposes) or ids)
        if form == "curl":
            sys.stdout.buffer.write(_curl_commands(listed, base_url, model))
            return 0
        if base_url or model:
            raise SelectionError("--base-url, --model: only valid with --format curl")
    except (CaseError, SelectionError) as error:
        return usage_error(str(error))
    if form == "json":
        sys.stdout.buffer.write(as_json(listed, purposes) + b"\n")
    else:
        sys.stdout.write(
            as_text(
                listed,
                shutil.get_terminal_size().columns if sys.stdout.isatty() else None,
                purposes,
            )
        )
    return 0


def _core(name: str) -> "Mapping[str, str]":
    """Return the purposes of a profile's core cases. Raises SelectionError for no such profile."""
    from conformance.cases.corpus import shipped_corpus
    from conformance.judging.profiles import UnknownProfile, profile
    from conformance.runs.selection import SelectionError

    try:
        return shipped_corpus().core_of(profile(name).name)
    except UnknownProfile as error:
        raise SelectionError(f"--core: {error}") from None


def _select(ids: Sequence[str]) -> "Sequence[Case]":
    """Return the cases with these ids in the given order without repeats, or all cases.

    Raises SelectionError for an unknown id, CaseError for a broken case file.
    """
    from conformance.cases import cases
    from conformance.runs.selection import check_cases

    by_id = {case.id: case for case in cases()}
    check_cases(ids, by_id)
    return [by_id[name] for name in dict.fromkeys(ids or by_id)]


def _curl_commands(listed: "Sequence[Case]", base_url: str | None, model: str | None) -> bytes:
    """Return one curl command per case. Raises SelectionError without a valid URL or a model."""
    from conformance.endpoints.client.live_target import TargetError
    from conformance.endpoints.client.target_from_url import target_at
    from conformance.reports.repeatable_request import request_of_case
    from conformance.reports.request_code import curl
    from conformance.runs.selection import SelectionError

    if not (base_url and model):
        raise SelectionError("--format curl needs --base-url URL and --model ID")
    try:
        target = target_at(base_url, model)
    except TargetError as error:
        raise SelectionError(str(error)) from None
    return "\n".join(curl(request_of_case(case, target)) for case in listed).encode()
