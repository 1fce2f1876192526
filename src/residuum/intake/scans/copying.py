"""A pseudonymous copy of a DICOM object that holds what `whitelist.toml` names, and nothing else.

Views and sides that are known, also because somebody was asked, are written where a reader of DICOM looks for them: see
`known_views`.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

from residuum.intake.scans.decoding import was_lossy
from residuum.intake.scans.facts import Side, View
from residuum.intake.scans.known_views import write_views
from residuum.intake.scans.pseudonyms import Pseudonyms, derive_date
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.whitelist import read_whitelist
from residuum.records.errors import CallError

IMPLEMENTATION_UID: Final = "2.25.80523237905476641998131770627342234578"
"""Names this writer in the file meta information; it never changes, so that equal scans give equal bytes."""
_METHODS: Final = {
    "113100": "Basic Application Confidentiality Profile",
    "113107": "Retain Longitudinal Temporal Information Modified Dates Option",
    "113108": "Retain Patient Characteristics Option",
}
_COMPRESSIONS: Final = {
    "1.2.840.10008.1.2.4.50": "ISO_10918_1",
    "1.2.840.10008.1.2.4.81": "ISO_14495_1",
    "1.2.840.10008.1.2.4.91": "ISO_15444_1",
}
_STORED: Final = ("u1", "u2", "u4", "i1", "i2", "i4", "f4")


@dataclass(frozen=True, slots=True)
class CopyPlan:
    """What a copy needs beside its source.

    Attributes
    ----------
    secret : str
        Of the key folder, hexadecimal: makes the new UIDs.
    patient : str
        Code of the patient in the study, becomes name and identifier.
    day : int
        Day of the scan from diagnosis.
    views : mapping of int to (View, Side or None)
        By frame number: the view, and the side of the stored image on which the patient's left lies.
    """

    secret: str
    patient: str
    day: int
    views: Mapping[int, tuple[View, Side | None]]

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        return {
            "secret": self.secret,
            "patient": self.patient,
            "day": self.day,
            "views": [[number, *known] for number, known in self.views.items()],
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Return a plan that crossed as JSON.

        Raises
        ------
        TypeError, KeyError, ValueError
            It is no plan.
        """
        views = {number: (view, side) for number, view, side in raw["views"]}
        return cls(raw["secret"], raw["patient"], raw["day"], views)


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy.

    Attributes
    ----------
    data : bytes
        DICOM file, Explicit VR Little Endian.
    originals : mapping of str to str
        Every UID as it was by the one that stands for it; it belongs into the key.
    """

    data: bytes
    originals: Mapping[str, str]


def copy_object(dataset: Dataset, pixels: npt.NDArray[Any], plan: CopyPlan) -> Copied:
    """Return the pseudonymous copy of an image.

    The same object and plan give the same bytes. Dates become the day of a fictitious calendar (diagnosis is
    1 January 2000), times are empty, pixel values stay bit for bit.

    Parameters
    ----------
    dataset : pydicom.Dataset
        As it was read, with its file meta information.
    pixels : numpy.ndarray
        Shape (frames, rows, columns), stored values without rescaling, as `decoding.decode` returns them.
    plan : CopyPlan

    Raises
    ------
    ScanError
        `scan.incomplete` without an identifier, `scan.not_an_image` where it is no grey image of a known class.
    CallError
        The patient's code cannot stand in a header.
    """
    _check_code(plan.patient)
    if pixels.dtype.str[1:] not in _STORED:
        raise ScanError("scan.not_an_image", what="its pixels are no grey levels")
    copy = read_whitelist().keep(dataset, pixels)
    if not copy.get("PhotometricInterpretation"):
        raise ScanError("scan.not_an_image", what="its pixels are no grey levels")
    names = Pseudonyms(plan.secret)
    _write_identity(copy, dataset, plan, names)
    _write_method(copy, plan.day)
    _write_loss(copy, dataset, pixels.nbytes)
    write_views(copy, plan.views, len(pixels))
    _write_pixels(copy, pixels)
    return Copied(_file(copy), dict(names.originals))


def _check_code(code: str) -> None:
    if not code.strip() or len(code) > 64 or any(sign in "\\^=" or not sign.isprintable() for sign in code):
        raise CallError(
            f"The patient code {code!r} cannot stand in a DICOM header. "
            "Choose 1 to 64 printable characters without backslash, ^ and =."
        )


def _write_identity(copy: Dataset, dataset: Dataset, plan: CopyPlan, names: Pseudonyms) -> None:
    whitelist = read_whitelist()
    for keyword in whitelist.always:
        setattr(copy, keyword, None)
    copy.PatientID = copy.PatientName = plan.patient
    copy.PatientSex = copy.get("PatientSex")
    copy.StudyDate = derive_date(plan.day)
    for keyword in whitelist.dates:
        if keyword in dataset:
            setattr(copy, keyword, copy.StudyDate)
    copy.SOPClassUID = _class_uid(dataset)
    for keyword in whitelist.uids:
        original = str(dataset.get(keyword) or "")
        if original:
            setattr(copy, keyword, names.uid(original))
        elif keyword != "FrameOfReferenceUID":
            raise ScanError("scan.incomplete", what=keyword)
    # Frames of reference are required of NM images only in newer editions; without one the indicator means nothing.
    if "FrameOfReferenceUID" not in copy and "PositionReferenceIndicator" in copy:
        del copy.PositionReferenceIndicator
    copy.Modality = copy.get("Modality") or "OT"


def _class_uid(dataset: Dataset) -> UID:
    found = UID(str(dataset.get("SOPClassUID") or ""))
    if found.name == found or not found.name.endswith("Storage"):
        raise ScanError("scan.not_an_image", what="its class is unknown")
    return found


def _write_method(copy: Dataset, day: int) -> None:
    """Say how identities were removed (DICOM PS3.15 annex E) and how far from diagnosis the scan lies."""
    copy.PatientIdentityRemoved, copy.LongitudinalTemporalInformationModified = "YES", "MODIFIED"
    copy.DeidentificationMethod = "Residuum: named attributes only, all else dropped"
    copy.DeidentificationMethodCodeSequence = Sequence()
    for value, meaning in _METHODS.items():
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
        copy.DeidentificationMethodCodeSequence.append(item)
    copy.ClinicalTrialTimePointID = None
    copy.LongitudinalTemporalOffsetFromEvent = float(day)
    # The standard's own terms, ENROLLMENT and BASELINE, would not be true.
    copy.LongitudinalTemporalEventType = "DIAGNOSIS"


def _write_loss(copy: Dataset, dataset: Dataset, size: int) -> None:
    """Say that the pixels once lost information, although the copy itself is not compressed."""
    if not was_lossy(dataset):
        return
    copy.LossyImageCompression = "01"
    method = _COMPRESSIONS.get(dataset.file_meta.TransferSyntaxUID)
    if method is not None and not copy.get("LossyImageCompressionMethod"):
        copy.LossyImageCompressionMethod = method
        copy.LossyImageCompressionRatio = f"{max(size / len(dataset.PixelData), 1):.2f}"


def _write_pixels(copy: Dataset, pixels: npt.NDArray[Any]) -> None:
    bits = pixels.dtype.itemsize * 8
    copy.SamplesPerPixel, copy.BitsAllocated = 1, bits
    copy.Rows, copy.Columns = pixels.shape[1:]
    if len(pixels) > 1 or "NumberOfFrames" in copy:
        copy.NumberOfFrames = len(pixels)
    data = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<")).tobytes()
    if pixels.dtype.kind == "f":
        copy.FloatPixelData = data
        for keyword in ("BitsStored", "HighBit", "PixelRepresentation"):
            copy.pop(keyword, None)  # whole numbers only
        return
    copy.BitsStored = min(copy.get("BitsStored") or bits, bits)
    copy.HighBit, copy.PixelRepresentation = copy.BitsStored - 1, int(pixels.dtype.kind == "i")
    copy.add_new("PixelData", "OW" if bits > 8 else "OB", data + b"\0" * (len(data) % 2))


def _file(copy: Dataset) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = copy.SOPClassUID, copy.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID, meta.ImplementationVersionName = UID(IMPLEMENTATION_UID), "RESIDUUM"
    copy.SpecificCharacterSet = "ISO_IR 192"
    out = io.BytesIO()
    FileDataset(out, copy, file_meta=meta, preamble=b"\0" * 128).save_as(out, enforce_file_format=True)
    return out.getvalue()
