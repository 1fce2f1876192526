"""Why two SPECT/CT scans are not registered: what is checked before and after."""

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np
import SimpleITK as sitk  # noqa: N813
from numpy.typing import NDArray

from residuum.volumes.registration.spect_ct_alignment import Signs, lay, search
from residuum.volumes.registration.spect_ct_body import Body

SpectFault = Literal["no_ct", "no_child", "little_overlap", "turned", "reflected", "size", "different", "unsure"]
SPECT_FAULTS: Final[Mapping[SpectFault, str]] = {
    "no_ct": "one of the SPECT has no CT, which is what steers",
    "no_child": "no child's body can be seen in one of the scans",
    "little_overlap": "the two fields of view share too little of the body",
    "turned": "a child lies head to foot, or front to back, against what a header says",
    "reflected": "left and right, front and back, or head and foot are exchanged in one of the scans",
    "size": "the sizes of the bodies differ by more than growth",
    "different": "the bodies do not fit each other, or only where they are bent more than one child's would be",
    "unsure": "the bodies may be laid on each other in several ways, so that most places are unsure",
}

_OVERLAP: Final = 0.4
"""Share of the smaller body that both fields of view show."""
_GROWTHS: Final = (0.9, 1.3)
"""How many times longer a child may be: less is an error of measurement, more is another child."""
_UNEVEN: Final = 1.6
"""The greatest growth in one direction over the least in another."""
_TURNS: Final[Mapping[SpectFault, tuple[Signs, ...]]] = {
    "turned": ((-1, -1, 1), (-1, 1, -1), (1, -1, -1)),
    "reflected": ((-1, 1, 1), (1, -1, 1), (1, 1, -1), (-1, -1, -1)),
}
_RIVAL: Final = 0.8
"""Share of the upright body's likeness from which on a turned one is laid on it at all."""
_CORRELATION: Final = 0.65
"""Of the coarsest images; 0.75 and more in drawn pairs, 0.6 and less where a child is laid on what it is not."""
_UNLIKE: Final = 0.08
"""Median over the trunk; up to 0.045 between drawn CT of one child."""


def find_turn(before: Body, after: Body, upright: sitk.AffineTransform) -> SpectFault | None:
    """Return in which way a turned or reflected body fits better than the upright one, or that none fits."""
    sizes = (compute_growth(upright),)
    least = lay(before, after, upright, finely=False)[1]
    rivals = 0.0 if least < _CORRELATION else _RIVAL * search(before, after, (1, 1, 1), sizes)[0]
    best: tuple[float, SpectFault | None] = least, None
    for fault, turns in _TURNS.items():
        for signs in turns:
            score, start = search(before, after, signs, sizes)
            if score >= rivals and compute_overlap(before, after, start) >= _OVERLAP:
                best = max(best, (lay(before, after, start, finely=False)[1], fault), key=lambda one: one[0])
    return "different" if best[1] is None and least < _CORRELATION else best[1]


def find_affine_fault(before: Body, after: Body, affine: sitk.AffineTransform) -> SpectFault | None:
    """Return what speaks against an affine map, None where nothing does."""
    if compute_overlap(before, after, affine) < _OVERLAP:
        return "little_overlap"
    sizes = np.linalg.svd(np.array(affine.GetMatrix()).reshape(3, 3), compute_uv=False)
    fits = _GROWTHS[0] <= compute_growth(affine) <= _GROWTHS[1] and sizes[0] <= _UNEVEN * sizes[2]
    return None if fits else "size"


def compute_growth(affine: sitk.AffineTransform) -> float:
    """Return how many times longer the later body is, the mean of all directions."""
    determinant = np.linalg.det(np.array(affine.GetMatrix()).reshape(3, 3))
    return float(np.abs(determinant) ** (1 / 3))


def compute_overlap(before: Body, after: Body, whole: sitk.Transform) -> float:
    """Return the share of the smaller trunk that lies in both fields of view."""
    seen = sitk.GetArrayViewFromImage(sitk.Resample(after.kept, before.image, whole, sitk.sitkNearestNeighbor))
    shared = float(seen[before.trunk].sum())
    later = float(after.trunk.sum()) / compute_growth(sitk.AffineTransform(whole)) ** 3
    return shared / min(float(before.trunk.sum()), later)


def find_bend_fault(before: Body, unlike: NDArray[np.float32]) -> SpectFault | None:
    """Return whether two bodies, bent to each other, still differ: `unlike` is what `make_error_map` holds."""
    return "different" if float(np.median(unlike[before.trunk])) > _UNLIKE else None
