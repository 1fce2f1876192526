"""Forget a patient: rows deleted, key destroyed, results cleared away; the chain of the audit trail stays valid."""

import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl
import sqlalchemy as sa

from residuum.intake.folder import check_study, write_study
from residuum.intake.scans.image_files import ImageFiles
from residuum.intake.settings_file import write_settings
from residuum.records.errors import CallError
from residuum.records.settings import Settings
from residuum.records.study import Study
from residuum.steps.databases import command_user
from residuum.steps.desk import utc_now
from residuum.steps.location import DATA_VARIABLE, Location
from residuum.steps.scan_plans import sweep_truth
from residuum.steps.settings import load_settings
from residuum.store import audit
from residuum.store.database import Database
from residuum.store.erasure import delete_patient, overwrite_deleted, patient_of_key
from residuum.store.keys import find_key
from residuum.store.study import load_image_sources, load_table, save_settings_text

_FORGOTTEN: Final = "forgotten.txt"
_UNFINISHED: Final = "erasure-unfinished"
ANALYSES: Final = "analyses"


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased, and what lies out of reach.

    Attributes
    ----------
    folder : {"rewritten", "refused", "none"}
        What became of the study folder beside the database: written anew without the patient, or left since it
        cannot be read.
    cleared : bool
        Whether the database's own files hold no trace any more (a server that is reading may prevent it).
    backups : tuple of str
        When backups of this study were written, by its audit trail; they hold the patient and the key.
    copies : tuple of str
        Copies of the database that lie beside it: made before an upgrade, or set aside by a restore.
    head : str
        Head of the audit trail after the erasure.
    """

    folder: str
    cleared: bool
    backups: tuple[str, ...]
    copies: tuple[str, ...]
    head: str


def forget(location: Location, patient: str, reason: str) -> Erasure:
    """Erase a patient from a study.

    Raises
    ------
    CallError
        There is no such patient, or the reason is missing or names the patient.
    """
    if len(reason.strip()) < 3:
        raise CallError("the reason is missing; write at least 3 characters")
    if patient.casefold() in reason.casefold():
        raise CallError("the reason names the patient and would outlive the erasure; write it without the identifier")
    if location.database_file is None and DATA_VARIABLE not in os.environ:
        raise CallError(
            f"say where the server of this study keeps its results: set {DATA_VARIABLE} as for `residuum serve`"
        )
    database = location.open()
    try:
        with database.reading() as connection:
            key_id = find_key(connection, patient)
            known = key_id is not None or load_table(connection, "patients").filter(patient=patient).height > 0
        if not known and not _mark(location).exists():
            raise CallError(f"the study has no patient {patient}")
        _begin(location, key_id)
        folder = _rewrite_folder(location, patient)  # first: the database must stay the newer of the two
        with database.writing() as connection:
            if known:  # else an erasure is finished that was interrupted
                _delete(connection, patient)
                audit.append(connection, command_user(), utc_now(), "patient.forget", why=reason, key=key_id)
            head = audit.head(connection)
            backups = tuple(entry.at for entry in audit.load_entries(connection) if entry.action == "backup")
        cleared = _finish(location, database)
    finally:
        database.close()
    return Erasure(folder, cleared, backups, _copies(location), head)


def erase_again(location: Location) -> int:
    """Erase from a database that was restored the patients forgotten since its backup; return how many."""
    file = location.data / _FORGOTTEN
    keys = file.read_text("utf-8").split() if file.is_file() else []
    database = Database(location.url)
    try:
        with database.reading() as connection:
            patients = [patient for key in keys if (patient := patient_of_key(connection, key)) is not None]
        if not patients:
            return 0
        _begin(location, None)
        with database.writing() as connection:
            for patient in patients:
                key_id = _delete(connection, patient)
                why = "forgotten before this backup was restored"
                audit.append(connection, command_user(), utc_now(), "patient.forget", why=why, key=key_id)
        _finish(location, database)
    finally:
        database.close()
    return len(patients)


def finish_erasures(location: Location) -> None:
    """Finish an erasure that was interrupted, or that could not overwrite what another process was reading."""
    if _mark(location).exists():
        database = location.open()
        try:
            _finish(location, database)
        finally:
            database.close()


def _mark(location: Location) -> Path:
    return location.data / _UNFINISHED


def _begin(location: Location, key_id: str | None) -> None:
    """Leave a mark that an erasure is under way, and the identifier of its key for backups that are restored.

    The identifier says nothing of the patient.
    """
    location.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if key_id is not None:
        with (location.data / _FORGOTTEN).open("a", encoding="utf-8") as file:
            file.write(f"{key_id}\n")
            file.flush()
            os.fsync(file.fileno())
    _mark(location).touch()


def _finish(location: Location, database: Database) -> bool:
    """Clear results away and overwrite what was deleted; where that fails, the mark stays for the next start."""
    if (location.data / ANALYSES).exists():
        shutil.rmtree(location.data / ANALYSES)
    _sweep_images(location, database)
    cleared = overwrite_deleted(database)
    if cleared:
        _mark(location).unlink(missing_ok=True)
    return cleared


def _sweep_images(location: Location, database: Database) -> None:
    """Remove image files that no row of the database or of the folder beside it names any more, and their truth."""
    with database.reading() as connection:
        sources = load_image_sources(connection)
        scans = set(load_table(connection, "scans")["scan"])
    if location.folder is not None and (location.folder / "images.csv").is_file():
        study, _ = check_study(location.folder)
        if study is None:
            return  # it cannot be told what its rows still name
        sources += study["images"]["source"].drop_nulls().to_list()
        scans |= set(study["scans"]["scan"])
    sweep_truth(location.truth, scans)
    if location.images.is_dir():
        files = ImageFiles(location.images)
        with files.locked():
            files.sweep({source.partition("#")[0] for source in sources})


def _delete(connection: sa.Connection, patient: str) -> str | None:
    """Delete a patient, named scans in the settings included, and return the identifier of the key."""
    settings = load_settings(connection)
    scans = set(load_table(connection, "scans").filter(patient=patient)["scan"])
    if scans & set(settings.reading.training):
        save_settings_text(connection, write_settings(_without_training(settings, scans)))
    return delete_patient(connection, patient)


def _without_training(settings: Settings, scans: Collection[str]) -> Settings:
    kept = tuple(scan for scan in settings.reading.training if scan not in scans)
    return settings.model_copy(update={"reading": settings.reading.model_copy(update={"training": kept})})


def _copies(location: Location) -> tuple[str, ...]:
    patterns = ("backups/*.zip", "backups/.backup-*", "*-before-restore-*.sqlite")
    found = [path for pattern in patterns for path in location.data.glob(pattern)]
    return tuple(sorted(str(path) for path in found))


def _rewrite_folder(location: Location, patient: str) -> str:
    if location.folder is None or not (location.folder / "patients.csv").is_file():
        return "none"
    study, _ = check_study(location.folder)
    if study is None:
        return "refused"
    _write_without(study, patient, location.folder)
    return "rewritten"


def _write_without(study: Study, patient: str, folder: Path) -> None:
    scans = study["scans"].filter(patient=patient)["scan"]
    tables = {}
    for name, frame in study.tables.items():
        of_patient = (
            pl.col("patient") == patient if "patient" in frame.columns else pl.col("scan").is_in(scans.implode())
        )
        tables[name] = frame.filter(~of_patient)
    write_study(Study(_without_training(study.settings, set(scans)), study.rules, tables, study.present), folder)
