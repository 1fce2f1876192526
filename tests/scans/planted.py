"""Names, dates and identifiers planted wherever a DICOM object can hold them, and a search for them in bytes."""

import re
from collections.abc import Collection, Iterator
from typing import Any, Final

import pydicom
from pydicom.datadict import DicomDictionary, keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

import scan_objects

NAME: Final = "Quisquilia^Zephyrine"
DATE: Final = "20150317"
BIRTH_DATE: Final = "20120204"
TIME: Final = "073159"
UID: Final = "1.2.826.0.1.3680043.8.498.66612345"
NUMBERS: Final = ("66612345", "IPP-0042", "ACC-7731", "SN-99812")
SECRETS: Final = ("Quisquilia", "Zephyrine", DATE, BIRTH_DATE, TIME, UID, *NUMBERS)

TEXTS: Final = ("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT")
BYTES: Final = ("OB", "OW", "UN", "OD", "OL", "OV")
_MOMENTS: Final = {"DA": DATE, "TM": TIME, "DT": f"{DATE}{TIME}.5+0100", "AS": "003Y"}

# Without these there is no image to copy: the pixel matrix, and what is refused when it is another.
NEEDED: Final = (
    *("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "SpecificCharacterSet"),
    *("Rows", "Columns", "NumberOfFrames", "DetectorVector", "SamplesPerPixel", "PhotometricInterpretation"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "LossyImageCompression"),
    *("PixelData", "FloatPixelData", "DoubleFloatPixelData"),
)


def element(tag: int, vr: str, value: Any) -> pydicom.DataElement:
    """Return an element that may hold what its VR forbids, as cameras write it."""
    return pydicom.DataElement(tag, vr, value, validation_mode=pydicom.config.IGNORE)


def planted_value(vr: str) -> Any:
    """Return something of a VR that must not survive, None for a VR that holds numbers only."""
    if vr in TEXTS:
        return NAME
    if vr in BYTES:
        return NAME.encode() + b"\0" * (-len(NAME) % 8)
    return {**_MOMENTS, "UI": UID, "IS": DATE}.get(vr)


def dictionary() -> Iterator[tuple[int, str]]:
    """Yield tag and VR of every attribute of the standard, retired ones too, that an object may hold."""
    for tag, (vr, *_) in DicomDictionary.items():
        group = tag >> 16
        if group > 0x0004 and tag & 0xFFFF and tag != 0xFFFEE000 and group != 0xFFFE:
            yield tag, vr.split(" or ")[0]


def plant(dataset: Dataset, keep: Collection[str] = ()) -> int:
    """Set every attribute of the standard, and elements of nobody's; return how many."""
    count = 0
    for tag, vr in dictionary():
        value = planted_value(vr)
        if value is not None and keyword_for_tag(tag) not in keep:
            dataset[tag] = element(tag, vr, value)
            count += 1
    return count + plant_foreign(dataset)


def plant_foreign(dataset: Dataset) -> int:
    """Add private groups, overlays, curves and tags that no dictionary knows."""
    block = dataset.private_block(0x0009, "GEMS_GENIE_1", create=True)
    values = [("PN", NAME), ("LO", NAME), ("UN", NAME.encode()), ("DA", DATE), ("UT", NAME), ("UI", UID)]
    for number, (vr, value) in enumerate(values, 1):
        block.add_new(number, vr, value)
    hidden = Dataset()
    hidden.PatientName, hidden.PatientBirthDate = NAME, BIRTH_DATE
    dataset.private_block(0x0055, NAME, create=True).add_new(0x20, "SQ", Sequence([hidden]))
    foreign = [
        (0x60000022, "LO", NAME),
        (0x60003000, "OW", NAME.encode()),
        (0x601E1500, "LO", NAME),
        (0x50000022, "LO", NAME),
        (0x50003000, "OW", NAME.encode()),
        (0x00180FFE, "LO", NAME),
        (0x7FE10010, "LO", NAME),
        (0xFFFCFFFC, "OB", NAME.encode()),
    ]
    for tag, vr, value in foreign:
        dataset[tag] = element(tag, vr, value)
    return len(values) + len(foreign) + 2


def walk_items(dataset: Dataset) -> Iterator[Dataset]:
    """Yield every item of every sequence that is there now."""
    for one in list(dataset):
        if one.VR == "SQ":
            for item in one.value:
                yield from walk_items(item)
                yield item


def sequence_of_names(tag: int) -> pydicom.DataElement:
    """Return a sequence with one item that holds a bit of everything."""
    item, code = Dataset(), scan_objects.code("PLANTED", "99NAME", NAME)
    for keyword in ("PatientName", "CodeMeaning", "TextValue", "PersonName", "OperatorsName", "ImageComments"):
        setattr(item, keyword, NAME)
    item.ConceptNameCodeSequence, item.Date, item.ReferencedSOPInstanceUID = Sequence([code]), DATE, UID
    return element(tag, "SQ", Sequence([item]))


def find_secrets(data: bytes, secrets: Collection[str] = SECRETS) -> set[str]:
    """Return what of the secrets stands in bytes, in any case and in any encoding that DICOM or Windows writes."""
    found = set()
    for secret in secrets:
        spelled = {secret.encode(encoding) for encoding in ("utf-8", "latin-1", "utf-16-le", "utf-16-be")}
        if any(re.search(re.escape(one), data, re.IGNORECASE) for one in spelled):
            found.add(secret)
    return found
