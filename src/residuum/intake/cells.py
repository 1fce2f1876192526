"""Text cells to whole numbers and numbers; anything that is not plainly one is named, never guessed."""

import re
from typing import Final

import polars as pl

from residuum.intake.dialect import TextTable
from residuum.records.checks import REPORTED_AT_MOST, listed, problem
from residuum.records.errors import Problem
from residuum.records.schemas import Column, Table

_WHOLE: Final = r"^-?(?:0|[1-9][0-9]*)$"
_NUMBER: Final = r"^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
_COMMA_NUMBER: Final = r"^-?[0-9]+(?:,[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
_POINT: Final = re.compile(r"-?\d+\.\d+")
_CAUSES: Final = (
    ("cell.surrounding_blank", re.compile(r"\s.*|.*\s", re.DOTALL)),
    (
        "cell.date_for_day",
        re.compile(r"\d{4}[-/]\d{1,2}.*|\d{4}\.\d{1,2}\.\d{1,2}.*|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}.*"),
    ),
    (
        "cell.thousands_separator",
        re.compile(r"-?\d{1,3}([\s\u202f\u00a0'’]\d{3})+([.,]\d+)?|-?\d{1,3}([,.]\d{3})+[.,]\d+"),
    ),
    ("cell.inexact", re.compile(r"[<>~≈≤≥±].*|.*[?~±]")),
    (
        "cell.word_for_missing",
        re.compile(r"n/?a|n/?d|nr|nan|null|none|unknown|missing|inconnu|-+|\.+|#.*", re.IGNORECASE),
    ),
)


def type_cells(text: TextTable, table: Table) -> tuple[pl.DataFrame, dict[str, pl.Series], list[Problem]]:
    """Return the table with its types, the records by column that could not be understood, and why.

    Parameters
    ----------
    text : TextTable
        Cells as written; every column of the table is there.
    table : Table
        The table's columns and their kinds.

    Returns
    -------
    frame : polars.DataFrame
        The same columns; a cell that could not be understood is null.
    unread : dict of str to polars.Series
        0-based records of such cells by column.
    problems : list of Problem
    """
    assert text.cells is not None
    numeric = [column for column in table.columns if column.kind in ("whole", "number")]
    comma = text.separator != "," and _has_decimal_comma(text.cells, numeric)
    problems = [problem("file.decimal_comma", table.file)] if comma else []
    typed, unread = {}, {}
    for column in numeric:
        written = text.cells[column.name]
        typed[column.name] = values = _numbers(written, column, comma=comma)
        bad = (values.is_null() & written.is_not_null()).arg_true()
        if len(bad):
            unread[column.name] = bad
            first = [
                problem(
                    _cause(written[record], column, comma=comma),
                    table.file,
                    text.lines[record],
                    column.name,
                    written[record],
                )
                for record in bad.head(REPORTED_AT_MOST)
            ]
            problems += listed(first, len(bad))
    return text.cells.with_columns(**typed), unread, problems


def _has_decimal_comma(cells: pl.DataFrame, columns: list[Column]) -> bool:
    numbers = [cells[column.name] for column in columns if column.kind == "number"]
    return any(written.str.contains(r"^-?[0-9]+,[0-9]+").any() for written in numbers)


def _numbers(written: pl.Series, column: Column, *, comma: bool) -> pl.Series:
    if column.kind == "whole":
        return written.set(~written.str.contains(_WHOLE), None).cast(pl.Int64, strict=False)
    written = written.set(~written.str.contains(_COMMA_NUMBER if comma else _NUMBER), None)
    values = written.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    return values.set(~values.is_finite(), None).set(values == 0, 0.0)  # never -0.0, which a database does not keep


def _cause(value: str, column: Column, *, comma: bool) -> str:
    """Return the check that best says why a cell is no number."""
    is_day = column.name == "day" or column.name.endswith("_day")
    for check, pattern in _CAUSES:
        if pattern.fullmatch(value) and (check != "cell.date_for_day" or is_day):
            return check
    if comma and column.kind == "number" and _POINT.fullmatch(value):
        return "cell.decimal_mixed"
    if re.fullmatch(_WHOLE if column.kind == "whole" else _NUMBER, value):
        return "cell.too_large"
    if column.kind == "whole":
        return "cell.not_whole"
    return "cell.decimal_comma" if re.fullmatch(_COMMA_NUMBER, value) else "cell.not_a_number"
