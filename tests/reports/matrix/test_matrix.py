"""The table of saved reports: its page is up to date, and all formats show the same cells."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner
from rich.console import Console

from conformance._files import data_folder
from conformance.cli import main
from conformance.reports.matrix.as_json import as_json
from conformance.reports.matrix.html import as_html
from conformance.reports.matrix.markdown import as_markdown
from conformance.reports.matrix.matrix import Matrix
from conformance.reports.matrix.text import render
from tests.helpers.injections import INJECTIONS, commands
from tests.helpers.project import DOCS
from tests.reports.matrix.page import TARGETS, page, shipped_matrix


@cache
def shipped() -> Matrix:
    return shipped_matrix()


def text(matrix: Matrix, width: int = 80) -> str:
    out = io.StringIO()
    render(matrix, Console(file=out, width=width, highlight=False))
    return out.getvalue()


FORMATS: dict[str, Callable[[Matrix], str]] = {
    "text": text,
    "markdown": as_markdown,
    "json": lambda matrix: as_json(matrix).decode(),
    "html": lambda matrix: as_html(matrix).decode(),
}


def test_the_page_of_the_shipped_cassettes_is_up_to_date() -> None:
    shown = (DOCS / "matrix.md").read_text(encoding="utf-8")
    assert shown == page(), "python -m tests.reports.matrix.page > docs/matrix.md"


def test_each_target_has_a_column_and_each_row_a_cell_for_it() -> None:
    matrix = shipped()
    assert [column.name for column in matrix.columns] == list(TARGETS)
    assert all(len(row.cells) == len(TARGETS) for row in matrix.rows)
    cells = {row.entry.id: row.cells for row in matrix.rows}
    vllm, lm_proxy = TARGETS.index("vllm"), TARGETS.index("lm-proxy")
    assert cells["ENV-002"][lm_proxy].status == "broken"
    assert cells["ENV-002"][lm_proxy].count == cells["ENV-002"][lm_proxy].of > 0
    assert cells["ENV-002"][lm_proxy].finding is not None
    assert cells["ENV-002"][vllm].status == "pass"


def test_the_json_is_valid_by_its_schema() -> None:
    schema = json.loads((data_folder("schemas") / "matrix.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(as_json(shipped())), schema)


@pytest.mark.parametrize("width", [60, 80, 160])
def test_the_text_fits_and_lists_only_what_a_target_breaks(width: int) -> None:
    shown = text(shipped(), width)
    assert max(map(len, shown.splitlines())) <= width
    assert "ENV-002" in shown
    assert "MSG-001" not in shown


@pytest.mark.parametrize("form", FORMATS)
def test_all_formats_name_the_targets_and_what_they_break(form: str) -> None:
    shown = FORMATS[form](shipped())
    for name in (*TARGETS, "ENV-002", "ERR-022"):
        assert name in shown


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("injection", INJECTIONS)
def test_nothing_from_a_report_becomes_a_command(form: str, injection: str) -> None:
    first, *others = shipped().columns
    spoilt = replace(first, name=injection, source=injection, model=injection, server=injection)
    rows = tuple(
        replace(row, cells=tuple(replace(cell, case=injection) for cell in row.cells))
        for row in shipped().rows[:3]
    )
    matrix = replace(shipped(), columns=(spoilt, *others), rows=rows)
    assert commands(FORMATS[form](matrix)) == []


def test_a_report_that_cannot_be_read_is_named_and_the_others_are_shown(tmp_path: Path) -> None:
    (tmp_path / "cut.json").write_text('{"schema_version": 3', encoding="utf-8")
    saved = tmp_path / "saved"
    made = CliRunner().invoke(
        main, ["run", "--target", "vllm", "--case", "auth-basic", "--report", str(saved)]
    )
    assert (saved / "report.json").exists(), made.output
    done = CliRunner().invoke(
        main, ["matrix", str(tmp_path / "cut.json"), str(tmp_path / "missing"), str(saved)]
    )
    assert done.exit_code == 2
    assert "1 target" in done.stdout
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert "cut.json" in lines[0]
    assert "missing" in lines[1]
