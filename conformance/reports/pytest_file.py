"""A test file made of failing exchanges: it fails until the server is fixed and recorded again."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath

from conformance._text import one_line
from conformance.judging.judge import judge_for
from conformance.judging.suite import Suite
from conformance.protocol.exchange import Exchange
from conformance.reports.repeatable_request import DEFAULT_VARIABLE, request_of_recording
from conformance.runs.broken import Broken
from conformance.runs.smallest_evidence import smallest_evidence
from conformance.traffic.cassette_writer import cassette
from conformance.traffic.redaction.redact import redact

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_SUFFIX = re.compile(r"(?:\.(?:yaml|yml|jsonl|json|har|gz)){1,3}+(?=$|[#:])")
_LONGEST_NAME = 60  # characters of the part of a file name that comes from a case or file

_FILE = '''"""Requirements of Chat Completions that a server broke, as regression tests.

Each test judges one recorded answer, a cassette in {folder}/.
It fails until the answer is recorded again from a server that is fixed. To do that, run this file,
which sends the recorded requests again:

    {variable}=... python {name}
"""

import sys
from pathlib import Path

import pytest

from conformance.testing.regression import assert_requirement, record_again

CASSETTES = Path(__file__).parent / "{folder}"
BROKEN = [
{rows}]
"""The requirement, the cassette with the answer, and the profile to judge by."""


@pytest.mark.parametrize(
    ("requirement", "cassette", "profile"), BROKEN, ids=[row[0] for row in BROKEN]
)
def test_the_requirement_holds(requirement: str, cassette: str, profile: str) -> None:
    assert_requirement(CASSETTES / cassette, requirement, profile)


if __name__ == "__main__":
    sys.exit(record_again([CASSETTES / cassette for _, cassette, _ in BROKEN], "{variable}"))
'''


@dataclass(frozen=True, slots=True)
class FailingExchange:
    """An exchange that breaks a requirement, and the name of the profile that judged it."""

    broken: Broken
    exchange: Exchange
    profile: str


@dataclass(frozen=True, slots=True)
class PytestFile:
    """Files to write, by name; the first is the test file, the others its cassettes.

    ``left_out`` says which broken requirements have no test, and why.
    """

    files: Mapping[str, bytes]
    left_out: tuple[str, ...] = ()


def alone(broken: Iterable[Broken]) -> tuple[list[Broken], list[str]]:
    """Separate broken requirements that one exchange shows from the others, named with a reason."""
    single, others = list[Broken](), list[str]()
    for each in broken:
        if each.outcome != "fail":
            continue
        if each.entry.needs in ("exchange", "probe"):
            single.append(each)
        else:
            others.append(f"{each.entry.id} has no test, because it takes several answers to judge")
    return single, others


def pytest_file(
    name: str,
    failing: Iterable[FailingExchange],
    suite: Suite,
    left_out: Iterable[str] = (),
    key_variable: str = DEFAULT_VARIABLE,
) -> PytestFile:
    """Return a test file with a test for each failing exchange.

    The answers are shortened to the smallest evidence, and without secrets.

    Args:
        name: the name of the test file.
        failing: at most one exchange for each requirement.
        suite: has the profiles and rules to judge by.
        left_out: which requirements have no test.
        key_variable: the environment variable with the key to record again with.
    """
    folder = f"{PurePath(name).stem}_cassettes"
    rows, cassettes, skipped = list[str](), dict[str, bytes](), [*left_out]
    for each in failing:
        entry, clean = each.broken.entry, redact(each.exchange)
        if request_of_recording(clean.request) is None:
            skipped.append(f"{entry.id} has no test, because its request was not recorded")
            continue
        judge = judge_for(suite.profile(each.profile), suite)
        smallest = smallest_evidence(clean, entry.id, judge)
        file = f"{entry.id}-{_part_of_name(each.broken.examples[0].case)}.yaml"
        meta = {**smallest.meta, "profile": each.profile}
        cassettes[f"{folder}/{file}"] = cassette(replace(smallest, meta=meta)).encode()
        found = each.broken.examples[0].findings
        said = one_line(found[0].message if found else entry.sentence)
        rows.append(f'    # {said}\n    ("{entry.id}", "{file}", "{each.profile}"),\n')
    text = _FILE.format(folder=folder, name=name, variable=key_variable, rows="".join(rows))
    return PytestFile({name: text.encode(), **cassettes}, tuple(skipped))


def _part_of_name(case: str) -> str:
    """Return a case, or the place of an exchange in a file, as a part of a file name."""
    name = _SUFFIX.sub("", case.rsplit("/", 1)[-1])
    plain = _UNSAFE.sub("-", name).strip("-.")
    return plain[-_LONGEST_NAME:] or "answer"
