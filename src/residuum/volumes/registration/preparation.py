"""Planar views of one scan as the registration sees them: both together, from the front, on a grid of 6 mm."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from residuum.volumes.planar import PlanarView

Array = NDArray[np.float64]
Facing = Literal["anterior", "posterior"]

STEP_MM: Final = 6.0
_SMOOTHING_MM: Final = 6.0
"""Standard deviation: about what the camera blurs."""
_AREA_MM2: Final = 4 * np.pi * _SMOOTHING_MM**2
"""Whose counts are averaged by that smoothing."""
_EDGE: Final = 0.3
"""Share of the way from air to soft tissue at which the body begins."""
_MARGINS_MM: Final = (120.0, 48.0)
"""Beyond the body, above and below, and aside: a figure must not hide its feet where nothing is seen."""
_CLEAR: Final = 3.0
"""Soft tissue over air, at least; counts without a body have one level only."""
_FEWEST_COUNTS: Final = 20_000
_SAME: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """The whole-body views of one scan, of both detectors or of one.

    Attributes
    ----------
    anterior, posterior : PlanarView or None
        Detectors that face each other and move together: the same rows and columns of the same size.

    Raises
    ------
    ValueError
        There is none, one has the name of the other, or they differ in shape or spacing.
    """

    anterior: PlanarView | None
    posterior: PlanarView | None

    def __post_init__(self) -> None:
        if not self.present:
            raise ValueError("there is neither an anterior nor a posterior view")
        for facing, view in self.present.items():
            if view.view != facing:
                raise ValueError(f"view is {view.view!r}, not {facing!r}")
        shapes = {view.counts.shape for view in self.present.values()}
        spacings = np.array([view.spacing_mm for view in self.present.values()])
        if len(shapes) > 1 or not np.allclose(spacings, spacings[0], rtol=_SAME, atol=0):
            raise ValueError(f"views differ: shapes {shapes}, spacing_mm {spacings.tolist()}")

    @property
    def present(self) -> dict[Facing, PlanarView]:
        """Views by their name, those that there are."""
        pairs: tuple[tuple[Facing, PlanarView | None], ...] = (
            ("anterior", self.anterior),
            ("posterior", self.posterior),
        )
        return {facing: view for facing, view in pairs if view is not None}

    @property
    def one(self) -> PlanarView:
        """One of them, for what all have in common."""
        return next(iter(self.present.values()))


def mirror_mm(view: PlanarView, positions_mm: Array) -> Array:
    """Return positions (n, 2) on a view as seen from the front, patient's left at the right; or back again."""
    if view.left_at == "right":
        return positions_mm
    width = (view.counts.shape[1] - 1) * view.spacing_mm[1]
    return np.column_stack([width - positions_mm[:, 0], positions_mm[:, 1]])


def face_front(view: PlanarView) -> Array:
    """Return counts as seen from the front, patient's left at the right."""
    counts = view.counts.astype(float)
    return counts[:, ::-1] if view.left_at == "left" else counts


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """One scan on the grid of the registration.

    Attributes
    ----------
    views : Views
    relative : array (rows, columns)
        Smoothed counts of all views, 0 in air and 1 in the median of the body.
    origin_mm : tuple of float
        x and y of its first pixel, as seen from the front.
    body : array of bool
        Where the body lies.
    height_mm : float
        From the vertex to the toes.
    vertex_mm : tuple of float
        x of the middle of the upper half of the body, y of its upper end.
    noise : float
        Standard deviation of the root of `relative`.
    """

    views: Views
    relative: Array
    origin_mm: tuple[float, float]
    body: NDArray[np.bool_]
    height_mm: float
    vertex_mm: tuple[float, float]
    noise: float


def prepare(views: Views) -> Scan | None:
    """Return a scan on the grid of the registration, None where no body can be seen."""
    density = _smooth(views)
    air, soft = _find_levels(ndimage.gaussian_filter(density, 1.5))
    counts = sum(float(view.counts.sum()) for view in views.present.values())
    if counts < _FEWEST_COUNTS * len(views.present) or not soft > _CLEAR * air:
        return None
    body = _largest(ndimage.gaussian_filter(density, 1.0) > air + _EDGE * (soft - air))
    rows, columns = np.flatnonzero(body.any(axis=1)), np.flatnonzero(body.any(axis=0))
    height = float(rows[-1] - rows[0]) * STEP_MM
    upper = slice(rows[0], rows[0] + max(1, round(0.5 * rows.size)))
    vertex = float(np.median(np.nonzero(body[upper])[1])) * STEP_MM, float(rows[0]) * STEP_MM
    above, aside = (round(margin / STEP_MM) for margin in _MARGINS_MM)
    relative = np.pad((density - air) / (soft - air), ((above, above), (0, 0)))
    first = max(0, columns[0] - aside)
    window = slice(rows[0], rows[-1] + 2 * above + 1), slice(first, columns[-1] + aside + 1)
    return Scan(
        views,
        relative[window],
        (first * STEP_MM, (rows[0] - above) * STEP_MM),
        np.pad(body, ((above, above), (0, 0)))[window],
        height,
        vertex,
        float(np.sqrt(1 / (4 * soft * _AREA_MM2))),
    )


def _smooth(views: Views) -> Array:
    """Return counts per mm² of all views together on the grid."""
    counts = np.sum([face_front(view) for view in views.present.values()], axis=0)
    spacing = np.array(views.one.spacing_mm)
    smooth = ndimage.gaussian_filter(counts, _SMOOTHING_MM / spacing, truncate=3.0)
    shape = tuple(int((length - 1) * size // STEP_MM) + 1 for length, size in zip(counts.shape, spacing, strict=True))
    on_grid: Array = ndimage.affine_transform(smooth, STEP_MM / spacing, output_shape=shape, order=1)
    return on_grid / float(np.prod(spacing))


def _find_levels(density: Array) -> tuple[float, float]:
    """Return the levels of air and soft tissue: medians of roots below and above the value halfway between them."""
    roots = np.sqrt(np.clip(density, 0, None))
    cut, low, high = float(roots.mean()), 0.0, 0.0
    for _ in range(100):
        below, above = roots[roots <= cut], roots[roots > cut]
        if not below.size or not above.size:
            break
        low, high = float(np.median(below)), float(np.median(above))
        if cut == (low + high) / 2:
            break
        cut = (low + high) / 2
    return low**2, high**2


def _largest(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    labels, _ = ndimage.label(mask)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return np.asarray(labels == sizes.argmax())
