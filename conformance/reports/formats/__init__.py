"""Reports in the formats of CI services and code hosts, in one table by name.

Each format is a module with ``render``, a pure function: equal reports give equal bytes, whether
they come from a run or were read back from ``report.json``. A module is imported when its format is
used.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TypeAlias

from conformance.reports.formats.found import Found
from conformance.runs.results import Report

Format: TypeAlias = Callable[[Report], bytes]
LintFormat: TypeAlias = Callable[[Found], bytes]


def _of_run(module: str) -> Format:
    def format_run(report: Report) -> bytes:
        made: bytes = import_module(f"{__name__}.{module}").render(report)
        return made

    return format_run


def _of_findings(module: str) -> LintFormat:
    def format_findings(found: Found) -> bytes:
        made: bytes = import_module(f"{__name__}.{module}").render_found(found)
        return made

    return format_findings


FORMATS: Mapping[str, Format] = MappingProxyType(
    {name: _of_run(name) for name in ("junit", "sarif", "markdown", "html", "badge", "github")}
)
"""The formats of the report of a run, by the name that ``--output NAME=FILE`` takes."""

LINT_FORMATS: Mapping[str, LintFormat] = MappingProxyType(
    {name: _of_findings(name) for name in ("sarif", "markdown", "github")}
)
"""The formats of a lint: those that only list what is broken."""
