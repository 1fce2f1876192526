"""Where the slices of a volume lie in the patient."""

from dataclasses import dataclass

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Placement:
    """Place of stored slices, in patient (LPS) millimetres of one frame of reference.

    Attributes
    ----------
    origin_mm : tuple of float
        Centre of the top-left pixel of the first stored slice.
    row_direction, column_direction : tuple of float
        Unit vectors along which the column index and the row index grow.
    step_mm : tuple of float
        From one slice to the next in stored order (DICOM PS3.3 C.8.4.15: signed spacing times the normal, which is the
        cross product of the row and the column direction); zero where there is one slice.
    """

    origin_mm: Vector
    row_direction: Vector
    column_direction: Vector
    step_mm: Vector
