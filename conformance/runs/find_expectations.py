"""Find and read the file in which a user says which failures are expected."""

import os
import tomllib
from collections.abc import Collection
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from shlex import quote

from conformance.endpoints.client import config_file
from conformance.judging.expectations import Expectation, Expectations
from conformance.judging.expectations_file import NAME, TABLE, ExpectationsError, line_of, parse
from conformance.judging.suite import Suite

LONGEST = 4 << 20
"""The maximum size of a file of expectations in bytes."""


def find_expectations(folder: Path, given: Path | None = None) -> Path | None:
    """Return the file that has the user's expectations, or None.

    That is the ``given`` one, else ``conformance-expectations.toml`` in the folder, else a
    ``conformance.toml`` in it or in its nearest parent that has one, if it holds expectations.

    Raises ExpectationsError if both hold some, or if the shared one has a table that is almost
    called so, and OSError.
    """
    if given:
        return given
    own, shared = folder / NAME, config_file.nearest(folder)
    is_shared = shared is not None and shared.is_file() and _has_expectations(shared)
    if not own.is_file():
        return shared if is_shared else None
    if is_shared:
        raise ExpectationsError(
            f"{shown_path(own)} and {config_file.NAME} both have [[{TABLE}]]: keep them in one file"
        )
    return own


def _has_expectations(shared: Path) -> bool:
    text = text_of(shared)
    try:
        tables = tomllib.loads(text).keys()
    except (ValueError, RecursionError):
        return f"[[{TABLE}]]" in text  # the error is then reported
    if misspelt := get_close_matches(TABLE, [name for name in tables if name != TABLE]):
        place = f"{shown_path(shared)}:{line_of(misspelt[0], text.splitlines())}"
        raise ExpectationsError(
            f"{place}: {misspelt[0]}: unknown table (did you mean [[{TABLE}]]?)"
        )
    return TABLE in tables


def read_expectations(
    path: Path,
    suite: Suite,
    cases: Collection[str] | None,
    today: date,
) -> Expectations:
    """Return the expectations in a file.

    Args:
        path: the file.
        suite: has the requirements that an entry may name.
        cases: the cases that an entry may name, None if it may name anything.
        today: the day that decides which entries have expired.

    Raises ExpectationsError and OSError.
    """
    return Expectations(entries_in(path, text_of(path), suite, cases), today)


def entries_in(
    path: Path,
    text: str,
    suite: Suite,
    cases: Collection[str] | None = None,
    *,
    drafts: bool = False,
) -> tuple[Expectation, ...]:
    """Return the entries in the text of a file.

    Args:
        path: the file, which need not exist.
        text: what it has, or is to have.
        suite: has the requirements that an entry may name.
        cases: the cases that an entry may name, None if it may name anything.
        drafts: if true, a reason may be empty.

    Raises ExpectationsError.
    """
    shared = path.name == config_file.NAME
    return parse(
        shown_path(path), text, suite.requirements.keys(), cases, drafts=drafts, shared=shared
    )


def text_of(path: Path) -> str:
    """Return the text of a file of expectations. Raises ExpectationsError and OSError."""
    try:
        with path.open("rb") as opened:
            content = opened.read(LONGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise ExpectationsError(
            f"{shown_path(path)}: there is no such file; `conformance expectations update DIR"
            f" --expectations {quote(shown_path(path))}` writes it, DIR being that of run --report"
        ) from None
    except IsADirectoryError:
        raise ExpectationsError(f"{shown_path(path)}: a folder: name a file in it") from None
    if len(content) > LONGEST:
        raise ExpectationsError(f"{shown_path(path)}: larger than the limit of {LONGEST >> 20} MB")
    try:
        return content.decode("utf-8-sig")  # Notepad writes a byte order mark
    except UnicodeDecodeError:
        raise ExpectationsError(f"{shown_path(path)}: not UTF-8: save it as UTF-8") from None


def shown_path(path: Path) -> str:
    """Return a path as messages show it: relative to the working folder if it is in it."""
    return os.path.relpath(path) if path.absolute().is_relative_to(Path.cwd()) else str(path)
