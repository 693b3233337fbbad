"""The commands ``corpus check`` and ``corpus grow``: maintain the corpus of cases."""

from pathlib import Path

import click

from conformance.cli.exit import exit_with, usage_error


@click.group(short_help="Maintain the corpus of cases.")
def corpus() -> None:
    """Maintain the corpus of cases, which are the requests that every target gets."""


@corpus.command("grow", short_help="Add generated cases for pairs of features that no case covers.")
@click.option(
    "--seed",
    default=0,
    show_default=True,
    metavar="N",
    help="The random seed of the new cases; existing cases never change.",
)
def grow_command(seed: int) -> None:
    """Add generated cases to the corpus until all pairs of features are covered.

    A pair is covered if a case has both request features; pairs of features that exclude each
    other are left out.

    Exit codes: 0 the corpus is complete, 2 the corpus cannot be read or written, or Hypothesis is
    not installed.
    """
    exit_with(lambda: grow(seed))


@corpus.command("check", short_help="Check that each case is valid and tests something new.")
def check_command() -> None:
    """Check the corpus for problems.

    All cases must be valid, sorted and unique, and each must test something that no other case
    tests; every pair of features must be covered, and each cassette must belong to a case. No
    question about behaviour may ask the same as another one in other words.

    Exit codes: 0 no problem, 1 a problem, 2 the corpus cannot be read.
    """
    exit_with(check)


def check(documented: Path | None = None, corpus: Path | None = None) -> int:
    """Print one line for each problem of the corpus; return 1 if there is any, else 0.

    ``documented`` and ``corpus`` are the two case files, by default the shipped ones. Raises
    CaseError if one cannot be read.
    """
    from conformance import cases
    from conformance._files import data_folder
    from conformance.cases import behaviour_check
    from conformance.cases.behaviour import BEHAVIOUR, behaviour_cases
    from conformance.cases.corpus_check import problems, rewritten
    from conformance.cases.features import FEATURES, pairs

    corpus = corpus or cases.CORPUS
    written = list(cases.read_cases(documented or cases.DOCUMENTED))
    generated = list(cases.read_cases(corpus))
    lines = [
        *rewritten(corpus, generated),
        *problems(written, generated, sorted(data_folder("cassettes").glob("*/*.yaml"))),
        *(f"{BEHAVIOUR.name}: {each}" for each in behaviour_check.problems(behaviour_cases())),
    ]
    for line in lines:
        print(line)
    if not lines:
        print(
            f"No problems: {len(written)} documented and {len(generated)} generated cases;"
            f" all {len(pairs())} pairs of {len(FEATURES)} features are covered."
            f" {len(behaviour_cases())} questions about behaviour, none asked twice."
        )
    return 1 if lines else 0


def grow(seed: int, documented: Path | None = None, corpus: Path | None = None) -> int:
    """Add cases to the corpus until every pair of features is covered; return the exit code.

    ``documented`` and ``corpus`` are the two case files, by default the shipped ones. Raises
    CaseError or OSError if one cannot be read or written.
    """
    try:
        from conformance.cases.corpus_growth import grow, open_pairs
    except ImportError as error:
        return usage_error(
            f"corpus grow needs {error.name}, which is not installed: pip install"
            " 'chat-conformance[suites]'"
        )
    from conformance import cases
    from conformance.cases.corpus_writer import write_cases
    from conformance.runs.progress import progress_bar

    corpus = corpus or cases.CORPUS
    written = list(cases.read_cases(documented or cases.DOCUMENTED))
    generated = list(cases.read_cases(corpus))
    new = []
    with progress_bar(len(open_pairs(generated))) as bar:
        for case in grow(generated, written, seed):
            new.append(case)
            bar.advance(len(case.covers))
    if new:
        write_cases(corpus, (*generated, *new))
    print(f"Added {len(new)} cases." if new else "Nothing to add: every pair is covered.")
    return 0
