"""The ledger as data: read strictly, complete, and the page of the docs that is made from it."""

import json
from pathlib import Path
from textwrap import dedent

import pytest

from conformance.judging.requirements import (
    CHAPTERS,
    COLUMNS,
    EDITION,
    chapters,
    read_chapter,
    requirements,
    reserved,
)
from conformance.judging.toml_tables import TableError
from conformance.reports.requirement_list import as_json, as_markdown, as_text
from tests.helpers.project import DOCS

PAGE = DOCS / "requirements.md"

CHAPTER = dedent("""\
    prefix = "HDR"
    title = "Headers"

    [[requirement]]
    id = "HDR-001"
    sentence = "A response has a header"
    levels = { openai = "must" }
    needs = "exchange"
    when = "any; headers recorded"
    about = "protocol"
    source = ["RFC 9110"]
    edition = "2026-11"
    """)


def read(folder: Path, text: str) -> None:
    path = folder / "headers.toml"
    path.write_text(text, encoding="utf-8")
    read_chapter(path)


def test_every_number_of_a_chapter_is_a_requirement_or_reserved() -> None:
    for chapter in chapters():
        kept = {id for id in reserved() if id.startswith(f"{chapter.prefix}-")}
        ids = sorted(kept.union(row.id for row in chapter.requirements))
        assert ids == [f"{chapter.prefix}-{number:03}" for number in range(1, len(ids) + 1)]
    assert tuple(chapter.name for chapter in chapters()) == CHAPTERS


def test_requirements_are_in_the_order_of_the_chapters_and_numbers_only_rise() -> None:
    assert list(requirements()) == [
        row.id for chapter in chapters() for row in chapter.requirements
    ]
    for chapter in chapters():
        ids = [row.id for row in chapter.requirements]
        assert ids == sorted(ids)


def test_a_row_carries_everything_the_ledger_says_of_it() -> None:
    row = requirements()["CHO-009"]
    assert (
        row.sentence
        == "A choice whose message has tool_calls has finish_reason `tool_calls` (or `stop` if"
        " tool_choice names a function), unless a limit or filter cut the message short"
    )
    assert dict(row.levels) == dict(
        zip(COLUMNS, ("must", "must", "should", "must", "must", "should"), strict=True)
    )
    assert (row.needs, row.when, row.about) == (
        "exchange",
        "completion; message with tool_calls",
        "protocol",
    )
    assert (row.source, row.edition) == (("R-PYD", "recordings"), EDITION)


def test_a_column_without_a_level_is_left_out() -> None:
    assert set(requirements()["THK-006"].levels) == {"gemini-api"}


def test_reserved_ids_are_never_used() -> None:
    assert len(reserved()) == 10
    assert not set(reserved()) & set(requirements())


def test_a_whole_chapter_is_read(tmp_path: Path) -> None:
    read(tmp_path, CHAPTER)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'about = "protocol"',
            'about = "protocol"\nlevel = "must"',
            "headers.toml, [[requirement]] 1 (HDR-001): unknown key 'level'",
        ),
        ('title = "Headers"', 'titel = "Headers"', "headers.toml: unknown key 'titel'"),
        (
            'about = "protocol"\n',
            "",
            "headers.toml, [[requirement]] 1 (HDR-001): the key 'about' is missing",
        ),
        (
            'about = "protocol"',
            'about = "endpoint"',
            "'about' must be one of protocol, model, not 'endpoint'",
        ),
        ('openai = "must"', 'openai = "M"', "'levels' must be a table of must, should or may"),
        ('openai = "must"', 'azure = "must"', "'levels' must be a table of must, should or may"),
        (
            '"any; headers recorded"',
            '"headers recorded"',
            "'when' must be a string that begins with one of completion, stream, error, any",
        ),
        ('["RFC 9110"]', '"RFC 9110"', "'source' must be a list of strings"),
        ('"HDR-001"', '"HDR-1"', "'id' must be HDR- and three digits, not 'HDR-1'"),
        ('"HDR-001"', '"ENV-001"', "'id' must be HDR- and three digits, not 'ENV-001'"),
        ('"HDR-001"', '"HDR-001', "headers.toml: "),
    ],
)
def test_a_wrong_table_names_file_and_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in CHAPTER
    with pytest.raises(TableError) as raised:
        read(tmp_path, CHAPTER.replace(old, new))
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_requirements_page_is_that_of_the_ledger() -> None:
    assert PAGE.read_text(encoding="utf-8") == as_markdown() + "\n", (
        "docs/requirements.md is not that of the ledger: run `conformance requirements --format md"
        " > docs/requirements.md`"
    )


def test_the_page_counts_what_the_requirements_rest_on() -> None:
    page = as_markdown()
    words = [
        row.evidence["gemini-api"] for row in requirements().values() if "gemini-api" in row.levels
    ]
    counts = [words.count(word) for word in ("observed", "documentation", "code", "none")]
    assert f"| GA | {' | '.join(map(str, counts))} | {len(words)} |" in page.splitlines()
    assert "| USG-004 | observed | – | – | – |" in page.splitlines()


@pytest.mark.parametrize("width", [40, 60, 80, 160])
def test_the_text_keeps_to_the_terminal_and_loses_nothing(width: int) -> None:
    text = as_text(chapters(), width)
    assert max(map(len, text.splitlines())) <= width
    words = "".join(text.split())
    for row in requirements().values():
        assert row.id + "".join(row.sentence.split()) in words


def test_the_json_has_every_row_whole() -> None:
    content = json.loads(as_json(chapters()))
    rows = {row["id"]: row for chapter in content["chapters"] for row in chapter["requirements"]}
    assert content["edition"] == EDITION
    assert list(rows) == list(requirements())
    expected = requirements()["USG-004"]
    assert rows["USG-004"] == {
        "id": "USG-004",
        "sentence": expected.sentence,
        "levels": {"vertex-gemini": "must"},
        "needs": "exchange",
        "when": "any; usage present",
        "about": "protocol",
        "source": ["V-EX"],
        "edition": EDITION,
        "evidence": {"vertex-gemini": "observed"},
        "why": expected.why,
        "covered_by": [],
    }
