"""Put a user's own cases, and what they check, into a selection."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from conformance.cases.corpus import corpus_of
from conformance.cases.own_cases import read_own_cases
from conformance.judging.own_checks import with_own_checks
from conformance.runs.selection import Selection


def with_own_cases(selection: Selection, paths: Sequence[Path], *, besides: bool) -> Selection:
    """Return the selection with the cases of these files, and the requirements they check.

    ``besides`` keeps the cases of the selection, too. Raises CaseError, with one line for each
    problem, and OSError if a file cannot be read.
    """
    own = read_own_cases(*paths)
    shipped = selection.corpus
    corpus = corpus_of((*shipped.cases.values(), *own), shipped.core) if besides else corpus_of(own)
    return replace(selection, corpus=corpus, suite=with_own_checks(selection.suite))
