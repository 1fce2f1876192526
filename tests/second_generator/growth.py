"""Sizes of a child by age: medians of anthropometric surveys, one table, interpolated smoothly."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from scipy.interpolate import PchipInterpolator

AGES: Final = (1.0, 2.0, 3.5, 5.0, 7.5, 10.0, 12.5, 15.0, 18.0)
"""Years."""

# Millimetres, set by hand to look right at each age: the orders of size of growth charts, of child anthropometry
# (Snyder 1977) and, for adult arms, of the fractions of Drillis and Contini. No value was read from their tables: good
# enough to be another child than the first generator's, no reference for anything else. Girths are given as radii.
TABLE: Final[dict[str, tuple[float, ...]]] = {
    "stature": (750, 870, 990, 1090, 1245, 1385, 1535, 1660, 1700),
    "sitting_height": (468, 510, 562, 605, 668, 727, 795, 865, 885),
    "head_height": (163, 172, 180, 187, 195, 202, 210, 217, 220),
    "head_breadth": (126, 132, 136, 139, 142, 144, 147, 150, 151),
    "head_length": (160, 170, 175, 179, 182, 185, 189, 193, 195),
    "neck": (18, 24, 30, 36, 43, 50, 58, 66, 70),
    "neck_radius": (35, 38, 40, 42, 44, 46, 51, 56, 58),
    "shoulder_breadth": (178, 200, 222, 243, 277, 307, 340, 370, 380),
    "chest_breadth": (157, 165, 173, 182, 201, 220, 245, 270, 280),
    "chest_depth": (113, 120, 126, 131, 141, 151, 168, 187, 195),
    "waist_breadth": (150, 156, 161, 167, 182, 200, 220, 242, 250),
    "waist_depth": (120, 126, 130, 133, 141, 151, 164, 178, 185),
    "hip_breadth": (153, 166, 179, 193, 216, 241, 277, 310, 322),
    "upper_arm": (128, 153, 183, 208, 246, 281, 318, 344, 352),
    "forearm": (104, 122, 143, 160, 188, 214, 241, 262, 268),
    "hand": (88, 99, 112, 123, 139, 154, 171, 184, 187),
    "upper_arm_radius": (24, 25, 26.5, 28, 30, 33, 37, 41, 43),
    "forearm_radius": (23, 24, 25, 26, 29, 32, 35, 38, 40),
    "wrist_radius": (17, 17.5, 18, 19, 20.5, 22, 24, 26, 27),
    "thigh_radius": (39, 43, 47, 51, 58, 65, 73, 80, 83),
    "calf_radius": (28, 30, 33, 35, 40, 45, 50, 55, 57),
    "ankle_radius": (20, 21.5, 23, 25, 27, 29, 32, 35, 36),
    "foot": (118, 137, 155, 170, 195, 218, 240, 255, 258),
}
_LENGTHS: Final = ("upper_arm", "forearm", "hand", "foot", "sitting_height")
_CURVES: Final = {name: PchipInterpolator(AGES, values) for name, values in TABLE.items()}


@dataclass(frozen=True, slots=True)
class Child:
    """One child: how it differs from the medians, and what its organs take up.

    Attributes
    ----------
    age_years : float
        At the first scan.
    factors : dict
        Of each length of the table, relative to the median of the age.
    uptake : dict
        Concentration in each organ relative to soft tissue.
    """

    age_years: float
    factors: dict[str, float]
    uptake: dict[str, float] = field(default_factory=dict)

    def sizes(self, age_years: float) -> dict[str, float]:
        """Return every length of the table in mm at an age."""
        within = float(np.clip(age_years, AGES[0], AGES[-1]))
        return {name: float(curve(within)) * self.factors[name] for name, curve in _CURVES.items()}


# Median and log standard deviation of the concentration relative to soft tissue; share of children with the organ.
# Concentrations are set by hand so that scans look as described: liver above all, heart variable. Shares are near
# those reported: thyroid 29 % and adrenals 32 % (adults, Clin Nucl Med 1995;20:147), brown fat 12 %
# (J Nucl Med 2003;44:1421).
UPTAKE: Final[dict[str, tuple[float, float, float]]] = {
    "liver": (9.0, 0.30, 1.0),
    "heart": (3.5, 0.50, 1.0),
    "spleen": (2.6, 0.40, 1.0),
    "kidneys": (1.6, 0.30, 1.0),
    "parotids": (9.0, 0.40, 1.0),
    "submandibulars": (8.0, 0.40, 1.0),
    "lacrimals": (5.0, 0.50, 0.6),
    "nose": (4.0, 0.50, 0.9),
    "thyroid": (8.0, 0.60, 0.25),
    "brown_fat": (6.0, 0.50, 0.15),
    "adrenals": (7.0, 0.50, 0.25),
    "lungs": (0.8, 0.20, 1.0),
    "brain": (0.6, 0.20, 1.0),
}


def draw_child(seed: int, age_years: float | None = None) -> Child:
    """Return a child of 1 to 15 years, of the age given or drawn."""
    rng = np.random.default_rng([seed, 1])
    # Neuroblastoma is a disease of the young: half of the children are below five.
    age = float(1 + 14 * rng.beta(1, 2)) if age_years is None else age_years
    tall, broad = rng.normal(1, 0.04), rng.normal(1, 0.05)
    factors = {}
    for name in TABLE:
        length = name in ("stature", *_LENGTHS)
        own = rng.normal(1, 0.0 if name == "stature" else 0.015 if length else 0.03)
        # The head varies far less than the rest of the body.
        shared = 1 + (tall - 1) * 0.4 if name.startswith("head") else tall if length else broad * tall
        factors[name] = float(shared * own)
    uptake = {}
    for organ, (median, spread, share) in UPTAKE.items():
        level = float(median * np.exp(spread * rng.normal()))
        uptake[organ] = level if rng.random() < share else 1.0
    return Child(age, factors, uptake)
