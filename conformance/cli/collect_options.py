"""The options of the command ``collect``, with their help texts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import click

from conformance.cli.options import Number, option
from conformance.cli.target_options import TargetOptions, timeout_option, wait_option


@dataclass(frozen=True, slots=True)
class CollectOptions:
    """The options of ``collect`` as given on the command line."""

    profile: Annotated[
        str | None,
        option(
            "--profile",
            metavar="NAME",
            help="The profile of the target, such as vertex-gemini or gemini-api.",
        ),
    ]
    target: Annotated[
        str | None,
        option("--target", metavar="NAME", help="The name of a table in conformance.toml."),
    ]
    at: TargetOptions
    yes: Annotated[
        bool,
        option(
            "--yes",
            is_flag=True,
            help="Send the requests without asking. Without a terminal this is needed.",
        ),
    ]
    folder: Annotated[
        Path | None,
        option(
            "--folder",
            type=click.Path(path_type=Path, file_okay=False),
            metavar="DIR",
            help=(
                "Where answers are stored as they come.  [default: conformance-google, or"
                " conformance-PROFILE for other targets]"
            ),
        ),
    ]
    resume: Annotated[
        bool,
        option(
            "--resume",
            is_flag=True,
            help="Continue a run that ended early; cases that were answered are not sent again.",
        ),
    ]
    rate: Annotated[
        float | None,
        option(
            "--rate",
            type=Number(0, min_open=True),
            metavar="N",
            help="The maximum number of requests per second, such as 0.15 for the free tier.",
        ),
    ]
    timeout: Annotated[float, timeout_option()]
    wait: Annotated[float, wait_option()]
    max_requests: Annotated[
        int | None,
        option(
            "--max-requests",
            type=click.IntRange(0),
            metavar="N",
            help="Stop after N requests, such as 20 for a daily quota; --resume continues.",
        ),
    ]
