"""What kind of object a header describes: by its modality and image type; its class only where it is no image."""

from typing import Final

from pydicom.dataset import Dataset

from residuum.intake.scans.dicom.attributes import needed, text, texts, uid, word
from residuum.intake.scans.dicom.parsing import items
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.understanding.facts import Kind

SECONDARY_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"
"""Also the start of its multi-frame classes."""
_REPORTS: Final = "1.2.840.10008.5.1.4.1.1.88."
_KEY_OBJECTS: Final = "1.2.840.10008.5.1.4.1.1.88.59"
_ENHANCED_CT: Final = ("1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.2.2")
_CLASSES: Final[dict[str, Kind]] = {
    "1.2.840.10008.5.1.4.1.1.481.3": "structure_set",
    "1.2.840.10008.5.1.4.1.1.66.4": "segmentation",
    "1.2.840.10008.5.1.4.1.1.66.7": "segmentation",
}
_MODALITIES: Final[dict[str, Kind]] = {"RTSTRUCT": "structure_set", "SEG": "segmentation", "SR": "report"}
_IMAGE_TYPES: Final[dict[str, Kind]] = {
    "WHOLE BODY": "planar",
    "STATIC": "spot",
    "TOMO": "raw_tomo",
    "RECON TOMO": "spect",
}
_OTHER_IMAGE_TYPES: Final = {
    "DYNAMIC": "a dynamic scan",
    "GATED": "a gated scan",
    "GATED TOMO": "gated SPECT projections",
    "RECON GATED TOMO": "a gated SPECT",
}
_OTHER_MODALITIES: Final = {
    "PT": "a PET",
    "MR": "an MR image",
    "US": "an ultrasound image",
    "OT": "modality OT",
    "CR": "a radiograph",
    "DX": "a radiograph",
    "PR": "a presentation state",
    "KO": "a key object selection",
    "RTPLAN": "a radiotherapy plan",
    "RTDOSE": "a radiotherapy dose",
    "REG": "a registration",
}
"""In fixed words, since what stands in a header may be anything."""


def find_kind(dataset: Dataset) -> Kind:
    """Return what kind of object this is.

    Raises
    ------
    ScanError
        `scan.not_an_image` for one that is not read, `scan.incomplete` where nothing usable says what it is.
    """
    class_uid = uid(dataset, "SOPClassUID")
    known = _CLASSES.get(class_uid) or _MODALITIES.get(word(dataset, "Modality"))
    if known is not None:
        return known
    if class_uid.startswith(_REPORTS) and class_uid != _KEY_OBJECTS:
        return "report"
    modality = needed("Modality", word(dataset, "Modality"))
    if modality == "NM":
        return _nuclear(dataset)
    if modality == "CT":
        return _ct(dataset, class_uid)
    raise ScanError("scan.not_an_image", what=_OTHER_MODALITIES.get(modality, "another modality"))


def count_contents(dataset: Dataset, kind: Kind) -> dict[str, int]:
    """Return how many regions, segments or content items an object that is no image holds."""
    if kind == "structure_set":
        return {"regions": len(items(dataset, "StructureSetROISequence"))}
    if kind == "segmentation":
        return {"segments": len(items(dataset, "SegmentSequence"))}
    return {"items": _count_items(dataset)} if kind == "report" else {}


def find_class_flags(dataset: Dataset) -> set[str]:
    """Return whether an image is a secondary capture, was derived from others, or shows no patient.

    Quality Control Image is "a quality control or phantom image" (PS3.3 C.7.6.1); what the house simulates says so.
    """
    said = {
        "secondary_capture": uid(dataset, "SOPClassUID").startswith(SECONDARY_CAPTURE),
        "derived": _image_type(dataset, 1) == "DERIVED",
        "synthetic": word(dataset, "QualityControlImage") == "YES",
    }
    return {name for name, present in said.items() if present}


def check_pixels_shown(dataset: Dataset) -> None:
    """Refuse an object that says that text is burnt into its pixels."""
    if text(dataset, "BurnedInAnnotation").upper() == "YES":
        raise ScanError("scan.burned_in")


def _nuclear(dataset: Dataset) -> Kind:
    if _image_type(dataset, 4) == "TRANSMISSION":
        raise ScanError("scan.not_an_image", what="a transmission scan")
    image_type = _image_type(dataset, 3)
    if image_type in _OTHER_IMAGE_TYPES:
        raise ScanError("scan.not_an_image", what=_OTHER_IMAGE_TYPES[image_type])
    return needed("ImageType", _IMAGE_TYPES.get(image_type))


def _ct(dataset: Dataset, class_uid: str) -> Kind:
    if class_uid in _ENHANCED_CT or items(dataset, "SharedFunctionalGroupsSequence"):
        raise ScanError("scan.not_an_image", what="a CT of many frames in one object")
    if needed("ImageType", _image_type(dataset, 3)) == "LOCALIZER":
        raise ScanError("scan.not_an_image", what="a CT localizer")
    return "ct"


def _image_type(dataset: Dataset, value: int) -> str:
    """Return a value of Image Type, counted from 1, empty where it has none."""
    found = texts(dataset, "ImageType")
    return found[value - 1].upper() if len(found) >= value else ""


def _count_items(dataset: Dataset) -> int:
    count, pending = 0, [dataset]
    while pending:
        inner = items(pending.pop(), "ContentSequence")
        count += len(inner)
        pending += inner
    return count
