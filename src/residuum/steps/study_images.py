"""The images of a study: their rows, in its folder or its database, and their files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import polars as pl

from residuum.intake.folder import FILES, read_accepted_study, write_table
from residuum.intake.scans.image_files import ImageFiles
from residuum.records.schemas import TABLES
from residuum.steps.location import Location, database_is_newer, locate


class StudyImages(Protocol):
    """Where images are looked up and added: a study folder and a database alike."""

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """Return the tables `scans` and `images` as they are now."""

    def add(self, rows: pl.DataFrame, patient: str) -> None:
        """Add rows of images of one patient at the end, all of them or none."""


class FolderImages:
    """Images of a study folder; it is read and checked again whenever one of its files has changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held: tuple[_Files, Mapping[str, pl.DataFrame]] | None = None

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """Return every table of the folder, which must be a study that is accepted."""
        files = _look_at_files(self.folder)
        if self._held is None or self._held[0] != files:
            self._held = files, read_accepted_study(self.folder)[0].tables
        return self._held[1]

    def add(self, rows: pl.DataFrame, patient: str) -> None:
        """Write images.csv with further rows; a folder keeps no trail of whom they belong to."""
        del patient
        images = pl.concat([self.tables["images"], rows], how="diagonal")
        write_table(images, "images", self.folder)
        if self._held is not None:
            files, tables = self._held
            name = TABLES["images"].file
            self._held = {**files, name: _look_at_files(self.folder)[name]}, {**tables, "images": images}


_Files = Mapping[str, tuple[int, int, int] | None]
"""Number, size and time of each file of a folder, None where it has none."""


def _look_at_files(folder: Path) -> dict[str, tuple[int, int, int] | None]:
    found: dict[str, tuple[int, int, int] | None] = {}
    for name in FILES:
        try:
            state = (folder / name).stat()
        except FileNotFoundError:
            found[name] = None
        else:
            found[name] = state.st_ino, state.st_size, state.st_mtime_ns
    return found


class DatabaseImages:
    """Images of a database; every addition stands in its audit trail."""

    def __init__(self, location: Location) -> None:
        self.location = location

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """Return the tables that images refer to."""
        from residuum.store.study import load_table  # a study in a folder needs no database library

        database = self.location.open()
        try:
            with database.reading() as connection:
                return {name: load_table(connection, name) for name in ("scans", "images")}
        finally:
            database.close()

    def add(self, rows: pl.DataFrame, patient: str) -> None:
        """Add rows within one transaction."""
        from residuum.steps.databases import command_user
        from residuum.steps.desk import utc_now
        from residuum.store import audit
        from residuum.store.study import append_rows

        database = self.location.open()
        try:
            with database.writing() as connection:
                append_rows(connection, "images", rows)
                added = rows["image"].to_list()
                audit.append(connection, command_user(), utc_now(), "images.add", patient=patient, images=added)
        finally:
            database.close()


def open_images(study: Path | str) -> tuple[StudyImages, ImageFiles, Location]:
    """Return the images of a study, its image files and where it lies; the newer of folder and database counts.

    Raises
    ------
    CallError
        There is no such study.
    """
    location = locate(str(study))
    files = ImageFiles(location.images)
    if location.folder is not None and not database_is_newer(location):
        return FolderImages(location.folder), files, location
    return DatabaseImages(location), files, location
