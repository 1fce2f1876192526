"""Values of stored images, decoded once and kept as long as there is room."""

import gzip
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from residuum.intake.scans.dicom.decoding import decode
from residuum.intake.scans.image_files import ImageFiles, Source
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.stored import read_stored
from residuum.intake.scans.understanding.counts import read_scale
from residuum.intake.scans.understanding.positions import read_spacing_mm
from residuum.records.errors import InputError, RefusalError
from residuum.volumes.levels import compute_levels
from residuum.volumes.placement import Placement

PROJECTIONS: Final = ("planar", "spot")
_ROOM_BYTES: Final = 192 * 2**20
_LEVEL: Final = 1
"""Of compression: pixels of a scan are noise, and a stronger one takes long for little."""
_LARGEST: Final = 65535


@dataclass(frozen=True, slots=True)
class CaseImage:
    """One image of a case.

    Attributes
    ----------
    image : str
        Its identifier in the study, which no reader is told.
    name : str
        Within the case.
    patient : str
        Whose code its file bears.
    """

    image: str
    name: str
    patient: str
    kind: str
    view: str | None
    left_at: str | None
    source: str
    sha256: str | None
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """The values of one image.

    Attributes
    ----------
    values : array (frames, rows, columns) of uint16
        As stored.
    scale : tuple of float
        Slope and intercept: counts or HU are slope * value + intercept.
    spacing_mm : tuple of float or None
        Between rows and between columns.
    placement : Placement or None
        Of SPECT and CT.
    levels : tuple of float
        Upper grey levels in counts, rising; of a CT none.
    """

    values: NDArray[np.uint16]
    scale: tuple[float, float]
    spacing_mm: tuple[float, float] | None
    placement: Placement | None
    levels: tuple[float, ...] = ()

    @cached_property
    def packed(self) -> bytes:
        """Little-endian values, compressed with gzip."""
        return gzip.compress(self.values.astype("<u2").tobytes(), _LEVEL, mtime=0)

    @property
    def raw(self) -> bytes:
        """Little-endian values."""
        return self.values.astype("<u2").tobytes()

    @property
    def size(self) -> int:
        """Bytes of memory, compressed ones included."""
        return 2 * self.values.nbytes


class Pictures:
    """Loads images of a study; the last ones are kept.

    Parameters
    ----------
    files : ImageFiles
    """

    def __init__(self, files: ImageFiles) -> None:
        self._files = files
        self._kept: OrderedDict[tuple[str, str | None], Picture] = OrderedDict()
        self._lock = threading.Lock()

    def load(self, image: CaseImage) -> Picture:
        """Return the values of an image.

        Raises
        ------
        RefusalError
            ``image_unreadable``: its file is missing, was changed, or holds something else.
        """
        key = image.source, image.sha256
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        try:
            picture = self._decode(image)
        except (InputError, ScanError, ValueError):  # also a frame that the file lacks, slices that do not fit
            message = f"the image {image.name} of this case cannot be read; the data manager restores its file"
            raise RefusalError("image_unreadable", message) from None
        with self._lock:
            self._kept[key] = picture
            while len(self._kept) > 1 and sum(one.size for one in self._kept.values()) > _ROOM_BYTES:
                self._kept.popitem(last=False)
        return picture

    def _decode(self, image: CaseImage) -> Picture:
        source = Source.parse(image.source)
        objects, placement = read_stored(self._files.load(source.path, image.sha256), image.patient)
        stored, scale = _join([decode(one) for one in objects], [read_scale(one) for one in objects])
        if image.kind in PROJECTIONS:
            frame = (source.frame or 1) - 1
            stored = stored[frame : frame + 1]
        values, scale = _fit(stored, scale)
        return Picture(
            values, scale, read_spacing_mm(objects[0]), placement, _compute_levels(image.kind, values, scale)
        )


def _join(
    slices: Sequence[NDArray[Any]], scales: Sequence[tuple[float, float]]
) -> tuple[NDArray[Any], tuple[float, float]]:
    """Return the stored values of all slices and their one scale; slices of different scales are rescaled first."""
    if len(set(scales)) == 1:
        return np.concatenate(slices), scales[0]
    rescaled = [slope * one + intercept for one, (slope, intercept) in zip(slices, scales, strict=True)]
    return np.concatenate(rescaled), (1.0, 0.0)


def _compute_levels(kind: str, values: NDArray[np.uint16], scale: tuple[float, float]) -> tuple[float, ...]:
    """Return upper levels of a view, or of a SPECT as it is seen from the front; of a CT none."""
    if kind == "ct":
        return ()
    slope, intercept = scale
    seen = values[0] if kind in PROJECTIONS else values.max(axis=1)
    return compute_levels(slope * seen + intercept)


def _fit(stored: NDArray[Any], scale: tuple[float, float]) -> tuple[NDArray[np.uint16], tuple[float, float]]:
    """Return values as whole numbers of 16 bits and the scale that belongs to them: nothing is lost where they fit."""
    if not stored.size:
        raise ValueError("there is no such frame")
    slope, intercept = scale
    least, most = float(stored.min()), float(stored.max())
    if np.issubdtype(stored.dtype, np.integer) and most - min(least, 0.0) <= _LARGEST:
        moved = stored.astype(np.int64) - int(min(least, 0))
        return moved.astype(np.uint16), (slope, intercept + slope * min(least, 0.0))
    step = max(most - least, 1e-12) / _LARGEST
    return np.round((stored - least) / step).astype(np.uint16), (slope * step, intercept + slope * least)


def open_pictures(folder: Path) -> Pictures:
    """Return the images of the folder `images` of a study."""
    return Pictures(ImageFiles(folder))
