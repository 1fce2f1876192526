"""Our own copies of scans, read back: they are whitelisted and verified, so this process may parse them."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pydicom
from pydicom.dataset import Dataset

from residuum.intake.scans.dicom.decoding import decode
from residuum.intake.scans.dicom.parsing import parse
from residuum.intake.scans.privacy.copied_files import IMPLEMENTATION_UID
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.understanding.grouping import Piece, derive_images
from residuum.intake.scans.understanding.understand import understand
from residuum.volumes.placement import Placement


def _read(data: bytes, patient: str) -> Dataset:
    parse(data)  # within limits, and refused where it is packed
    try:
        found = pydicom.dcmread(io.BytesIO(data))
        is_copy = found.file_meta.ImplementationClassUID == IMPLEMENTATION_UID and found.PatientID == patient
    except Exception as fault:  # pydicom has many, and says what it met
        raise ScanError("scan.damaged", what=type(fault).__name__) from None
    if not is_copy or str(found.PatientName) != patient:
        raise ScanError("scan.contradiction", what="it is no copy of a scan of this patient")
    return found


def read_stored(objects: Sequence[bytes], patient: str) -> tuple[tuple[Dataset, ...], Placement | None]:
    """Return the DICOM objects of an image file, and where a SPECT or CT lies in the patient.

    Raises
    ------
    ScanError
        One is no copy that Residuum made of a scan of this patient.
    """
    datasets = [_read(data, patient) for data in objects]
    pieces = [Piece(str(place), "", understand(one, decode)) for place, one in enumerate(datasets)]
    image = derive_images(pieces)[0][0]
    return tuple(datasets[int(piece.place)] for piece in image.pieces), image.placement


@dataclass(frozen=True, slots=True)
class StoredUids:
    """What names the objects of an image file: patient code, study and instances, all pseudonyms."""

    patient: str
    study: str
    instances: frozenset[str]


def read_uids(objects: Iterable[bytes]) -> StoredUids:
    """Return what names the objects of an image file."""
    tags = ["PatientID", "StudyInstanceUID", "SOPInstanceUID"]
    found = [pydicom.dcmread(io.BytesIO(data), specific_tags=tags) for data in objects]
    instances = frozenset(str(one.SOPInstanceUID) for one in found)
    return StoredUids(str(found[0].PatientID), str(found[0].StudyInstanceUID), instances)
