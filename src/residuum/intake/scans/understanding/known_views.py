"""Views and sides that a header does not say, written where a reader of DICOM looks for them.

- What the header declares stays as it is, tilted, head down or otherwise; only frames of which it says less or
  something else than is known are written.
- The view becomes the View Code (DICOM PS3.16, context group 26) of the frame's item in the Detector Information
  Sequence; frames of different views that shared one item get one each.
- The side becomes the row direction of Patient Orientation (0020,0020) of that item. The standard knows that attribute
  for whole objects only, where it stands as well if all frames agree. The column direction is written by nobody who was
  not asked: it stays as declared, or empty.
- Image Orientation (Patient) is not made up from a side, since it would say where the head lies too. One that does not
  say the side, or contradicts it, gives way to it.
- Lateral and oblique views keep the code and the orientation that they came with, unless these say a frontal view;
  their sides are never asked.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Final

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import NuclearMedicineImageStorage

from residuum.intake.scans.dicom.vectors import item_at, read_detector_indices
from residuum.intake.scans.understanding.facts import Side, View
from residuum.intake.scans.understanding.views import Seen, read_views

Known = tuple[View, Side | None]

_CODES: Final = {
    "anterior": ("399321004", "SCT", "Anterior projection"),
    "posterior": ("399001007", "SCT", "Posterior projection"),
}
_OF_THE_WHOLE: Final = ("ViewCodeSequence", "ImageOrientationPatient", "PatientOrientation")
"""Said of the whole object they would contradict an answer about one of its frames."""
_ROWS: Final[Mapping[Side, str]] = {"right": "L", "left": "R"}
"""Whereto rows run when the patient's left lies on a side."""


def write_views(copy: Dataset, views: Mapping[int, Known], frames: int) -> None:
    """Write what is known of the frames of a planar object; what it says already stays.

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
        `scan.contradiction`: an index vector has another length.
    """
    if not any(_find_unsaid(copy, views, frames)):
        return
    declared = copy.get("PatientOrientation", ())
    for keyword in _OF_THE_WHOLE:
        copy.pop(keyword, None)
    known = _find_unsaid(copy, views, frames)
    before = read_detector_indices(copy, frames)
    distinct = list(dict.fromkeys(zip(before, known, strict=True)))
    items = [_item(copy, detector) for detector, _ in distinct]
    for item, (_, one) in zip(items, distinct, strict=True):
        _write_view(item, one)
    copy.DetectorInformationSequence = Sequence(items)
    copy.DetectorVector = [distinct.index(pair) + 1 for pair in zip(before, known, strict=True)]
    copy.NumberOfDetectors = len(items)
    sides = {views.get(number, (None, None))[1] for number in range(1, frames + 1)}
    _write_patient_orientation(copy, sides, declared)
    if copy.SOPClassUID == NuclearMedicineImageStorage:
        _write_pointers(copy, frames)


def _find_unsaid(copy: Dataset, views: Mapping[int, Known], frames: int) -> list[Known | None]:
    """Return for every frame what is known and not said, None where nothing is."""
    found = [(views.get(number), seen) for number, seen in enumerate(read_views(copy, frames), 1)]
    return [None if known is None or _says(seen, known) else known for known, seen in found]


def _says(seen: Seen, known: Known) -> bool:
    if known[0] == "other":
        return seen.view in ("other", None)
    return seen.view == known[0] and known[1] in (None, seen.left_at)


def _item(copy: Dataset, index: int | None) -> Dataset:
    found: Dataset | None = item_at(copy.get("DetectorInformationSequence") or (), index)
    if found is not None:
        return deepcopy(found)
    item = Dataset()
    item.CollimatorType = item.FocalDistance = item.ImagePositionPatient = item.ImageOrientationPatient = None
    return item


def _write_view(item: Dataset, known: Known | None) -> None:
    if known is None:
        return
    if known[0] == "other":
        item.pop("ViewCodeSequence", None)
        item.ImageOrientationPatient = None
        return
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = _CODES[known[0]]
    item.ViewCodeSequence = Sequence([code])
    if known[1] is not None:
        item.ImageOrientationPatient = None
        item.PatientOrientation = _directions(known[1], item.get("PatientOrientation"))


def _directions(side: Side, declared: Iterable[str] | None) -> list[str]:
    row, columns = _ROWS[side], list(declared or ())[1:2]
    return [row, *(columns or [""])]


def _write_patient_orientation(copy: Dataset, sides: set[Side | None], declared: Iterable[str] | None) -> None:
    """Write the side of the whole object where its frames agree, and none where they do not."""
    side = sides.pop() if len(sides) == 1 else None
    if side is not None:
        copy.PatientOrientation = _directions(side, declared)
    elif declared != ():
        copy.PatientOrientation = None


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
