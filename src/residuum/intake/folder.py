"""A study folder to a checked study and back; import is all-or-nothing."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from residuum.intake.settings_file import read_settings, write_settings
from residuum.intake.tables import ReadTable, read_table
from residuum.records.checks import listed, problem
from residuum.records.errors import CallError, InputError, Problem
from residuum.records.schemas import TABLES
from residuum.records.settings import FILE, Settings
from residuum.records.study import Study
from residuum.records.validity import check_tables

FILES: Final = (FILE, *(table.file for table in TABLES.values()))
"""Every file of a study, in the order of reading."""
_SEVERITIES: Final = ("error", "warning", "note")
_BESIDE: Final = ("images", "truth", ".residuum")
"""What may lie in a study folder beside its files."""


def read_study(folder: Path) -> Study:
    """Return the study of a folder.

    Parameters
    ----------
    folder : Path
        Folder with study.toml and the CSV files of format 1.

    Raises
    ------
    InputError
        Something in the folder is at fault; its `problems` list everything found in all files.
    CallError
        There is no such folder.
    """
    return read_accepted_study(folder)[0]


def read_accepted_study(folder: Path) -> tuple[Study, list[Problem]]:
    """Return the study of a folder, and what its check found doubtful.

    Raises
    ------
    InputError, CallError
        As `read_study`.
    """
    study, problems = check_study(folder)
    if study is None:
        errors = sum(found.severity == "error" for found in problems)
        raise InputError(f"{folder} cannot be used: {errors} error{'s' * (errors != 1)}", problems)
    return study, problems


def check_study(folder: Path) -> tuple[Study | None, list[Problem]]:
    """Return the study of a folder, None where it is refused, and everything found, file by file.

    Raises
    ------
    CallError
        There is no such folder.
    """
    if not folder.is_dir():
        raise CallError(f"there is no folder {folder}")
    contents = _Contents(folder)
    toml = contents.read(FILE, required=True)
    settings, rules, problems = read_settings(toml) if toml is not None else (None, None, [])
    contents.problems += problems
    tables = _read_tables(contents, settings)
    read = {name: table.frame for name, table in tables.items() if table.frame is not None}
    whole = {name: frame for name, frame in read.items() if tables[name].whole}
    unread = {(name, column): records for name, table in tables.items() for column, records in table.unread.items()}
    found = contents.problems + [one for table in tables.values() for one in table.problems]
    ruled = check_tables(whole, settings, unread)
    for name, frame in read.items():
        if name not in whole:
            ruled += check_tables({name: frame}, None, unread)
    if "images" in read:
        ruled += _check_image_files(read["images"], folder)
    found += [_with_line(one, tables) for one in ruled] + contents.unknown()
    found.sort(key=_reading_order)
    if settings is None or rules is None or any(one.severity == "error" for one in found):
        return None, found
    present = frozenset(name for name, table in TABLES.items() if table.file in contents.names)
    return Study(settings, rules, read, present), found


def write_study(study: Study, folder: Path) -> None:
    """Write a study as a folder that reads back as the same study; other files in the folder stay as they are.

    Cells that begin with ``=``, ``+``, ``-`` or ``@`` are written as they are: this is the interchange format, not a
    file for spreadsheets.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in render_study(study).items():
        _write_file(folder, name, content)


def write_table(frame: pl.DataFrame, name: str, folder: Path) -> None:
    """Write one table of a study folder in place of what is there."""
    _write_file(folder, TABLES[name].file, frame.write_csv().encode())


def render_study(study: Study) -> dict[str, bytes]:
    """Return the files of a study in the order of `FILES`."""
    tables = {TABLES[name].file: study[name].write_csv().encode() for name in TABLES if name in study.present}
    return {FILE: write_settings(study.settings).encode(), **tables}


def _write_file(folder: Path, name: str, content: bytes) -> None:
    part = folder / f".{name}.part"
    part.write_bytes(content)
    part.replace(folder / name)


def _check_image_files(images: pl.DataFrame, folder: Path) -> list[Problem]:
    """Return a problem for every image whose file is not below the folder images; a frame stands behind ``#``."""
    sources = enumerate(images["source"])
    missing = [
        (record, source)
        for record, source in sources
        if source is not None and not (folder / "images" / source.partition("#")[0]).is_file()
    ]
    file = TABLES["images"].file
    found = [problem("images.missing_file", file, record, "source", source) for record, source in missing]
    return listed(found, len(found)) if found else []


def _read_tables(contents: "_Contents", settings: Settings | None) -> dict[str, ReadTable]:
    """Return every table; one whose file may be absent, and is, has no record."""
    entry = settings.reading.entry if settings else None
    tables = {}
    for name, table in TABLES.items():
        required = not table.optional or name == entry
        data = contents.read(table.file, required=required)
        if data is not None:
            tables[name] = read_table(data, table)
        elif not required and table.file not in contents.names:
            tables[name] = ReadTable(table.empty())
    return tables


def _with_line(found: Problem, tables: Mapping[str, ReadTable]) -> Problem:
    """Return a problem with the line of the file in place of the 0-based record."""
    if found.row is None:
        return found
    return replace(found, row=tables[found.file.removesuffix(".csv")].lines[found.row])


def _reading_order(found: Problem) -> tuple[int, int]:
    """Return what sorts problems by file, and within a file errors before warnings before notes."""
    order = FILES.index(found.file) if found.file in FILES else len(FILES)
    return order, _SEVERITIES.index(found.severity)


class _Contents:
    """The files of a folder, each asked for by its exact name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = {path.name for path in folder.iterdir()}
        self.problems: list[Problem] = []
        self.misnamed: set[str] = set()

    def read(self, name: str, *, required: bool) -> bytes | None:
        """Return the bytes of a file; None where it is not there or cannot be read."""
        if name not in self.names:
            self._miss(name, required=required)
            return None
        path = self.folder / name
        if not path.is_file():
            self.problems.append(problem("folder.not_a_file", name))
            return None
        try:
            return path.read_bytes()
        except OSError as error:
            self.problems.append(problem("folder.unreadable", name, value=error.strerror))
            return None

    def _miss(self, name: str, *, required: bool) -> None:
        variants = sorted(other for other in self.names if other.casefold() == name)
        self.misnamed.update(variants)
        self.problems += [problem("folder.file_name_case", other, expected=name) for other in variants]
        if required and not variants:
            self.problems.append(problem("folder.missing_file", name))

    def unknown(self) -> list[Problem]:
        """Return a note for every file that belongs to no study."""
        strange = self.names.difference(FILES, _BESIDE, self.misnamed)
        return [problem("folder.unknown_file", name) for name in sorted(strange)]
