"""The options that say where to send, which every command that sends has, and the target they make
with the environment and ``conformance.toml``."""

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import click

if TYPE_CHECKING:
    from conformance.endpoints.client.live_target import LiveTarget

TargetOptions: TypeAlias = Mapping[str, str | None]
"""What was typed of where to send, by the name of the setting."""

_OPTIONS = {
    "base_url": click.option(
        "--base-url", metavar="URL", help="Where to send; /chat/completions is added to it."
    ),
    "model": click.option("--model", metavar="ID", help="The model to ask for."),
    "api_key_env": click.option(
        "--api-key-env",
        metavar="VAR",
        help="The environment variable that holds the API key or the access token.",
    ),
    "project": click.option(
        "--project",
        metavar="ID",
        help="In place of a URL: the project on Google Cloud. Takes --profile.",
    ),
    "location": click.option(
        "--location", metavar="REGION", help="The region, such as us-central1, or global."
    ),
    "endpoint": click.option(
        "--endpoint", metavar="ID", help="The endpoint that a model of one's own is deployed to."
    ),
    "project_number": click.option(
        "--project-number",
        metavar="N",
        help="The number of the project, for an endpoint with a host of its own.",
    ),
    "api_version": click.option(
        "--api-version",
        type=click.Choice(["v1", "v1beta1"]),
        help="The version in the URL.  [default: v1]",
    ),
}


def target_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a target; it gets what was typed as ``at``."""

    @functools.wraps(command)
    def called(**options: Any) -> None:
        at = {name: options.pop(name) for name in _OPTIONS}
        command(at=at, **options)

    for each in reversed(_OPTIONS.values()):
        each(called)
    return called


def typed(at: TargetOptions) -> dict[str, str | None]:
    """What was typed, by the names of the options."""
    return {f"--{name.replace('_', '-')}": value for name, value in at.items()}


def target_here(
    at: TargetOptions, profile: str | None, name: str | None, *, keyless: bool = False
) -> "LiveTarget":
    """The target that options, environment and the nearest ``conformance.toml`` describe; it has a
    key where it is known to want one, unless ``keyless``.

    Raises SelectionError and OSError.
    """
    import os
    from pathlib import Path

    from conformance.endpoints.client.config_file import nearest, read
    from conformance.endpoints.client.live_target import TargetError
    from conformance.endpoints.client.target_settings import missing_key, resolve
    from conformance.runs.selection import SelectionError

    path = nearest(Path.cwd())
    try:
        target = resolve(
            {**at, "profile": profile, "target": name},
            os.environ,
            read(Path(os.path.relpath(path))) if path else None,
        )
        if not keyless and (why := missing_key(target)):
            raise TargetError(why)
    except TargetError as error:
        raise SelectionError(str(error)) from None
    return target
