"""Where scans come from: a file, a folder, a ZIP archive, or a DICOMweb archive."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol
from zipfile import is_zipfile

from residuum.intake.scans.sources.archive import Archive
from residuum.intake.scans.sources.archive_address import Target, archive_target
from residuum.intake.scans.sources.walking import Found, walk
from residuum.records.errors import CallError

USER_VARIABLE: Final = "RESIDUUM_ARCHIVE_USER"
PASSWORD_VARIABLE: Final = "RESIDUUM_ARCHIVE_PASSWORD"
"""Environment variables with the account at a DICOMweb archive."""
PLAIN_VARIABLE: Final = "RESIDUUM_ARCHIVE_PLAIN_HTTP"
"""Set to `yes`, it allows http to other machines: patient identifiers cross the network in clear."""


class ScanSource(Protocol):
    """Something that holds DICOM objects; it can be walked again and gives the same places."""

    @property
    def is_single(self) -> bool:
        """Whether one object was named, so that it must be one."""

    def walk(self) -> Iterator[Found]:
        """Yield every object with its place."""


class Files:
    """A file, a folder or a ZIP archive."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise CallError(f"there is no file or folder {path}")
        self.path = path

    @property
    def is_single(self) -> bool:
        """Return whether one object was named, so that it must be one."""
        return self.path.is_file() and not is_zipfile(self.path)

    def walk(self) -> Iterator[Found]:
        """Yield every file."""
        return walk(self.path)


class Remote:
    """Studies of a DICOMweb archive.

    Parameters
    ----------
    patients : sequence of str or None
        Patient identifiers, where the archive as a whole was named.
    """

    def __init__(self, target: Target, patients: Sequence[str] | None) -> None:
        if target.study_uid is None and patients is None:
            raise CallError("name one study of the archive: .../studies/UID; only `scan import` knows whose to ask for")
        self.target, self.patients = target, patients
        self.archive = open_archive(target.url)

    @property
    def is_single(self) -> bool:
        """Return False: a study has many objects."""
        return False

    def walk(self) -> Iterator[Found]:
        """Retrieve every NM and CT object, patient by patient."""
        if self.target.study_uid is not None:
            yield from self._objects(None)
            return
        for number, patient in enumerate(self.patients or (), 1):
            for found in self._objects(patient):
                yield replace(found, place=f"patient {number}/{found.place}")

    def _objects(self, patient: str | None) -> Iterator[Found]:
        for series in self.archive.find(patient, self.target.study_uid):
            if self.target.series_uid in (None, series.series_uid):
                yield from self.archive.objects(series)


def walk_distinct(source: ScanSource) -> Iterator[Found]:
    """Yield every object under a place of its own: members of an archive may share a name."""
    seen: Counter[str] = Counter()
    for found in source.walk():
        seen[found.place] += 1
        yield found if seen[found.place] == 1 else replace(found, place=f"{found.place} ({seen[found.place]})")


def open_source(place: str, patients: Sequence[str] | None = None) -> ScanSource:
    """Return the source that a command line names.

    Raises
    ------
    CallError
        There is nothing of this name.
    """
    target = archive_target(place)
    return Files(Path(place)) if target is None else Remote(target, patients)


def open_archive(url: str) -> Archive:
    """Return the DICOMweb archive at an address, with the account that the environment names."""
    plain_http = os.environ.get(PLAIN_VARIABLE) == "yes"
    return Archive(url, os.environ.get(USER_VARIABLE), os.environ.get(PASSWORD_VARIABLE), plain_http)
