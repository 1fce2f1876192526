"""Whole-body views as a two-headed camera writes them."""

from collections.abc import Sequence as Several
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import NuclearMedicineImageStorage

from residuum.synthetic.objects.examination import Examination
from residuum.synthetic.objects.header import Series, make_code, make_decimals, render_file, start_object
from residuum.synthetic.objects.nuclear import Heads, make_head, write_emission

Counts = npt.NDArray[np.uint16]
Layout = Literal["one_object", "two_objects", "posterior_first"]
"""How cameras store two views: as two frames of one object, each view as an object, or the posterior frame first."""
_View = Literal["anterior", "posterior"]
_CODES: Final = {
    "anterior": ("399321004", "SCT", "Anterior projection"),
    "posterior": ("399001007", "SCT", "Posterior projection"),
}
_ORIENTATIONS: Final = {"anterior": (1, 0, 0, 0, 0, -1), "posterior": (-1, 0, 0, 0, 0, -1)}
"""Rows run to the patient's left as seen from the front, to the right as seen from the back; columns to the feet."""
_ANGLES: Final = {"anterior": 180.0, "posterior": 0.0}
"""Counted from the back."""
_HEADS: Final[tuple[_View, ...]] = ("anterior", "posterior")
_MM_PER_CM, _SECONDS_PER_MINUTE, _MS_PER_SECOND = 10.0, 60.0, 1000.0


@dataclass(frozen=True, slots=True)
class Passage:
    """How the heads passed over the child.

    Attributes
    ----------
    speed_cm_per_min : float
    length_mm : float
        Of the way.
    """

    speed_cm_per_min: float
    length_mm: float


def write_whole_body(
    examination: Examination,
    anterior: Counts,
    posterior: Counts,
    spacing_mm: tuple[float, float],
    heads: Heads,
    passage: Passage,
    layout: Layout = "one_object",
) -> list[bytes]:
    """Return the DICOM files of two views taken at once: one, or two if each view is an object.

    Parameters
    ----------
    examination : Examination
    anterior, posterior : array of uint16, shape (rows, columns)
        Counts as seen by each head: the patient's left lies on the right of the anterior view, on the left
        of the other.
    spacing_mm : tuple of float
        Between rows and between columns.
    heads : Heads
    passage : Passage
    layout : {"one_object", "two_objects", "posterior_first"}

    Raises
    ------
    ValueError
        The views differ in shape or are not uint16, or the layout is none of these.
    """
    if anterior.ndim != 2 or anterior.shape != posterior.shape:
        raise ValueError(f"views have the shapes {anterior.shape} and {posterior.shape}")
    if layout not in get_args(Layout):
        raise ValueError(f"layout is {layout!r}, not one of {', '.join(get_args(Layout))}")
    seen: dict[_View, Counts] = {"anterior": anterior, "posterior": posterior}
    objects: dict[Layout, list[tuple[_View, ...]]] = {
        "one_object": [("anterior", "posterior")],
        "two_objects": [("anterior",), ("posterior",)],
        "posterior_first": [("posterior", "anterior")],
    }
    files = []
    for number, views in enumerate(objects[layout], start=1):
        found = _start(examination, views, np.stack([seen[view] for view in views]), number)
        write_emission(found, examination, heads, "WHOLE BODY")
        _write_heads(found, views, heads)
        _write_passage(found, passage, spacing_mm)
        files.append(render_file(found))
    return files


def _start(examination: Examination, views: Several[_View], stored: Counts, number: int) -> Dataset:
    series = Series(1, "whole body", "WHOLEBODY", "NM", NuclearMedicineImageStorage, "whole body")
    found = start_object(examination, series, stored, number)
    found.NumberOfFrames, found.CountsAccumulated = len(views), int(stored.sum())
    return found


def _write_heads(found: Dataset, views: Several[_View], heads: Heads) -> None:
    """Write which head took which frame; the heads stand in the camera's own order, whatever that of the frames."""
    order = [view for view in _HEADS if view in views]
    items = []
    for view in order:
        item = make_head(heads, _ANGLES[view], _ORIENTATIONS[view])
        item.ViewCodeSequence = Sequence([make_code(*_CODES[view])])
        items.append(item)
    found.DetectorInformationSequence, found.NumberOfDetectors = Sequence(items), len(items)
    found.DetectorVector = [order.index(view) + 1 for view in views]
    found.EnergyWindowVector = [1 for _ in views]
    found.FrameIncrementPointer = [Tag("EnergyWindowVector"), Tag("DetectorVector")]


def _write_passage(found: Dataset, passage: Passage, spacing_mm: tuple[float, float]) -> None:
    speed_mm_per_s = passage.speed_cm_per_min * _MM_PER_CM / _SECONDS_PER_MINUTE
    found.PixelSpacing, found.WholeBodyTechnique = make_decimals(*spacing_mm), "1PS"
    (found.ScanVelocity,) = make_decimals(speed_mm_per_s)
    found.ScanLength = round(passage.length_mm)
    found.ActualFrameDuration = round(passage.length_mm / speed_mm_per_s * _MS_PER_SECOND)
