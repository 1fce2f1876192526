"""A CSV file to its header and text cells: separators, quotes and lines, with nothing repaired silently."""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO
from typing import Final

import polars as pl

from residuum.intake.encoding import decode
from residuum.records.checks import REPORTED_AT_MOST, listed, problem
from residuum.records.errors import Problem

SEPARATORS: Final = {",": "a comma", ";": "a semicolon", "\t": "a tab"}


@dataclass(frozen=True, slots=True)
class TextTable:
    """The cells of a file as written, blank cells null.

    Attributes
    ----------
    cells : polars.DataFrame or None
        One column of text for each header name; None where the file cannot be split into cells.
    lines : sequence of int
        Line of the file on which each record begins (the first line is 1).
    separator : str
        What stands between two cells.
    problems : list of Problem
        What was understood, left out or refused.
    """

    cells: pl.DataFrame | None
    lines: Sequence[int] = ()
    separator: str = ","
    problems: list[Problem] = field(default_factory=list)


def read_cells(data: bytes, file: str, known: Iterable[str]) -> TextTable:
    """Return the cells of a CSV file.

    Parameters
    ----------
    data : bytes
        The file.
    file : str
        Its name, for messages.
    known : iterable of str
        Column names of the table: the separator is the one that finds most of them in the header.
    """
    text, problems = decode(data, file)
    if text is None:
        return TextTable(None, problems=problems)
    if not text.strip():
        return TextTable(None, problems=[*problems, problem("file.empty", file)])
    columns = frozenset(known)
    plain = _read_plain(text.encode() if problems else data, columns)
    if plain:
        return replace(plain, problems=problems)
    return _read_careful(text, file, columns, problems)


def _read_plain(data: bytes, known: frozenset[str]) -> TextTable | None:
    """Read a file that has no trap in it, fast; None sends it the careful way, which gives the same cells."""
    data = data.replace(b"\r\n", b"\n")
    header, _, body = data.partition(b"\n")
    names = header.decode("utf-8").split(",")
    unusual = any(mark in data for mark in (b'"', b"\r", b"\n\n"))
    if unusual or "" in names or len(set(names)) < len(names) or len(known.intersection(names)) < 2:
        return None
    count = body.count(b"\n") + (not body.endswith(b"\n") and bool(body))
    if body.count(b",") != count * (len(names) - 1):
        return None
    try:
        cells = pl.read_csv(data, infer_schema=False, quote_char=None)
    except pl.exceptions.PolarsError:
        return None  # one record has more cells and another fewer: the careful way names both
    return TextTable(cells, range(2, count + 2)) if cells.height == count else None


def _read_careful(text: str, file: str, known: frozenset[str], problems: list[Problem]) -> TextTable:
    """Read any file, record by record, and say everything about it."""
    text, separator, first_line = _declared_separator(text)
    if separator:
        problems.append(problem("file.sep_line", file, 1, None, f"sep={separator}"))
    separator = separator or _separator(text, known)
    records, quotes = _split(text, separator, first_line, file)
    if not records:
        return TextTable(None, problems=[*problems, *(quotes or [problem("file.empty", file)])])
    if not quotes and len(records[0][1]) < 2:
        return TextTable(None, problems=[*problems, problem("file.one_column", file, first_line)])
    if separator != ",":
        problems.append(problem("file.separator", file, separator=SEPARATORS.get(separator, repr(separator))))
    rows = [(line, row) for line, row in records[1:] if row]
    blank = len(records) - 1 - len(rows)
    if blank:
        problems.append(problem("file.blank_lines", file, count=blank))
    line, header = records[0]
    problems += quotes + _uneven_rows(rows, len(header), file)
    whole = [(place, row) for place, row in rows if len(row) == len(header)]
    names, found = _column_names(header, [row for _, row in whole], line, file)
    cells = {name: [row[index] or None for _, row in whole] for index, name in names.items()}
    frame = None if quotes else pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))
    return TextTable(frame, [place for place, _ in whole], separator, problems + found)


def _declared_separator(text: str) -> tuple[str, str | None, int]:
    """Return the text after a first line such as ``sep=;``, the separator it names, and the line on which it begins."""
    declared = re.match(r"sep=(.)(?:\r\n|\r|\n)", text, re.IGNORECASE)
    return (text[declared.end() :], declared[1], 2) if declared else (text, None, 1)


def _separator(text: str, known: frozenset[str]) -> str:
    """Return the separator that finds most of the known columns in the header, else the most cells."""
    header = StringIO(text, newline="").readline().rstrip("\r\n")

    def columns_found(separator: str) -> tuple[int, int]:
        names = [name.strip('" ').casefold() for name in header.split(separator)]
        return len(known.intersection(names)), len(names)

    return max(SEPARATORS, key=columns_found)


def _split(text: str, separator: str, first_line: int, file: str) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """Return every record with the line on which it begins, up to the first one whose quotes do not close."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    records: list[tuple[int, list[str]]] = []
    begins = first_line
    try:
        for record in reader:
            records.append((begins, record))
            begins = reader.line_num + first_line
    except csv.Error as error:
        return records, [problem("file.quotes", file, begins, reason=str(error))]
    return records, []


def _uneven_rows(rows: list[tuple[int, list[str]]], expected: int, file: str) -> list[Problem]:
    problems = []
    for check, uneven in (
        ("row.too_few_cells", [(line, row) for line, row in rows if len(row) < expected]),
        ("row.too_many_cells", [(line, row) for line, row in rows if len(row) > expected]),
    ):
        first = [
            problem(check, file, line, None, str(len(row)), expected=expected)
            for line, row in uneven[:REPORTED_AT_MOST]
        ]
        problems += listed(first, len(uneven))
    return problems


def _column_names(
    header: list[str], rows: list[list[str]], line: int, file: str
) -> tuple[dict[int, str], list[Problem]]:
    """Return the name of every column that is kept, by its place, and what is wrong in the header."""
    names: dict[int, str] = {}
    problems = []
    for index, name in enumerate(header):
        if not name:
            check = "header.empty_name" if any(row[index] for row in rows) else "header.empty_column"
            problems.append(problem(check, file, line, number=index + 1))
        elif name in names.values():
            problems.append(problem("header.duplicate", file, line, name, name))
        else:
            names[index] = name
    return names, problems
