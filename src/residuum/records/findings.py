"""Collects what the checks of typed tables find, record by record."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import polars as pl

from residuum.records.checks import REPORTED_AT_MOST, listed, problem
from residuum.records.schemas import TABLES

if TYPE_CHECKING:
    from residuum.records.errors import Problem

Unread = Mapping[tuple[str, str], pl.Series]
"""Records (0-based) by table and column whose cell is null only because it could not be understood."""
Words = Callable[[str], Mapping[str, object]]
"""Gives the words of a message or cure for a value."""
_RECORD: Final = "\0record"  # no file can hold this name


def no_words(_: str) -> Mapping[str, object]:
    """Return nothing: the texts of the check have no words to fill in."""
    return {}


class Findings:
    """Problems of typed tables; `row` holds the 0-based record until intake puts the line of the file in its place.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Typed tables by name; a table that could not be read is left out.
    unread : mapping
        Cells already reported as not understood; nothing more is said about them.
    """

    def __init__(self, tables: Mapping[str, pl.DataFrame], unread: Unread) -> None:
        self.tables = tables
        self.unread = unread
        self.problems: list[Problem] = []

    def add(
        self,
        check_id: str,
        table: str,
        columns: str | tuple[str, ...],
        records: pl.Series,
        words: Words = no_words,
    ) -> None:
        """Report a check at the given records (0-based); `words` fills in its message from the value."""
        names = (columns,) if isinstance(columns, str) else columns
        unread = self.unread.get((table, names[0]))
        if unread is not None:
            records = records.filter(~records.is_in(unread.implode()))
        shown = records.head(REPORTED_AT_MOST)
        values = map(_written, self.tables[table].select(names)[shown].iter_rows())
        found = [
            problem(check_id, TABLES[table].file, record, ", ".join(names), value, **words(value or ""))
            for record, value in zip(shown, values, strict=True)
        ]
        self.problems += listed(found, len(records))

    def add_where(
        self,
        check_id: str,
        table: str,
        columns: str | tuple[str, ...],
        condition: pl.Expr,
        rows: pl.DataFrame | None = None,
        words: Words = no_words,
    ) -> None:
        """Report a check at every record for which the condition is true (null is not).

        `rows` is the table with further columns joined to it, in the same order.
        """
        mask = (self.tables[table] if rows is None else rows).select(condition.fill_null(False)).to_series()
        self.add(check_id, table, columns, mask.arg_true(), words)

    def table(self, name: str) -> pl.DataFrame:
        """Return a table, empty where it could not be read."""
        return self.tables.get(name, TABLES[name].empty())

    def records_without(self, table: str, other: pl.DataFrame, on: Mapping[str, str]) -> pl.Series:
        """Return the records whose columns `on` (name here to name there), none null, find no row in `other`."""
        rows = self.tables[table].select(pl.int_range(pl.len()).alias(_RECORD), *on).drop_nulls()
        return rows.join(other, left_on=list(on), right_on=list(on.values()), how="anti")[_RECORD].sort()


def _written(cells: tuple[object, ...]) -> str | None:
    if all(cell is None for cell in cells):
        return None
    return ", ".join("" if cell is None else str(cell) for cell in cells)
