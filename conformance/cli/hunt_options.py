"""The options of the command ``hunt``, with their help texts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import click

from conformance.cli.options import option, typed_ids
from conformance.cli.target_options import TargetOptions, wait_option


@dataclass(frozen=True, slots=True)
class HuntOptions:
    """The options of ``hunt`` as given on the command line."""

    profile: Annotated[
        str | None,
        option(
            "--profile",
            metavar="NAME",
            help=(
                "The profile to judge the answers by. Without --live, the built-in reference"
                " endpoint also follows this profile. [default: vertex-gemini]"
            ),
        ),
    ]
    features: Annotated[
        tuple[str, ...],
        option(
            "--feature",
            multiple=True,
            metavar="NAME",
            help="Send only requests that have this feature; repeatable.",
        ),
    ]
    requirements: Annotated[
        tuple[str, ...],
        option(
            "--requirement",
            multiple=True,
            callback=typed_ids,
            metavar="ID",
            help="Judge only this requirement, even if it is not a must; repeatable.",
        ),
    ]
    max_requests: Annotated[
        int,
        option(
            "--max-requests",
            default=500,
            show_default=True,
            type=click.IntRange(1),
            metavar="N",
            help="The maximum number of requests to send.",
        ),
    ]
    seed: Annotated[
        int,
        option(
            "--seed",
            default=0,
            show_default=True,
            metavar="N",
            help="The random seed; the same seed generates the same requests.",
        ),
    ]
    save: Annotated[
        Path | None,
        option(
            "--save",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="Append the failing requests to this corpus file.",
        ),
    ]
    form: Annotated[
        str,
        option(
            "--format",
            type=click.Choice(["text", "json"]),
            default="text",
            show_default=True,
            help="The format of the result.",
        ),
    ]
    live: Annotated[
        bool,
        option(
            "--live",
            is_flag=True,
            help=(
                "Send the requests to an endpoint instead of the built-in reference endpoint."
                " Without --live, nothing is sent over the network."
            ),
        ),
    ]
    target: Annotated[
        str | None,
        option(
            "--target",
            metavar="NAME",
            help="With --live: the name of the target, or of its table in conformance.toml.",
            live_only=True,
        ),
    ]
    wait: Annotated[float, wait_option()]
    at: TargetOptions
