"""The options of the command ``run``, with their help texts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import click

from conformance.cli.emit_options import CODE_SETTINGS, EMIT_HELP, METAVAR
from conformance.cli.judging_options import OUTPUT, JudgingOptions
from conformance.cli.options import Number, argument, option, typed_ids
from conformance.cli.output_options import OUTPUT_HELP, OUTPUT_SETTINGS
from conformance.cli.target_options import (
    ENDPOINT,
    PACE,
    TargetOptions,
    timeout_option,
    wait_option,
)

ASK = "What to ask"
"""A heading of ``--help``."""

SHOWN = (
    "known",
    "accepted",
    "stale",
    "refused",
    "empty",
    "skipped",
    "unanswered",
    "retries",
    "not-tested",
    "chapters",
)
"""What --show can list in full."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of ``run`` as given on the command line."""

    url: Annotated[str | None, argument(required=False, metavar="[URL]")]
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
            group=ASK,
        ),
    ]
    requirements: Annotated[
        tuple[str, ...],
        option(
            "--requirement",
            multiple=True,
            callback=typed_ids,
            metavar="ID",
            help=(
                "Judge only this requirement, and send only the cases that can show it; repeatable."
            ),
            group=ASK,
        ),
    ]
    cases: Annotated[
        tuple[str, ...],
        option(
            "--case",
            multiple=True,
            metavar="ID",
            help="Run only this case, or those that match 'stream-*' or the like; repeatable.",
            group=ASK,
        ),
    ]
    own_cases: Annotated[
        tuple[Path, ...],
        option(
            "--cases",
            multiple=True,
            type=click.Path(path_type=Path),
            metavar="FILE",
            help=(
                "Run the cases of your own in this file of JSON lines, or in the files of this"
                " folder; repeatable. With --all: besides those that ship."
            ),
            group=ASK,
        ),
    ]
    features: Annotated[
        tuple[str, ...],
        option(
            "--feature",
            multiple=True,
            metavar="NAME",
            help=(
                "Run only cases that are about this feature, such as streaming, tools or auth;"
                " repeatable."
            ),
            group=ASK,
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
            group=ASK,
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
            group=ASK,
        ),
    ]
    live: Annotated[
        bool,
        option(
            "--live",
            is_flag=True,
            help=(
                "Send the cases to the endpoint of the options, the environment or"
                " conformance.toml instead of replaying recordings. A URL implies it; with neither,"
                " nothing is sent."
            ),
            group=ENDPOINT,
        ),
    ]
    profile: Annotated[
        str | None,
        option(
            "--profile",
            metavar="NAME",
            help=(
                "Judge all answers by this profile, such as openai or vertex-vllm, even if a"
                " recording or the URL points to another profile."
            ),
            group=ENDPOINT,
        ),
    ]
    at: TargetOptions
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
            group=PACE,
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
            group=PACE,
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
            group=PACE,
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
            group=PACE,
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
            group=PACE,
        ),
    ]
    report: Annotated[
        Path | None,
        option(
            "--report",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="Also write DIR/report.json and, with --live, save all answers in DIR/answers.",
            group=OUTPUT,
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
            group=OUTPUT,
        ),
    ]
    outputs: Annotated[
        tuple[str, ...],
        option("--output", **OUTPUT_SETTINGS, help=OUTPUT_HELP, group=OUTPUT),
    ]
    emit: Annotated[str | None, option("--emit", metavar=METAVAR, help=EMIT_HELP, group=OUTPUT)]
    code: Annotated[str | None, option("--code", **CODE_SETTINGS, group=OUTPUT)]
    show: Annotated[
        tuple[str, ...],
        option(
            "--show",
            multiple=True,
            type=click.Choice(SHOWN),
            help="List these in full instead of counting them; repeatable.",
            group=OUTPUT,
        ),
    ]
    verbose: Annotated[
        bool,
        option(
            "--verbose",
            "-v",
            is_flag=True,
            help="Show all broken requirements with all examples.",
            group=OUTPUT,
        ),
    ]
    record: Annotated[
        bool,
        option(
            "--record",
            is_flag=True,
            help="Save each answer as a cassette, cassettes/TARGET/CASE.yaml.",
            live_only=True,
            group=OUTPUT,
        ),
    ]
    plan: Annotated[
        bool,
        option(
            "--plan",
            is_flag=True,
            help="Print how many requests and tokens the run needs, and send nothing.",
            live_only=True,
            group=OUTPUT,
        ),
    ]
    sdk: Annotated[
        bool,
        option(
            "--sdk",
            is_flag=True,
            help="Also parse each answer with the official openai SDK; this changes no verdict.",
            group=OUTPUT,
        ),
    ]
    resume: Annotated[
        bool,
        option(
            "--resume",
            is_flag=True,
            help="Continue the run of --report DIR; cases that were answered are not sent again.",
            live_only=True,
            group=OUTPUT,
        ),
    ]
    judging: JudgingOptions
