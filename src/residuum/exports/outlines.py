"""Lesions outlined around their marks, frame by frame, on the image that the mark lies on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from residuum.exports.documents import ImageEntry, MarkEntry
from residuum.exports.positions import find_grid, locate
from residuum.exports.segmentation import Mask, Outlined
from residuum.exports.structure_set import REASONS, ResidualLesion
from residuum.intake.scans.decoding import decode
from residuum.records.errors import InputError
from residuum.volumes.grid import Volume, resample
from residuum.volumes.outline import compute_outline

SEARCH_MM: Final = 10.0
"""How far from the mark the peak may lie."""
RADIUS_MM: Final = 40.0
"""How far from the peak a lesion may reach; an outline that does is no outline."""
INSIDE: Final = 0.5
"""Share of a voxel of CT that the outline on SPECT must cover."""


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

    def outline(self, mark: MarkEntry, image: ImageEntry) -> Outlined:
        """Return the outline of a focal mark on its planar, spot or SPECT image.

        Raises
        ------
        InputError
            The mark has no outline; the message says why.
        """
        if mark.pattern != "focal":
            raise InputError("a diffuse mark has no outline")
        place = locate(mark, image)
        counts = decode(image.objects[0])
        row, column = int(place.row), int(place.column)
        first = (place.frame or 1) - 1
        rows_mm, columns_mm = (float(one) for one in image.objects[0].PixelSpacing)
        if image.placement is None:
            found = compute_outline(
                counts[first], (row, column), (rows_mm, columns_mm), self.fraction, SEARCH_MM, RADIUS_MM
            )
            frames: dict[int, Mask] = {first + 1: found.mask}
        else:
            step_mm = float(np.linalg.norm(image.placement.step_mm))
            spacing_mm = (step_mm, rows_mm, columns_mm)
            found = compute_outline(counts, (first, row, column), spacing_mm, self.fraction, SEARCH_MM, RADIUS_MM)
            frames = {number: mask for number, mask in enumerate(found.mask, 1) if mask.any()}
        if found.limited:
            raise InputError("it does not stand out from its surroundings, so it has no outline")
        return Outlined(mark, frames)

    def residual(self, mark: MarkEntry, image: ImageEntry, ct: ImageEntry) -> ResidualLesion:
        """Return the outline of a mark on SPECT, on the grid of the CT in the same frame of reference.

        Raises
        ------
        InputError
            The mark has no outline.
        """
        frames = self.outline(mark, image).frames
        grid = find_grid(image)
        on_spect = np.zeros(grid.shape, np.float32)
        for number, mask in frames.items():
            on_spect[number - 1] = mask
        on_ct = resample(Volume(on_spect, grid.spacing_mm, grid.placement), find_grid(ct))
        return ResidualLesion(mark, on_ct.values >= INSIDE)


def find_ct(image: ImageEntry, entries: Iterable[ImageEntry]) -> ImageEntry:
    """Return the CT of a SPECT: that in the same frame of reference.

    Raises
    ------
    InputError
        The image is no SPECT, or none was imported.
    """
    if image.kind != "spect":
        raise InputError(REASONS["no_depth"])
    reference = image.objects[0].get("FrameOfReferenceUID")
    for entry in entries:
        if entry.kind == "ct" and reference and entry.objects[0].get("FrameOfReferenceUID") == reference:
            return entry
    raise InputError(f"no CT in the frame of reference of image {image.image} was imported")
