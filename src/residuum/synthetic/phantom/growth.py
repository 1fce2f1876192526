"""Sizes of a child's body by age, after the stylised phantoms of Cristy and Eckerman."""

from dataclasses import dataclass
from typing import Final

import numpy as np

_AGES: Final = (0.0, 1.0, 5.0, 10.0, 15.0, 20.0)
_CENTIMETRES: Final = {
    "trunk_half_width": (6.35, 8.80, 11.45, 13.90, 17.25, 20.00),
    "trunk_half_depth": (4.90, 6.50, 7.50, 8.40, 9.80, 10.00),
    "trunk_height": (21.60, 30.70, 40.80, 50.80, 63.10, 70.00),
    "head_half_width": (4.52, 6.13, 7.13, 7.43, 7.77, 8.00),
    "head_half_depth": (5.78, 7.84, 9.05, 9.40, 9.76, 10.00),
    "head_height": (11.00, 14.91, 17.01, 18.27, 19.27, 20.20),
    "neck_height": (1.56, 2.30, 3.30, 4.70, 7.70, 8.40),
    "neck_radius": (2.80, 3.60, 3.80, 4.40, 5.15, 5.40),
    "leg_length": (16.80, 28.80, 48.00, 66.00, 78.00, 80.00),
}
"""Newborn, 1, 5, 10, 15 years, adult. The width of the trunk is that of the stylised phantom, arms included; the depth
of a head is measured from the face to the back of the head."""
_KILOGRAMS: Final = (3.4, 9.7, 19.8, 33.2, 56.8, 71.0)
_UPPER_ARM, _FOREARM, _HAND = 0.186, 0.146, 0.108
"""Shares of the stature: Drillis and Contini 1966."""
_THIGH: Final = 0.49
"""Share of the leg, hip joint to sole, above the knee."""


@dataclass(frozen=True, slots=True)
class Body:
    """Sizes of one child at one age, in millimetres.

    Attributes
    ----------
    age_years, weight_kg : float
    trunk_half_width, trunk_half_depth, trunk_height : float
        The width includes the arms, as in the stylised phantoms.
    head_half_width, head_half_depth, head_height : float
    neck_height, neck_radius : float
    thigh_length, shank_length : float
        Hip joint to knee, knee to ankle.
    upper_arm_length, forearm_length, hand_length : float
    """

    age_years: float
    weight_kg: float
    trunk_half_width: float
    trunk_half_depth: float
    trunk_height: float
    head_half_width: float
    head_half_depth: float
    head_height: float
    neck_height: float
    neck_radius: float
    thigh_length: float
    shank_length: float
    upper_arm_length: float
    forearm_length: float
    hand_length: float

    @property
    def stature_mm(self) -> float:
        """Height of the standing child, from the sole to the vertex."""
        return self.thigh_length + self.shank_length + self.trunk_height + self.neck_height + self.head_height


def compute_body(age_years: float, length_factor: float = 1.0, girth_factor: float = 1.0) -> Body:
    """Return the sizes of a child.

    Linear between the ages of the stylised phantoms (newborn, 1, 5, 10, 15 years, adult at 20), constant beyond.

    Parameters
    ----------
    age_years : float
    length_factor, girth_factor : float
        How much longer, and wider, this child is than the phantom of its age.

    Raises
    ------
    ValueError
        The age is negative or not a number.

    Notes
    -----
    Cristy and Eckerman, ORNL/TM-8381 (1987); arms are shares of the stature (Drillis and Contini 1966).
    """
    if not age_years >= 0:
        raise ValueError(f"age_years is {age_years}, not an age")
    sizes = {name: 10 * float(np.interp(age_years, _AGES, column)) for name, column in _CENTIMETRES.items()}
    lengths = {name: value * length_factor for name, value in sizes.items() if name.endswith(("height", "length"))}
    girths = {name: value * girth_factor for name, value in sizes.items() if name not in lengths}
    leg = lengths.pop("leg_length")
    stature = leg + lengths["trunk_height"] + lengths["neck_height"] + lengths["head_height"]
    return Body(
        age_years=age_years,
        weight_kg=float(np.interp(age_years, _AGES, _KILOGRAMS)) * length_factor * girth_factor**2,
        thigh_length=_THIGH * leg,
        shank_length=(1 - _THIGH) * leg,
        upper_arm_length=_UPPER_ARM * stature,
        forearm_length=_FOREARM * stature,
        hand_length=_HAND * stature,
        **lengths,
        **girths,
    )
