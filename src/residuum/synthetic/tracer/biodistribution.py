"""Where the tracer is 24 h after injection: I-123 mIBG in organs, and the activity of each voxel.

What is known and was read: salivary glands, myocardium, liver, gut and bladder are seen on almost all scans of
children, neck muscle, thyroid and normal adrenals on fewer (Paltiel 1994, 10.1148/radiology.190.1.8259387); adults:
adrenals on 32 %, lungs and heart on 90 % (10.1097/00003072-199502000-00011); brown fat at the nape on 32 of 266 scans
of children, changing within a child (Okuyama 2003, J Nucl Med 44:1421); heart to mediastinum 2.2 and more at 3 to 4 h
(PMC5852176). Concentrations relative to soft tissue were not found in a source that could be read: those here are
assumed, so that what is seen on scans is seen here in that order of brightness.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from residuum.synthetic.camera.nuclide import decay
from residuum.synthetic.phantom.anatomy import ORGAN_CODE, Phantom
from residuum.synthetic.phantom.organs import ORGANS
from residuum.synthetic.tracer.waves import draw_field

BONE: Final = "bone"

_RELATIVE: Final[Mapping[str, tuple[float, float]]] = {
    "remainder": (1.0, 0.0),
    BONE: (0.92, 0.04),
    "lungs": (0.7, 0.3),
    "heart": (3.0, 0.45),
    "liver": (8.0, 0.35),
    "spleen": (3.0, 0.4),
    "kidneys": (2.0, 0.4),
    "stomach": (1.5, 0.4),
    "bowel": (1.5, 0.4),
    "thyroid": (1.5, 0.4),
    "salivary_glands": (9.0, 0.4),
    "lacrimal_glands": (5.0, 0.4),
    "nasal_mucosa": (4.0, 0.4),
    "adrenals": (1.5, 0.4),
    "brown_fat": (1.0, 0.1),
    "brain": (0.6, 0.3),
}
"""Concentration relative to soft tissue: median and coefficient of variation between children. Assumed, not checked."""
_BRIGHT: Final[Mapping[str, tuple[float, float]]] = {"adrenals": (0.3, 6.0), "thyroid": (0.08, 30.0)}
"""Chance, and concentration relative to soft tissue, of an organ that is seen on some children only: normal adrenals,
and a thyroid whose blockade failed on a scan (chance assumed)."""
_BROWN_FAT: Final = (0.12, 5.0)
"""Okuyama 2003: 32 of 266 scans; the concentration is assumed."""
_SCAN_VARIATION: Final = 0.12
"""Coefficient of variation of an organ from scan to scan of a child. Assumed."""
_BLADDER, _BOWEL = (0.002, 0.10), (0.002, 0.05)
"""Share of the injected activity: urine after more or less voiding, and content of the colon."""
RETAINED: Final = 0.5
"""Share of the injected activity in the body at 24 h: about half is excreted in urine (ICRP 53 and its successors; not
checked)."""
_MBQ_PER_KG, _MBQ = 5.2, (37.0, 370.0)
"""North American consensus guidelines for injected activities in children (2016 update)."""
_WAVE_MM, _PATCHY = (50.0, 140.0), 0.9
"""Length of patches in the colon, and standard deviation of the logarithm of their concentration. Assumed."""
BECQUEREL: Final = 1e6


@dataclass(frozen=True, slots=True)
class Uptake:
    """What a child's organs take up on one scan.

    Attributes
    ----------
    relative : mapping of str to float
        Activity per volume relative to soft tissue (`remainder`, which is 1): of `ORGANS`, and of `bone`.
    bladder, bowel : float
        Share of the injected activity, decay aside, in urine and in the content of the colon.
    patches_seed : int
        Decides where in the bowel that content is.
    """

    relative: Mapping[str, float]
    bladder: float
    bowel: float
    patches_seed: int


def draw_uptake(patient_seed: int, scan_seed: int) -> Uptake:
    """Return the uptake of a child on one scan: its own level of each organ, log-normal, a little changed by the scan.

    Thyroid blockade, brown fat, bladder and colon belong to the scan alone.
    """
    child, scan = np.random.default_rng([patient_seed, 1]), np.random.default_rng([patient_seed, scan_seed, 2])
    relative = {}
    for organ, (median, variation) in _RELATIVE.items():
        factor = 0.0 if organ in ("remainder", BONE) else _SCAN_VARIATION
        relative[organ] = median * _spread(child, variation) * _spread(scan, factor)
    # Bone brighter than soft tissue would draw a skeleton, which a normal scan does not show.
    relative[BONE] = min(relative[BONE], 1.0)
    for organ, rng in (("adrenals", child), ("thyroid", scan)):
        chance, level = _BRIGHT[organ]
        if rng.random() < chance:
            relative[organ] = level * _spread(rng, 0.4)
    if scan.random() < _BROWN_FAT[0]:
        relative["brown_fat"] = _BROWN_FAT[1] * _spread(scan, 0.3)
    bladder = float(np.exp(scan.uniform(*np.log(_BLADDER))))
    bowel = float(np.exp(scan.uniform(*np.log(_BOWEL))))
    return Uptake(relative, bladder, bowel, int(scan.integers(2**31)))


def _spread(rng: np.random.Generator, variation: float) -> float:
    """Return a log-normal factor of median 1 with a coefficient of variation."""
    return float(np.exp(rng.normal() * np.sqrt(np.log1p(variation**2))))


def compute_injected_mbq(weight_kg: float) -> float:
    """Return the activity to inject: 5.2 MBq/kg, at least 37 and at most 370 MBq."""
    return float(np.clip(_MBQ_PER_KG * weight_kg, *_MBQ))


def compute_activity(
    phantom: Phantom, uptake: Uptake, injected_mbq: float, delay_hours: float = 24.0, retained: float = RETAINED
) -> NDArray[np.float32]:
    """Return the activity of each voxel at the time of the scan, in becquerel.

    Its sum is the injected activity times `retained`, decayed over `delay_hours`. Urine and the content of the colon
    have their shares of the injected activity, the rest is shared out by volume and relative concentration.

    Parameters
    ----------
    phantom : Phantom
        A whole body: of a part of one the sum would be wrong.
    uptake : Uptake
    injected_mbq : float
    delay_hours : float
        From injection to scan.
    retained : float
        Share of the injected activity in the body, decay aside.

    Raises
    ------
    ValueError
        More is in bladder and bowel than is retained, or the phantom lacks one of them.
    """
    contents = {"bladder": uptake.bladder, "bowel": uptake.bowel}
    if not sum(contents.values()) < retained <= 1:
        raise ValueError(f"retained is {retained}: above {sum(contents.values()):.3f}, held by urine and colon, to 1")
    present = injected_mbq * BECQUEREL * decay(delay_hours)
    bone = phantom.region > 0
    counts = np.bincount(phantom.organ.reshape(-1), minlength=len(ORGANS))
    relative = np.array([uptake.relative.get(organ, 0.0) for organ in ORGANS])
    bone_lacks = (1 - uptake.relative[BONE]) * np.count_nonzero(bone)
    soft_tissue = present * (retained - sum(contents.values())) / (relative @ counts - bone_lacks)
    activity: NDArray[np.float32] = (relative * soft_tissue).astype(np.float32)[phantom.organ]
    activity[bone] = uptake.relative[BONE] * soft_tissue
    for organ, share in contents.items():
        _fill(activity, phantom, organ, share * present, uptake.patches_seed if organ == "bowel" else None)
    return activity


def _fill(
    activity: NDArray[np.float32], phantom: Phantom, organ: str, becquerel: float, patches_seed: int | None
) -> None:
    """Add an activity to the voxels of an organ, evenly or in patches."""
    voxels = np.flatnonzero(phantom.organ == ORGAN_CODE[organ])
    if not len(voxels):
        raise ValueError(f"the phantom has no {organ} for {becquerel:.0f} Bq; take a grid that covers the body")
    weights = np.ones(len(voxels))
    if patches_seed is not None:
        index = np.unravel_index(voxels, phantom.organ.shape)
        field = draw_field(np.random.default_rng(patches_seed), phantom.grid.position_mm(*index), _WAVE_MM)
        weights = np.exp(_PATCHY * field)
    activity.reshape(-1)[voxels] += (weights * (becquerel / weights.sum())).astype(np.float32)
