"""A reconstructed SPECT as a camera writes it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import NuclearMedicineImageStorage

from residuum.synthetic.objects.examination import Examination
from residuum.synthetic.objects.header import Series, make_decimals, render_file, start_object
from residuum.synthetic.objects.nuclear import Heads, make_head, write_emission
from residuum.volumes.grid import Grid

FRAME_OF_REFERENCE: Final = "tomography"
"""SPECT and CT of one bed lie in one frame of reference."""
_AFTER: Final = timedelta(minutes=45)
_MS_PER_SECOND: Final = 1000
_IN_FRONT: Final = 180
"""Angles are counted from the back."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """How a head went around the child: once, clockwise as seen from the feet, from the front.

    Attributes
    ----------
    angles : int
        At how many they stopped.
    seconds_per_angle : float
    """

    angles: int
    seconds_per_angle: float


def write_spect(
    examination: Examination, values: npt.NDArray[np.uint16], grid: Grid, heads: Heads, rotation: Rotation
) -> bytes:
    """Return the DICOM file of a SPECT that was corrected for attenuation and scatter.

    Parameters
    ----------
    examination : Examination
    values : array of uint16, shape (slices, rows, columns)
        As stored: they are not rescaled.
    grid : Grid
        Of the values. Slices from head to foot have a negative spacing, as cameras store them.
    heads : Heads
    rotation : Rotation

    Raises
    ------
    ValueError
        The values are not uint16, or of another shape than the grid.
    """
    if values.shape != grid.shape:
        raise ValueError(f"values have the shape {values.shape}, their grid {grid.shape}")
    series = Series(2, "SPECT", "CHESTABDPELVIS", "NM", NuclearMedicineImageStorage, FRAME_OF_REFERENCE, _AFTER)
    found = start_object(examination, series, values)
    write_emission(found, examination, heads, "RECON TOMO")
    found.NumberOfFrames = found.NumberOfSlices = grid.shape[0]
    found.SliceVector, found.FrameIncrementPointer = list(range(1, grid.shape[0] + 1)), [Tag("SliceVector")]
    # What was reconstructed from all angles is no count of one frame.
    found.NumberOfDetectors, found.NumberOfRotations, found.CountsAccumulated = 1, 1, None
    found.CorrectedImage = ["ATTN", "SCAT"]
    _write_place(found, grid, heads)
    found.RotationInformationSequence = Sequence([_make_rotation(heads, rotation)])
    return render_file(found)


def compute_signed_spacing_mm(grid: Grid) -> float:
    """Return Spacing Between Slices: negative where slices run against the normal of their plane (PS3.3 C.8.4.15)."""
    placed = grid.placement
    return float(np.cross(placed.row_direction, placed.column_direction) @ np.asarray(placed.step_mm))


def _write_place(found: Dataset, grid: Grid, heads: Heads) -> None:
    placed, step_mm = grid.placement, compute_signed_spacing_mm(grid)
    found.PixelSpacing = make_decimals(*grid.spacing_mm)
    (found.SpacingBetweenSlices,), (found.SliceThickness,) = make_decimals(step_mm), make_decimals(abs(step_mm))
    head = make_head(heads, _IN_FRONT, (*placed.row_direction, *placed.column_direction))
    head.ImagePositionPatient = make_decimals(*placed.origin_mm)
    found.DetectorInformationSequence = Sequence([head])


def _make_rotation(heads: Heads, rotation: Rotation) -> Dataset:
    item = Dataset()
    item.RotationDirection, item.ScanArc = "CW", "360"
    (item.AngularStep,) = make_decimals(360 / rotation.angles)
    item.NumberOfFramesInRotation, item.StartAngle = rotation.angles, _IN_FRONT
    item.RadialPosition = make_decimals(heads.radial_position_mm)
    item.TableHeight, item.TableTraverse = "0", "0"
    item.ActualFrameDuration = round(rotation.seconds_per_angle * _MS_PER_SECOND)
    return item
