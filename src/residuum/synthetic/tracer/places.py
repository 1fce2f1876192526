"""Where the lesions of a child lie: the same anatomical place in all of its scans."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from residuum.records.vocabulary import MARK_REGIONS, SOFT_TISSUE
from residuum.synthetic.phantom.anatomy import ORGAN_CODE, Anatomy, Phantom, cover, voxelise
from residuum.synthetic.phantom.growth import compute_body
from residuum.synthetic.phantom.pose import Pose
from residuum.synthetic.phantom.solids import Frame
from residuum.synthetic.tracer.tissues import Tissues

Positions = NDArray[np.float64]

_ATLAS_YEARS: Final = 10.0
_CANDIDATES: Final = 12
"""Of so many places drawn, the one farthest from the earlier ones of its region is taken."""
_ADRENAL: Final = 0.65
"""Chance of a primary tumour to lie at an adrenal, not beside the spine; about 40 % arise in the adrenal itself and as
many elsewhere in the abdomen (not checked)."""
_BESIDE_SPINE: Final = ("spine_cervical", "spine_thoracic", "spine_lumbar", "sacrum")
_BESIDE: Final = (0.2, 0.4)
"""How far beside the middle of the spine, as share of the trunk's half-width; a vertebra reaches to 0.16."""

PLACE, SHAPE, LASTING, CHANGE = range(4)
"""What a random number is for: place, outline, size and contrast of a child's lesion, and their change on a scan."""


def make_rng(patient_seed: int, regions: tuple[str, ...], *numbers: int) -> np.random.Generator:
    """Return random numbers that depend on the child, the regions and further numbers alone."""
    code = sum(1 << MARK_REGIONS.index(region) for region in regions)
    return np.random.default_rng([patient_seed, code, *numbers])


def frame_of(anatomy: Anatomy, region: str) -> Frame:
    """Return the frame of a region; soft tissue is placed in that of the trunk."""
    return anatomy.frame_of("spine_lumbar" if region == SOFT_TISSUE else region)


@cache
def _atlas() -> tuple[Anatomy, Phantom, Tissues]:
    anatomy = Anatomy(compute_body(_ATLAS_YEARS), Pose())
    phantom = voxelise(anatomy, cover(anatomy))
    return anatomy, phantom, Tissues(phantom)


@cache
def _bone_of_atlas(region: str) -> Positions:
    """Return the voxels of a bone of the atlas in normalised coordinates of its body part."""
    anatomy, _, tissues = _atlas()
    return anatomy.frame_of(region).to_local(tissues.position_mm(tissues.voxels(region)))


@cache
def _adrenals_of_atlas() -> Positions:
    anatomy, phantom, tissues = _atlas()
    voxels = np.argwhere(phantom.organ == ORGAN_CODE["adrenals"])
    return anatomy.frame_of("spine_lumbar").to_local(tissues.position_mm(voxels))


def measure(region: str, local: Positions) -> Positions:
    """Return normalised coordinates as millimetres of the body part of a ten-year-old: lengths free of age and pose."""
    scaled: Positions = local * frame_of(_atlas()[0], region).scale_mm
    return scaled


def draw_places(patient_seed: int, region: str, count: int) -> Positions:
    """Return the first places of a child's lesions in a region, (count, 3), in normalised coordinates.

    They are drawn from the bone of a ten-year-old, far from each other; more places begin with the same ones. The first
    of soft tissue is that of a primary tumour, at an adrenal or beside the spine.

    Parameters
    ----------
    region : str
        Of `MARK_REGIONS`.
    """
    rng = make_rng(patient_seed, (region,), PLACE)
    places: list[Positions] = []
    for number in range(count):
        if region == SOFT_TISSUE:
            places.append(_draw_beside(rng, primary=number == 0))
            continue
        bone = _bone_of_atlas(region)
        drawn = bone[rng.integers(len(bone), size=_CANDIDATES)]
        places.append(drawn[_farthest(measure(region, drawn), [measure(region, place) for place in places])])
    return np.array(places).reshape(-1, 3)


def _farthest(drawn: Positions, places: list[Positions]) -> int:
    if not places:
        return 0
    away = np.linalg.norm(drawn[:, None] - np.array(places)[None], axis=2).min(axis=1)
    return int(np.argmax(away))


def _draw_beside(rng: np.random.Generator, *, primary: bool) -> Positions:
    """Return a place of soft tissue in the frame of the trunk."""
    adrenal, side = primary and rng.random() < _ADRENAL, rng.choice([-1.0, 1.0])
    if adrenal:
        glands = _adrenals_of_atlas()
        glands = glands[np.sign(glands[:, 0]) == side]
        place: Positions = glands[rng.integers(len(glands))]
        return place
    spine = _BESIDE_SPINE[int(rng.integers(1, 3) if primary else rng.integers(len(_BESIDE_SPINE)))]
    bone = _bone_of_atlas(spine)
    place = bone[rng.integers(len(bone))].copy()
    place[:2] = side * rng.uniform(*_BESIDE), place[1] - rng.uniform(0, 0.4)
    return _move_to_soft_tissue(place)


def _move_to_soft_tissue(place: Positions) -> Positions:
    """Return the nearest place of the atlas that is soft tissue: in other bodies it then nearly always is, too."""
    anatomy, _, tissues = _atlas()
    frame = frame_of(anatomy, SOFT_TISSUE)
    middle_mm = frame.to_world(place)
    positions_mm = tissues.position_mm(tissues.near(SOFT_TISSUE, middle_mm))
    return frame.to_local(positions_mm[np.argmin(np.linalg.norm(positions_mm - middle_mm, axis=1))])
