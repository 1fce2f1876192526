"""The low-dose CT of a SPECT/CT as a camera writes it: one object for each slice."""

from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage

from residuum.synthetic.objects.examination import Examination
from residuum.synthetic.objects.header import Series, make_decimals, render_file, start_object
from residuum.synthetic.objects.spect import FRAME_OF_REFERENCE
from residuum.volumes.grid import Grid

INTERCEPT_HU: Final = -1024
"""Of stored values of 12 bits: from -1024 to 3071 HU."""
_LARGEST: Final = 4095
_AFTER: Final = timedelta(minutes=75)
_TUBE: Final = {"KVP": "130", "XRayTubeCurrent": 20, "ExposureTime": 800, "Exposure": 16}
"""Low dose as of a SPECT/CT of a child: kV, mA, ms, mAs. They are written, nothing is computed from them."""


def write_ct(examination: Examination, hounsfield: npt.NDArray[np.int16], grid: Grid) -> list[bytes]:
    """Return the DICOM files of a CT, one for each slice, in the order of the slices.

    Parameters
    ----------
    examination : Examination
    hounsfield : array of int16, shape (slices, rows, columns)
        Hounsfield units from -1024 to 3071.
    grid : Grid
        Of the values, in the frame of reference of the SPECT.

    Raises
    ------
    ValueError
        The values are of another shape than the grid, or beyond what 12 bits hold.
    """
    if hounsfield.shape != grid.shape:
        raise ValueError(f"hounsfield has the shape {hounsfield.shape}, its grid {grid.shape}")
    stored = hounsfield.astype(np.int32) - INTERCEPT_HU
    if stored.min() < 0 or stored.max() > _LARGEST:
        raise ValueError(f"hounsfield lies from {hounsfield.min()} to {hounsfield.max()}, beyond -1024 to 3071")
    series = Series(3, "CT low dose", "CHESTABDPELVIS", "CT", CTImageStorage, FRAME_OF_REFERENCE, _AFTER)
    files = []
    for place, one in enumerate(stored.astype(np.uint16)):
        found = start_object(examination, series, one, place + 1)
        _write_slice(found, grid, place)
        _write_values(found)
        files.append(render_file(found))
    return files


def _write_slice(found: Dataset, grid: Grid, place: int) -> None:
    placed = grid.placement
    found.ImageType, found.AcquisitionNumber, found.PatientPosition = ["ORIGINAL", "PRIMARY", "AXIAL"], 1, "HFS"
    found.PixelSpacing = make_decimals(*grid.spacing_mm)
    (found.SliceThickness,) = make_decimals(float(np.linalg.norm(placed.step_mm)))
    found.ImagePositionPatient = make_decimals(*grid.position_mm(place, 0, 0))
    found.ImageOrientationPatient = make_decimals(*placed.row_direction, *placed.column_direction)


def _write_values(found: Dataset) -> None:
    found.BitsStored, found.HighBit = 12, 11
    found.RescaleIntercept, found.RescaleSlope, found.RescaleType = INTERCEPT_HU, 1, "HU"
    found.WindowCenter, found.WindowWidth = "40", "400"
    for keyword, value in _TUBE.items():
        setattr(found, keyword, value)
