"""What every exported object shares: whose it is, what made it, and when."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from residuum import __version__
from residuum.exports.documents import ReadDocument, render_json
from residuum.exports.naming import compute_uid, render_label
from residuum.records.errors import InputError

if TYPE_CHECKING:
    from pydicom import Dataset

CHARACTER_SET: Final = "ISO_IR 192"
PRODUCT: Final[dict[str, Any]] = {
    "manufacturer": "Residuum",
    "manufacturer_model_name": "Residuum",
    "software_versions": __version__,
    "device_serial_number": "none",
}
"""Equipment, as highdicom names its attributes."""
PATIENT_AND_STUDY: Final = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
)
"""Attributes of the patient and study modules that every object must have, be they empty."""
DE_IDENTIFICATION: Final = (
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "LongitudinalTemporalInformationModified",
)
_REFERENCE: Final = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "Modality")


def copy_header(source: "Dataset") -> "Dataset":
    """Return a light object with the patient, study, series and instance of a source, without its pixels and name.

    The name comes later (`copy_patient`): highdicom warns of one that is a study code.

    Raises
    ------
    InputError
        The source has no identifiers.
    """
    from pydicom import Dataset

    header = Dataset()
    for keyword in PATIENT_AND_STUDY:
        setattr(header, keyword, source.get(keyword, "") if keyword != "PatientName" else "")
    for keyword in _REFERENCE:
        if not source.get(keyword):
            raise InputError(f"a stored image has no {keyword}; import the scan again")
        setattr(header, keyword, source[keyword].value)
    return header


def copy_patient(source: "Dataset", target: "Dataset") -> None:
    """Give an object the patient's name of its source, and whether and how identities were removed from it."""
    for keyword in ("PatientName", *DE_IDENTIFICATION):
        if keyword in source:
            setattr(target, keyword, source[keyword].value)


def compute_object_uid(document: ReadDocument, made: datetime, *parts: str) -> str:
    """Return an identifier of an object made from a read: another content, moment or version gives another one."""
    return compute_uid(__version__, made.isoformat(), render_json(document), *parts)


def stamp(target: "Dataset", made: datetime) -> None:
    """Give an object the moment it was made in place of the clock's, and the character set of its texts."""
    for name in ("InstanceCreation", "Content", "StructureSet"):
        if f"{name}Date" in target:
            setattr(target, f"{name}Date", f"{made:%Y%m%d}")
            setattr(target, f"{name}Time", f"{made:%H%M%S}")
    for item in target.get("ContributingEquipmentSequence", ()):
        item.ContributionDateTime = f"{made:%Y%m%d%H%M%S}"
    target.SpecificCharacterSet = CHARACTER_SET


def render_description(document: ReadDocument) -> str:
    """Return the description of the series of an object made from a read."""
    return render_label(f"Residuum, scan {document.scan}, {document.reader}")
