"""Planar views: from pixels to millimetres and patient sides, and the geometric mean of two conjugate views."""

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args, overload

import numpy as np
from numpy.typing import NDArray

View = Literal["anterior", "posterior", "other"]
Side = Literal["left", "right"]

_SAME: Final = 1e-6
"""Relative difference up to which two spacings are one: what a decimal string in a header loses."""


@dataclass(frozen=True, slots=True, eq=False)
class PlanarView:
    """One view with its geometry.

    Positions are millimetres from the centre of the top-left stored pixel, x to the right, y down, as stored: those of
    `marks.csv`. Pixels are (row, column) from 0 at that centre.

    Attributes
    ----------
    counts : array (rows, columns)
    spacing_mm : tuple of float
        Between rows and between columns.
    view : {"anterior", "posterior", "other"}
    left_at : {"left", "right"}
        Side of the stored image on which the patient's left lies.

    Raises
    ------
    ValueError
        One of them is impossible; the message names it and its value.
    """

    counts: NDArray[Any]
    spacing_mm: tuple[float, float]
    view: View
    left_at: Side

    def __post_init__(self) -> None:
        if self.counts.ndim != 2 or not self.counts.size:
            raise ValueError(f"counts have the shape {self.counts.shape}, not rows and columns")
        if len(self.spacing_mm) != 2 or not all(0 < one < np.inf for one in self.spacing_mm):
            raise ValueError(f"spacing_mm is {self.spacing_mm}, not two lengths")
        if self.view not in get_args(View):
            raise ValueError(f"view is {self.view!r}, not one of {', '.join(get_args(View))}")
        if self.left_at not in get_args(Side):
            raise ValueError(f"left_at is {self.left_at!r}, not one of {', '.join(get_args(Side))}")

    def position_mm(self, row: float, column: float) -> tuple[float, float]:
        """Return (x, y) of a pixel, which may lie between or beyond the stored ones."""
        return column * self.spacing_mm[1], row * self.spacing_mm[0]

    def pixel(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        """Return (row, column) of a position, not rounded: pixel centres are whole numbers."""
        return y_mm / self.spacing_mm[0], x_mm / self.spacing_mm[1]

    @overload
    def patient_side(self, x_mm: float, midline_mm: float) -> Side:  # noqa: D418
        """Return one side."""

    @overload
    def patient_side(self, x_mm: NDArray[np.floating[Any]], midline_mm: float) -> NDArray[np.str_]:  # noqa: D418
        """Return many sides."""

    def patient_side(self, x_mm: float | NDArray[np.floating[Any]], midline_mm: float) -> Side | NDArray[np.str_]:
        """Return the side of the patient on which positions lie; one exactly on the midline counts as left.

        Parameters
        ----------
        x_mm : float or array
        midline_mm : float
            x of the body's midline.

        Returns
        -------
        {"left", "right"}, or an array of them of the shape of `x_mm`

        Raises
        ------
        ValueError
            A position is not a number: it has no side.
        """
        away = np.asarray(x_mm, float) - midline_mm
        if np.isnan(away).any():
            raise ValueError(f"x_mm or midline_mm is not a number: {x_mm}, {midline_mm}")
        sides = np.where(away >= 0 if self.left_at == "right" else away <= 0, "left", "right")
        return sides if isinstance(x_mm, np.ndarray) else sides.item()


def compute_geometric_mean(anterior: PlanarView, posterior: PlanarView) -> PlanarView:
    r"""Return the geometric mean of two conjugate views, in the frame of the anterior one.

    Counts of a point source at depth d in a slab of thickness T fall as exp(-mu d) to the front and as
    exp(-mu (T - d)) to the back. The root of their product falls as exp(-mu T / 2): it does not depend on the depth.
    For an extended source, scatter and uneven thickness this holds approximately.

    Parameters
    ----------
    anterior, posterior : PlanarView
        Of one acquisition, both detectors centred on the same place. The posterior view is flipped from side to side
        where the patient's left lies on the other side of its image.

    Returns
    -------
    PlanarView
        Square roots of products (float64), called anterior.

    Raises
    ------
    ValueError
        The views are not anterior and posterior, or differ in shape or spacing, or hold negative counts.
    """
    if (anterior.view, posterior.view) != ("anterior", "posterior"):
        raise ValueError(f"view is {anterior.view!r} and {posterior.view!r}, not 'anterior' and 'posterior'")
    if anterior.counts.shape != posterior.counts.shape:
        raise ValueError(f"counts have the shapes {anterior.counts.shape} and {posterior.counts.shape}")
    if not np.allclose(anterior.spacing_mm, posterior.spacing_mm, rtol=_SAME, atol=0):
        raise ValueError(f"spacing_mm is {anterior.spacing_mm} and {posterior.spacing_mm}")
    front, back = anterior.counts.astype(float), posterior.counts.astype(float)
    least = float(np.minimum(front.min(), back.min()))
    if not least >= 0:
        raise ValueError(f"counts are below zero or no numbers: {least}")
    if anterior.left_at != posterior.left_at:
        back = back[:, ::-1]
    return PlanarView(np.sqrt(front * back), anterior.spacing_mm, "anterior", anterior.left_at)
