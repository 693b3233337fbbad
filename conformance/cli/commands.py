"""The command line. Each command imports what it needs when it is called, so that the others start
quickly."""

from pathlib import Path
from typing import Any

import click

from conformance import __version__
from conformance.cli.target_options import target_options


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="conformance")
def main() -> None:
    """Judge Chat Completions traffic against the ledger of requirements.

    `conformance run` judges what is shipped, `conformance lint PATH` what you recorded. Each
    command has a --help of its own.
    """


@main.command(short_help="List what is demanded of whom, and why.")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "md", "json"]),
    default="text",
    show_default=True,
    help="How to list them.",
)
def requirements(ids: tuple[str, ...], form: str) -> None:
    """List the requirements named, or all, each with its levels, its condition and its source.

    Exit codes: 0 they are listed, 2 bad usage.
    """
    from conformance.cli.exit import exit_with
    from conformance.cli.requirements import run

    exit_with(lambda: run(ids, form))


@main.command(short_help="List what targets are asked.")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "curl"]),
    default="text",
    show_default=True,
    help="How to list them; curl is a command for each.",
)
@click.option(
    "--base-url",
    metavar="URL",
    help="With --format curl: where to send; /chat/completions is added to it.",
)
@click.option("--model", metavar="ID", help="With --format curl: the model to ask for.")
def cases(ids: tuple[str, ...], form: str, base_url: str | None, model: str | None) -> None:
    """List the cases named, or all: what each is about, whether it is a core one and what a target
    must be able to do for it; as json its whole request.

    The commands of --format curl read the key from the environment variable API_KEY; of a
    conversation they have the first turn.

    Exit codes: 0 they are listed, 2 bad usage, or a case is broken.
    """
    from conformance.cli.cases import run
    from conformance.cli.exit import exit_with

    exit_with(lambda: run(ids, form, base_url, model))


@main.command(short_help="Judge recorded traffic.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--profile",
    default="auto",
    show_default=True,
    metavar="NAME",
    help="Judge by this profile, such as openai; auto tells it from each exchange.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["must", "should", "never"]),
    default="must",
    show_default=True,
    help="The level from which a finding makes the exit code 1.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "ndjson"]),
    default="text",
    show_default=True,
    help="How to print the findings.",
)
@click.option("--no-evidence", is_flag=True, help="Repeat nothing of what the traffic says.")
def lint(paths: tuple[str, ...], profile: str, fail_on: str, form: str, no_evidence: bool) -> None:
    """Judge recorded traffic: JSONL records, HAR files, vcrpy cassettes, folders of them, or - for
    standard input.

    Exit codes: 0 nothing unexpected, 1 an unexpected finding, 2 bad usage or unreadable input, 3 a
    rule crashed.
    """
    from conformance.cli.exit import exit_with
    from conformance.cli.lint import run

    exit_with(lambda: run(paths, profile, fail_on, form, quote=not no_evidence))


@main.command(short_help="Judge the shipped cassettes, or a live endpoint.")
@click.option(
    "--profile",
    metavar="NAME",
    help=(
        "Judge everything by this profile, such as openai or vertex-vllm, whatever the recordings"
        " or the URL say."
    ),
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="NAME",
    help=(
        "Only this target; may be given several times. With --live, what to call it, or its table"
        " in conformance.toml."
    ),
)
@click.option(
    "--requirement",
    "requirements",
    multiple=True,
    metavar="ID",
    help="Only this requirement; may be given several times.",
)
@click.option(
    "--case",
    "cases",
    multiple=True,
    metavar="ID",
    help="Only this case; may be given several times.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also write DIR/report.json, and with --live keep what was answered in DIR/answers.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print the report.",
)
@click.option(
    "--live",
    is_flag=True,
    help="Ask an endpoint instead of replaying: nothing is ever sent without this.",
)
@target_options
@click.option(
    "--record", is_flag=True, help="Keep what the endpoint answers, as cassettes/TARGET/CASE.yaml."
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Ask all cases, not only the core ones, of an endpoint elsewhere, which may cost money.",
)
@click.option(
    "--plan", is_flag=True, help="Say how many requests and tokens it would take, and send nothing."
)
@click.option(
    "--concurrency",
    default=1,
    show_default=True,
    type=click.IntRange(1, 256),
    metavar="N",
    help="How many cases to ask at once.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0, min_open=True),
    metavar="N",
    help="How many requests to send a second at most.",
)
@click.option(
    "--timeout",
    default=120.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    metavar="S",
    help="Seconds to wait for the next byte.",
)
@click.option(
    "--max-requests",
    type=click.IntRange(0),
    metavar="N",
    help="How many requests to send at most; what is not reached makes the exit code 3.",
)
@click.option(
    "--max-tokens",
    type=click.IntRange(0),
    metavar="N",
    help="How many tokens to spend at most, as answers count them.",
)
@click.option(
    "--max-minutes", type=click.FloatRange(0), metavar="N", help="How long to ask at most."
)
@click.option(
    "--sdk",
    is_flag=True,
    help="Also say what the official openai SDK makes of each answer; no verdict depends on it.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with the run of --report DIR, without asking again what was answered.",
)
def run(**options: Any) -> None:
    """Judge the shipped cassettes, or a live endpoint, and say what is broken and what was not
    exercised. docs/live.md tells how a live run goes.

    Exit codes: 0 conformant as expected, 1 an unexpected failure or a stale deviation, 2 bad usage
    or unreadable input, 3 it could not be judged.
    """
    from conformance.cli.exit import exit_with
    from conformance.cli.run import Options
    from conformance.cli.run import run as run_cases

    exit_with(lambda: run_cases(Options(**options)))


@main.command(short_help="Compare two reports of a run.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print what changed.",
)
def diff(old: Path, new: Path, form: str) -> None:
    """Say which verdicts were gained, lost and changed from one report to another, and which
    answers no longer come.

    OLD and NEW are report.json files, or folders that hold one. Where each has one real target,
    these are compared whatever they are called; where one has several, those of the same name.

    Exit codes: 0 no regression, 1 a must of the protocol passed and now fails (or a deviation of it
    is newly stale), 2 a report cannot be read, or the two not be compared, 3 NEW has no answer, or
    a part of one, or an error where OLD had an answer to judge.
    """
    from conformance.cli.diff import run
    from conformance.cli.exit import exit_with

    exit_with(lambda: run(old, new, form))


@main.command(short_help="Ask what nobody thought of, and shrink what fails.")
@click.option(
    "--profile",
    metavar="NAME",
    help=(
        "What to expect; without --live, as what the suite answers itself. [default: vertex-gemini]"
    ),
)
@click.option(
    "--feature",
    "features",
    multiple=True,
    metavar="NAME",
    help="Only requests that have this feature; may be given several times.",
)
@click.option(
    "--requirement",
    "requirements",
    multiple=True,
    metavar="ID",
    help="Only this requirement, whatever its level; may be given several times.",
)
@click.option(
    "--max-requests",
    default=500,
    show_default=True,
    type=click.IntRange(1),
    metavar="N",
    help="How many requests to send at most.",
)
@click.option("--seed", default=0, show_default=True, metavar="N", help="Where chance begins.")
@click.option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Add the requests that fail to this corpus file.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print what was found.",
)
@click.option(
    "--live",
    is_flag=True,
    help="Ask an endpoint instead of the suite itself: nothing is ever sent without this.",
)
@click.option(
    "--target",
    metavar="NAME",
    help="With --live, the name of the target, or of its table in conformance.toml.",
)
@target_options
def hunt(**options: Any) -> None:
    """Let Hypothesis make requests until the target breaks a requirement, and show the smallest
    request that does, as curl, httpx and openai code.

    Exit codes: 0 nothing was found, 1 a requirement is broken, 2 bad usage, 3 the target stopped
    answering.
    """
    from conformance.cli.exit import exit_with
    from conformance.cli.hunt import Options
    from conformance.cli.hunt import run as run_hunt

    exit_with(lambda: run_hunt(Options(**options)))


@main.command(short_help="Say what keeps a live target from being asked.")
@click.option("--profile", metavar="NAME", help="What kind of target it is.")
@click.option(
    "--target", metavar="NAME", help="The name of the target, or of its table in conformance.toml."
)
@click.option(
    "--timeout",
    default=60.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    metavar="S",
    help="Seconds to wait for an answer.",
)
@target_options
def doctor(**options: Any) -> None:
    """Say what is missing or wrong with a live target, and how to mend it: URL, proxy, name,
    credentials, model, streaming.

    It sends two tiny requests at most.

    Where to send is told by option, else by the environment (CONFORMANCE_BASE_URL,
    CONFORMANCE_MODEL, CONFORMANCE_PROJECT ...), else by conformance.toml.

    Exit codes: 0 all is well, 2 bad usage, 3 the target cannot be reached or does not let you in.
    """
    from conformance.cli.doctor import run as run_doctor
    from conformance.cli.exit import exit_with

    exit_with(
        lambda: run_doctor(options["at"], options["profile"], options["target"], options["timeout"])
    )


@main.group(short_help="Check recorded cassettes.")
def cassettes() -> None:
    """Recorded cassettes: what one has to know before relying on them."""


@cassettes.command("check", short_help="Find what is unused, stale, broken or secret.")
@click.argument(
    "folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="NAME",
    help="Only this target; may be given several times.",
)
@click.option(
    "--days",
    default=365,
    show_default=True,
    type=click.IntRange(1),
    metavar="N",
    help="How old a recording may be.",
)
def cassettes_check(folder: Path | None, targets: tuple[str, ...], days: int) -> None:
    """Check the cassettes in FOLDER/TARGET/CASE.yaml, or those that are shipped: unused, of another
    request, stale, unreadable, or holding a secret.

    Exit codes: 0 nothing is wrong, 1 something is, 2 bad usage.
    """
    from conformance.cli.cassettes import check
    from conformance.cli.exit import exit_with

    exit_with(lambda: check(folder, targets, days))


@main.command(short_help="Serve the reference endpoint, to try things out.")
@click.option(
    "--profile",
    type=click.Choice(["vertex-gemini", "gemini-api", "vertex-vllm", "openai"]),
    required=True,
    help="The protocol to speak, as it is documented.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port to listen at; 0 takes a free one.",
)
@click.option(
    "--token",
    default="self-test",
    show_default=True,
    help="The bearer token that a request has to bring.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME",
    help="Put this fault into the answers; may be given several times.",
)
@click.option(
    "--fault-rate",
    default=1.0,
    show_default=True,
    metavar="SHARE",
    help="The share of the answers that faults are put into, 0 to 1.",
)
def serve(
    profile: str, host: str, port: int, token: str, faults: tuple[str, ...], fault_rate: float
) -> None:
    """Serve the reference endpoint: the documented protocol without a model, always with the same
    answer to the same request.

    With --fault it misbehaves on demand; PUT {"faults": [NAME, ...], "rate": SHARE} to /_faults
    changes that while it runs, GET lists all faults.

    Exit codes: 0 it was stopped by Ctrl-C, 2 bad usage, an address that cannot be served from, or
    starlette and uvicorn missing.
    """
    from conformance.cli.exit import exit_with
    from conformance.cli.serve import run

    exit_with(lambda: run(profile, host, port, token, faults, fault_rate))


@main.group(short_help="Keep the corpus of cases.")
def corpus() -> None:
    """Keep the corpus of cases, the requests that every target is asked."""


@corpus.command(short_help="Mint the cases that are missing.")
@click.option(
    "--seed",
    default=0,
    show_default=True,
    metavar="N",
    help="Where chance begins; rows that are there do not change whatever it is.",
)
def grow(seed: int) -> None:
    """Mint cases until every pair of request features that may go together is covered, and add them
    to the corpus.

    Exit codes: 0 the corpus is complete, 2 it cannot be read or written, or Hypothesis is not
    installed.
    """
    from conformance.cli.corpus import grow as grow_corpus
    from conformance.cli.exit import exit_with

    exit_with(lambda: grow_corpus(seed))


@corpus.command(short_help="Prove that no case is missing, broken or without a purpose.")
def check() -> None:
    """Check the cases: valid, sorted, each asked once and for a purpose, every pair covered, and no
    cassette without a case.

    Exit codes: 0 all holds, 1 something does not, 2 the corpus cannot be read.
    """
    from conformance.cli.corpus import check as check_corpus
    from conformance.cli.exit import exit_with

    exit_with(check_corpus)
