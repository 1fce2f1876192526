"""Iodine-123: half-life and photons."""

from typing import Final

HALF_LIFE_HOURS: Final = 13.22
"""Decay Data Evaluation Project (LNHB): 13.2234 (37) h."""

PEAK_KEV: Final = 159.0
PEAK_YIELD: Final = 0.8325
"""Photons of 158.97 keV for each decay (Decay Data Evaluation Project)."""

HIGH_KEV: Final = 529.0
HIGH_YIELD: Final = 0.026
"""Photons above 400 keV for each decay, and their mean energy.

Decay Data Evaluation Project, per 100 decays: 440 keV 0.42, 505 keV 0.27, 529 keV 1.28, 539 keV 0.38, 625 keV 0.08,
688 keV 0.03, 736 keV 0.06, 784 keV 0.06.
"""

WINDOW_KEV: Final = (143.0, 175.0)
"""The usual window: 20 % around the peak (EANM guideline 2010)."""


def decay(hours: float) -> float:
    """Return the share of the activity that is left after some hours; above 1 for the time before."""
    return float(0.5 ** (hours / HALF_LIFE_HOURS))
