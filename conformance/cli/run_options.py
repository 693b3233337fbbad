"""The options of the command ``run``, with their help texts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import click

from conformance.cli.options import Number, option
from conformance.cli.target_options import TargetOptions, timeout_option, wait_option

SHOWN = ("known", "refused", "thin", "skipped", "unanswered", "retries", "not-tested", "chapters")
"""What --show can list in full."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of ``run`` as given on the command line."""

    profile: Annotated[
        str | None,
        option(
            "--profile",
            metavar="NAME",
            help=(
                "Judge all answers by this profile, such as openai or vertex-vllm, even if a"
                " recording or the URL points to another profile."
            ),
        ),
    ]
    targets: Annotated[
        tuple[str, ...],
        option(
            "--target",
            multiple=True,
            metavar="NAME",
            help=(
                "Check only this target; repeatable. With --live: the name to give the target, or"
                " the name of its table in conformance.toml."
            ),
        ),
    ]
    requirements: Annotated[
        tuple[str, ...],
        option(
            "--requirement",
            multiple=True,
            metavar="ID",
            help="Judge only this requirement; repeatable.",
        ),
    ]
    cases: Annotated[
        tuple[str, ...],
        option("--case", multiple=True, metavar="ID", help="Run only this case; repeatable."),
    ]
    report: Annotated[
        Path | None,
        option(
            "--report",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="Also write DIR/report.json and, with --live, save all answers in DIR/answers.",
        ),
    ]
    form: Annotated[
        str,
        option(
            "--format",
            type=click.Choice(["text", "json"]),
            default="text",
            show_default=True,
            help="The format of the report.",
        ),
    ]
    show: Annotated[
        tuple[str, ...],
        option(
            "--show",
            multiple=True,
            type=click.Choice(SHOWN),
            help="List these in full instead of counting them; repeatable.",
        ),
    ]
    verbose: Annotated[
        bool,
        option(
            "--verbose",
            "-v",
            is_flag=True,
            help="Show all broken requirements with all examples.",
        ),
    ]
    live: Annotated[
        bool,
        option(
            "--live",
            is_flag=True,
            help=(
                "Send the cases to an endpoint instead of replaying recordings. Without --live,"
                " nothing is sent."
            ),
        ),
    ]
    at: TargetOptions
    record: Annotated[
        bool,
        option(
            "--record",
            is_flag=True,
            help="Save each answer as a cassette, cassettes/TARGET/CASE.yaml.",
            live_only=True,
        ),
    ]
    everything: Annotated[
        bool,
        option(
            "--all",
            is_flag=True,
            help=(
                "Send all cases. By default a remote endpoint, which may cost money, gets only the"
                " core cases."
            ),
            live_only=True,
        ),
    ]
    core: Annotated[
        bool,
        option(
            "--core",
            is_flag=True,
            help=(
                "Send only the core cases, at most 40, wherever the endpoint is; `conformance cases"
                " --core PROFILE` lists them."
            ),
            live_only=True,
        ),
    ]
    plan: Annotated[
        bool,
        option(
            "--plan",
            is_flag=True,
            help="Print how many requests and tokens the run needs, and send nothing.",
            live_only=True,
        ),
    ]
    concurrency: Annotated[
        int,
        option(
            "--concurrency",
            default=1,
            show_default=True,
            type=click.IntRange(1, 256),
            metavar="N",
            help="The number of cases to run at the same time.",
            live_only=True,
        ),
    ]
    rate: Annotated[
        float | None,
        option(
            "--rate",
            type=Number(0, min_open=True),
            metavar="N",
            help=(
                "The maximum number of requests per second. [default: what the free tier of the"
                " service allows, 0.15 for the Gemini API; else no limit]"
            ),
            live_only=True,
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
            help="Stop after N requests. The exit code is 3 if some cases were not sent.",
            live_only=True,
        ),
    ]
    max_tokens: Annotated[
        int | None,
        option(
            "--max-tokens",
            type=click.IntRange(0),
            metavar="N",
            help="Stop after N tokens, as counted by the usage of the answers.",
            live_only=True,
        ),
    ]
    max_minutes: Annotated[
        float | None,
        option(
            "--max-minutes",
            type=Number(0),
            metavar="N",
            help="Stop after N minutes.",
            live_only=True,
        ),
    ]
    sdk: Annotated[
        bool,
        option(
            "--sdk",
            is_flag=True,
            help="Also parse each answer with the official openai SDK; this changes no verdict.",
        ),
    ]
    resume: Annotated[
        bool,
        option(
            "--resume",
            is_flag=True,
            help="Continue the run of --report DIR; cases that were answered are not sent again.",
            live_only=True,
        ),
    ]
