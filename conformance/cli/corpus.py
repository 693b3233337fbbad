"""The commands ``corpus grow`` and ``corpus check``: mint the cases that are missing, and prove
that none is."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from conformance.cases import CORPUS, DOCUMENTED, Case, read_cases
from conformance.cli.exit import usage_error


def check(documented: Path = DOCUMENTED, corpus: Path = CORPUS) -> int:
    """Print what is wrong with the corpus, a line each; the exit code. Raises CaseError."""
    from conformance._files import data_folder
    from conformance.cases.corpus_check import CORE, problems, rewritten
    from conformance.cases.features import FEATURES, pairs

    told, minted = list(read_cases(documented)), list(read_cases(corpus))
    found = [
        *rewritten(corpus, minted),
        *problems(told, minted, sorted(data_folder("cassettes").glob("*/*.yaml"))),
    ]
    for problem in found:
        print(problem)
    if not found:
        print(
            f"{len(told)} documented and {len(minted)} minted cases, {CORE} of them core:"
            f" {len(FEATURES)} features, {len(pairs())} pairs, all covered."
        )
    return 1 if found else 0


def grow(seed: int, documented: Path = DOCUMENTED, corpus: Path = CORPUS) -> int:
    """Mint rows until the corpus covers every pair, and write it; the exit code. Raises CaseError
    and OSError."""
    try:
        from conformance.cases.corpus_growth import grow, open_pairs
    except ImportError as error:
        return usage_error(
            f"corpus grow needs {error.name}, which is not installed: pip install"
            " 'chat-conformance[suites]'"
        )
    from conformance.cases.corpus_writer import write_cases

    told, minted = list(read_cases(documented)), list(read_cases(corpus))
    new = list(_with_progress(grow(minted, told, seed), len(open_pairs(minted))))
    if new:
        write_cases(corpus, (*minted, *new))
    print(f"{len(new)} rows were minted." if new else "Nothing was minted: every pair is covered.")
    return 0


def _with_progress(new: Iterable[Case], total: int) -> Iterator[Case]:
    """The same, with a bar of the pairs that are covered on standard error where that is a
    terminal."""
    if not sys.stderr.isatty():
        yield from new
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    with Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as progress:
        task = progress.add_task("", total=total)
        for case in new:
            progress.advance(task, len(case.covers))
            yield case
