"""Exported results on their way to an archive: under study codes, or with identities put back at the edge."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pydicom

from residuum.exports.original_identity import is_result, put_identity_back
from residuum.intake.scans.archive_address import archive_target
from residuum.intake.scans.identities import Key
from residuum.records.errors import CallError, InputError
from residuum.steps.progress import Advance
from residuum.steps.scan_sources import open_archive

if TYPE_CHECKING:
    from pydicom import Dataset

REMOVED: Final = "PatientIdentityRemoved"
_UNLIKE: Final = {
    False: "names a patient; a research archive takes study codes only. Say --identified for the clinical one",
    True: "is under study codes; put identities back first, with `residuum scan identify`",
}


def send_results(
    folder: Path, url: str, *, identified: bool = False, advance: Advance = lambda _doing, _share: None
) -> int:
    """Store every DICOM object of an export in an archive and return how many; storing twice is safe.

    Parameters
    ----------
    folder : Path
        As `export_scans` or `identify_results` wrote it.
    url : str
        A DICOMweb archive.
    identified : bool
        Whether the objects name patients. An object of the other kind than said is refused, before anything is sent.

    Raises
    ------
    CallError
        The folder holds no DICOM object, or the address is none.
    InputError
        An object is not of the kind that was said, or the archive refuses.
    """
    if archive_target(url) is None:
        raise CallError(f"{url} is no address of a DICOMweb archive: https://HOST/dicom-web")
    files = _dicom_files(folder)
    for path in files:
        if (_read(path, [REMOVED]).get(REMOVED) == "YES") == identified:
            raise InputError(f"{path} {_UNLIKE[identified]}")
    open_archive(url).store(_data(files, advance))
    return len(files)


def identify_results(folder: Path, key_folder: Path, out: Path) -> int:
    """Write every result of an export with the identity of its patient and return how many; images are left out.

    The clinical archive has the images, and a copy under the same identifier would be another object.

    Parameters
    ----------
    folder : Path
        As `export_scans` wrote it.
    key_folder : Path
        The key folder of the imports.
    out : Path
        A folder that is empty or not there. It holds names afterwards.

    Raises
    ------
    CallError
        The folder for the results is not empty, or there is nothing to do.
    InputError
        An object refers to an image that the key does not know.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CallError(f"{out} is not an empty folder; name a new one with --out")
    originals = Key.open(key_folder, None).originals()
    files = _dicom_files(folder)
    results = [(path, one) for path in files if is_result(one := _read(path))]
    identified = [(path, put_identity_back(one, originals)) for path, one in results]
    for path, found in identified:
        target = out / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        found.save_as(target, enforce_file_format=True)
    return len(identified)


def _dicom_files(folder: Path) -> list[Path]:
    files = sorted(folder.rglob("*.dcm"))
    if not files:
        raise CallError(f"{folder} holds no DICOM object; name the folder that `residuum scan export` wrote")
    return files


def _read(path: Path, only: list[str] | None = None) -> "Dataset":
    try:
        return pydicom.dcmread(path, specific_tags=only)
    except (pydicom.errors.InvalidDicomError, OSError, ValueError) as error:
        raise InputError(f"{path} is no DICOM object that Residuum wrote ({type(error).__name__})") from None


def _data(files: list[Path], advance: Advance) -> Iterator[bytes]:
    for number, path in enumerate(files):
        advance(path.name, number / len(files))
        yield path.read_bytes()
