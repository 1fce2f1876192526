"""A pseudonymous copy of a DICOM object that holds what `whitelist.toml` names, and nothing else.

Views and sides that are known, also because somebody was asked, are written where a reader of DICOM looks for them: see
`known_views`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from residuum.intake.scans.privacy.copied_files import render_file, write_loss, write_pixels
from residuum.intake.scans.privacy.pseudonyms import Pseudonyms, derive_date
from residuum.intake.scans.privacy.reading_back import check_copy
from residuum.intake.scans.privacy.whitelist import read_whitelist
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.understanding.facts import Side, View
from residuum.intake.scans.understanding.known_views import write_views
from residuum.intake.scans.understanding.understand import understand
from residuum.records.errors import CallError

_METHODS: Final = {
    "113100": "Basic Application Confidentiality Profile",
    "113107": "Retain Longitudinal Temporal Information Modified Dates Option",
    "113108": "Retain Patient Characteristics Option",
}
_STORED: Final = ("u1", "u2", "u4", "i1", "i2", "i4")


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
    """Return the pseudonymous copy of an image; it was read back, and says what its source and the plan say.

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
        As `pseudonymise`, and what `understand` refuses of the source or the copy; `scan.incomplete` where too little
        may stay for the copy to be understood as its source.
    CallError
        The patient's code cannot stand in a header.
    """
    copied = pseudonymise(dataset, pixels, plan)
    check_copy(copied.data, understand(dataset, lambda _: pixels), plan.views)
    return copied


def pseudonymise(dataset: Dataset, pixels: npt.NDArray[Any], plan: CopyPlan) -> Copied:
    """Return the pseudonymous copy of an object whatever it is; `copy_object` is for images that are read again.

    Raises
    ------
    ScanError
        `scan.incomplete` without an identifier, `scan.not_an_image` where it is no grey image of a known class or its
        pixels are no whole numbers.
    CallError
        The patient's code cannot stand in a header.
    """
    _check_code(plan.patient)
    if pixels.dtype.kind == "f":
        # The classes of NM and CT images know whole numbers only.
        raise ScanError("scan.not_an_image", what="floating-point pixels")
    if pixels.dtype.str[1:] not in _STORED:
        raise ScanError("scan.not_an_image", what="its pixels are no grey levels")
    copy = read_whitelist().keep(dataset, pixels)
    if not copy.get("PhotometricInterpretation"):
        raise ScanError("scan.not_an_image", what="its pixels are no grey levels")
    names = Pseudonyms(plan.secret)
    _write_identity(copy, dataset, plan, names)
    _complete_image_type(copy)
    _write_method(copy, plan.day)
    write_loss(copy, dataset, pixels.nbytes)
    write_views(copy, plan.views, len(pixels))
    write_pixels(copy, pixels)
    return Copied(render_file(copy), dict(names.originals))


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


def _complete_image_type(copy: Dataset) -> None:
    """Give nuclear medicine the fourth value that it needs: what is read as an image is an emission scan."""
    if copy.Modality == "NM" and "ImageType" in copy:
        placed, further = list(copy.ImageType[:3]), list(copy.ImageType[3:])
        copy.ImageType = [*placed, *(further if {*further[:1]} & {"EMISSION", "TRANSMISSION"} else ["EMISSION"])]


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
