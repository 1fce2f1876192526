"""Where a mark lies in the pixels of a stored object, as DICOM counts them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from residuum.exports.documents import ImageEntry, MarkEntry, has_frames
from residuum.records.errors import InputError
from residuum.volumes.grid import Grid

if TYPE_CHECKING:
    from pydicom import Dataset

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
        From 1; None for an object that has no frames.
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
    found = _in_volume(mark, entry) if entry.placement else _on_view(mark, entry)
    if not (0 <= found.column < found.target.Columns and 0 <= found.row < found.target.Rows):
        raise InputError(f"mark {mark.mark} lies outside of image {entry.image}; correct its position or image")
    return found


def _on_view(mark: MarkEntry, entry: ImageEntry) -> Located:
    target = entry.objects[0]
    between_rows, between_columns = read_spacing_mm(target)
    column, row = np.array([mark.x_mm, mark.y_mm], float) / (between_columns, between_rows) + CORNER
    return Located(target, entry.frame if has_frames(entry) else None, float(column), float(row))


def _in_volume(mark: MarkEntry, entry: ImageEntry) -> Located:
    if mark.z_mm is None:
        raise InputError(f"mark {mark.mark} lies in the volume {entry.image} but has no z_mm; correct its position")
    grid = find_grid(entry)
    depth, row, column = grid.index(np.array([mark.x_mm, mark.y_mm, mark.z_mm], float)).tolist()
    index = 0 if grid.shape[0] == 1 else round(depth)
    if not 0 <= index < grid.shape[0]:
        raise InputError(f"mark {mark.mark} lies outside of image {entry.image}; correct its position or image")
    if entry.kind == "ct":
        return Located(entry.objects[index], None, column + CORNER, row + CORNER)
    return Located(entry.objects[0], 1 + index, column + CORNER, row + CORNER)


def find_grid(entry: ImageEntry) -> Grid:
    """Return where the voxels of a SPECT or CT lie.

    Raises
    ------
    InputError
        The image has no place in the patient.
    """
    if entry.placement is None:
        raise InputError(f"image {entry.image} has no place in the patient; import the scan again")
    first = entry.objects[0]
    slices = len(entry.objects) if entry.kind == "ct" else int(first.NumberOfFrames)
    rows_mm, columns_mm = read_spacing_mm(first)
    return Grid((slices, int(first.Rows), int(first.Columns)), (rows_mm, columns_mm), entry.placement)


def read_spacing_mm(target: "Dataset") -> tuple[float, float]:
    """Return the distance between rows and between columns."""
    rows_mm, columns_mm = (float(one) for one in target.PixelSpacing)
    return rows_mm, columns_mm
