"""Invented children before the camera: their bodies as they grow, and what lasts from scan to scan."""

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from residuum.synthetic.phantom.growth import Body, compute_body

_DAYS_PER_YEAR: Final = 365.25
_SPREAD: Final = (0.04, 0.05)
"""Of length and girth among children of one age, standard deviations of the logarithm: the third and the 97th
percentile of stature lie 8 % from the median (WHO 2006, CDC 2000); that of girth is assumed."""


def compute_seed(*words: str | int) -> int:
    """Return a number that belongs to words, the same on every machine."""
    text = "|".join(str(word) for word in ("phantom", *words))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


@dataclass(frozen=True, slots=True)
class ScannedChild:
    """An invented child of a study.

    Attributes
    ----------
    patient : str
        Code; it decides on everything that is drawn for the child.
    sex : str
    age_at_diagnosis_days : int
    """

    patient: str
    sex: str
    age_at_diagnosis_days: int

    @property
    def seed(self) -> int:
        """Return what decides on everything that lasts."""
        return compute_seed(self.patient)

    def age_years(self, day: int) -> float:
        """Return the age on a day from diagnosis."""
        return (self.age_at_diagnosis_days + day) / _DAYS_PER_YEAR

    def compute_body(self, day: int) -> Body:
        """Return the body on a day from diagnosis; a child that is tall for its age stays so."""
        rng = np.random.default_rng(compute_seed(self.patient, "body"))
        length, girth = np.exp(np.clip(rng.normal(size=2), -2, 2) * _SPREAD)
        return compute_body(max(0.0, self.age_years(day)), float(length), float(girth))
