"""Activity that is no uptake: residue at the injection site and in a central line, urine on the skin.

Shares of the injected activity are assumed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from residuum.synthetic.camera.nuclide import decay
from residuum.synthetic.phantom.anatomy import ORGAN_CODE, REGION_CODE, Phantom
from residuum.synthetic.tracer.biodistribution import BECQUEREL
from residuum.synthetic.tracer.tissues import measure_voxel

Kind = Literal["injection_site", "central_line", "urine"]
Voxels = NDArray[np.int64]

_CHANCE: Final[dict[Kind, float]] = {"injection_site": 0.1, "central_line": 0.1, "urine": 0.1}
_IN_NAPPIES: Final = 0.3
"""Chance of urine on the skin before the third birthday."""
_NAPPY_YEARS: Final = 3.0
_SHARE: Final = (0.0005, 0.005)
_SPOT_MM: Final = (5.0, 12.0)


@dataclass(frozen=True, slots=True)
class Extra:
    """One place with activity that is no uptake.

    Attributes
    ----------
    kind : {"injection_site", "central_line", "urine"}
    share : float
        Of the injected activity, decay aside.
    seed : int
        Decides on the place.
    """

    kind: Kind
    share: float
    seed: int


def draw_extras(scan_seed: int, age_years: float) -> tuple[Extra, ...]:
    """Return what a scan shows beside uptake; most show nothing."""
    rng = np.random.default_rng([scan_seed, 3])
    extras = []
    for kind, usual in _CHANCE.items():
        chance = _IN_NAPPIES if kind == "urine" and age_years < _NAPPY_YEARS else usual
        present, share, seed = rng.random() < chance, np.exp(rng.uniform(*np.log(_SHARE))), rng.integers(2**31)
        if present:
            extras.append(Extra(kind, float(share), int(seed)))
    return tuple(extras)


def add_extras(
    activity_bq: NDArray[np.float32],
    phantom: Phantom,
    extras: Iterable[Extra],
    injected_mbq: float,
    delay_hours: float = 24.0,
) -> NDArray[np.float32]:
    """Return the activity with extras in it: each adds its share of the injected activity, decayed.

    The injection site lies beneath the skin of a forearm, the central line runs from below the right clavicle to the
    heart, urine lies on the skin at the lower end of the pelvis.

    Parameters
    ----------
    activity_bq : array (slices, rows, columns)
        Becquerel per voxel.
    phantom : Phantom
        A whole body.
    """
    added = activity_bq.copy()
    places = {"injection_site": _find_injection_site, "central_line": _find_central_line, "urine": _find_urine}
    for extra in extras:
        voxels = places[extra.kind](phantom, np.random.default_rng(extra.seed))
        share = extra.share * injected_mbq * BECQUEREL * decay(delay_hours)
        added[tuple(voxels.T)] += np.float32(share / len(voxels))
    return added


def _find_injection_site(phantom: Phantom, rng: np.random.Generator) -> Voxels:
    bone = np.argwhere(phantom.region == REGION_CODE[str(rng.choice(["forearm_right", "forearm_left"]))])
    row, _, column = bone[rng.integers(len(bone))].tolist()
    return _find_spot(phantom, row, column, rng)


def _find_central_line(phantom: Phantom, rng: np.random.Generator) -> Voxels:
    clavicle = np.argwhere(phantom.region == REGION_CODE["clavicle_right"])
    heart = np.argwhere(phantom.organ == ORGAN_CODE["heart"])
    # From the middle of the clavicle to the upper end of the heart, where the right atrium is.
    start, end = np.median(clavicle, axis=0), heart[: max(1, len(heart) // 10)].mean(axis=0)
    bend = (start + end) / 2 + rng.normal(0, 2, 3)
    along = np.linspace(0, 1, 400)[:, None]
    line = (1 - along) ** 2 * start + 2 * along * (1 - along) * bend + along**2 * end
    return np.unique(np.round(line).astype(np.int64), axis=0)


def _find_urine(phantom: Phantom, rng: np.random.Generator) -> Voxels:
    pelvis = np.argwhere(
        (phantom.region == REGION_CODE["pelvis_right"]) | (phantom.region == REGION_CODE["pelvis_left"])
    )
    row = int(pelvis[:, 0].max()) - int(rng.integers(0, 15))
    right, left = np.quantile(pelvis[:, 2], (0.25, 0.75))
    body = np.flatnonzero((phantom.organ[row] > 0).any(axis=0))
    return _find_spot(phantom, row, int(body[np.argmin(np.abs(body - rng.uniform(right, left)))]), rng)


def _find_spot(phantom: Phantom, row: int, column: int, rng: np.random.Generator) -> Voxels:
    """Return the voxels of the body around the first one that is met from the front, which is skin."""
    middle = np.array([row, int(np.argmax(phantom.organ[row, :, column] > 0)), column])
    size, radius = measure_voxel(phantom), float(rng.uniform(*_SPOT_MM))
    reach = np.ceil(radius / size).astype(int)
    low = np.clip(middle - reach, 0, None)
    box = tuple(slice(first, last) for first, last in zip(low, middle + reach + 1, strict=True))
    body = np.argwhere(phantom.organ[box]) + low
    spot: Voxels = body[np.linalg.norm((body - middle) * size, axis=1) <= radius]
    return spot
