"""Points of a planar whole-body scan, carried to another scan of the same child.

The body is fitted by a jointed figure in each scan, then the two figures to each other; what lies in a part of one
figure lies at the same place of the part in the other. How far a head turned, and how deep a spot of it lies, is told
from both views of a scan; where that is unsure the expected error says so.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from residuum.volumes.planar import PlanarView
from residuum.volumes.registration.bones import expect_depths, find_parts
from residuum.volumes.registration.carrying import carry
from residuum.volumes.registration.faults import (
    PLANAR_FAULTS,
    PlanarFault,
    find_fit_fault,
    find_match_fault,
    find_scan_fault,
)
from residuum.volumes.registration.figure import SIZE, Array
from residuum.volumes.registration.fitting import fit_figure
from residuum.volumes.registration.head_turn import measure_depths, move_aside
from residuum.volumes.registration.matching import Fitted, Match, match
from residuum.volumes.registration.planar_error import expect_error
from residuum.volumes.registration.preparation import Facing, Views, mirror_mm, prepare

__all__ = ["PLANAR_FAULTS", "Carried", "PlanarFault", "PlanarRegistration", "Views", "register_planar"]

_OUTSIDE_MM: Final = 15.0
"""Beyond the edge of the body from which on a point is not carried."""


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """Where points are proposed on another scan.

    Attributes
    ----------
    positions_mm : array (n, 2)
        x and y on the view, as stored; NaN where there is no proposal: the point lies outside the body, or leaves the
        image, or the scans could not be registered.
    error_mm : array (n,)
        Radius within which 95 of 100 true places are expected; NaN where there is no proposal.
    """

    positions_mm: NDArray[np.float64]
    error_mm: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PlanarRegistration:
    """Two scans of one child, registered.

    Attributes
    ----------
    before, after : Views
    fault : str or None
        Why points cannot be carried (a key of `PLANAR_FAULTS`).
    growth : float
        How many times longer the child is; NaN where there is a fault.
    """

    before: Views
    after: Views
    fault: PlanarFault | None
    growth: float
    _match: Match | None

    def carry(
        self,
        positions_mm: ArrayLike,
        from_view: Facing,
        to_view: Facing,
        regions: Sequence[Collection[str]] | None = None,
    ) -> Carried:
        """Return where points of the earlier scan are proposed on the later one.

        Parameters
        ----------
        positions_mm : array (n, 2)
            x to the right and y down from the centre of the top-left pixel, as stored (`marks.csv`).
        from_view, to_view : {"anterior", "posterior"}
            View of the earlier scan they are on, and of the later one.
        regions : sequence of collections of str, optional
            Regions that each point was said to lie in (`REGIONS`), empty where none: a hand on a thigh is carried with
            the arm, an orbit lies in front.

        Raises
        ------
        ValueError
            There is no such view, positions are not pairs, or regions are not as many.
        """
        return self._carry(positions_mm, from_view, to_view, regions, back=False)

    def carry_back(
        self,
        positions_mm: ArrayLike,
        from_view: Facing,
        to_view: Facing,
        regions: Sequence[Collection[str]] | None = None,
    ) -> Carried:
        """Return where points of the later scan are proposed on the earlier one; otherwise as `carry`."""
        return self._carry(positions_mm, from_view, to_view, regions, back=True)

    def _carry(
        self,
        positions_mm: ArrayLike,
        from_view: Facing,
        to_view: Facing,
        regions: Sequence[Collection[str]] | None,
        *,
        back: bool,
    ) -> Carried:
        positions = np.asarray(positions_mm, float)
        if positions.ndim != 2 or positions.shape[1] != 2:
            raise ValueError(f"positions_mm have the shape {positions.shape}, not (n, 2)")
        said = [()] * len(positions) if regions is None else list(regions)
        if len(said) != len(positions):
            raise ValueError(f"there are {len(said)} regions for {len(positions)} positions_mm")
        views = (self.after, self.before) if back else (self.before, self.after)
        start, end = _get_view(views[0], from_view), _get_view(views[1], to_view)
        proposed, error = np.full(positions.shape, np.nan), np.full(len(positions), np.nan)
        asked = np.isfinite(positions).all(axis=1)
        if self._match is not None and asked.any():
            front = mirror_mm(start, positions[asked])
            of_asked = [one for one, wanted in zip(said, asked, strict=True) if wanted]
            found = _carry_front(front, of_asked, views[0], self._match, back=back)
            proposed[asked], error[asked] = mirror_mm(end, found.positions_mm), found.error_mm
        last = (np.array(end.counts.shape[::-1]) - 1) * np.array(end.spacing_mm[::-1])
        gone = ~((proposed >= 0) & (proposed <= last)).all(axis=1)
        proposed[gone], error[gone] = np.nan, np.nan
        return Carried(proposed, error)


def register_planar(before: Views, after: Views) -> PlanarRegistration:
    """Return two scans of one child, registered.

    Sides are those that the views say (`left_at`), distances are millimetres; scans may have been made with other
    pixels, matrices, collimators and counts.

    Parameters
    ----------
    before, after : Views
        Whole-body views of the earlier and of the later scan.

    Notes
    -----
    What is carried is a proposal: uptake of the later scan next to it need not be the same lesion.
    """
    fitted = _fit(before), _fit(after)
    if isinstance(fitted[0], str) or isinstance(fitted[1], str):
        fault = fitted[0] if isinstance(fitted[0], str) else fitted[1]
        assert isinstance(fault, str)
        return PlanarRegistration(before, after, fault, np.nan, None)
    found = match(fitted[0], fitted[1])
    failed = find_match_fault(fitted[0].scan, fitted[1].scan, found)
    if failed is not None:
        return PlanarRegistration(before, after, failed, np.nan, None)
    return PlanarRegistration(before, after, None, found.growth, found)


def _fit(views: Views) -> Fitted | PlanarFault:
    scan = prepare(views)
    if scan is None:
        return "no_body"
    fault = find_scan_fault(scan)
    if fault is not None:
        return fault
    figure, matrix, cost, trust = fit_figure(scan)
    return find_fit_fault(cost) or Fitted(scan, figure, matrix, cost, trust)


def _get_view(views: Views, name: Facing) -> PlanarView:
    if name not in views.present:
        raise ValueError(f"there is no {name!r} view; there is {', '.join(views.present)}")
    return views.present[name]


def _carry_front(
    positions_mm: Array, regions: Sequence[Collection[str]], views: Views, found: Match, *, back: bool
) -> Carried:
    """Return proposals as seen from the front; views are those that the positions are on."""
    source, target = (found.after, found.before) if back else (found.before, found.after)
    allowed = np.array([find_parts(one) for one in regions])
    carried, weights, depths = carry(positions_mm, source, target, allowed)
    order = np.arange(2 * SIZE) if back else np.r_[SIZE : 2 * SIZE, 0:SIZE]
    covariance = found.covariance[np.ix_(order, order)]
    error = expect_error(positions_mm, source, target, covariance, carried, weights, found.turn)
    in_front = measure_depths(views, source, positions_mm, expect_depths(regions))
    aside = move_aside(in_front, -found.turn if back else found.turn, weights, target)
    proposed = np.einsum("nk,nki->ni", weights, carried) + aside
    proposed[depths < -_OUTSIDE_MM] = np.nan
    return Carried(proposed, error)
