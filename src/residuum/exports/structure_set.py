"""Residual lesions of a SPECT/CT as a DICOM structure set (RTSTRUCT) on the CT.

A planar view has no depth, so a lesion seen only there is left out, with its reason: a volume would be invented.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt

from residuum import DISCLAIMER
from residuum.exports.documents import ImageEntry, MarkEntry, ReadDocument
from residuum.exports.headers import (
    PATIENT_AND_STUDY,
    PRODUCT,
    compute_object_uid,
    copy_header,
    copy_patient,
    render_description,
    stamp,
)
from residuum.exports.naming import compute_digest
from residuum.exports.regions_of_interest import (
    make_frame_of_reference,
    make_observation,
    make_outline,
    make_region,
)
from residuum.records.errors import InputError

if TYPE_CHECKING:
    from pydicom import Dataset, FileDataset

Mask = npt.NDArray[np.bool_]
Kept = tuple[MarkEntry, Mask]
CLASS: Final = "1.2.840.10008.5.1.4.1.1.481.3"
SERIES_NUMBER: Final = 9003
Reason = Literal["no_depth", "outside_ct"]
REASONS: Final = {
    "no_depth": "it was marked on a planar view, which has no depth",
    "outside_ct": "its outline holds no voxel of the CT",
}


@dataclass(frozen=True, slots=True)
class ResidualLesion:
    """A lesion with its outline on the grid of a CT.

    Attributes
    ----------
    mark : MarkEntry
    mask : ndarray of bool or None
        (slices, rows, columns), slices in the order of the image; None for a lesion without depth.
    """

    mark: MarkEntry
    mask: Mask | None


@dataclass(frozen=True, slots=True)
class StructureSet:
    """A structure set, and the lesions that are not in it.

    Attributes
    ----------
    dataset : Dataset or None
        None where no lesion is left.
    left_out : tuple of (MarkEntry, reason)
        `reason` is a key of `REASONS`.
    """

    dataset: "Dataset | None"
    left_out: tuple[tuple[MarkEntry, Reason], ...]


def render_structure_set(
    document: ReadDocument, ct: ImageEntry, lesions: Sequence[ResidualLesion], made: datetime
) -> StructureSet:
    """Return the structure set of residual lesions; the same arguments give the same bytes. It is never approved.

    Parameters
    ----------
    document : ReadDocument
    ct : ImageEntry
        Slices of one CT in one frame of reference.
    lesions : sequence of ResidualLesion
    made : datetime
        When the read was locked; written as it stands.

    Raises
    ------
    InputError
        The image is no CT in one frame of reference, or a mask does not fit it.
    """
    _check_ct(ct)
    reasons = [_reason(lesion, ct) for lesion in lesions]
    left_out = tuple((lesion.mark, why) for lesion, why in zip(lesions, reasons, strict=True) if why is not None)
    kept = [
        (lesion.mark, lesion.mask)
        for lesion, why in zip(lesions, reasons, strict=True)
        if why is None and lesion.mask is not None
    ]
    return StructureSet(_dataset(document, ct, kept, made) if kept else None, left_out)


def _check_ct(ct: ImageEntry) -> None:
    frames = {one.get("FrameOfReferenceUID") for one in ct.objects}
    if ct.kind != "ct" or len(frames) != 1 or None in frames:
        raise InputError(f"image {ct.image} is no CT in one frame of reference; import the CT of the SPECT/CT")


def _reason(lesion: ResidualLesion, ct: ImageEntry) -> Reason | None:
    if lesion.mask is None or lesion.mark.z_mm is None:
        return "no_depth"
    shape = (len(ct.objects), ct.objects[0].Rows, ct.objects[0].Columns)
    if lesion.mask.shape != shape:
        raise InputError(f"the outline of mark {lesion.mark.mark} does not fit the CT {ct.image}")
    return None if lesion.mask.any() else "outside_ct"


def _dataset(document: ReadDocument, ct: ImageEntry, lesions: Sequence[Kept], made: datetime) -> "Dataset":
    found = _general(document, ct, made, compute_digest((mark.mark, mask) for mark, mask in lesions))
    found.ReferencedFrameOfReferenceSequence = [make_frame_of_reference(ct)]
    found.StructureSetROISequence = [make_region(number, mark, ct) for number, (mark, _) in enumerate(lesions, 1)]
    found.ROIContourSequence = [make_outline(number, mask, ct) for number, (_, mask) in enumerate(lesions, 1)]
    found.RTROIObservationsSequence = [make_observation(number) for number in range(1, len(lesions) + 1)]
    stamp(found, made)
    return found


def _general(document: ReadDocument, ct: ImageEntry, made: datetime, outlines: str) -> "FileDataset":
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import PYDICOM_IMPLEMENTATION_UID, UID, ImplicitVRLittleEndian

    source = ct.objects[0]
    made_of = (str(source.SeriesInstanceUID), outlines)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(CLASS)
    meta.MediaStorageSOPInstanceUID = UID(compute_object_uid(document, made, "structure set", *made_of))
    # a contour may be longer than the 64 kB that an explicit value representation takes
    meta.TransferSyntaxUID, meta.ImplementationClassUID = ImplicitVRLittleEndian, PYDICOM_IMPLEMENTATION_UID
    found = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    header = copy_header(source)
    for keyword in PATIENT_AND_STUDY:
        setattr(found, keyword, header[keyword].value)
    copy_patient(source, found)
    found.SOPClassUID, found.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    found.Modality, found.SeriesNumber, found.InstanceNumber = "RTSTRUCT", SERIES_NUMBER, 1
    found.SeriesInstanceUID = compute_object_uid(document, made, "structure set series", *made_of)
    found.SeriesDescription, found.OperatorsName = render_description(document), ""
    found.Manufacturer, found.ManufacturerModelName = PRODUCT["manufacturer"], PRODUCT["manufacturer_model_name"]
    found.SoftwareVersions, found.DeviceSerialNumber = PRODUCT["software_versions"], PRODUCT["device_serial_number"]
    found.InstanceCreationDate = found.InstanceCreationTime = found.StructureSetDate = found.StructureSetTime = ""
    found.StructureSetLabel, found.StructureSetName = "RESIDUUM", render_description(document)
    found.StructureSetDescription, found.ApprovalStatus = DISCLAIMER, "UNAPPROVED"
    found.FrameOfReferenceUID, found.PositionReferenceIndicator = source.FrameOfReferenceUID, ""
    return found
