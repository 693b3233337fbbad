"""The option ``--output``: reports in other formats, each into a file or to standard output."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from conformance.reports.formats.found import Found

T = TypeVar("T")

_STDOUT = "-"
_GITHUB = "github"
_SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"

OUTPUT_HELP = (
    "Write the report in this format: junit, sarif, markdown, html, badge or github; repeatable."
    " FILE may be - for standard output, in place of the text, and github may have no FILE."
    " docs/reports.md says what each is for."
)

OUTPUT_SETTINGS: Mapping[str, Any] = {"multiple": True, "metavar": "NAME[=FILE]"}
"""Settings of ``click.option`` that are the same for each command with this option."""


class OutputError(ValueError):
    """Raised for an --output that cannot be obeyed; the message is one line with the fix."""


@dataclass(frozen=True, slots=True)
class Output:
    """One report to write: the name of its format, and the file, None for standard output."""

    name: str
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Outputs:
    """All reports to write besides, or instead of, the report that a command prints."""

    all: tuple[Output, ...] = ()

    @property
    def replace_text(self) -> bool:
        """True if one of them goes to standard output in place of the text report."""
        return any(output.file is None and output.name != _GITHUB for output in self.all)

    def write(
        self,
        subject: T,
        formats: Mapping[str, Callable[[T], bytes]],
        found: Callable[[T], "Found"],
    ) -> None:
        """Write the files, then what goes to standard output.

        ``github`` on standard output also appends to the file that GITHUB_STEP_SUMMARY names.

        Args:
            subject: the report of a run, or what a lint found.
            formats: the formats by name.
            found: makes what the summary of the step is made of.

        Raises the first OSError, after it has tried to write all.
        """
        from conformance._files import write_atomic

        unwritten: OSError | None = None
        for output in sorted(self.all, key=lambda output: output.file is None):
            content = formats[output.name](subject)
            try:
                if output.file:
                    write_atomic(output.file, content)
                else:
                    _print(content)
                    summary = os.environ.get(_SUMMARY_VARIABLE) if output.name == _GITHUB else None
                    if summary:
                        _append_summary(Path(summary), found(subject))
            except OSError as error:
                unwritten = unwritten or error
        if unwritten:
            raise unwritten


def _print(content: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _append_summary(file: Path, found: "Found") -> None:
    from conformance.reports.formats.github import step_summary

    with file.open("ab") as opened:
        opened.write(step_summary(found))


def outputs_of(
    given: Sequence[str],
    names: Sequence[str],
    *,
    stdout_taken: str = "",
    taken: Sequence[Path] = (),
) -> Outputs:
    """Return the outputs for the values of --output, before any work is done.

    Args:
        given: NAME=FILE, in which FILE may be ``-`` for standard output, or ``github`` alone.
        names: the formats that the command has.
        stdout_taken: the option that prints something else than text to standard output, if any.
        taken: files that the command reads, or writes itself.

    Raises OutputError: an unknown format, a file in a folder that does not exist, a summary of the
    step that cannot be written, or two reports for one place.
    """
    kept = {path.resolve() for path in taken}
    outputs = tuple(_output(each, names) for each in given)
    if Output(_GITHUB) in outputs and (summary := os.environ.get(_SUMMARY_VARIABLE)):
        _check_summary(Path(summary))
    files = [output.file.resolve() for output in outputs if output.file]
    for number, file in enumerate(files):
        if file in files[:number]:
            raise OutputError(f"--output: two reports for {file}; name a file for each")
        if file in kept:
            raise OutputError(
                f"--output: the command itself uses {file}, which would be lost; name another file"
            )
    printed = [stdout_taken] if stdout_taken else []
    printed += [f"--output {output.name}" for output in outputs if not output.file]
    if len(printed) > 1:
        raise OutputError(
            f"{' and '.join(printed)}: only one of them can be printed; give the others a file,"
            " such as --output github=FILE"
        )
    return Outputs(outputs)


def _output(given: str, names: Sequence[str]) -> Output:
    from conformance._text import did_you_mean

    name, separator, file = given.partition("=")
    if name not in names:
        raise OutputError(
            f"--output {given}: no format is named {name!r}{did_you_mean(name, names)}; the formats"
            f" are {', '.join(names)}"
        )
    if name == _GITHUB and not separator:
        return Output(name)
    if not file:
        raise OutputError(
            f"--output {given}: no file; write --output {name}=FILE, or {name}=- to print it"
        )
    if file == _STDOUT:
        return Output(name)
    return Output(name, _checked(Path(file), given))


def _check_summary(file: Path) -> None:
    """Raise OutputError unless the summary of the step can be appended to this file."""
    place = f"{_SUMMARY_VARIABLE}={file}"
    fix = f"unset {_SUMMARY_VARIABLE}, or set it to a file that can be written"
    if not file.parent.is_dir():
        raise OutputError(f"{place}: there is no folder {file.parent}; {fix}")
    if file.is_dir():
        raise OutputError(f"{place}: this is a folder; {fix}")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise OutputError(f"{place}: it cannot be written; {fix}")


def _checked(file: Path, given: str) -> Path:
    """Return a file that can be written. Raises OutputError."""
    from conformance._files import special_file

    if not file.parent.is_dir():
        raise OutputError(
            f"--output {given}: there is no folder {file.parent}; create it or name another"
        )
    if file.is_dir():
        raise OutputError(f"--output {given}: this is a folder; name a file in it")
    if kind := special_file(file):
        raise OutputError(f"--output {given}: {kind}; write - for standard output")
    return file
