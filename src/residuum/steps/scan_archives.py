"""Exported results on their way to an archive: under study codes, or with identities put back at the edge."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pydicom

from residuum import DISCLAIMER
from residuum.exports.original_identity import is_result, put_identity_back
from residuum.intake.scans.privacy.identities import Key
from residuum.intake.scans.sources.archive_address import archive_target
from residuum.records.errors import CallError, InputError
from residuum.steps.progress import Advance
from residuum.steps.scan_exports import INDEX
from residuum.steps.scan_sources import open_archive

if TYPE_CHECKING:
    from pydicom import Dataset

_UNLIKE: Final = {
    False: "names a patient; a research archive takes study codes only. Say --identified for the clinical one",
    True: "is under study codes; put identities back first, with `residuum scan identify`",
}


def send_results(
    folder: Path, url: str, *, identified: bool = False, advance: Advance = lambda _doing, _share: None
) -> int:
    """Store the DICOM objects that an export lists in an archive and return how many; storing twice is safe.

    Parameters
    ----------
    folder : Path
        As `export_scans` or `identify_results` wrote it; files that its index does not list stay.
    url : str
        A DICOMweb archive.
    identified : bool
        Whether the objects name patients. An object of the other kind than said is refused, before anything is sent.

    Raises
    ------
    CallError
        The folder is no export, or the address is none.
    InputError
        An object is missing or not of the kind that was said, or the archive refuses.
    """
    if archive_target(url) is None:
        raise CallError(f"{url} is no address of a DICOMweb archive: https://HOST/dicom-web")
    listed = _read_index(folder)
    for path, patient in listed:
        found = _read(path)
        is_coded = found.get("PatientIdentityRemoved") == "YES" and found.get("PatientID") == patient
        if (is_coded and str(found.get("PatientName", "")) == patient) == identified:
            raise InputError(f"{path} {_UNLIKE[identified]}")
    open_archive(url).store(_data([path for path, _ in listed], advance))
    return len(listed)


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
        A folder that is empty or not there, outside study and export. It holds names afterwards.

    Raises
    ------
    CallError
        The folder for the results cannot take names, or the other is no export.
    InputError
        An object refers to an image that the key does not know.
    """
    _check_out(out)
    originals = Key.open(key_folder, None).originals()
    identified = []
    for path, _ in _read_index(folder):
        found = _read(path)
        if is_result(found):
            identified.append((path.relative_to(folder), put_identity_back(found, originals)))
    for name, found in identified:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        found.save_as(out / name, enforce_file_format=True)
    files = [{"file": name.as_posix(), "kind": "identified", "patient": ""} for name, _ in identified]
    out.mkdir(parents=True, exist_ok=True)
    (out / INDEX).write_text(json.dumps({"notice": DISCLAIMER, "files": files}, indent=2) + "\n", "utf-8", newline="\n")
    return len(identified)


def _check_out(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CallError(f"{out} is not an empty folder; name a new one with --out")
    for above in out.resolve().parents:
        if (above / "study.toml").exists() or (above / INDEX).exists():
            raise CallError(f"{out} lies in {above}, which must hold no names; name another folder with --out")


def _read_index(folder: Path) -> list[tuple[Path, str]]:
    """Return the DICOM files that an export lists, each with the code of its patient.

    Raises
    ------
    CallError
        It lists none.
    InputError
        A listed file is not there, or lies elsewhere.
    """
    try:
        files: list[dict[str, Any]] = json.loads((folder / INDEX).read_text("utf-8"))["files"]
        listed = [(folder / str(one["file"]), str(one["patient"])) for one in files if one["kind"] != "read"]
    except (OSError, ValueError, KeyError, TypeError):
        raise CallError(f"{folder} is no folder that `residuum scan export` or `identify` wrote") from None
    if not listed:
        raise CallError(f"{folder} lists no DICOM object")
    for path, _ in listed:
        if path.is_symlink() or not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
            raise InputError(f"{path} is listed in {INDEX} but is no file of this folder; export again")
    return listed


def _read(path: Path) -> "Dataset":
    try:
        found = pydicom.dcmread(path)
        for _ in found.iterall():  # reads every value, so that none fails later
            pass
    except Exception as error:  # pydicom has many
        raise InputError(
            f"{path} is no DICOM object as it was written ({type(error).__name__}); export again"
        ) from None
    return found


def _data(files: list[Path], advance: Advance) -> Iterator[bytes]:
    for number, path in enumerate(files):
        advance(path.name, number / len(files))
        yield path.read_bytes()
