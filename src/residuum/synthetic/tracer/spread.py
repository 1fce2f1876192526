"""Diffuse lesions: irregular fills of an exact share of each of their regions."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from residuum.synthetic.phantom.anatomy import Anatomy
from residuum.synthetic.tracer.flood import compute_order
from residuum.synthetic.tracer.marks import HUNDREDTHS
from residuum.synthetic.tracer.places import SHAPE, frame_of, make_rng, measure
from residuum.synthetic.tracer.planned import Planned
from residuum.synthetic.tracer.starts import find_starts
from residuum.synthetic.tracer.tissues import Tissues
from residuum.synthetic.tracer.waves import draw_field

_WAVE_MM: Final = (25.0, 80.0)
"""Length of bulges and bays, in a ten-year-old."""
_IRREGULAR: Final = 0.4
"""Standard deviation of the logarithm of the speed at which a lesion spreads to places around."""


def round_half_up(value: float) -> int:
    """Return the nearest whole number, a half upwards."""
    return int(np.floor(value + 0.5))


def count_filled(extent: float, voxels: int) -> int:
    """Return how many voxels of a region an extent fills, at least one."""
    return max(1, round_half_up(extent * voxels))


def compute_spread(lesion: Planned, tissues: Tissues, anatomy: Anatomy, patient_seed: int) -> NDArray[np.int64]:
    """Return the voxels of a diffuse lesion, (n, 3): of each region as many as the extent says.

    It spreads from one place, in several regions from where these are nearest to each other. Place and outline belong
    to the child's lesion: a smaller extent later fills a part of the same voxels, up to growth and pose.

    Raises
    ------
    ValueError
        A region has no voxel, or too few to show this extent in hundredths.
    """
    regions = lesion.mark.regions
    _check_room(lesion, [len(tissues.voxels(region)) for region in regions])
    starts = find_starts(lesion, tissues, anatomy, patient_seed, lambda _, voxels: voxels)
    filled = []
    for region, start in starts.items():
        voxels = tissues.voxels(region)
        places = measure(region, frame_of(anatomy, region).to_local(tissues.position_mm(voxels)))
        first = int(np.flatnonzero((voxels == start).all(axis=1))[0])
        away = np.linalg.norm(places - places[first], axis=1)
        speed = draw_field(make_rng(patient_seed, regions, SHAPE, lesion.number), places, _WAVE_MM)
        order = compute_order(voxels, away * np.exp(_IRREGULAR * speed), first)
        filled.append(voxels[order[: count_filled(lesion.mark.extent or 0.0, len(voxels))]])
    return np.concatenate(filled)


def _check_room(lesion: Planned, counts: Sequence[int]) -> None:
    extent = lesion.mark.extent or 0.0
    if min(counts) and measure_extent([count_filled(extent, count) for count in counts], counts) == extent:
        return
    held = dict(zip(lesion.mark.regions, counts, strict=True))
    raise ValueError(
        f"mark {lesion.mark.label}: an extent of {extent} cannot be shown by the voxels of its regions ({held}); "
        f"take smaller voxels, so that each region has {HUNDREDTHS}"
    )


def measure_extent(filled: Sequence[int], voxels: Sequence[int]) -> float:
    """Return the share of regions that is filled, in hundredths, from their numbers of voxels."""
    return round_half_up(HUNDREDTHS * sum(filled) / sum(voxels)) / HUNDREDTHS
