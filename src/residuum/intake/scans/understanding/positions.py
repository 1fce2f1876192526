"""Where pixels lie in the patient: their size, the orientation and position of slices, the direction of stacking."""

import math
from typing import Final

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from residuum.intake.scans.dicom.attributes import contradiction, integer, needed, number, numbers, word
from residuum.intake.scans.dicom.parsing import items
from residuum.intake.scans.dicom.vectors import read_vector
from residuum.intake.scans.refusals import ScanError
from residuum.volumes.placement import Placement, Vector

TOLERANCE: Final = 1e-3
"""How far direction cosines may be from unit length and from a right angle; cameras round them to 4 to 6 digits."""
_SAME_MM: Final = 0.01
_FEET_FIRST: Final = ("F-10480", "102541007")
"""PS3.16 CID 21, in SNOMED RT and CT."""
Directions = tuple[Vector, Vector]
"""Unit vectors along which the column index and the row index grow, in patient (LPS) coordinates."""


def read_spacing_mm(dataset: Dataset) -> tuple[float, float] | None:
    """Return the pixel size between rows and between columns, None where nothing usable says it.

    Only Pixel Spacing: Imager Pixel Spacing is that of a detector, and a field of view over a matrix is a guess.
    """
    try:
        found = numbers(dataset, "PixelSpacing", 2)
    except ScanError:
        # It is asked, as a missing one is.
        return None
    return (found[0], found[1]) if found and min(found) > 0 else None


def read_directions(dataset: Dataset) -> Directions | None:
    """Return the directions of Image Orientation (Patient), None where it is missing or empty.

    Raises
    ------
    ScanError
        `scan.contradiction`: they are no unit vectors at a right angle.
    """
    found = numbers(dataset, "ImageOrientationPatient", 6)
    if not found:
        return None
    row, column = np.array(found[:3]), np.array(found[3:])
    # Cosines first, since anything may stand there and overflow.
    fits = max(map(abs, found)) <= 1 + TOLERANCE
    faults = (math.hypot(*row) - 1, math.hypot(*column) - 1, float(row @ column) if fits else 1.0)
    if not all(abs(fault) <= TOLERANCE for fault in faults):
        raise contradiction("ImageOrientationPatient")
    return vector(row), vector(column)


def compute_normal(directions: Directions) -> npt.NDArray[np.float64]:
    """Return the unit vector away from who looks at the image: row direction x column direction."""
    normal = np.cross(*directions)
    return normal / np.linalg.norm(normal)


def read_spect_placement(dataset: Dataset, slices: int) -> Placement:
    """Return where the slices of a reconstructed SPECT lie.

    Orientation and position stand in the Detector Information Sequence (PS3.3 C.8.4.11). The step is Spacing Between
    Slices times the normal with its sign (PS3.3 C.8.4.15): a positive one stacks slices behind the first, a negative
    one in front of it. Slice Thickness tells neither distance nor side and is not used for it.

    Parameters
    ----------
    slices : int
        How many there are.

    Raises
    ------
    ScanError
        `scan.incomplete` or `scan.contradiction`: the place is not declared, or not once.
    """
    sources = (*items(dataset, "DetectorInformationSequence")[:1], dataset)
    directions = needed("ImageOrientationPatient", _agreed("ImageOrientationPatient", sources))
    origin = needed("ImagePositionPatient", _agreed("ImagePositionPatient", sources))
    row, column = directions[0:3], directions[3:6]
    spacing_mm = _read_step_mm(dataset) if slices > 1 else 0.0
    step = spacing_mm * compute_normal((vector(row), vector(column)))
    return Placement(vector(origin), vector(row), vector(column), vector(step))


def read_ct_placement(dataset: Dataset) -> Placement:
    """Return where a slice of CT lies; its step is zero.

    Raises
    ------
    ScanError
        `scan.incomplete` or `scan.contradiction`: the place is not declared.
    """
    row, column = needed("ImageOrientationPatient", read_directions(dataset))
    origin = needed("ImagePositionPatient", numbers(dataset, "ImagePositionPatient", 3))
    return Placement(vector(origin), row, column, (0.0, 0.0, 0.0))


def is_feet_first(dataset: Dataset) -> bool:
    """Return whether the patient lay with the feet towards the gantry, so that rows may have been stored upwards."""
    if word(dataset, "PatientPosition").startswith("FF"):
        return True
    codes = items(dataset, "PatientGantryRelationshipCodeSequence")
    return any(word(code, "CodeValue") in _FEET_FIRST or "FEET" in word(code, "CodeMeaning") for code in codes)


def check_slices(dataset: Dataset, slices: int) -> None:
    """Refuse slices not stored from the first to the last: the sign of their spacing counts from the first.

    Raises
    ------
    ScanError
        `scan.contradiction`
    """
    order = read_vector(dataset, "SliceVector", slices)
    if order is not None and order != tuple(range(1, slices + 1)):
        raise contradiction("SliceVector")
    if integer(dataset, "NumberOfSlices") not in (None, slices):
        raise contradiction("NumberOfSlices")


def vector(values: npt.ArrayLike) -> Vector:
    """Return three numbers as a vector."""
    x, y, z = (float(value) for value in np.asarray(values, dtype=float))
    # Minus zero would make equal placements look different.
    return x + 0.0, y + 0.0, z + 0.0


def _agreed(keyword: str, sources: tuple[Dataset, ...]) -> tuple[float, ...] | None:
    """Return what the first source says and no other contradicts."""
    count = 6 if keyword == "ImageOrientationPatient" else 3
    for source in sources if count == 6 else ():
        read_directions(source)
    said = [found for source in sources if (found := numbers(source, keyword, count))]
    if any(math.dist(one, said[0]) > (TOLERANCE if count == 6 else _SAME_MM) for one in said):
        raise contradiction(keyword)
    return said[0] if said else None


def _read_step_mm(dataset: Dataset) -> float:
    step_mm = needed("SpacingBetweenSlices", number(dataset, "SpacingBetweenSlices"))
    if step_mm == 0:
        raise contradiction("SpacingBetweenSlices")
    return step_mm
