"""Parallel-hole collimators and the camera they are mounted on: resolution, efficiency, penetration of septa."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy import optimize

from residuum.synthetic.camera.attenuation import compute_linear_attenuation
from residuum.synthetic.camera.nuclide import HIGH_KEV, PEAK_KEV, WINDOW_KEV

FWHM_PER_SIGMA: Final = float(np.sqrt(8 * np.log(2)))

INTRINSIC_MM: Final = 3.8
"""Full width at half maximum of a crystal of 9.5 mm at 140 to 160 keV, as makers state it."""

_HEXAGONAL: Final = 0.26
"""Shape factor of hexagonal holes (Anger 1964; Sorenson and Phelps, Physics in Nuclear Medicine)."""

CRYSTAL_SHARE: Final = 0.8
"""Share of the photons of the peak behind the collimator that are counted in the window, crystal of 9.5 mm.

Siemens states 202 counts per minute and microcurie of Tc-99m for its low-energy collimator, 0.85 of what passes the
holes; at 159 keV such a crystal stops 8 % less (NIST, sodium iodide).
"""

_COUNTED_SHARE: Final = 0.02
"""Share of the high-energy photons behind the collimator that leave an energy within the window in the crystal.

Set so that under the collimator with the thinnest septa they are at most 28 % of the counts of a child, which is what
Cot et al. found at most for low-energy collimators by Monte Carlo. It is also what the Compton continuum of 529 keV in
9.5 mm of sodium iodide gives: 0.27 interact, and 32 of 357 keV lie in the window.
"""


@dataclass(frozen=True)
class Collimator:
    """A parallel-hole lead collimator with hexagonal holes.

    Attributes
    ----------
    name : str
    hole_mm : float
        Across the flats of a hole.
    septum_mm : float
        Thickness of the wall between holes.
    length_mm : float
        Length of holes.

    Raises
    ------
    ValueError
        A length is not above zero, or the holes are so short that septa do not stop 159 keV.
    """

    name: str
    hole_mm: float
    septum_mm: float
    length_mm: float

    def __post_init__(self) -> None:
        if not all(0 < one < np.inf for one in (self.hole_mm, self.septum_mm, self.length_mm)):
            raise ValueError(f"hole, septum and length are {self.hole_mm}, {self.septum_mm} and {self.length_mm} mm")
        if self.effective_length_mm <= 0:
            raise ValueError(f"length_mm is {self.length_mm}: too short to stop {PEAK_KEV:g} keV")

    @cached_property
    def effective_length_mm(self) -> float:
        """Length less what the photons of the peak pass at both edges of a septum: two mean free paths of lead."""
        return self.length_mm - 2 / compute_linear_attenuation("lead", PEAK_KEV)

    def compute_resolution(self, distance_mm: float) -> float:
        """Return the full width at half maximum, mm, at a distance from the face: d (Le + z) / Le (Anger 1964)."""
        return self.hole_mm * (self.effective_length_mm + distance_mm) / self.effective_length_mm

    @cached_property
    def efficiency(self) -> float:
        """Share of emitted photons of the peak that pass the holes, at any distance."""
        return float((_HEXAGONAL * self.hole_mm / self.effective_length_mm) ** 2 * self._open_share)

    def compute_septum_transmission(self, energy_kev: float) -> float:
        """Return the share of photons that pass the shortest way through one septum: t L / (2 d + t) of lead."""
        way_mm = self.septum_mm * self.length_mm / (2 * self.hole_mm + self.septum_mm)
        return float(np.exp(-compute_linear_attenuation("lead", energy_kev) * way_mm))

    @cached_property
    def penetration_slope(self) -> float:
        """Standard deviation of the spot of penetrating high-energy photons for each mm from the crystal.

        To these photons the collimator is a plate of thinned lead of optical thickness u. At the angle a to the normal
        a crystal receives cos(a)^3 exp(-u / cos(a)); the Gaussian has the same width at half maximum.
        """

        def above_half(angle: float) -> float:
            cosine = np.cos(angle)
            return float(cosine**3 * np.exp(self._high_thickness * (1 - 1 / cosine)) - 0.5)

        half_angle = optimize.brentq(above_half, 0, 1.5)
        return float(np.tan(half_angle)) * 2 / FWHM_PER_SIGMA

    @cached_property
    def penetration(self) -> float:
        """Share of emitted high-energy photons that are counted in the window, at any distance.

        The Gaussian of `penetration_slope` with the height of the true spot under the source, times the share that
        leaves a fitting energy.
        """
        return float(_COUNTED_SHARE * self.penetration_slope**2 / 2 * np.exp(-self._high_thickness))

    @property
    def _open_share(self) -> float:
        return (self.hole_mm / (self.hole_mm + self.septum_mm)) ** 2

    @property
    def _high_thickness(self) -> float:
        """Mean free paths of high-energy photons along the normal, holes and septa taken as a mixture."""
        return compute_linear_attenuation("lead", HIGH_KEV) * (1 - self._open_share) * self.length_mm


LEHR_SIEMENS: Final = Collimator("Siemens LEHR", 1.11, 0.16, 24.05)
LEHR_GE: Final = Collimator("GE LEHR", 1.5, 0.2, 35.0)
EXTENDED_GE: Final = Collimator("GE extended low energy", 2.5, 0.4, 40.0)
MEGP_GE: Final = Collimator("GE MEGP", 3.0, 1.05, 58.0)
COLLIMATORS: Final = (LEHR_SIEMENS, LEHR_GE, EXTENDED_GE, MEGP_GE)
"""Makers' dimensions, as in the collimator table of the SIMIND program."""


@dataclass(frozen=True)
class Camera:
    """A collimator before a crystal, with an energy window.

    Attributes
    ----------
    collimator : Collimator
    intrinsic_mm : float
        Full width at half maximum of the crystal and its electronics.
    window_kev : tuple of float
        Lower and upper edge.
    """

    collimator: Collimator
    intrinsic_mm: float = INTRINSIC_MM
    window_kev: tuple[float, float] = WINDOW_KEV

    @property
    def efficiency(self) -> float:
        """Share of emitted photons of the peak that pass the holes and are counted, at any distance."""
        return self.collimator.efficiency * CRYSTAL_SHARE

    def compute_resolution(self, distance_mm: float) -> float:
        """Return the full width at half maximum, mm, of a point at a distance from the collimator's face."""
        return float(np.hypot(self.collimator.compute_resolution(distance_mm), self.intrinsic_mm))
