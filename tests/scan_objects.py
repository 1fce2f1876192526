"""Small valid NM and CT objects with invented patients: a body, its organs and lesions in known places."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, NuclearMedicineImageStorage, generate_uid

if TYPE_CHECKING:
    import numpy.typing as npt

    Counts = npt.NDArray[np.uint16]

NAME: Final = "Quisquilia^Zephyrine"
"""Invented; no output may hold it."""
PATIENT_ID: Final = "IPP-0042"
DATE: Final = "20150317"
VIEW_CODES: Final = {
    "anterior": ("399321004", "SCT", "Anterior projection"),
    "posterior": ("399001007", "SCT", "Posterior projection"),
}
WINDOWS: Final = {"I123": (143.0, 175.0), "scatter": (126.0, 142.0), "Tc99m": (126.0, 154.0), "I131": (328.0, 400.0)}
SPACING_MM: Final = 2.4
SHAPE: Final = (512, 128)


def code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def body(view: str = "anterior", seed: int = 1, shape: tuple[int, int] = SHAPE, scale: float = 6.0) -> Counts:
    """Return counts as seen from the detector: in the anterior view the patient's left lies on the right."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(float)
    rows, columns = rows * 512 / shape[0], columns * 128 / shape[1]

    def organ(row: float, column: float, high: float, wide: float) -> npt.NDArray[np.bool_]:
        return ((rows - row) / high) ** 2 + ((columns - column) / wide) ** 2 < 1

    seen = organ(60, 64, 36, 20) * 2.0 + organ(170, 64, 90, 34) * 2.0  # head, trunk
    seen += organ(350, 50, 130, 13) * 1.5 + organ(350, 78, 130, 13) * 1.5  # legs
    seen += organ(170, 48, 24, 17) * 14.0 + organ(128, 72, 14, 10) * 5.0 + organ(245, 64, 13, 11) * 18.0
    seen += organ(300, 50, 8, 5) * 16.0  # a lesion of the right femur
    if view == "posterior":
        seen = seen[:, ::-1]
    return np.random.default_rng(seed).poisson(seen * scale).astype(np.uint16)


def _base(class_uid: str, modality: str, series: str, study: str, **said: Any) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = class_uid, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    found.SOPClassUID, found.SOPInstanceUID = class_uid, meta.MediaStorageSOPInstanceUID
    found.SpecificCharacterSet = "ISO_IR 192"
    found.StudyInstanceUID, found.SeriesInstanceUID, found.Modality = study, series, modality
    found.PatientName, found.PatientID, found.PatientBirthDate, found.PatientSex = NAME, PATIENT_ID, "20120204", "F"
    found.StudyDate = found.SeriesDate = found.AcquisitionDate = found.ContentDate = DATE
    found.StudyTime = found.SeriesTime = found.AcquisitionTime = found.ContentTime = "101500"
    found.AccessionNumber, found.StudyID, found.ReferringPhysicianName = "ACC-7731", "17", "Referrer^Invented"
    found.InstitutionName, found.OperatorsName = "Invented Hospital", "Operator^Invented"
    found.Manufacturer, found.ManufacturerModelName = "SYNTH", "Camera"
    found.DeviceSerialNumber, found.SoftwareVersions = "SN-99812", "1"
    found.SeriesNumber, found.InstanceNumber, found.BodyPartExamined = 1, 1, "WHOLEBODY"
    found.SamplesPerPixel, found.PhotometricInterpretation = 1, "MONOCHROME2"
    found.BitsAllocated, found.BitsStored, found.HighBit, found.PixelRepresentation = 16, 16, 15, 0
    for keyword, value in said.items():
        setattr(found, keyword, value)
    return found


def injection(start: str = "20150316100000") -> Dataset:
    item = Dataset()
    item.RadionuclideCodeSequence = Sequence([code("C-114A4", "SRT", "^123^Iodine")])
    item.RadiopharmaceuticalRoute, item.RadiopharmaceuticalStartTime = "", start[8:]
    if start[:8]:
        item.RadiopharmaceuticalStartDateTime = start
    item.RadionuclideTotalDose, item.Radiopharmaceutical = "150", "I-123 mIBG"
    item.RadiopharmaceuticalCodeSequence = Sequence([code("395787009", "SCT", "Iodine^123 3-Iodobenzylguanidine MIBG")])
    return item


def _window(name: str) -> Dataset:
    limits = Dataset()
    limits.EnergyWindowLowerLimit, limits.EnergyWindowUpperLimit = map(str, WINDOWS[name])
    item = Dataset()
    item.EnergyWindowRangeSequence, item.EnergyWindowName = Sequence([limits]), name
    return item


def _detector(view: str | None, orientation: list[float] | None = None, position: list[float] | None = None) -> Dataset:
    item = Dataset()
    item.CollimatorGridName, item.CollimatorType, item.FieldOfViewShape = "MEGP", "PARA", "RECTANGLE"
    item.FieldOfViewDimensions, item.FocalDistance = ["540", "400"], "0"
    item.ZoomFactor, item.ZoomCenter = ["1", "1"], ["0", "0"]
    item.ImageOrientationPatient, item.ImagePositionPatient = orientation, position
    if view is not None:
        item.ViewCodeSequence = Sequence([code(*VIEW_CODES[view])])
    item.StartAngle, item.RadialPosition = "0", "250"
    return item


def _orient(found: Dataset) -> None:
    recumbent = code("F-10450", "SRT", "recumbent")
    recumbent.PatientOrientationModifierCodeSequence = Sequence([code("F-10340", "SRT", "supine")])
    found.PatientOrientationCodeSequence = Sequence([recumbent])
    found.PatientGantryRelationshipCodeSequence = Sequence([code("F-10470", "SRT", "headfirst")])


def planar(
    views: tuple[str, ...] = ("anterior", "posterior"),
    *,
    windows: tuple[str, ...] = ("I123",),
    declared: bool = True,
    frames: list[Counts] | None = None,
    kind: str = "WHOLE BODY",
    study: str | None = None,
    series: str | None = None,
    **said: Any,
) -> FileDataset:
    """Return a whole-body (or STATIC) object: for every window the views in the given order; others hold fewer counts.

    `declared` writes the views into the Detector Information Sequence; further keywords are attributes of the object.
    """
    found = _base(NuclearMedicineImageStorage, "NM", series or generate_uid(), study or generate_uid(), **said)
    found.ImageType = ["ORIGINAL", "PRIMARY", kind, "EMISSION"]
    pixels = frames or [
        body(view, seed, scale=6.0 if window != "scatter" else 1.0)
        for window in windows
        for seed, view in enumerate(views)
    ]
    found.Rows, found.Columns = pixels[0].shape
    found.NumberOfFrames, found.PixelSpacing = len(pixels), [SPACING_MM, SPACING_MM]
    found.FrameOfReferenceUID, found.PositionReferenceIndicator = generate_uid(), ""
    found.FrameIncrementPointer = [0x00540010, 0x00540020]
    found.NumberOfEnergyWindows, found.NumberOfDetectors = len(windows), len(views)
    found.EnergyWindowVector = [window + 1 for window in range(len(windows)) for _ in views]
    found.DetectorVector = [view + 1 for _ in windows for view in range(len(views))]
    found.EnergyWindowInformationSequence = Sequence([_window(name) for name in windows])
    found.RadiopharmaceuticalInformationSequence = Sequence([injection()])
    _orient(found)
    found.DetectorInformationSequence = Sequence([_detector(view if declared else None) for view in views])
    found.CountsAccumulated, found.ActualFrameDuration = int(sum(int(one.sum()) for one in pixels)), 1800000
    if kind == "WHOLE BODY":
        found.WholeBodyTechnique, found.ScanVelocity, found.ScanLength = "1PS", "5", 2000
    found.AcquisitionTerminationCondition = "TIME"
    found.PixelData = np.stack(pixels).tobytes()
    found["PixelData"].VR = "OW"
    for keyword, value in said.items():
        setattr(found, keyword, value)
    return found


LESION_LPS_MM: Final = (12.0, 24.0, -130.0)
"""Centre of the hot spot in `spect` and `ct`: left of the middle, behind it, below the first slice."""


def volume_counts(slices: int = 40, size: int = 64, pixel_mm: float = 4.0, step_mm: float = -4.0) -> Counts:
    """Return SPECT counts (slice, row, column) with the hot spot, whichever way the slices are stacked."""
    depth, row, column = np.mgrid[0:slices, 0:size, 0:size].astype(float)
    x, y = (column - (size - 1) / 2) * pixel_mm, (row - (size - 1) / 2) * pixel_mm
    z = depth * step_mm if step_mm < 0 else depth * step_mm - (slices - 1) * step_mm
    seen = ((x / 90) ** 2 + (y / 60) ** 2 < 1) * 2.0
    seen += ((x - LESION_LPS_MM[0]) ** 2 + (y - LESION_LPS_MM[1]) ** 2 + (z - LESION_LPS_MM[2]) ** 2 < 12**2) * 25.0
    return np.random.default_rng(3).poisson(seen * 20).astype(np.uint16)


def spect(
    step_mm: float = -4.0, *, study: str | None = None, frame_of_reference: str | None = None, **said: Any
) -> FileDataset:
    """Return a reconstructed SPECT; a negative step stacks slices from head to foot, as cameras often write it."""
    slices, size, pixel_mm = 40, 64, 4.0
    found = _base(NuclearMedicineImageStorage, "NM", generate_uid(), study or generate_uid())
    found.ImageType = ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]
    found.Rows = found.Columns = size
    found.NumberOfFrames, found.PixelSpacing = slices, [pixel_mm, pixel_mm]
    found.SliceThickness, found.SpacingBetweenSlices = str(abs(step_mm)), str(step_mm)
    found.FrameOfReferenceUID, found.PositionReferenceIndicator = frame_of_reference or generate_uid(), ""
    found.FrameIncrementPointer = [0x00540080]
    found.SliceVector, found.NumberOfSlices = list(range(1, slices + 1)), slices
    found.NumberOfEnergyWindows = found.NumberOfDetectors = found.NumberOfRotations = 1
    found.CountsAccumulated = None
    found.EnergyWindowInformationSequence = Sequence([_window("I123")])
    found.RadiopharmaceuticalInformationSequence = Sequence([injection()])
    _orient(found)
    corner = -(size - 1) / 2 * pixel_mm
    first = 0.0 if step_mm < 0 else -(slices - 1) * step_mm
    found.DetectorInformationSequence = Sequence([_detector(None, [1, 0, 0, 0, 1, 0], [corner, corner, first])])
    turn = Dataset()
    turn.RotationDirection, turn.ScanArc, turn.AngularStep = "CW", "360", "6"
    turn.NumberOfFramesInRotation, turn.StartAngle, turn.RadialPosition = 60, "0", ["250"]
    turn.TableHeight, turn.TableTraverse, turn.ActualFrameDuration = "0", "0", 20000
    found.RotationInformationSequence = Sequence([turn])
    found.PixelData = volume_counts(slices, size, pixel_mm, step_mm).tobytes()
    found["PixelData"].VR = "OW"
    for keyword, value in said.items():
        setattr(found, keyword, value)
    return found


def ct(
    *, study: str | None = None, frame_of_reference: str | None = None, slices: int = 32, step_mm: float = -8.0
) -> list[FileDataset]:
    """Return the slices of a CT around the same place, in the order in which they were taken."""
    size, pixel_mm, series = 128, 3.0, generate_uid()
    study, frame_of_reference = study or generate_uid(), frame_of_reference or generate_uid()
    row, column = np.mgrid[0:size, 0:size].astype(float)
    x, y = (column - (size - 1) / 2) * pixel_mm, (row - (size - 1) / 2) * pixel_mm
    found = []
    for number in range(slices):
        one = _base(CTImageStorage, "CT", series, study)
        one.ImageType, one.InstanceNumber, one.AcquisitionNumber = ["ORIGINAL", "PRIMARY", "AXIAL"], number + 1, 1
        one.KVP, one.PatientPosition, one.PatientOrientation = "120", "HFS", ["L", "P"]
        one.Rows = one.Columns = size
        one.PixelSpacing, one.SliceThickness = [pixel_mm, pixel_mm], str(abs(step_mm))
        corner = -(size - 1) / 2 * pixel_mm
        one.ImagePositionPatient, one.ImageOrientationPatient = [corner, corner, step_mm * number], [1, 0, 0, 0, 1, 0]
        one.FrameOfReferenceUID, one.PositionReferenceIndicator = frame_of_reference, ""
        one.RescaleIntercept, one.RescaleSlope, one.RescaleType, one.BodyPartExamined = "-1024", "1", "HU", "CHEST"
        pixels = np.where((x / 90) ** 2 + (y / 60) ** 2 < 1, 1064, 24).astype(np.uint16)
        one.PixelData = pixels.tobytes()
        one["PixelData"].VR = "OW"
        found.append(one)
    return found


def written(found: Dataset) -> bytes:
    """Return the bytes of an object as a DICOM file."""
    out = io.BytesIO()
    found.save_as(out, enforce_file_format=True)
    return out.getvalue()
