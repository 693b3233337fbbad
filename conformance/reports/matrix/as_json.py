"""The table as JSON, a requirement per line; see schemas/matrix.json."""

from dataclasses import asdict
from typing import Any

from conformance.reports.json.run import finding_members, lines_of
from conformance.reports.matrix.matrix import Cell, Column, Matrix, Row

SCHEMA_VERSION = 1
"""Increases with each change of schemas/matrix.json that makes older documents invalid."""


def as_json(matrix: Matrix) -> bytes:
    """Return the table; equal reports give equal bytes.

    The ``cells`` of a requirement are in the order of ``targets``.
    """
    return lines_of(
        {
            "schema_version": SCHEMA_VERSION,
            "notes": list(matrix.notes),
            "targets": [_column(column) for column in matrix.columns],
            "requirements": [_row(row) for row in matrix.rows],
        }
    )


def _column(column: Column) -> dict[str, Any]:
    names = ("name", "source", "profile", "model", "server", "cases", "counts")
    sdk = column.sdk
    return {name: getattr(column, name) for name in names} | {
        "sdk": sdk and {"version": sdk.version, "breaks": [asdict(each) for each in sdk.breaks]},
        "client_effects": [asdict(each) for each in column.effects],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "requirement": row.entry.id,
        "about": row.entry.about,
        "sentence": row.entry.sentence,
        "cells": [_cell(cell) for cell in row.cells],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "level": cell.level,
        "status": cell.status,
        "count": cell.count,
        "of": cell.of,
        "case": cell.case or None,
        "finding": None if cell.finding is None else finding_members(cell.finding),
    }
