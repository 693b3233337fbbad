"""What requirements rest on: given or from documentation, complete, and never none for a must."""

from pathlib import Path

import pytest

from conformance.judging.requirements import (
    EVIDENCE,
    GOOGLE_COLUMNS,
    Requirement,
    read_chapter,
    requirements,
)
from conformance.judging.toml_tables import TableError

CHAPTER = """\
prefix = "HDR"
title = "Headers"

[[requirement]]
id = "HDR-001"
sentence = "A response has a header"
levels = { LEVELS }
needs = "exchange"
when = "any"
about = "protocol"
source = [SOURCE]
edition = "2026-11"
EVIDENCE
"""


def read(folder: Path, levels: str, source: str, evidence: str = "") -> Requirement:
    path = folder / "headers.toml"
    table = f"evidence = {{ {evidence} }}" if evidence else ""
    text = CHAPTER.replace("LEVELS", levels).replace("SOURCE", source).replace("EVIDENCE", table)
    path.write_text(text, encoding="utf-8")
    (row,) = read_chapter(path).requirements
    return row


@pytest.mark.parametrize(
    "key",
    ["OA-SPEC", "V-EX", "G-OAI", "SEED", "SEED 4 9", "RFC 9110", "SSE standard", "metamorphic"],
)
def test_documentation_is_evidence_by_itself(key: str, tmp_path: Path) -> None:
    row = read(tmp_path, 'gemini-api = "must", openai = "must"', f'"reports", "{key}"')
    assert row.evidence == {"gemini-api": "documentation"}


def test_what_is_given_comes_before_documentation(tmp_path: Path) -> None:
    levels = 'vertex-gemini = "must", gemini-api = "should"'
    row = read(tmp_path, levels, '"OA-SPEC"', 'gemini-api = "none"')
    assert row.evidence == {"vertex-gemini": "documentation", "gemini-api": "none"}


@pytest.mark.parametrize(
    ("levels", "source", "evidence", "message"),
    [
        (
            'gemini-api = "may"',
            '"7.2"',
            "",
            "headers.toml, [[requirement]] 1 (HDR-001): 'evidence' must have gemini-api, because no"
            " source is documentation",
        ),
        (
            'gemini-api = "may", vertex-tgi = "may"',
            '"7.2", "I-542", "recordings"',
            'gemini-api = "observed"',
            "'evidence' must have vertex-tgi",
        ),
        (
            'gemini-api = "must"',
            '"OA-SPEC"',
            'gemini-api = "none"',
            "gemini-api must not be must without evidence",
        ),
        (
            'gemini-api = "must"',
            '"OA-SPEC"',
            'vertex-tgi = "code"',
            "'evidence' has vertex-tgi, to which this does not apply",
        ),
        (
            'gemini-api = "must"',
            '"OA-SPEC"',
            'gemini-api = "seen"',
            "'evidence' must be a table of observed, documentation, code, none by vertex-gemini",
        ),
        ('openai = "must"', '"OA-SPEC"', 'openai = "observed"', "'evidence' must be a table of"),
    ],
)
def test_wrong_evidence_names_file_and_key(
    levels: str, source: str, evidence: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(TableError) as raised:
        read(tmp_path, levels, source, evidence)
    assert message in str(raised.value)


def test_every_level_of_a_google_column_rests_on_something_or_is_no_must() -> None:
    for row in requirements().values():
        assert list(row.evidence) == [name for name in GOOGLE_COLUMNS if name in row.levels]
        assert set(row.evidence.values()) <= set(EVIDENCE)
        unsupported = [name for name, word in row.evidence.items() if word == "none"]
        assert all(row.levels[name] != "must" for name in unsupported)


def test_what_no_observation_supports_is_marked() -> None:
    unsupported = {"THK-008", "TOOL-016", "TOOL-018", "ERR-026", "ERR-028"}
    assert {row for row in unsupported if requirements()[row].evidence["gemini-api"] != "none"} == (
        set()
    )
    assert requirements()["ERR-011"].evidence["vertex-gemini"] == "documentation"
    assert requirements()["ERR-017"].evidence["vertex-tgi"] == "code"
