"""One CSV file to one typed table: its header against the columns of format 1."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from residuum.intake.cells import type_cells
from residuum.intake.dialect import TextTable, read_cells
from residuum.records.checks import problem
from residuum.records.errors import Problem
from residuum.records.schemas import Table
from residuum.records.spelling import nearest

EXPECTED_ALTHOUGH_BLANK: Final = {"patients": ("age_at_diagnosis_days", "diagnosis_year", "stage")}
"""Columns that a file must have although their cells may be blank."""


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A typed table with the place of every record, or only the reasons why it could not be read.

    Attributes
    ----------
    frame : polars.DataFrame or None
        Columns of format 1 in their order, then unknown columns as text.
    lines : sequence of int
        Line of the file on which each record begins.
    unread : mapping of str to polars.Series
        0-based records by column whose cell is null because it could not be understood.
    problems : list of Problem
    """

    frame: pl.DataFrame | None
    lines: Sequence[int] = ()
    unread: Mapping[str, pl.Series] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether no record had to be left out; else another table may refer to one that is missing here."""
        return not any(found.rule.startswith("row.") for found in self.problems)


def read_table(data: bytes, table: Table) -> ReadTable:
    """Return a table from the bytes of its CSV file."""
    text = read_cells(data, table.file, table.schema)
    if text.cells is None:
        return ReadTable(None, problems=text.problems)
    problems = text.problems + _check_header(text.cells.columns, table)
    if any(found.rule in ("header.missing", "header.duplicate") for found in problems):
        return ReadTable(None, problems=problems)
    absent = [pl.lit(None, pl.String).alias(name) for name in table.schema if name not in text.cells.columns]
    unknown = [name for name in text.cells.columns if name not in table.schema]
    cells = text.cells.with_columns(absent).select(*table.schema, *unknown)
    frame, unread, found = type_cells(TextTable(cells, text.lines, text.separator), table)
    return ReadTable(frame, text.lines, unread, problems + found)


def _check_header(names: Sequence[str], table: Table) -> list[Problem]:
    expected = EXPECTED_ALTHOUGH_BLANK.get(table.name, ())
    unknown = [name for name in names if name not in table.schema]
    problems = []
    for column in table.columns:
        if column.name in names:
            continue
        if column.required or column.name in expected:
            similar = [name for name in unknown if nearest(name, [column.name])]
            cure = f"Rename the column {similar[0]!r} to {column.name}." if similar else "Add it."
            problems.append(problem("header.missing", table.file, 1, column.name, cure=cure))
        else:
            problems.append(problem("header.absent", table.file, 1, column.name))
    for name in unknown:
        cure = nearest(name, [other for other in table.schema if other not in names]) or "Nothing to do."
        problems.append(problem("header.unknown", table.file, 1, name, cure=cure))
    return problems
