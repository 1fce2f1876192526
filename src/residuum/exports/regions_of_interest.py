"""The items of a structure set: the images it stands on, its regions of interest and their contours."""

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from residuum import DISCLAIMER
from residuum.exports.contours import Points, compute_contours
from residuum.exports.documents import ImageEntry, MarkEntry
from residuum.exports.naming import render_label
from residuum.exports.positions import read_spacing_mm

if TYPE_CHECKING:
    from pydicom import Dataset

STUDY_CLASS: Final = "1.2.840.10008.3.1.2.3.1"
RED: Final = (255, 0, 0)
TO_BE_CHECKED: Final = f"Outlined by threshold; to be checked by a physician before any use. {DISCLAIMER}"


def make_frame_of_reference(ct: ImageEntry) -> "Dataset":
    """Return the reference to every slice of a CT."""
    from pydicom import Dataset

    series, study, found = Dataset(), Dataset(), Dataset()
    series.SeriesInstanceUID = ct.objects[0].SeriesInstanceUID
    series.ContourImageSequence = [_image(one) for one in ct.objects]
    study.ReferencedSOPClassUID, study.ReferencedSOPInstanceUID = STUDY_CLASS, ct.objects[0].StudyInstanceUID
    study.RTReferencedSeriesSequence = [series]
    found.FrameOfReferenceUID, found.RTReferencedStudySequence = ct.objects[0].FrameOfReferenceUID, [study]
    return found


def _image(one: "Dataset") -> "Dataset":
    from pydicom import Dataset

    found = Dataset()
    found.ReferencedSOPClassUID, found.ReferencedSOPInstanceUID = one.SOPClassUID, one.SOPInstanceUID
    return found


def make_region(number: int, mark: MarkEntry, ct: ImageEntry) -> "Dataset":
    """Return the region of interest of a lesion: its name, and that nobody has checked it."""
    from pydicom import Dataset

    found = Dataset()
    found.ROINumber, found.ReferencedFrameOfReferenceUID = number, ct.objects[0].FrameOfReferenceUID
    found.ROIName = render_label(f"{','.join(sorted(mark.regions))} {mark.site or mark.mark}")
    found.ROIDescription, found.ROIGenerationAlgorithm = TO_BE_CHECKED, "SEMIAUTOMATIC"
    return found


def make_outline(number: int, mask: npt.NDArray[np.bool_], ct: ImageEntry) -> "Dataset":
    """Return the contours of a mask (slices, rows, columns) on the grid of a CT, slice by slice."""
    from pydicom import Dataset

    found = Dataset()
    found.ROIDisplayColor, found.ReferencedROINumber = list(RED), number
    found.ContourSequence = [
        _contour(points, one)
        for one, flat in zip(ct.objects, mask, strict=True)
        if flat.any()
        for points in compute_contours(flat)
    ]
    return found


def _contour(points: Points, one: "Dataset") -> "Dataset":
    from pydicom import Dataset

    found = Dataset()
    found.ContourImageSequence, found.ContourGeometricType = [_image(one)], "CLOSED_PLANAR"
    found.NumberOfContourPoints = len(points)
    # a tenth of a micrometre, which a decimal string of 16 characters holds
    found.ContourData = [f"{value + 0.0:.4f}" for value in _position_mm(points, one).ravel().tolist()]
    return found


def _position_mm(points: Points, one: "Dataset") -> Points:
    """Return points (column, row) of a slice in patient (LPS) millimetres; PS3.3 C.7.6.2.1.1."""
    origin, directions = np.array(one.ImagePositionPatient, float), np.array(one.ImageOrientationPatient, float)
    between_rows, between_columns = read_spacing_mm(one)
    across, down = directions[:3] * between_columns, directions[3:] * between_rows
    return np.asarray(origin + points[:, :1] * across + points[:, 1:] * down)


def make_observation(number: int) -> "Dataset":
    """Return the observation of a region of interest: none, since nobody has interpreted it."""
    from pydicom import Dataset

    found = Dataset()
    found.ObservationNumber = found.ReferencedROINumber = number
    found.RTROIInterpretedType = found.ROIInterpreter = ""
    return found
