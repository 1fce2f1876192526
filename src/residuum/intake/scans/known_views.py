"""Views and sides written into the header of a planar object, each where a reader of DICOM looks for it.

- The view becomes the View Code (DICOM PS3.16, context group 26) of the frame's item in the Detector Information
  Sequence; frames of different views that shared one item get one each.
- The side becomes the Image Orientation (Patient) of that item where the image shows the patient as the detector saw
  it: an anterior view with the patient's left at the right, a posterior view with the left at the left.
- A mirrored image has no such orientation (the detector would have to look from the other side of the patient), so the
  orientation stays empty and Patient Orientation (0020,0020) of the item says the side. The standard knows that
  attribute for whole objects only, where it stands as well if all frames agree.
- Lateral and oblique views keep the code and the orientation that they came with; their sides are never asked.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Final

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import NuclearMedicineImageStorage

from residuum.intake.scans.facts import Side, View
from residuum.intake.scans.vectors import item_at, read_detector_indices

Known = tuple[View, Side | None]

_CODES: Final = {
    "anterior": ("399321004", "SCT", "Anterior projection"),
    "posterior": ("399001007", "SCT", "Posterior projection"),
}
_AS_SEEN: Final[Mapping[Known, list[int]]] = {
    ("anterior", "right"): [1, 0, 0, 0, 0, -1],
    ("posterior", "left"): [-1, 0, 0, 0, 0, -1],
}
_TOWARDS: Final[Mapping[Side, list[str]]] = {"right": ["L", "F"], "left": ["R", "F"]}


def write_views(copy: Dataset, views: Mapping[int, Known], frames: int) -> None:
    """Write what is known of the frames of a planar object; frames that are not named keep what they have.

    Parameters
    ----------
    copy : pydicom.Dataset
        Is changed.
    views : mapping of int to (View, Side or None)
        By frame number.
    frames : int
        How many there are.

    Raises
    ------
    ScanError
        `scan.contradiction`: the detector vector has another length.
    """
    if not views:
        return
    before = read_detector_indices(copy, frames)
    known = [views.get(number) for number in range(1, frames + 1)]
    distinct = list(dict.fromkeys(zip(before, known, strict=True)))
    items = [_item(copy, detector) for detector, _ in distinct]
    for item, (_, one) in zip(items, distinct, strict=True):
        _write_view(item, one)
    copy.DetectorInformationSequence = Sequence(items)
    copy.DetectorVector = [distinct.index(pair) + 1 for pair in zip(before, known, strict=True)]
    copy.NumberOfDetectors = len(items)
    _write_patient_orientation(copy, {one and one[1] for one in known})
    if copy.SOPClassUID == NuclearMedicineImageStorage:
        _write_pointers(copy, frames)


def _item(copy: Dataset, index: int | None) -> Dataset:
    found: Dataset | None = item_at(copy.get("DetectorInformationSequence") or (), index)
    if found is not None:
        return deepcopy(found)
    item = Dataset()
    item.CollimatorType = item.FocalDistance = item.ImagePositionPatient = item.ImageOrientationPatient = None
    return item


def _write_view(item: Dataset, known: Known | None) -> None:
    if known is None or known[0] == "other":
        return
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = _CODES[known[0]]
    item.ViewCodeSequence = Sequence([code])
    item.ImageOrientationPatient = _AS_SEEN.get(known)
    if known not in _AS_SEEN and known[1] is not None:
        item.PatientOrientation = _TOWARDS[known[1]]


def _write_patient_orientation(copy: Dataset, sides: set[Side | None]) -> None:
    """Write the side of the whole object where its frames agree, and none where they do not."""
    side = sides.pop() if len(sides) == 1 else None
    if side is not None or "PatientOrientation" in copy:
        copy.PatientOrientation = _TOWARDS[side] if side is not None else None


def _write_pointers(copy: Dataset, frames: int) -> None:
    """Complete what the NM Multi-frame module requires of frames with detectors."""
    if not copy.get("EnergyWindowVector") and len(copy.get("EnergyWindowInformationSequence") or ()) < 2:
        copy.EnergyWindowVector, copy.NumberOfEnergyWindows = [1] * frames, 1
    pointers = copy.get("FrameIncrementPointer")
    listed = [] if pointers is None else list(pointers) if hasattr(pointers, "__iter__") else [pointers]
    for keyword in ("EnergyWindowVector", "DetectorVector"):
        tag = tag_for_keyword(keyword)
        if keyword in copy and tag not in listed:
            listed.append(tag)
    copy.FrameIncrementPointer = listed
