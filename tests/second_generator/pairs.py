"""Two scans of one child: grown, lying otherwise, with lesions that went and some that came."""

from dataclasses import dataclass

import numpy as np

from second_generator.camera import Camera, draw_camera
from second_generator.figure import draw_pose
from second_generator.growth import Child, draw_child
from second_generator.organs import Lesion
from second_generator.scan import SecondScan, make_scan
from second_generator.skeleton import SITE_BONES


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two scans of one child, and the names of the sites that hold a lesion on either."""

    before: SecondScan
    after: SecondScan
    months: float
    sites: tuple[str, ...]
    vanished: tuple[str, ...]
    new: tuple[str, ...]


def draw_lesion(rng: np.random.Generator, site: str, diffuse: bool) -> Lesion:
    """Return a lesion at a site: small or large, faint or hot."""
    width = float(np.clip(13 * np.exp(0.45 * rng.normal()), 5, 40))
    contrast = float(np.clip(3.0 * np.exp(0.7 * rng.normal()), 0.6, 15))
    return Lesion(site, width, min(contrast, 5.0) if diffuse else contrast, diffuse)


def draw_lesions(rng: np.random.Generator, fewest: int = 3, most: int = 20) -> list[Lesion]:
    """Return 3 to 20 lesions of 1 to 12 regions."""
    names = list(SITE_BONES)
    regions = sorted({bone.region for bone, _ in SITE_BONES.values()})
    order = rng.permutation(regions).tolist()
    wanted = int(rng.integers(1, 13))
    near: list[str] = []
    while wanted or len(near) < fewest:
        region = order.pop()
        near += [name for name in names if SITE_BONES[name][0].region == region]
        wanted = max(wanted - 1, 0)
    number = min(int(np.round(fewest * (most / fewest) ** rng.random())), len(near))
    sites = rng.choice(near, number, replace=False).tolist()
    # In some children the marrow of most of these bones is full, in others a bone now and then.
    share = 0.7 if rng.random() < 0.12 else 0.15
    filled: set[str] = set()
    lesions = []
    for site in sites:
        region = SITE_BONES[site][0].region
        diffuse = bool(rng.random() < share) and region not in filled
        filled |= {region} if diffuse else set()
        lesions.append(draw_lesion(rng, site, diffuse))
    return lesions


def _draw_months(child: Child, rng: np.random.Generator) -> float:
    """Return 1 to 24 months, fewer where the child would grow by more than 15 %."""
    months = float(rng.uniform(1, 24))
    first = child.sizes(child.age_years)["stature"]
    while months > 1 and child.sizes(child.age_years + months / 12)["stature"] > 1.15 * first:
        months *= 0.9
    return max(months, 1.0)


def make_pair(
    seed: int,
    age_years: float | None = None,
    months: float | None = None,
    counts: tuple[float, float] | None = None,
    camera: Camera | None = None,
    turned: bool = False,
) -> Pair:
    """Return a pair; what is not given is drawn from the seed.

    Parameters
    ----------
    seed : int
    age_years : float, optional
        At the first scan, 1 to 15.
    months : float, optional
        Between the scans, 1 to 24.
    counts : tuple of float, optional
        Expected in a view of the first and of the second scan, 1.2e5 to 5e5.
    camera : Camera, optional
        Of both scans; otherwise in every second pair each has its own.
    turned : bool
        Whether heads are turned by up to 35 degrees.
    """
    rng = np.random.default_rng([seed, 4])
    child = draw_child(seed, age_years)
    passed = _draw_months(child, rng) if months is None else months
    levels = counts or tuple(float(np.exp(one)) for one in rng.uniform(np.log(1.2e5), np.log(5e5), 2))
    cameras = [draw_camera(rng)] * 2 if rng.random() < 0.5 else [draw_camera(rng), draw_camera(rng)]
    cameras = [camera] * 2 if camera else cameras
    first = draw_lesions(rng)
    primary = [Lesion("primary", float(rng.uniform(25, 55)), float(rng.uniform(2, 8)))] if rng.random() < 0.3 else []
    second, new = _follow(first, rng)
    ages = (child.age_years, child.age_years + passed / 12)
    poses = (draw_pose(rng, turned), draw_pose(rng, turned))
    shrunk = primary if rng.random() < 0.4 else []
    before = make_scan(child, ages[0], poses[0], first + primary, levels[0], 2 * seed, cameras[0])
    after = make_scan(child, ages[1], poses[1], second + shrunk, levels[1], 2 * seed + 1, cameras[1])
    kept = {one.site for one in second}
    names = [one.site for one in first]
    vanished = tuple(site for site in names if site not in kept)
    return Pair(before, after, passed, (*names, *new), vanished, new)


def _follow(first: list[Lesion], rng: np.random.Generator) -> tuple[list[Lesion], tuple[str, ...]]:
    """Return the lesions that are left or new, and the sites of the new ones: 30 to 100 % vanish."""
    gone = int(np.ceil(rng.uniform(0.3, 1.0) * len(first)))
    left = [first[k] for k in sorted(rng.permutation(len(first))[gone:].tolist())]
    faded = [Lesion(one.site, one.width_mm, one.contrast * float(rng.uniform(0.4, 1.2)), one.diffuse) for one in left]
    free = [name for name in SITE_BONES if name not in {one.site for one in first}]
    count = int(rng.integers(1, 4)) if rng.random() < 0.3 else 0
    new = rng.choice(free, count, replace=False).tolist()
    return faded + [draw_lesion(rng, site, diffuse=False) for site in new], tuple(new)
