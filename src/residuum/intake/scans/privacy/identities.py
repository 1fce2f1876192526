"""The key folder, kept apart from the study: whose scans they are, and what pseudonyms stand for."""

import os
import re
import secrets
import stat
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final, Self

from residuum.intake.scans.privacy.original_uids import FILE as ORIGINALS_FILE
from residuum.intake.scans.privacy.original_uids import Originals, OriginalStudy, add_originals, read_originals
from residuum.intake.scans.privacy.patient_list import FILE as PATIENTS_FILE
from residuum.intake.scans.privacy.patient_list import NEEDED, Person, Persons, read_persons
from residuum.intake.scans.privacy.pseudonyms import Pseudonyms, derive_date
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.understanding.facts import Identity
from residuum.records.errors import CallError, InputError, Problem

SECRET_FILE: Final = "secret"
_SECRET: Final = re.compile(r"[0-9a-f]{64}")


class Key:
    """An open key folder; `Key.open` is how to get one.

    Attributes
    ----------
    notes : list of Problem
        What was found on opening: the torn last line of an import that crashed.
    """

    def __init__(self, folder: Path, persons: Persons, secret: str) -> None:
        self._folder = folder
        self._persons = persons
        self._secret = secret
        self._originals, self.notes = read_originals(folder / ORIGINALS_FILE)

    @classmethod
    def open(cls, folder: Path, study_folder: Path | None) -> Self:
        """Return the key of a folder; its secret is made on first use.

        Parameters
        ----------
        folder : Path
            Holds `patients.csv`, written by the data manager.
        study_folder : Path or None
            The key may not lie in it; None where the study lies in a database elsewhere.

        Raises
        ------
        CallError
            There is no such folder, it lies in the study, or everybody may read it.
        InputError
            A file in it cannot be used; no problem names a value of it.
        """
        _check_place(folder, study_folder)
        _check_access(folder)
        if not (folder / PATIENTS_FILE).is_file():
            raise CallError(
                f"The key folder {folder} has no {PATIENTS_FILE}. Write it with columns {', '.join(NEEDED)}."
            )
        persons = read_persons((folder / PATIENTS_FILE).read_bytes())
        return cls(folder, persons, _read_or_make_secret(folder))

    @property
    def secret(self) -> str:
        """Return the secret of the pseudonyms, hexadecimal."""
        return self._secret

    @property
    def patient_ids(self) -> list[str]:
        """Return every identifier of the list, for asking an archive."""
        return sorted({patient_id for patient_id, _ in self._persons})

    def find(self, patient_id: str, issuer: str) -> Person | None:
        """Return the patient with an identifier, None where the list does not name it.

        A line without issuer stands for every issuer; a line with one is for objects that name the same.
        """
        identifier = patient_id.strip()
        return self._persons.get((identifier, issuer.strip())) or self._persons.get((identifier, ""))

    def day(self, person: Person, scanned: str) -> int:
        """Return the day from diagnosis of a DICOM date (YYYYMMDD).

        Raises
        ------
        ScanError
            `scan.no_date`: it is no date.
        """
        try:
            found = date(int(scanned[:4]), int(scanned[4:6]), int(scanned[6:]))
        except ValueError:
            raise ScanError("scan.no_date") from None
        return (found - person.diagnosis_date).days

    def remember(self, identity: Identity, patient: str, originals: Mapping[str, str]) -> None:
        """Keep what the pseudonyms of an object stand for, so that results can go back; on the disk when it returns.

        Parameters
        ----------
        identity : Identity
            Of the object as it was.
        patient : str
            Code of the patient in the study.
        originals : mapping of str to str
            `copying.Copied.originals`.

        Raises
        ------
        ScanError
            `scan.unknown_patient`: the list does not name whose object it is. `scan.no_date`: it has no date.
        """
        person = self.find(identity.patient_id, identity.issuer)
        if person is None:
            raise ScanError("scan.unknown_patient")
        scanned = identity.date or ""
        study = OriginalStudy(
            study_uid=identity.study_uid,
            patient=patient,
            patient_id=identity.patient_id,
            issuer=identity.issuer,
            dates={derive_date(self.day(person, scanned)): scanned},
            attributes=identity.patient,
        )
        new_uid = Pseudonyms(self._secret).uid(identity.study_uid)
        add_originals(self._folder / ORIGINALS_FILE, self._originals, new_uid, study, originals)

    def originals(self) -> Originals:
        """Return what all pseudonyms stand for."""
        return self._originals


def _check_place(folder: Path, study_folder: Path | None) -> None:
    if not folder.is_dir():
        raise CallError(f"There is no key folder {folder}. Make it outside the study, with {PATIENTS_FILE} in it.")
    if study_folder is None or not study_folder.exists():
        return
    files = [folder / name for name in (PATIENTS_FILE, SECRET_FILE, ORIGINALS_FILE)]
    if any(_lies_in(path, study_folder) for path in (folder, *files)) or _lies_in(study_folder, folder):
        raise CallError(
            f"The key folder {folder} lies in the study, or the study in it. Keep them apart: whoever has both knows "
            "all names."
        )


def _lies_in(path: Path, folder: Path) -> bool:
    place = path.resolve()
    return any(above.exists() and above.samefile(folder) for above in (place, *place.parents))


def _check_access(folder: Path) -> None:
    for path in (folder, folder / SECRET_FILE, folder / ORIGINALS_FILE):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXO:
            mode = "700" if path == folder else "600"
            raise CallError(f"Everybody on this machine may open {path}, which tells names. Run: chmod {mode} {path}")


def _read_or_make_secret(folder: Path) -> str:
    path = folder / SECRET_FILE
    if not path.exists():
        if (folder / ORIGINALS_FILE).exists():
            raise _unusable("is missing, although scans were imported with it")
        _make_secret(path)
    found = path.read_bytes().strip().decode("ascii", "replace")
    if not _SECRET.fullmatch(found):
        raise _unusable("is damaged")
    return found


def _make_secret(path: Path) -> None:
    made = path.with_name(f".{SECRET_FILE}.{os.getpid()}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(made, path)  # unlike a renaming it leaves a secret that another import has just made
    except FileExistsError:
        pass
    finally:
        made.unlink()


def _unusable(what: str) -> InputError:
    cure = "Restore it from a copy: a new one gives other identifiers to scans that were imported before."
    problem = Problem("error", "key.secret", SECRET_FILE, f"the secret of the key folder {what}", cure)
    return InputError("The key folder cannot be used.", [problem])
