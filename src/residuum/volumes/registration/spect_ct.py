"""Points of a SPECT/CT, carried to another SPECT/CT of the same child.

The two CT steer, in whose frames of reference the SPECT lie: one body is sought in the other, laid on it by an affine
map, and bent to it, both ways. Where the ways disagree nothing is proposed.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import SimpleITK as sitk  # noqa: N813
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from residuum.volumes.grid import Volume
from residuum.volumes.registration.spect_ct_alignment import bend, carry_points, lay, search
from residuum.volumes.registration.spect_ct_body import STEP_MM, Array, Body, find_ct_body
from residuum.volumes.registration.spect_ct_error import Way, expect_error, make_way
from residuum.volumes.registration.spect_ct_faults import (
    SPECT_FAULTS,
    SpectFault,
    compute_growth,
    find_affine_fault,
    find_bend_fault,
    find_turn,
)

__all__ = ["LARGEST_MM", "SPECT_FAULTS", "Carried", "SpectCtRegistration", "SpectFault", "register_spect_ct"]

LARGEST_MM: Final = 15.0
"""Expected error from which on nothing is proposed: the next vertebra or rib is some 15 to 25 mm away."""
_UNSURE: Final = 0.5
"""Share of the trunk without a proposal from which on two scans are not registered."""
_OUTSIDE_MM: Final = 15.0
"""Beyond the edge of the body from which on a point is not carried."""


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """Where points are proposed on another scan.

    Attributes
    ----------
    positions_mm : array (n, 3)
        Patient (LPS) millimetres in the frame of reference of the other scan; NaN where there is no proposal: the
        point lies outside the body or leaves the field of view, its place is unsure by more than `LARGEST_MM`, or the
        scans could not be registered.
    error_mm : array (n,)
        Radius within which 95 of 100 true places are expected; NaN where there is no proposal.
    """

    positions_mm: NDArray[np.float64]
    error_mm: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SpectCtRegistration:
    """Two SPECT/CT scans of one child, registered.

    Attributes
    ----------
    fault : str or None
        Why points cannot be carried (a key of `SPECT_FAULTS`).
    growth : float
        How many times longer the child is; NaN where there is a fault.
    """

    fault: SpectFault | None
    growth: float
    _ways: tuple[Way, Way] | None

    def carry(self, positions_mm: ArrayLike) -> Carried:
        """Return where points of the earlier scan are proposed on the later one.

        Parameters
        ----------
        positions_mm : array (n, 3)
            x, y, z (LPS) in the frame of reference of the earlier scan (`marks.csv`).

        Raises
        ------
        ValueError
            Positions are not triples.
        """
        return self._carry(positions_mm, back=False)

    def carry_back(self, positions_mm: ArrayLike) -> Carried:
        """Return where points of the later scan are proposed on the earlier one; otherwise as `carry`."""
        return self._carry(positions_mm, back=True)

    def _carry(self, positions_mm: ArrayLike, *, back: bool) -> Carried:
        positions = np.asarray(positions_mm, float)
        if positions.ndim != 2 or positions.shape[1] != 3:
            raise ValueError(f"positions_mm have the shape {positions.shape}, not (n, 3)")
        proposed, error = np.full(positions.shape, np.nan), np.full(len(positions), np.nan)
        asked = np.isfinite(positions).all(axis=1)
        if self._ways is not None and asked.any():
            way, other = reversed(self._ways) if back else self._ways
            proposed[asked], error[asked] = _carry_body(positions[asked], way, other)
        return Carried(proposed, error)


def register_spect_ct(before: Volume | None, after: Volume | None) -> SpectCtRegistration:
    """Return two SPECT/CT scans of one child, registered; the same scans give the same positions.

    Parameters
    ----------
    before, after : Volume or None
        CT of the earlier and of the later scan in Hounsfield units, of any grid, in the frame of reference of its
        SPECT; None where there is none, which is a fault: tracer moves between organs and does not steer.

    Notes
    -----
    What is carried is a proposal: uptake of the later scan next to it need not be the same lesion.
    """
    found = _register(before, after)
    if isinstance(found, str):
        return SpectCtRegistration(found, np.nan, None)
    return SpectCtRegistration(None, compute_growth(sitk.AffineTransform(found[0].affine)), found)


def _register(before: Volume | None, after: Volume | None) -> tuple[Way, Way] | SpectFault:
    if before is None or after is None:
        return "no_ct"
    bodies = find_ct_body(before), find_ct_body(after)
    if bodies[0] is None or bodies[1] is None:
        return "no_child"
    first, last = bodies[0], bodies[1]
    start = search(first, last)[1]
    affine, _ = lay(first, last, start)
    fault = find_turn(first, last, affine) or find_affine_fault(first, last, affine)
    if fault is not None:
        return fault
    # Another start for the way back: where ribs are laid on the next ones, the ways then disagree.
    back = sitk.AffineTransform(lay(first, last, start, by_tissue=True)[0].GetInverse())
    ways = (
        make_way(first, last, affine, bend(first, last, affine)),
        make_way(last, first, back, bend(last, first, back)),
    )
    return find_bend_fault(first, ways[0].unlike) or ("unsure" if _is_unsure(*ways) else ways)


def _is_unsure(way: Way, back: Way) -> bool:
    """Return whether most of the trunk that both show has no proposal."""
    places = np.argwhere(way.source.trunk)[:: max(1, int(way.source.trunk.sum()) // 500), ::-1]
    positions = places * STEP_MM + np.array(way.source.image.GetOrigin())
    carried = carry_points(way.whole, positions)
    seen = _is_seen(way.target, carried)
    return bool((expect_error(way, back, positions[seen], carried[seen]) > LARGEST_MM).mean() > _UNSURE)


def _carry_body(positions_mm: Array, way: Way, back: Way) -> tuple[Array, Array]:
    """Return proposals (n, 3) and expected errors (n,), NaN where nothing is proposed."""
    proposed = carry_points(way.whole, positions_mm)
    error = expect_error(way, back, positions_mm, proposed)
    gone = ~(_is_near(way.source, positions_mm) & _is_seen(way.target, proposed)) | (error > LARGEST_MM)
    proposed[gone], error[gone] = np.nan, np.nan
    return proposed, error


def _is_near(body: Body, positions_mm: Array) -> NDArray[np.bool_]:
    """Return which positions lie in the field of view, in the body or at its edge."""
    away = ndimage.distance_transform_edt(~body.inside, sampling=STEP_MM)
    index = _index(body, positions_mm)
    near = ndimage.map_coordinates(away, index.T, order=1, mode="nearest") <= _OUTSIDE_MM
    return np.asarray(near & _is_seen(body, positions_mm))


def _is_seen(body: Body, positions_mm: Array) -> NDArray[np.bool_]:
    """Return which positions lie in the field of view; it ends half a step beyond the outermost voxels."""
    index = _index(body, positions_mm)
    return np.asarray(((index >= -0.5) & (index <= np.array(body.inside.shape) - 0.5)).all(axis=1))


def _index(body: Body, positions_mm: Array) -> Array:
    """Return (z, y, x) indices of positions."""
    return np.asarray((positions_mm - np.array(body.image.GetOrigin()))[:, ::-1] / STEP_MM)
