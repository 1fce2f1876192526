"""A study folder into a database and out of it."""

import getpass
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl
import sqlalchemy as sa

from residuum.intake.folder import read_accepted_study, write_study
from residuum.intake.settings_file import write_settings
from residuum.records.checks import problem
from residuum.records.errors import CallError, InputError, Problem
from residuum.records.schemas import TABLES
from residuum.records.study import Study
from residuum.steps.desk import utc_now
from residuum.steps.location import Location, locate
from residuum.steps.management import draw_cases
from residuum.steps.settings import parse_settings
from residuum.store import audit
from residuum.store.database import Database
from residuum.store.schema import migrate
from residuum.store.study import StoredStudy, load_study, save_study
from residuum.store.tables import READ_TABLES

_KEY: Final = ["scan", "reader"]


def command_user() -> audit.Who:
    """Return who acts on the command line: the account of the operating system."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "unknown"
    return audit.Who(name, "operator", "command")


def open_or_import(location: Location) -> tuple[Database, list[Problem] | None]:
    """Return the database of a study and, where it was made just now from its folder, what the check found.

    Raises
    ------
    InputError
        The folder is refused, or the database is of another version.
    CallError
        There is neither a database nor a folder.
    """
    if location.folder is None or _holds_study(location):
        return location.open(), None
    problems = import_folder(location.folder, location.url)
    return location.open(), problems


def import_folder(folder: Path, url: str, reason: str | None = None) -> list[Problem]:
    """Write a study folder into a database and return what its check found doubtful.

    A database that holds the study already keeps every read as it is; the folder may add reads and change the rest.

    Raises
    ------
    InputError
        The folder is refused, or a read that the database holds is changed or missing in it. Nothing was written.
    CallError
        The database holds a study and no reason is given.
    """
    study, problems = read_accepted_study(folder)
    location = locate(url)
    file = location.database_file
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(location.url)
    try:
        _import(database, study, reason)
    finally:
        database.close()
    if file is not None:
        file.chmod(0o600)
    return problems


def export_folder(location: Location, folder: Path) -> str:
    """Write the study of a database as a folder and return the head of its audit trail.

    Raises
    ------
    CallError
        The folder is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CallError(f"{folder} is not an empty folder; name a new one, nothing was written")
    database = location.open()
    try:
        with database.writing() as connection:
            study = to_study(load_study(connection))
            audit.append(connection, command_user(), utc_now(), "export", to="folder")
            head = audit.head(connection)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".export-") as part:
            write_study(study, Path(part) / "study")
            (Path(part) / "study").rename(folder)  # all of it or nothing; an empty folder is replaced
    finally:
        database.close()
    return head


def to_study(stored: StoredStudy) -> Study:
    """Return the study of a database as one in memory."""
    settings, rules = parse_settings(stored.settings)
    return Study(settings, rules, stored.tables, stored.present)


def _holds_study(location: Location) -> bool:
    """Return whether there is a database with a study; a first import that failed leaves an empty one."""
    if not location.has_database:
        return False
    database = Database(location.url)
    try:
        return database.revision() is not None
    finally:
        database.close()


def _import(database: Database, study: Study, reason: str | None) -> None:
    with database.writing() as connection:
        if not sa.inspect(connection).get_table_names():
            migrate(connection)
        elif not database.holds_study(connection):
            raise InputError(f"{database.shown} holds tables of another program; name an empty database")
        elif not (reason or "").strip():
            raise CallError(f"{database.shown} holds the study already; say why it changes with --reason")
        else:
            _check_reads_kept(load_study(connection).tables, study)
        at = utc_now()
        stored = StoredStudy(write_settings(study.settings), study.tables, study.present)
        save_study(connection, stored, at)
        _note_import(connection, study, at, reason)
        cases = draw_cases(connection)
        audit.append(connection, command_user(), at, "assignments.draw", cases=cases)


def _check_reads_kept(old: Mapping[str, pl.DataFrame], study: Study) -> None:
    """Refuse a folder that changes or lacks a read, or a part of one, that the database holds."""
    problems = []
    kept = old["reads"].select(_KEY)
    for name in READ_TABLES:
        schema = list(dict.fromkeys([*old[name].columns, *study[name].columns]))
        was, now = (_with_columns(one, schema) for one in (old[name], study[name].join(kept, on=_KEY, how="semi")))
        for one, other in ((was, now), (now, was)):
            changed = one.join(other, on=schema, how="anti", nulls_equal=True).select(_KEY).unique().sort(_KEY)
            problems += [
                problem("reads.changed_in_database", TABLES[name].file, value=f"{scan}, {reader}")
                for scan, reader in changed.rows()
            ]
    if problems:
        unique = list(dict.fromkeys(problems))
        raise InputError("the folder changes reads that the database holds; nothing was imported", unique)


def _with_columns(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    missing = [pl.lit(None, pl.String).alias(name) for name in columns if name not in frame.columns]
    return frame.with_columns(missing).select(columns)


def _note_import(connection: sa.Connection, study: Study, at: datetime, reason: str | None) -> None:
    """Write the first values of every patient into the audit trail, each under the patient's key."""
    who = command_user()
    reading = study.settings.reading.model_copy(update={"training": ()})  # scans belong under their patients' keys
    settings = write_settings(study.settings.model_copy(update={"reading": reading}))
    audit.append(connection, who, at, "import", why=reason, settings=settings)
    of_scan = study["scans"].select("scan", "patient")
    parts = {}
    for name, frame in study.tables.items():
        owned = frame if "patient" in frame.columns else frame.join(of_scan, on="scan", how="left")
        parts[name] = owned.partition_by("patient", as_dict=True, include_key=False)
    for patient in study["patients"]["patient"]:
        rows = {name: part[patient,].to_dicts() for name, part in parts.items() if (patient,) in part}
        audit.append(connection, who, at, "import.patient", patient=patient, why=reason, rows=rows)
