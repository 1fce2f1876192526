"""Lesions outlined around their marks, frame by frame, on the image that the mark lies on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from residuum.exports.documents import ImageEntry, MarkEntry
from residuum.exports.positions import find_grid, locate, read_spacing_mm
from residuum.exports.segmentation import Mask, Outlined
from residuum.exports.structure_set import REASONS, ResidualLesion
from residuum.intake.scans.dicom.decoding import decode
from residuum.records.errors import InputError
from residuum.volumes.grid import Grid, Volume, resample
from residuum.volumes.outline import Fault, compute_outline

SEARCH_MM: Final = 10.0
"""How far from the mark the peak may lie."""
RADIUS_MM: Final = 40.0
"""How far from the peak a lesion may reach; an outline that does is no outline."""
INSIDE: Final = 0.5
"""Share of a voxel of CT that the outline on SPECT must cover."""
FAULTS: Final[Mapping[Fault, str]] = {
    "no_background": "its image is too small to tell its background",
    "faint": "it does not stand out from its surroundings",
    "hotter": "it cannot be told apart from something hotter beside it",
    "wide": f"it cannot be told apart from what goes on beyond {RADIUS_MM:g} mm",
    "border": "it touches the border of its image, where a part of it may be missing",
    "small": "it has too few pixels to stand out from its surroundings",
    "off_mark": "what is hot nearby does not reach the marked point",
}
"""What is said of a mark that has no outline."""
LeftOut = list[tuple[MarkEntry, str]]
"""Marks, and why each has no outline."""
_ROUNDING: Final = 1e-3
"""Share of a voxel that the decimal strings of a header explain."""


@dataclass(frozen=True, slots=True)
class Outliner:
    """Outlines lesions at a part of the way from the background to the peak.

    Attributes
    ----------
    fraction : float
        That part, above 0 and below 1.
    """

    fraction: float

    @property
    def parameters(self) -> dict[str, float]:
        """Return what an outline depends on."""
        return {"fraction": self.fraction, "search_mm": SEARCH_MM, "radius_mm": RADIUS_MM}

    def outline_all(
        self, marks: Iterable[tuple[MarkEntry, ImageEntry]]
    ) -> tuple[list[tuple[ImageEntry, Outlined]], LeftOut]:
        """Return the outlines of the marks of one read, each with its image, and the marks that have none.

        An outline that shares pixels with another one, or holds the point of another focal mark, is none: two lesions
        would leave as one.

        Parameters
        ----------
        marks : iterable of (MarkEntry, ImageEntry)
            All placed marks of the read whose images may be measured, each with its image.
        """
        outlined: list[tuple[ImageEntry, Outlined]] = []
        points: list[tuple[ImageEntry, Outlined]] = []
        left_out: LeftOut = []
        for mark, image in marks:
            try:
                points.append((image, _point(mark, image)))
                outlined.append((image, self.outline(mark, image)))
            except InputError as reason:
                left_out.append((mark, str(reason)))
        kept = []
        for image, one in outlined:
            others = sorted(
                {other.mark.mark for place, other in (*points, *outlined) if _meet(image, one, place, other)}
            )
            if others:
                left_out.append((one.mark, f"it cannot be told apart from mark {', '.join(others)}"))
            else:
                kept.append((image, one))
        return kept, left_out

    def outline(self, mark: MarkEntry, image: ImageEntry) -> Outlined:
        """Return the outline of a focal mark on its planar, spot or SPECT image, whatever else is marked there.

        Raises
        ------
        InputError
            The mark has no outline; the message says why.
        """
        [(number, point)] = _point(mark, image).frames.items()
        counts = decode(image.objects[0])
        row, column = (int(index) for index in np.argwhere(point)[0])
        rows_mm, columns_mm = read_spacing_mm(image.objects[0])
        if image.placement is None:
            found = compute_outline(
                counts[number - 1], (row, column), (rows_mm, columns_mm), self.fraction, SEARCH_MM, RADIUS_MM
            )
            frames: dict[int, Mask] = {number: found.mask}
        else:
            step_mm = float(np.linalg.norm(image.placement.step_mm))
            if not step_mm:
                raise InputError(FAULTS["border"])
            spacing_mm = (step_mm, rows_mm, columns_mm)
            found = compute_outline(counts, (number - 1, row, column), spacing_mm, self.fraction, SEARCH_MM, RADIUS_MM)
            frames = {frame: mask for frame, mask in enumerate(found.mask, 1) if mask.any()}
        if found.fault:
            raise InputError(FAULTS[found.fault])
        return Outlined(mark, frames)


def _point(mark: MarkEntry, image: ImageEntry) -> Outlined:
    """Return the marked pixel of a focal mark, as an outline."""
    if mark.pattern != "focal":
        raise InputError("a diffuse mark has no outline")
    place = locate(mark, image)
    if place.frame is None:
        raise InputError("it lies on a CT, which has no counts")
    pixel = np.zeros((int(place.target.Rows), int(place.target.Columns)), bool)
    pixel[int(place.row), int(place.column)] = True
    return Outlined(mark, {place.frame: pixel})


def _meet(image: ImageEntry, one: Outlined, place: ImageEntry, other: Outlined) -> bool:
    """Return whether two marks share pixels of one object; views of one object are different frames."""
    if one.mark is other.mark or image.objects[0].SOPInstanceUID != place.objects[0].SOPInstanceUID:
        return False
    return any((one.frames[number] & other.frames[number]).any() for number in one.frames.keys() & other.frames.keys())


def place_on_ct(
    outlined: Iterable[tuple[ImageEntry, Outlined]], entries: Sequence[ImageEntry]
) -> tuple[list[tuple[ImageEntry, ResidualLesion]], LeftOut]:
    """Return outlines on the grid of the CT of their SPECT, each with its CT, and the marks that have none.

    Parameters
    ----------
    outlined : iterable of (ImageEntry, Outlined)
        As `Outliner.outline_all` returns them.
    entries : sequence of ImageEntry
        The images of the scan.
    """
    lesions, left_out = [], []
    for image, one in outlined:
        try:
            ct = _find_ct(image, one, entries)
            lesions.append((ct, ResidualLesion(one.mark, _resampled(one, find_grid(image), find_grid(ct)))))
        except InputError as reason:
            left_out.append((one.mark, str(reason)))
    return lesions, left_out


def _find_ct(image: ImageEntry, outlined: Outlined, entries: Sequence[ImageEntry]) -> ImageEntry:
    """Return the first CT in the frame of reference of a SPECT that covers an outline wholly."""
    if image.kind != "spect":
        raise InputError(REASONS["no_depth"])
    reference = image.objects[0].get("FrameOfReferenceUID")
    of_frame = [
        entry
        for entry in entries
        if entry.kind == "ct" and reference and entry.objects[0].get("FrameOfReferenceUID") == reference
    ]
    if not of_frame:
        raise InputError(f"no CT in the frame of reference of image {image.image} was imported")
    grid = find_grid(image)
    covering = [entry for entry in of_frame if _covers(find_grid(entry), outlined, grid)]
    if not covering:
        raise InputError(f"the CT does not cover it: {', '.join(entry.image for entry in of_frame)}")
    return covering[0]


def _covers(ct: Grid, outlined: Outlined, spect: Grid) -> bool:
    """Return whether all corners of the voxels of an outline lie inside the voxels of a CT."""
    voxels = np.concatenate([np.insert(np.argwhere(mask), 0, n - 1, axis=1) for n, mask in outlined.frames.items()])
    corners = (voxels[:, None, :] + np.array(list(np.ndindex(2, 2, 2))) - 0.5).reshape(-1, 3)
    indices = ct.index(spect.position_mm(*corners.T))
    first, last = -0.5 - _ROUNDING, np.array(ct.shape) - 0.5 + _ROUNDING
    return bool(((indices >= first) & (indices <= last)).all())


def _resampled(outlined: Outlined, spect: Grid, ct: Grid) -> Mask:
    on_spect = np.zeros(spect.shape, np.float32)
    for number, mask in outlined.frames.items():
        on_spect[number - 1] = mask
    on_ct: Mask = resample(Volume(on_spect, spect.spacing_mm, spect.placement), ct).values >= INSIDE
    return on_ct
