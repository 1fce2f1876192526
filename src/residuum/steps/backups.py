"""Backups of a study with its accounts and its audit trail, and databases of older versions."""

import hashlib
import json
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from residuum import DISCLAIMER, __version__
from residuum.records.errors import CallError, InputError
from residuum.steps.databases import command_user
from residuum.steps.desk import utc_now
from residuum.steps.erasure import erase_again
from residuum.steps.location import DATABASE_FILE, Location
from residuum.steps.serving import alone
from residuum.store import audit
from residuum.store.copies import check_integrity, copy_rows, copy_to_sqlite, leave_wal, rename_durably
from residuum.store.database import Database
from residuum.store.schema import migrate
from residuum.store.tables import REVISION

_MANIFEST: Final = "manifest.json"
_FORMAT: Final = 1
_ENDINGS: Final = ("-wal", "-shm", "")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written or restored: its file and what its manifest says."""

    file: Path
    manifest: dict[str, Any]


def backup(location: Location, file: Path) -> Backup:
    """Write the whole database of a study into a new file, also while a server runs.

    Images do not lie in the database: copy the folder `images` or the archive as well.

    Raises
    ------
    CallError
        The file exists.
    """
    if file.exists():
        raise CallError(f"{file} exists; a backup never replaces one, name a new file")
    if not location.has_database:
        raise CallError(f"there is no database {location.database_file} to back up")
    database = Database(location.url)
    try:
        if (database.revision() or "") >= REVISION:  # of an older version a backup may be made
            database.check_revision()
        with database.writing() as connection:
            audit.append(connection, command_user(), utc_now(), "backup")
        return _write(database, file)
    finally:
        database.close()


def restore(file: Path, location: Location, *, replace: bool = False) -> Backup:
    """Put the study of a backup where `location` says; patients forgotten since stay forgotten.

    Parameters
    ----------
    file : Path
        The backup.
    location : Location
        A study without a database yet, or an empty PostgreSQL database.
    replace : bool
        Set the database that is there aside, under a new name; nothing is deleted.

    Raises
    ------
    InputError
        The backup is damaged or was changed.
    CallError
        There is a database already, or a server is running.
    """
    with alone(location), _opened(file) as (copy, manifest):
        target = location.database_file
        if target is None:
            _restore_to_server(copy, location)
            erase_again(location)
        else:
            _restore_to_file(copy, target, replace=replace)
        database = Database(location.url)
        try:
            with database.writing() as connection:
                audit.append(connection, command_user(), utc_now(), "restore", head=manifest["audit_head"])
        finally:
            database.close()
    return Backup(file, manifest)


def upgrade(location: Location) -> tuple[str, str, Path | None]:
    """Bring the database of a study up to date; return its revision before and after, and the backup made first.

    Raises
    ------
    InputError
        The database is of a newer version, or holds no study.
    CallError
        A server is running, or there is no database.
    """
    if not location.has_database:
        raise CallError(f"there is no database {location.database_file}; a folder of format 1 needs no upgrade")
    with alone(location):
        database = Database(location.url)
        try:
            before = database.revision()
            if before is None or before >= REVISION:
                database.check_revision()
                return str(before), REVISION, None
            stamp = utc_now().strftime("%Y%m%dT%H%M%S")
            file = location.data / "backups" / f"before-{REVISION}-{stamp}.zip"
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(database, file)
            with database.writing() as connection:
                migrate(connection)
                audit.append(connection, command_user(), utc_now(), "upgrade", before=before, after=REVISION)
        finally:
            database.close()
    return before, REVISION, file


def _write(database: Database, file: Path) -> Backup:
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
        copy, part = Path(folder) / DATABASE_FILE, Path(folder) / "backup.zip"
        copy_to_sqlite(database, copy)
        manifest = _describe(copy)
        with zipfile.ZipFile(part, "x", zipfile.ZIP_DEFLATED) as archive:
            archive.write(copy, DATABASE_FILE)
            archive.writestr(_MANIFEST, json.dumps(manifest, indent=2))
        part.chmod(0o600)
        rename_durably(part, file)
    return Backup(file, manifest)


def _describe(copy: Path) -> dict[str, Any]:
    database = Database(f"sqlite:///{copy}")
    try:
        revision = database.revision()
        with database.reading() as connection:
            found = audit.verify(connection)
    finally:
        database.close()
    leave_wal(copy)
    return {
        "format": _FORMAT,
        "residuum": __version__,
        "revision": revision,
        "at": utc_now().isoformat(timespec="seconds"),
        "sha256": hash_file(copy),
        "audit_head": found.head,
        "audit_faults": list(found.faults),
        "disclaimer": DISCLAIMER,
    }


def hash_file(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _opened(file: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give the database of a backup, unpacked into a folder of its own and found to be what was backed up."""
    with tempfile.TemporaryDirectory(prefix="residuum-restore-") as folder:
        copy = Path(folder) / DATABASE_FILE
        try:
            with zipfile.ZipFile(file) as archive:
                manifest = json.loads(archive.read(_MANIFEST))
                with archive.open(DATABASE_FILE) as packed, copy.open("wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked)
        except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
            raise InputError(f"{file} is no backup of Residuum, or is damaged ({error})") from None
        if manifest.get("format") != _FORMAT:
            raise InputError(f"{file} is a backup of another format; use the Residuum that wrote it")
        if manifest.get("sha256") != hash_file(copy):
            raise InputError(f"{file} was changed after it was written: its database is not the one of its manifest")
        check_integrity(copy)
        yield copy, manifest


def _restore_to_server(copy: Path, location: Location) -> None:
    source, target = Database(f"sqlite:///{copy}"), Database(location.url)
    try:
        copy_rows(source, target)
    finally:
        source.close()
        target.close()


def _restore_to_file(copy: Path, target: Path, *, replace: bool) -> None:
    if target.exists():
        if not replace:
            raise CallError(f"{target} exists; with --replace it is set aside under another name first")
        with suppress(sqlite3.DatabaseError):  # a damaged one is set aside as it is
            leave_wal(target)
    _set_aside(target)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(target.name + ".part")
    for ending in _ENDINGS:  # what a restore left that was killed
        part.with_name(part.name + ending).unlink(missing_ok=True)
    shutil.copyfile(copy, part)
    part.chmod(0o600)
    erase_again(Location(None, f"sqlite:///{part}"))  # before it can be taken for the study
    leave_wal(part)
    rename_durably(part, target)


def _set_aside(target: Path) -> None:
    """Rename what lies at a place, a write-ahead log without its database too: SQLite would replay it into any."""
    stamp = utc_now().strftime("%Y%m%dT%H%M%S")
    for ending in _ENDINGS:
        part = target.with_name(target.name + ending)
        if part.exists():
            part.rename(part.with_name(f"{target.stem}-before-restore-{stamp}.sqlite{ending}"))
