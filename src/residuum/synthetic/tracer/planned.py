"""A lesion before it has voxels: its mark, which one of its place it is, size and contrast."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from residuum.synthetic.tracer.marks import Mark
from residuum.synthetic.tracer.places import CHANGE, LASTING, make_rng

_DIAMETER_MM: Final = (18.0, 0.4, 4.0, 40.0)
_FOCAL: Final = (24.0, 0.45, 2.0, 90.0)
_DIFFUSE: Final = (10.0, 0.4, 2.0, 40.0)
"""Median, standard deviation of the logarithm, lowest and highest value: of the diameter of foci and of the contrast to
soft tissue. Assumed, not fitted to patients: a focus of 18 mm that holds 24 times as much as soft tissue, in a body of
150 mm, is about three times as bright as what is around it once a collimator has blurred it: what readers call
definite. A tail of faint ones is left."""
_CHANGE: Final = 0.12
"""Standard deviation of the logarithm of size and contrast from scan to scan."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A lesion before it has voxels.

    Attributes
    ----------
    label : int
        From 1, in the order of the marks.
    mark : Mark
    number : int
        From 1 among the marks of the same regions, diffuse ones first: it names the place.
    diameter_mm : float
        Of a focus where nothing hinders it; a diffuse lesion does not use it.
    contrast : float
        Activity concentration relative to soft tissue.
    """

    label: int
    mark: Mark
    number: int
    diameter_mm: float
    contrast: float


def plan_lesions(marks: Sequence[Mark], patient_seed: int, scan_seed: int) -> list[Planned]:
    """Return the lesions of the marks of one scan, in their order.

    Size and contrast belong to the child's lesion (its regions and number) and change a little from scan to scan.
    """
    numbers: Counter[tuple[str, ...]] = Counter()
    planned: dict[int, Planned] = {}
    for index, mark in sorted(enumerate(marks), key=lambda one: one[1].pattern == "focal"):
        numbers[mark.regions] += 1
        planned[index] = _plan(index + 1, mark, numbers[mark.regions], patient_seed, scan_seed)
    return [planned[index] for index in range(len(marks))]


def _plan(label: int, mark: Mark, number: int, patient_seed: int, scan_seed: int) -> Planned:
    lasting = make_rng(patient_seed, mark.regions, LASTING, number).normal(size=2)
    change = make_rng(patient_seed, mark.regions, CHANGE, number, scan_seed).normal(size=2)
    contrast = _FOCAL if mark.pattern == "focal" else _DIFFUSE
    sizes = [
        float(np.clip(median * np.exp(spread * lasting[one] + _CHANGE * change[one]), low, high))
        for one, (median, spread, low, high) in enumerate((_DIAMETER_MM, contrast))
    ]
    return Planned(label, mark, number, *sizes)
