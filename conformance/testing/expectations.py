"""The failures that a project accepts, in a pytest session."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conformance.judging.expectations import NO_EXPECTATIONS, Expectations
from conformance.judging.expectations_file import ExpectationsError
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import ON_MUST, FailOn
from conformance.runs.cassette_folders import cassette_folder, is_shipped
from conformance.runs.find_expectations import find_expectations, read_expectations
from conformance.runs.outdated_expectations import kept_by
from conformance.runs.selection import Selection

_READ = pytest.StashKey[Expectations]()


def expectations_of(config: pytest.Config) -> Expectations:
    """Return the expectations in the file that was given, or else in that of the root folder.

    An entry may name a test, an exchange or a case, so any name is accepted. A wrong file ends
    pytest with a line for each mistake.
    """
    if _READ not in config.stash:
        given = config.getoption("conformance_expectations", None)
        try:
            path = find_expectations(config.rootpath, Path(given) if given else None)
            today = datetime.now(UTC).date()
            config.stash[_READ] = (
                read_expectations(path, shipped_suite(), None, today) if path else NO_EXPECTATIONS
            )
        except ExpectationsError as error:
            raise pytest.UsageError(*error.mistakes) from None
        except OSError as error:
            raise pytest.UsageError(f"{error.filename}: {error.strerror}") from None
    return config.stash[_READ]


def for_cassettes(selection: Selection, config: pytest.Config) -> Selection:
    """Return a selection that judges cassettes.

    In the shipped ones, a known deviation that does not occur fails, and nothing is accepted unless
    the file is given.
    """
    try:
        shipped = is_shipped(cassette_folder(selection.targets))
    except FileNotFoundError:
        shipped = False
    if not shipped:
        return for_own_target(selection, config)
    given = config.getoption("conformance_expectations", None)
    expected = expectations_of(config) if given else NO_EXPECTATIONS
    return replace(selection, fail_on=FailOn(stale=True), expected=expected)


def for_own_target(selection: Selection, config: pytest.Config) -> Selection:
    """Return a selection that judges the target of a project."""
    return replace(selection, fail_on=ON_MUST, expected=expectations_of(config))


def problems(config: pytest.Config, all_judged: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each entry that has expired or no longer fails.

    ``all_judged`` are the judged cases: whether they are the project's ``own``, and the places of
    the entries that were ``confirmed`` or ``refuted``.
    """
    judged = list(all_judged)
    is_given = config.getoption("conformance_expectations", None) is not None
    if not is_given and not any(case["own"] for case in judged):
        return
    expected = expectations_of(config)
    yield from expected.expired
    if _is_narrowed(config):
        return
    confirmed = {place for case in judged for place in case["confirmed"]}
    for entry in expected.entries:
        kept = [case["case"] for case in judged if entry.place in case["refuted"]]
        if entry.frequency == "always" and kept and entry.place not in confirmed:
            yield kept_by(entry, kept)


def _is_narrowed(config: pytest.Config) -> bool:
    """True if only some tests were chosen, so that an entry may fail in another one."""
    chosen = (config.getoption(name, "") for name in ("keyword", "markexpr", "deselect", "lf"))
    return any(chosen) or any("::" in str(argument) for argument in config.args)
