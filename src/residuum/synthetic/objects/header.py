"""What every simulated object shares: an invented child, equipment that says what it is, identifiers, and the file."""

import hashlib
import io
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid
from pydicom.valuerep import DSdecimal, format_number_as_ds

from residuum import __version__
from residuum.synthetic.objects.examination import Examination

LABEL: Final = "SYNTHETIC"
"""Stands in the patient's name and in every text that a viewer shows."""
SHORT: Final = 16
"""Characters of a short string."""
_COMMENT: Final = "SYNTHETIC: computed by a simulator, no patient was examined"
_IMPLEMENTATION: Final = "2.25.306940383752675248215473971413654238464"
"""Names this writer; another one than that of the copies of an import, which these objects are not."""
_SEXES: Final = {"female": "F", "male": "M"}


@dataclass(frozen=True, slots=True)
class Series:
    """What the objects of one series share.

    Attributes
    ----------
    number : int
    name : str
        Of the series; with the examination it makes its identifier.
    body_part : str
    modality : {"NM", "CT"}
    class_uid : str
    frame_of_reference : str
        Series that name the same one lie in one frame of reference.
    after : timedelta
        From the beginning of the whole body.
    """

    number: int
    name: str
    body_part: str
    modality: str
    class_uid: str
    frame_of_reference: str
    after: timedelta = timedelta()


def compute_uid(examination: Examination, *words: str) -> UID:
    """Return the identifier that follows from an examination and words: the same ones give the same identifier."""
    named = [examination.seed, examination.patient, examination.scan, *words]
    return generate_uid(entropy_srcs=[json.dumps(named)])


def start_object(
    examination: Examination, series: Series, stored: npt.NDArray[np.uint16], instance: int = 1
) -> Dataset:
    """Return an object with its pixels, and with the modules that are alike for all classes of images.

    Parameters
    ----------
    examination : Examination
    series : Series
    stored : array of uint16, shape (rows, columns) or (frames, rows, columns)
        The values as they are stored.
    instance : int
        Number of the object in its series.

    Raises
    ------
    ValueError
        The values are not of 16 bits without a sign.
    """
    if stored.dtype != np.uint16:
        raise ValueError(f"stored values are {stored.dtype}, not uint16")
    data = np.ascontiguousarray(stored, "<u2").tobytes()
    found = Dataset()
    found.SpecificCharacterSet = "ISO_IR 192"
    # Other pixels are another object, whatever it is called.
    found.SOPInstanceUID = compute_uid(examination, series.name, str(instance), hashlib.sha256(data).hexdigest())
    found.SOPClassUID = UID(series.class_uid)
    _write_patient(found, examination)
    _write_study(found, examination, series)
    found.InstanceNumber, found.ImageComments = instance, _COMMENT
    # "A quality control or phantom image" (PS3.3 C.7.6.1). Synthetic Data (0008,001C) would say more, but it is younger
    # than the validators, which take it for an error.
    found.QualityControlImage = "YES"
    found.Rows, found.Columns = stored.shape[-2:]
    found.SamplesPerPixel, found.PhotometricInterpretation = 1, "MONOCHROME2"
    found.BitsAllocated = found.BitsStored = 16
    found.HighBit, found.PixelRepresentation = 15, 0
    found.add_new("PixelData", "OW", data)
    return found


def render_file(found: Dataset) -> bytes:
    """Return an object as a DICOM file, Explicit VR Little Endian."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = found.SOPClassUID, found.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID, meta.ImplementationVersionName = UID(_IMPLEMENTATION), "RESIDUUM_SIM"
    out = io.BytesIO()
    FileDataset(out, found, file_meta=meta, preamble=b"\0" * 128).save_as(out, enforce_file_format=True)
    return out.getvalue()


def make_code(value: str, scheme: str, meaning: str) -> Dataset:
    """Return the item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def make_decimals(*values: float) -> list[DSdecimal]:
    """Return numbers as decimal strings of at most 16 characters."""
    # Adding zero turns minus zero into zero.
    return [DSdecimal(format_number_as_ds(float(value) + 0.0)) for value in values]


def _write_patient(found: Dataset, examination: Examination) -> None:
    found.PatientName, found.PatientID = f"{LABEL}^{examination.patient}", examination.patient
    found.PatientBirthDate = f"{examination.born:%Y%m%d}"
    found.PatientSex = _SEXES.get(examination.sex, "O")
    found.PatientAge = f"{examination.age_years:03d}Y"
    (found.PatientSize,) = make_decimals(examination.size_m)
    (found.PatientWeight,) = make_decimals(examination.weight_kg)
    found.PatientComments = _COMMENT


def _write_study(found: Dataset, examination: Examination, series: Series) -> None:
    found.StudyInstanceUID = compute_uid(examination)
    found.StudyDate, found.StudyTime = _moment(examination, timedelta())
    found.StudyID, found.AccessionNumber, found.ReferringPhysicianName = examination.scan[:SHORT].strip(), "", ""
    found.StudyDescription = f"{LABEL} I-123 mIBG"
    found.SeriesInstanceUID, found.SeriesNumber = compute_uid(examination, series.name), series.number
    found.Modality, found.BodyPartExamined = series.modality, series.body_part
    found.SeriesDescription = f"{LABEL} {series.name}"
    date, time = _moment(examination, series.after)
    found.SeriesDate = found.AcquisitionDate = found.ContentDate = date
    found.SeriesTime = found.AcquisitionTime = found.ContentTime = time
    found.FrameOfReferenceUID = compute_uid(examination, "frame of reference", series.frame_of_reference)
    found.PositionReferenceIndicator = ""
    found.Manufacturer, found.ManufacturerModelName = "Residuum", "phantom"
    found.SoftwareVersions = __version__


def _moment(examination: Examination, after: timedelta) -> tuple[str, str]:
    """Return date and time in the forms of DICOM."""
    moment = examination.begins + after
    return f"{moment:%Y%m%d}", f"{moment:%H%M%S}"
