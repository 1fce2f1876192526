"""Rules of a single cell: blanks, codes, lists, ranges and the spelling of identifiers."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from residuum.records.findings import Findings, Words, no_words
from residuum.records.schemas import TABLES, Column
from residuum.records.spelling import nearest

FREE_TEXT: Final = ("comment", "regimen", "reason", "source")
"""Text columns in which blanks around the value are part of it; every other text column identifies something."""


def check_cells(findings: Findings, table: str) -> None:
    """Apply the rules of a single cell to every column of a table."""
    for column in TABLES[table].columns:
        _check_presence_and_range(findings, table, column)
        if column.kind in ("code", "codes"):
            _check_codes(findings, table, column)
        elif column.kind == "text" and column.name not in FREE_TEXT:
            _check_identifier(findings, table, column.name)


def one_of(choices: Sequence[str]) -> Words:
    """Return the words of a cure that lists the choices and names the nearest one."""
    return lambda value: {"cure": f"{nearest(value, choices)} Write one of: {', '.join(choices)}.".strip()}


def _check_presence_and_range(findings: Findings, table: str, column: Column) -> None:
    cell = pl.col(column.name)
    if column.required:
        findings.add_where("cell.blank", table, column.name, cell.is_null())
    if (table, column.name) == ("marks", "extent"):
        return  # its limits have a rule of their own
    low, high = column.low, column.high
    if low is not None or high is not None:
        outside = ~cell.is_between(-float("inf") if low is None else low, float("inf") if high is None else high)
        span = f"from {low:g}" + ("" if high is None else f" to {high:g}") if low is not None else f"to {high:g}"
        findings.add_where("cell.out_of_range", table, column.name, outside, words=lambda _: {"range": span})


def _check_codes(findings: Findings, table: str, column: Column) -> None:
    unknown, empty, repeated = [], [], []
    for value in findings.tables[table][column.name].unique().drop_nulls():
        entries = value.split(";") if column.kind == "codes" else [value]
        if "" in entries:
            empty.append(value)
        if any(entry and entry not in column.codes for entry in entries):
            unknown.append(value)
        if len(set(entries) - {""}) < len([entry for entry in entries if entry]):
            repeated.append(value)
    for check_id, values in (
        ("cell.unknown_code", unknown),
        ("list.empty_entry", empty),
        ("list.duplicate_entry", repeated),
    ):
        if values:
            bad = pl.col(column.name).is_in(values)
            words = _code_words(column) if check_id == "cell.unknown_code" else no_words
            findings.add_where(check_id, table, column.name, bad, words=words)


def _code_words(column: Column) -> Words:
    cure = one_of(column.codes)
    return lambda value: cure(next((entry for entry in value.split(";") if entry not in column.codes), value))


def _check_identifier(findings: Findings, table: str, column: str) -> None:
    cell = pl.col(column)
    findings.add_where("cell.surrounding_blank", table, column, cell.str.contains(r"^\s|\s$"))
    accented = cell.str.len_bytes() != cell.str.len_chars()
    if findings.tables[table].select(accented.any()).item():
        findings.add_where("cell.accents_not_composed", table, column, cell.str.normalize("NFC") != cell)
