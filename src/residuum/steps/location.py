"""Where a study lies: in a folder, in the database beside its files, or at a database URL."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from residuum.intake.folder import FILES
from residuum.records.errors import CallError

if TYPE_CHECKING:
    from residuum.store.database import Database

BESIDE: Final = ".residuum"
DATABASE_FILE: Final = "study.sqlite"
IMAGES: Final = "images"
TRUTH: Final = "truth"
DATA_VARIABLE: Final = "RESIDUUM_DATA"
"""Environment variable that names the folder for what lies beside a database on a server."""


@dataclass(frozen=True, slots=True)
class Location:
    """A study named on the command line.

    Attributes
    ----------
    folder : Path or None
        The study folder, None where a database was named.
    url : str
        URL of its database, whether or not that exists yet.
    """

    folder: Path | None
    url: str

    @property
    def database_file(self) -> Path | None:
        """Return the file of an SQLite database, None for a server."""
        return Path(self.url.removeprefix("sqlite:///")) if self.url.startswith("sqlite:///") else None

    @property
    def data(self) -> Path:
        """Return the folder for what lies beside the database: results, logs."""
        if self.database_file is not None:
            return self.database_file.parent
        return Path(os.environ.get(DATA_VARIABLE, BESIDE)).resolve()

    @property
    def images(self) -> Path:
        """Return the folder of the pixels, beside the study's files."""
        if self.folder is not None:
            return self.folder / IMAGES
        is_beside = self.database_file is not None and self.data.name == BESIDE
        return (self.data.parent if is_beside else self.data) / IMAGES

    @property
    def truth(self) -> Path:
        """Return the folder of what is truly there in simulated scans, beside that of the pixels."""
        return self.images.with_name(TRUTH)

    @property
    def shown(self) -> str:
        """Return what names the study to a person, without a password."""
        from residuum.store.database import show_url  # slow to import, and most commands read folders

        return str(self.folder or self.database_file or show_url(self.url))

    @property
    def has_database(self) -> bool:
        """Return whether there is a database file, or a server that is asked when it is opened."""
        return self.database_file is None or self.database_file.is_file()

    def open(self) -> "Database":
        """Return the database, checked to be one that this version works with.

        Raises
        ------
        CallError
            There is none.
        InputError
            It is of another version, or damaged.
        """
        from residuum.store.database import Database  # slow to import, and most commands read folders

        if not self.has_database:
            raise CallError(
                f"there is no database {self.database_file}; `residuum serve` and `residuum import` make one"
            )
        database = Database(self.url)
        database.check_revision()
        return database


def locate(study: str, *, make: bool = False) -> Location:
    """Return where a study lies.

    Parameters
    ----------
    study : str
        A folder, the file of an SQLite database or a database URL.
    make : bool
        Whether a folder may be new.

    Raises
    ------
    CallError
        Nothing of this name is there.
    """
    if not study:
        raise CallError("there is no study without a name; name a folder or a database URL")
    if "://" in study:
        return Location(None, study)
    path = Path(study).resolve()
    if path.is_dir() or (make and not path.exists() and not path.suffix):
        return Location(path, f"sqlite:///{path / BESIDE / DATABASE_FILE}")
    if path.suffix == ".sqlite":
        return Location(None, f"sqlite:///{path}")
    raise CallError(f"there is no study {study}; name a folder or a database URL")


def database_is_newer(location: Location) -> bool:
    """Return whether the database beside a folder was written after every file of the folder."""
    file = location.database_file
    if location.folder is None or file is None or not file.is_file():
        return False
    files = [location.folder / name for name in FILES]
    newest = max((path.stat().st_mtime for path in files if path.is_file()), default=0.0)
    written = [file, file.with_name(file.name + "-wal")]
    return max(path.stat().st_mtime for path in written if path.is_file()) >= newest
