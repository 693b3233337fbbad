"""Generate the table of the shipped cassettes with ``python -m tests.reports.matrix.page``."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from conformance.cases.corpus import shipped_corpus
from conformance.judging.suite import shipped_suite
from conformance.reports.json import run as run_json
from conformance.reports.matrix.markdown import as_markdown
from conformance.reports.matrix.matrix import Matrix, matrix_of
from conformance.reports.matrix.saved import read_for_matrix
from conformance.runs.selection import Selection
from tests.helpers import shipped_cassettes

TARGETS = ("litellm", "llama.cpp", "lm-proxy", "transformers", "vllm")

_MADE_BY = (
    "<!-- Generated from cassettes/: do not edit. Regenerate it with"
    " `python -m tests.reports.matrix.page > docs/matrix.md`. -->\n\n"
)


def shipped_matrix() -> Matrix:
    """Return the table of the servers whose answers ship as cassettes."""
    selection = Selection(targets=TARGETS)
    report = shipped_cassettes.gathered(selection).report(selection)
    with TemporaryDirectory() as folder:
        run_json.write(report, Path(folder))
        saved = read_for_matrix(Path(folder), shipped_suite(), shipped_corpus())
    return matrix_of([saved])


def page() -> str:
    """Return the page docs/matrix.md."""
    title, _, rest = as_markdown(shipped_matrix()).partition("\n\n")
    return f"{title}\n\n{_MADE_BY}{rest}"


if __name__ == "__main__":
    sys.stdout.write(page())
