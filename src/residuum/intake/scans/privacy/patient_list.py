"""`patients.csv` of the key folder: which patient of the archive is which patient of the study, and when diagnosed.

Its problems name lines and columns and never a value: these are identifiers of real patients.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from residuum.intake.dialect import TextTable, read_cells
from residuum.records.errors import InputError, Problem

FILE: Final = "patients.csv"
NEEDED: Final = ("patient_id", "patient", "diagnosis_date")
OPTIONAL: Final = ("issuer",)
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Person:
    """A patient of the study; day 0 is the date of diagnosis."""

    patient: str
    diagnosis_date: date


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    patient_id: str
    issuer: str
    patient: str
    diagnosis_date: date | None


Persons = dict[tuple[str, str], Person]
"""By patient identifier and issuer as they stand in DICOM objects; an empty issuer stands for any."""


def read_persons(data: bytes) -> Persons:
    """Return the patients that a data manager listed.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    table = read_cells(data, FILE, (*NEEDED, *OPTIONAL))
    problems = [_without_values(problem) for problem in table.problems if problem.severity == "error"]
    problems += _check_header(table)
    if problems or table.cells is None:
        raise _refused(problems)
    rows = list(_rows(table))
    problems = [*_check_cells(table), *_check_rows(rows)]
    if problems:
        raise _refused(problems)
    return {(row.patient_id, row.issuer): Person(row.patient, row.diagnosis_date) for row in rows if row.diagnosis_date}


def _refused(problems: Sequence[Problem]) -> InputError:
    return InputError(f"{FILE} of the key folder cannot be used.", problems)


def _without_values(problem: Problem) -> Problem:
    column = problem.column if problem.column in (*NEEDED, *OPTIONAL) else None
    return replace(problem, value=None, column=column)


def _problem(rule: str, line: int, column: str, message: str, cure: str) -> Problem:
    return Problem("error", rule, FILE, message, cure, line, column)


def _check_header(table: TextTable) -> Iterator[Problem]:
    for name in NEEDED:
        if table.cells is not None and name not in table.cells.columns:
            cure = f"The first line names the columns: {', '.join(NEEDED)}, and issuer where there are several."
            yield _problem("key.column_missing", 1, name, "the column is missing", cure)


def _check_cells(table: TextTable) -> Iterator[Problem]:
    assert table.cells is not None
    for name in NEEDED:
        for line, cell in zip(table.lines, table.cells[name], strict=True):
            if not (cell or "").strip():
                yield _problem("key.blank", line, name, "the cell is blank", "Fill it, or delete the line.")
            elif name == "diagnosis_date" and _date(cell) is None:
                yield _problem("key.date", line, name, "this is no date", "Write it as 2015-03-17.")


def _rows(table: TextTable) -> Iterator[_Row]:
    assert table.cells is not None
    for line, cells in zip(table.lines, table.cells.iter_rows(named=True), strict=True):
        said = {name: (cells.get(name) or "").strip() for name in (*NEEDED, *OPTIONAL)}
        yield _Row(line, said["patient_id"], said["issuer"], said["patient"], _date(said["diagnosis_date"]))


def _check_rows(rows: Sequence[_Row]) -> Iterator[Problem]:
    """Yield what contradicts an earlier line; several identifiers of one patient are no contradiction."""
    identifiers: dict[tuple[str, str], int] = {}
    diagnoses: dict[str, _Row] = {}
    for row in rows:
        first = identifiers.setdefault((row.patient_id, row.issuer), row.line)
        if row.patient_id and first != row.line:
            message = f"the identifier stands in line {first} already"
            yield _problem("key.duplicate", row.line, "patient_id", message, "Keep one line for each identifier.")
        known = diagnoses.setdefault(row.patient, row)
        if row.patient and row.diagnosis_date and known.diagnosis_date not in (None, row.diagnosis_date):
            message = f"the same patient has another date of diagnosis in line {known.line}"
            yield _problem("key.two_diagnoses", row.line, "diagnosis_date", message, "Correct one of them.")


def _date(text: str) -> date | None:
    if not _ISO.fullmatch(text.strip()):
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
