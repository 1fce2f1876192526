"""Stand-ins for nuclear medicine objects, of which highdicom makes no segmentation, and the way back.

highdicom wants functional groups of every class that may have several frames, and looks for the place of a slice where
nuclear medicine does not write it. So each frame lends its header to a CT slice, and afterwards every reference is
turned back to the frame. Frames of planar views get a place of their own for that time only: it is taken out again.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from residuum.exports.documents import ImageEntry
from residuum.exports.headers import copy_header
from residuum.exports.naming import compute_uid
from residuum.volumes.placement import Placement

if TYPE_CHECKING:
    from pydicom import Dataset

CT_CLASS: Final = "1.2.840.10008.5.1.4.1.1.2"
IN_STACK_POSITION: Final = 0x00209057
FRAME_CONTENT: Final = 0x00209111
_NO_PLACE: Final = Placement((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0))
"""Downwards, as highdicom counts: the first frame stays the first."""


def make_proxies(entry: ImageEntry, frames: Sequence[int]) -> list["Dataset"]:
    """Return a CT slice for each of some frames (from 1) of a planar, spot or SPECT object."""
    source = entry.objects[0]
    placement = entry.placement or _NO_PLACE
    return [_proxy(source, placement, number, number - entry.frame, entry.placement is not None) for number in frames]


def restore_references(segmentation: "Dataset", source: "Dataset", frames: Sequence[int]) -> None:
    """Turn the references to the stand-ins of frames back to the frames of the source."""
    from pydicom import Dataset

    def instance() -> Dataset:
        found = Dataset()
        found.ReferencedSOPClassUID, found.ReferencedSOPInstanceUID = source.SOPClassUID, source.SOPInstanceUID
        return found

    segmentation.SourceImageSequence = [instance()]
    segmentation.ReferencedSeriesSequence[0].ReferencedInstanceSequence = [instance()]
    numbers = {_proxy_uid(source, number): number for number in frames}
    for group in segmentation.PerFrameFunctionalGroupsSequence:
        for item in group.DerivationImageSequence[0].SourceImageSequence:
            # highdicom shares an item among the frames of several segments, so it may be done already
            if item.ReferencedSOPInstanceUID in numbers:
                item.ReferencedFrameNumber = numbers[item.ReferencedSOPInstanceUID]
                item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = source.SOPClassUID, source.SOPInstanceUID


def remove_place(segmentation: "Dataset", source: "Dataset") -> None:
    """Take the lent place out of a segmentation of planar views: its frames are ordered by segment and view."""
    for group in segmentation.SharedFunctionalGroupsSequence:
        for keyword in ("PixelMeasuresSequence", "PlaneOrientationSequence", "PlanePositionSequence"):
            group.pop(keyword, None)
    for group in segmentation.PerFrameFunctionalGroupsSequence:
        group.pop("PlanePositionSequence", None)
        content = group.FrameContentSequence[0]
        content.StackID, content.InStackPositionNumber = "1", content.DimensionIndexValues[1]
    for keyword in ("FrameOfReferenceUID", "PositionReferenceIndicator", "DimensionOrganizationType"):
        segmentation.pop(keyword, None)
    place = segmentation.DimensionIndexSequence[1]
    place.DimensionIndexPointer, place.FunctionalGroupPointer = IN_STACK_POSITION, FRAME_CONTENT
    place.DimensionDescriptionLabel = "View, in stored order"
    segmentation.PatientOrientation = source.get("PatientOrientation")


def _proxy(source: "Dataset", placement: Placement, number: int, index: int, placed: bool) -> "Dataset":
    proxy = copy_header(source)
    proxy.SOPClassUID, proxy.SOPInstanceUID, proxy.InstanceNumber = CT_CLASS, _proxy_uid(source, number), number
    proxy.Rows, proxy.Columns = source.Rows, source.Columns
    proxy.FrameOfReferenceUID = source.FrameOfReferenceUID if placed else compute_uid("no place", source.SOPInstanceUID)
    proxy.PositionReferenceIndicator = ""
    step = np.array(placement.step_mm)
    proxy.PixelSpacing = source.PixelSpacing if placed else [1.0, 1.0]
    proxy.ImageOrientationPatient = [*placement.row_direction, *placement.column_direction]
    proxy.ImagePositionPatient = (np.array(placement.origin_mm) + index * step).tolist()
    proxy.SliceThickness = proxy.SpacingBetweenSlices = float(np.linalg.norm(step))
    return proxy


def _proxy_uid(source: "Dataset", number: int) -> str:
    return compute_uid("proxy", source.SOPInstanceUID, str(number))
