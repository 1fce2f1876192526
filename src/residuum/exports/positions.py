"""Where a mark lies in the pixels of a stored object, as DICOM counts them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from residuum.exports.documents import ImageEntry, MarkEntry
from residuum.records.errors import InputError

if TYPE_CHECKING:
    import numpy.typing as npt
    from pydicom import Dataset

    from residuum.volumes.placement import Placement

CORNER = 0.5
"""From the corner of a pixel, where DICOM coordinates begin (PS3.3 C.18.6.1.1), to its centre, where ours do."""


@dataclass(frozen=True, slots=True)
class Located:
    """A point on a stored object.

    Attributes
    ----------
    target : Dataset
        The object, or the slice of a CT.
    frame : int or None
        From 1; None for a CT slice, which has no frames.
    column, row : float
        From the top-left corner of the top-left pixel, in pixels.
    """

    target: "Dataset"
    frame: int | None
    column: float
    row: float


def locate(mark: MarkEntry, entry: ImageEntry) -> Located:
    """Return where a placed mark lies on its image; in a volume on the nearest slice.

    Raises
    ------
    InputError
        It lies outside of the image, or has no depth in a volume.
    """
    found = _in_volume(mark, entry, entry.placement) if entry.placement else _on_view(mark, entry)
    if not (0 <= found.column < found.target.Columns and 0 <= found.row < found.target.Rows):
        raise InputError(f"mark {mark.mark} lies outside of image {entry.image}; correct its position or image")
    return found


def _on_view(mark: MarkEntry, entry: ImageEntry) -> Located:
    target = entry.objects[0]
    between_rows, between_columns = _spacing_mm(target)
    column, row = np.array([mark.x_mm, mark.y_mm], float) / (between_columns, between_rows) + CORNER
    return Located(target, entry.frame, float(column), float(row))


def _in_volume(mark: MarkEntry, entry: ImageEntry, placement: "Placement") -> Located:
    if mark.z_mm is None:
        raise InputError(f"mark {mark.mark} lies in the volume {entry.image} but has no z_mm; correct its position")
    between_rows, between_columns = _spacing_mm(entry.objects[0])
    across, down = np.array(placement.row_direction), np.array(placement.column_direction)
    step = np.array(placement.step_mm)
    single = not step.any()
    axes = np.column_stack([across * between_columns, down * between_rows, np.cross(across, down) if single else step])
    offset = np.array([mark.x_mm, mark.y_mm, mark.z_mm]) - np.array(placement.origin_mm)
    column, row, depth = np.linalg.solve(axes, offset).tolist()
    index = 0 if single else round(depth)
    return _on_slice(mark, entry, index, column + CORNER, row + CORNER)


def _on_slice(mark: MarkEntry, entry: ImageEntry, index: int, column: float, row: float) -> Located:
    first = entry.objects[0]
    last = len(entry.objects) - 1 if entry.kind == "ct" else int(first.NumberOfFrames) - entry.frame
    if not 0 <= index <= last:
        raise InputError(f"mark {mark.mark} lies outside of image {entry.image}; correct its position or image")
    if entry.kind == "ct":
        return Located(entry.objects[index], None, column, row)
    return Located(first, entry.frame + index, column, row)


def _spacing_mm(target: "Dataset") -> "npt.NDArray[np.float64]":
    return np.array([float(one) for one in target.PixelSpacing])
