"""The last step before a result enters a clinical archive: the identity of its patient and study is put back.

Only results go back. A copy of an image lacks what the white list does not name, and under its own identifiers it would
stand beside, or in the place of, the image that the archive holds.

An object that was made under study codes refers to pseudonymous copies. With the key of the import it refers to the
images that the archive holds, and belongs to their patient and study.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from residuum.intake.scans.privacy.original_uids import Originals, OriginalStudy
from residuum.records.errors import InputError

if TYPE_CHECKING:
    from pydicom import DataElement, Dataset

_DE_IDENTIFICATION: Final = (
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "DeidentificationMethodCodeSequence",
    "LongitudinalTemporalInformationModified",
    "LongitudinalTemporalOffsetFromEvent",
    "LongitudinalTemporalEventType",
    "ClinicalTrialTimePointID",
)
_RESULTS: Final = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.481.3")
"""Segmentation Storage and RT Structure Set Storage."""
_REPORTS: Final = "1.2.840.10008.5.1.4.1.1.88."
_REFERENCES: Final = ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")
_OWN: Final = {
    "": ("SeriesInstanceUID", "SOPInstanceUID"),
    "PredecessorDocumentsSequence": ("SeriesInstanceUID", "ReferencedSOPInstanceUID"),
}
"""What names the object itself, and below a sequence the reports of the readers that a consensus follows: the key has
none of them, since they were made under study codes."""


def is_result(dataset: "Dataset") -> bool:
    """Return whether an object is a structured report, a segmentation or a structure set, so that it may go back."""
    class_uid = str(dataset.get("SOPClassUID", ""))
    return class_uid in _RESULTS or class_uid.startswith(_REPORTS)


def put_identity_back(dataset: "Dataset", originals: Originals) -> "Dataset":
    """Return an object as it belongs into the archive that its images came from; the given one stays as it is.

    Patient, study and every reference become those of the images as they were. The object's own instance and series
    UIDs stay. The day of the scan in the fictitious calendar becomes its date; the moment at which a result was made
    stays.

    Parameters
    ----------
    dataset : pydicom.Dataset
        A result under study codes.
    originals : Originals
        Of the key of the import.

    Raises
    ------
    InputError
        It is no result, or the key does not know its study, its day or an object that it refers to, or knows another
        patient.
    """
    if not is_result(dataset):
        raise InputError("This is no result: the clinical archive has this image already.")
    study = originals.studies.get(str(dataset.get("StudyInstanceUID", "")))
    if study is None:
        raise InputError("The key does not know the study of this object. Name the key folder of its import.")
    if str(dataset.get("PatientID", "")) != study.patient:
        raise InputError("This object and the key name different patients of the study. Export the results again.")
    found = deepcopy(dataset)
    _check_references(found, originals)
    _put_uids_back(found, originals)
    _put_dates_back(found, study)
    for keyword in _DE_IDENTIFICATION:
        found.pop(keyword, None)
    _write_patient(found, study)
    found.SpecificCharacterSet = "ISO_IR 192"
    if hasattr(found, "file_meta"):
        found.file_meta.MediaStorageSOPInstanceUID = found.SOPInstanceUID
    return found


def _check_references(found: "Dataset", originals: Originals) -> None:
    for element, own in _uid_elements(found):
        known = all(value in originals.uids for value in _values(element))
        if not own and not known and _refers(element.keyword):
            raise InputError(
                f"The key does not know what this object refers to ({element.keyword}). "
                "Name the key folder of its import, or export the results again."
            )


def _put_uids_back(found: "Dataset", originals: Originals) -> None:
    """Replace pseudonyms; an item that stands at several places is met again with its original UIDs."""
    for element, _ in _uid_elements(found):
        restored = [originals.uids.get(value, value) for value in _values(element)]
        element.value = restored[0] if len(restored) == 1 else restored


def _values(element: "DataElement") -> list[str]:
    return [element.value] if isinstance(element.value, str) else list(element.value)


def _uid_elements(dataset: "Dataset", within: str = "") -> Iterator[tuple["DataElement", bool]]:
    """Yield every element that holds UIDs, and whether it names a result; `within` is the outermost sequence."""
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                yield from _uid_elements(item, within or element.keyword)
        elif element.VR == "UI" and element.value:
            yield element, element.keyword in _OWN.get(within, ())


def _refers(keyword: str) -> bool:
    return keyword in _REFERENCES or (keyword.startswith("Referenced") and not keyword.endswith("ClassUID"))


def _put_dates_back(found: "Dataset", study: OriginalStudy) -> None:
    scanned = str(found.get("StudyDate") or "")
    restored = study.dates.get(scanned)
    if restored is None:
        raise InputError("The key does not know the day of this scan. Export the results again.")
    for element in found.iterall():
        if element.VR in ("DA", "DT") and str(element.value).startswith(scanned):
            element.value = restored + str(element.value)[len(scanned) :]


def _write_patient(found: "Dataset", study: OriginalStudy) -> None:
    """Write patient and study as the archive wrote them, be it by the standard or not."""
    said: dict[str, Any] = {**study.attributes, "PatientID": study.patient_id}
    if study.issuer:
        said["IssuerOfPatientID"] = study.issuer
    for keyword, value in said.items():
        _write(found, keyword, value)


def _write(found: "Dataset", keyword: str, value: str) -> None:
    from pydicom import DataElement, config
    from pydicom.datadict import dictionary_VR, tag_for_keyword

    tag = tag_for_keyword(keyword)
    assert tag is not None, keyword
    found[tag] = DataElement(tag, dictionary_VR(tag), value, validation_mode=config.IGNORE)
