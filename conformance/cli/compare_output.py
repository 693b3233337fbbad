"""Print the result of ``compare`` and write it in other formats."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from conformance.cli.compare_options import CompareOptions
from conformance.cli.output_options import Outputs, outputs_of
from conformance.comparison.result import Comparison
from conformance.comparison.sample import Sample
from conformance.runs.compare.settings import Settings

if TYPE_CHECKING:
    from conformance.reports.formats.found import Found

_FORMATS = ("json", "markdown", "html")


def outputs_for(options: CompareOptions) -> Outputs:
    """Return where to write the result besides. Raises OutputError."""
    printed = "" if options.form == "text" else f"--format {options.form}"
    return outputs_of(options.outputs, _FORMATS, stdout_taken=printed)


def show(
    comparison: Comparison,
    samples: Sequence[Sample],
    settings: Settings,
    options: CompareOptions,
    outputs: Outputs,
) -> None:
    """Print the comparison and write the outputs. Raises OSError."""
    formats = _formats(samples, settings)
    if options.form != "text":
        sys.stdout.flush()
        sys.stdout.buffer.write(formats[options.form](comparison))
        sys.stdout.buffer.flush()
    elif not outputs.replace_text:
        from rich.console import Console

        from conformance.reports.comparison import render

        render(comparison, Console(highlight=False))
    outputs.write(comparison, formats, _no_summary)


def _formats(
    samples: Sequence[Sample], settings: Settings
) -> Mapping[str, Callable[[Comparison], bytes]]:
    return {
        "json": _json,
        "markdown": _markdown,
        "html": partial(_html, samples=samples, settings=settings),
    }


def _json(comparison: Comparison) -> bytes:
    from conformance.reports.comparison import as_json

    return _bytes(as_json(comparison))


def _markdown(comparison: Comparison) -> bytes:
    from conformance.reports.comparison import as_markdown

    return _bytes(as_markdown(comparison))


def _html(comparison: Comparison, *, samples: Sequence[Sample], settings: Settings) -> bytes:
    from conformance.reports.comparison import as_html
    from conformance.runs.compare.examples import examples_of

    return _bytes(as_html(comparison, examples_of(comparison, samples, settings)))


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _no_summary(comparison: Comparison) -> "Found":
    raise NotImplementedError("compare has no format github")
