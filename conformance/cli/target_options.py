"""The options that say where to send requests, shared by all commands that send any."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import click

from conformance.cli.options import Number, option

if TYPE_CHECKING:
    from conformance.endpoints.client.live_target import LiveTarget

ENDPOINT, GOOGLE_CLOUD, PACE = "Endpoint", "Google Cloud", "Pace and budget"
"""Headings of ``--help``."""


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """Where to send requests, as given on the command line; None for an option not given.

    The field names are the names of the settings in ``conformance.toml``.
    """

    base_url: Annotated[
        str | None,
        option(
            "--base-url",
            metavar="URL",
            help="The base URL of the endpoint; /chat/completions is appended.",
            live_only=True,
            group=ENDPOINT,
        ),
    ]
    model: Annotated[
        str | None,
        option(
            "--model",
            metavar="ID",
            help="The model to request. `run URL` takes the only one that GET /models lists.",
            live_only=True,
            group=ENDPOINT,
        ),
    ]
    api_key_env: Annotated[
        str | None,
        option(
            "--api-key-env",
            metavar="VAR",
            help="The environment variable that holds the API key or access token.",
            live_only=True,
            group=ENDPOINT,
        ),
    ]
    auth: Annotated[
        str | None,
        option(
            "--auth",
            type=click.Choice(["google", "bearer", "api-key", "x-goog-api-key"]),
            help=(
                "How to send the credential: as a Google token, as a bearer token, or as a key in"
                " the header of that name. By default the profile and the host decide."
            ),
            live_only=True,
            group=ENDPOINT,
        ),
    ]
    headers: Annotated[
        tuple[str, ...],
        option(
            "--header",
            "-H",
            multiple=True,
            metavar="NAME:VALUE",
            help=(
                "A header field to add to each request, such as a gateway needs; repeatable. Its"
                " value is not recorded."
            ),
            live_only=True,
            group=ENDPOINT,
        ),
    ]
    project: Annotated[
        str | None,
        option(
            "--project",
            metavar="ID",
            help="The Google Cloud project, instead of a base URL. Needs --profile.",
            live_only=True,
            group=GOOGLE_CLOUD,
        ),
    ]
    location: Annotated[
        str | None,
        option(
            "--location",
            metavar="REGION",
            help="The Google Cloud location: global, us, eu, or a region such as us-central1.",
            live_only=True,
            group=GOOGLE_CLOUD,
        ),
    ]
    endpoint: Annotated[
        str | None,
        option(
            "--endpoint",
            metavar="ID",
            help="The ID of the Vertex AI endpoint on which you deployed your own model.",
            live_only=True,
            group=GOOGLE_CLOUD,
        ),
    ]
    project_number: Annotated[
        str | None,
        option(
            "--project-number",
            metavar="N",
            help="The Google Cloud project number, for an endpoint with its own host name.",
            live_only=True,
            group=GOOGLE_CLOUD,
        ),
    ]
    api_version: Annotated[
        str | None,
        option(
            "--api-version",
            type=click.Choice(["v1", "v1beta1"]),
            help="The API version in the URL.  [default: v1]",
            live_only=True,
            group=GOOGLE_CLOUD,
        ),
    ]


def wait_option() -> Any:
    """Declare ``--wait``, how long a command waits for an endpoint that is still starting."""
    return option(
        "--wait",
        default=0.0,
        show_default=True,
        type=Number(0),
        metavar="S",
        help=(
            "The number of seconds to wait for an endpoint that is still starting: the connection"
            " fails, or the status is 502, 503, 504, or 404 without a reason."
        ),
        live_only=True,
        group=PACE,
    )


def timeout_option() -> Any:
    """Declare ``--timeout``, how long a command that asks an endpoint waits for each part."""
    return option(
        "--timeout",
        default=120.0,
        show_default=True,
        type=Number(0, min_open=True),
        metavar="S",
        help="The number of seconds to wait for the next byte of an answer.",
        live_only=True,
        group=PACE,
    )


def target_here(
    at: TargetOptions,
    profile: str | None,
    name: str | None,
    *,
    keyless: bool = False,
    model_may_lack: bool = False,
) -> "LiveTarget":
    """Return the target from options, else environment, else the nearest ``conformance.toml``.

    Args:
        at: The options that say where to send.
        profile: The profile given on the command line, or None.
        name: The name of the target or of its table in ``conformance.toml``, or None.
        keyless: Accept a target that is known to need an API key and has none.
        model_may_lack: Return a target with the model "" if no model is given.

    A key that is not sent because ``conformance.toml`` names it for another URL is mentioned on
    standard error, unless ``keyless``.

    Raises:
        SelectionError: The settings describe no target, contradict each other, or lack a key.
        OSError: ``conformance.toml`` cannot be read.
    """
    import os
    import sys
    from pathlib import Path

    from conformance._text import printable
    from conformance.endpoints.client.config_file import nearest, read
    from conformance.endpoints.client.live_target import TargetError
    from conformance.endpoints.client.target_settings import missing_key, resolve
    from conformance.runs.selection import SelectionError

    path = nearest(Path.cwd())
    settings = asdict(at)
    headers: tuple[str, ...] = settings.pop("headers")
    try:
        target = resolve(
            {**settings, "profile": profile, "target": name},
            os.environ,
            read(Path(os.path.relpath(path))) if path else None,
            headers,
            model_may_lack=model_may_lack,
        )
        if not keyless and (why := missing_key(target)):
            raise TargetError(why)
    except TargetError as error:
        raise SelectionError(str(error)) from None
    if target.withheld_key and not keyless:
        print(printable(f"No credential is sent; {target.withheld_key}."), file=sys.stderr)
    return target
