"""The options of the command ``compare``, with their help texts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import click

from conformance.cli.judging_options import OUTPUT
from conformance.cli.options import Number, argument, option
from conformance.cli.output_options import OUTPUT_SETTINGS
from conformance.cli.run_options import ASK
from conformance.cli.target_options import (
    ENDPOINT,
    PACE,
    TargetOptions,
    timeout_option,
    wait_option,
)

FAMILIES = ("tool", "json", "text")
"""What the questions of the suite ask for: a tool, JSON by a schema, or a plain answer."""

FORMATS = ("text", "json", "markdown", "html")
SIDES = "The two sides"
"""A heading of ``--help``."""


def _of_side(name: str, what: str, metavar: str, *, many: bool = False) -> object:
    return option(name, metavar=metavar, help=what, multiple=many, live_only=True, group=SIDES)


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """The options of ``compare`` as given on the command line."""

    old: Annotated[str | None, argument(required=False, metavar="[OLD]")]
    new: Annotated[str | None, argument(required=False, metavar="[NEW]")]
    old_model: Annotated[str | None, _of_side("--old-model", "The model of OLD.", "ID")]
    new_model: Annotated[
        str | None,
        _of_side(
            "--new-model",
            "The model of NEW. With --old-model, NEW may be left out: it is the endpoint of OLD.",
            "ID",
        ),
    ]
    old_api_key_env: Annotated[
        str | None,
        _of_side("--old-api-key-env", "The environment variable with the key of OLD.", "VAR"),
    ]
    new_api_key_env: Annotated[
        str | None,
        _of_side("--new-api-key-env", "The environment variable with the key of NEW.", "VAR"),
    ]
    old_headers: Annotated[
        tuple[str, ...],
        _of_side(
            "--old-header",
            "A header field to add to each request to OLD; repeatable.",
            "NAME:VALUE",
            many=True,
        ),
    ]
    new_headers: Annotated[
        tuple[str, ...],
        _of_side(
            "--new-header",
            "A header field to add to each request to NEW; repeatable.",
            "NAME:VALUE",
            many=True,
        ),
    ]
    against: Annotated[
        Path | None,
        option(
            "--against",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help=(
                "Take the answers of OLD from this saved comparison or run, and ask only NEW, as a"
                " nightly job does."
            ),
            group=SIDES,
        ),
    ]
    samples: Annotated[
        int | None,
        option(
            "--samples",
            type=click.IntRange(1, 1000),
            metavar="K",
            help="How often each question is asked on each side.  [default: 3]",
            group=ASK,
        ),
    ]
    questions: Annotated[
        int | None,
        option(
            "--questions",
            type=click.IntRange(1),
            metavar="N",
            help="At most N questions of each family; the seed chooses.  [default: 100]",
            live_only=True,
            group=ASK,
        ),
    ]
    families: Annotated[
        tuple[str, ...],
        option(
            "--family",
            multiple=True,
            type=click.Choice(FAMILIES),
            help="Ask only the suite's questions of this family; repeatable.",
            live_only=True,
            group=ASK,
        ),
    ]
    cases_file: Annotated[
        Path | None,
        option(
            "--cases",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Ask your own cases, in place of the questions of the suite.",
            live_only=True,
            group=ASK,
        ),
    ]
    cases: Annotated[
        tuple[str, ...],
        option(
            "--case",
            multiple=True,
            metavar="ID",
            help="Ask only this case, or those that match 'ask-tool-*' or the like; repeatable.",
            live_only=True,
            group=ASK,
        ),
    ]
    core: Annotated[
        bool,
        option(
            "--core",
            is_flag=True,
            help="Ask the core cases of the profile, at most 40, in place of the questions.",
            live_only=True,
            group=ASK,
        ),
    ]
    seed: Annotated[
        int | None,
        option(
            "--seed",
            type=click.IntRange(0, 2**31),
            metavar="N",
            help="Decides which questions, the order, and who is asked first.  [default: 1]",
            group=ASK,
        ),
    ]
    profile: Annotated[
        str | None,
        option(
            "--profile",
            metavar="NAME",
            help="Judge the answers of both sides by this profile.",
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
            type=click.IntRange(1, 64),
            metavar="N",
            help="The number of pairs to ask at the same time.",
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
            help="The maximum number of requests per second, to both sides together.",
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
            help="Stop after N requests to both sides, and compare the complete pairs.",
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
    no_confirm: Annotated[
        bool,
        option(
            "--no-confirm",
            is_flag=True,
            help="Do not ask questions with a suspicious difference again.",
            live_only=True,
            group=PACE,
        ),
    ]
    calibrate: Annotated[
        bool,
        option(
            "--calibrate",
            is_flag=True,
            help=(
                "Also split the answers of OLD 200 times in two and say how often that alarms; at"
                " least 4 samples."
            ),
            group=OUTPUT,
        ),
    ]
    require_proof: Annotated[
        bool,
        option(
            "--require-proof",
            is_flag=True,
            help='Exit with 3 if a metric that counts ends with "cannot tell".',
            group=OUTPUT,
        ),
    ]
    report: Annotated[
        Path | None,
        option(
            "--report",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="Save what was compared and each answer, as it comes, in this folder.",
            group=OUTPUT,
        ),
    ]
    resume: Annotated[
        bool,
        option(
            "--resume",
            is_flag=True,
            help="Continue the comparison of --report DIR; only missing pairs are asked.",
            live_only=True,
            group=OUTPUT,
        ),
    ]
    form: Annotated[
        str,
        option(
            "--format",
            type=click.Choice(FORMATS),
            default="text",
            show_default=True,
            help="The format of the result.",
            group=OUTPUT,
        ),
    ]
    outputs: Annotated[
        tuple[str, ...],
        option(
            "--output",
            **OUTPUT_SETTINGS,
            help="Also write the result in this format: json, markdown or html; repeatable.",
            group=OUTPUT,
        ),
    ]
    plan: Annotated[
        bool,
        option(
            "--plan",
            is_flag=True,
            help="Print requests, tokens, minutes and what cannot be proved, and send nothing.",
            live_only=True,
            group=OUTPUT,
        ),
    ]
