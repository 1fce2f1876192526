"""Scans of both phantom generators with what proposed regions are judged by: lesions, and the view nearer to each."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import second_generator
from residuum.records.vocabulary import REGIONS
from residuum.synthetic.scans.children import ScannedChild
from residuum.synthetic.scans.planar_scan import PlannedScan, make_planar_scan
from residuum.synthetic.scans.truth import TrueLesion, Truth, derive_truth
from residuum.synthetic.tracer.marks import Mark
from residuum.volumes.registration.preparation import Facing, Views
from second_generator.camera import Silhouette
from second_generator.organs import low_solids
from second_generator.skeleton import locate


@dataclass(frozen=True)
class SeenLesion:
    """A lesion in a bone: its region, and where it lies in the view that has less tissue before it."""

    region: str
    view: Facing
    position_mm: tuple[float, float]


@dataclass(frozen=True)
class RegionScan:
    """A scan, its lesions, and by view the bone that is met first at each pixel (1 + its number), where it is known."""

    views: Views
    lesions: tuple[SeenLesion, ...]
    bones: Mapping[Facing, NDArray[np.uint8]]


def make_first(seed: int) -> RegionScan:
    """Return a scan by the product's generator: 1 to 14 years, 2 to 14 lesions, each in another region."""
    rng = np.random.default_rng([seed, 17])
    child = ScannedChild(f"region-{seed}", "female", int(rng.uniform(1.0, 14.0) * 365.25))
    regions = rng.choice(REGIONS, int(rng.integers(2, 15)), replace=False).tolist()
    marks = tuple(
        Mark(region, (region,), "diffuse", round(float(rng.uniform(0.2, 1)), 2))
        if rng.random() < 0.15
        else Mark(region, (region,), "focal")
        for region in regions
    )
    scan = make_planar_scan(child, PlannedScan(f"region-{seed}", 0, marks))
    truth = derive_truth(scan.posed.phantom, scan.posed.lesions, scan.offset)
    bones = {view: seen.nearest for view, seen in truth.views.items()}
    lesions = tuple(_find_lesion(one, truth) for one in truth.lesions)
    return RegionScan(Views(scan.anterior, scan.posterior), lesions, bones)


def _find_lesion(lesion: TrueLesion, truth: Truth) -> SeenLesion:
    """Return the pixel of a lesion next to its centre, which may lie outside a diffuse one."""
    view: Facing = "anterior" if lesion.position_mm[1] < 0 else "posterior"
    pixels = np.argwhere(truth.views[view].lesion_mask(lesion.label))[:, ::-1] * truth.pixel_mm
    x, y = pixels[np.argmin(np.linalg.norm(pixels - lesion.planar_mm[view], axis=1))].tolist()
    return SeenLesion(lesion.regions[0], view, (x, y))


def make_second(seed: int, *, turned: bool = False) -> RegionScan:
    """Return the earlier scan of a pair by the second generator."""
    scan = second_generator.make_pair(seed, turned=turned).before
    lungs = [solid for _, name, solid in low_solids(scan.child, scan.parts) if name == "lungs"]
    body = Silhouette(scan.parts, lungs)
    lesions = []
    for name in dict.fromkeys(one.site for one in scan.lesions if one.site in scan.sites):
        point = np.atleast_2d(locate(name, scan.parts))
        view: Facing = "anterior" if body.path_mm(point, True)[0] < body.path_mm(point, False)[0] else "posterior"
        site = scan.sites[name]
        lesions.append(SeenLesion(site.region, view, getattr(site, view)))
    return RegionScan(Views(scan.anterior, scan.posterior), tuple(lesions), {})
