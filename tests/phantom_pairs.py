"""Two scans of one child by the product's own generator: grown, lying otherwise, with lesions that went and came."""

from dataclasses import dataclass

import numpy as np

from residuum.records.vocabulary import REGIONS
from residuum.synthetic.scans.children import ScannedChild
from residuum.synthetic.scans.planar_scan import PlanarScan, PlannedScan, make_planar_scan
from residuum.synthetic.tracer.marks import Mark
from residuum.volumes.planar import PlanarView

XY = tuple[float, float]


@dataclass(frozen=True)
class Site:
    """One anatomical place on the two views of a scan, mm."""

    region: str
    anterior: XY
    posterior: XY


@dataclass(frozen=True)
class Scan:
    anterior: PlanarView
    posterior: PlanarView
    sites: dict[str, Site]


@dataclass(frozen=True)
class Pair:
    before: Scan
    after: Scan
    months: float
    sites: tuple[str, ...]


def make_pair(seed: int) -> Pair:
    """Return a child of 1 to 14 years, scanned twice within 1 to 24 months; of 2 to 14 lesions 0 to 70 % are left."""
    rng = np.random.default_rng([seed, 11])
    child = ScannedChild(f"pair-{seed}", "female", int(rng.uniform(1.0, 14.0) * 365.25))
    days = int(30 * 24 ** rng.random())
    marks = _draw_marks(rng)
    left = rng.permutation(len(marks))[: int(rng.uniform(0, 0.7) * len(marks))]
    kept = tuple(marks[index] for index in sorted(left.tolist()))
    before = make_planar_scan(child, PlannedScan(f"pair-{seed}-1", 0, marks))
    after = make_planar_scan(child, PlannedScan(f"pair-{seed}-2", days, kept))
    places = {
        lesion.mark.label: (lesion.mark.regions[0], _find_centre(before, lesion.label))
        for lesion in before.posed.lesions.table
    }
    carried = {name: (region, _carry(before, after, region, position)) for name, (region, position) in places.items()}
    return Pair(_describe(before, places), _describe(after, carried), days / 30.4, tuple(places))


def _draw_marks(rng: np.random.Generator) -> tuple[Mark, ...]:
    regions = rng.choice(REGIONS, int(rng.integers(2, 15)), replace=False).tolist()
    return tuple(
        Mark(region, (region,), "diffuse", round(float(rng.uniform(0.2, 1)), 2))
        if rng.random() < 0.15
        else Mark(region, (region,), "focal")
        for region in regions
    )


def _find_centre(scan: PlanarScan, label: int) -> np.ndarray:
    index = np.argwhere((scan.posed.lesions.labels == label).any(axis=0)).mean(axis=0)
    return scan.posed.phantom.grid.position_mm(*index)


def _carry(before: PlanarScan, after: PlanarScan, region: str, position_mm: np.ndarray) -> np.ndarray:
    local = before.posed.anatomy.frame_of(region).to_local(position_mm[None])
    return after.posed.anatomy.frame_of(region).to_world(local)[0]


def _describe(scan: PlanarScan, places: dict[str, tuple[str, np.ndarray]]) -> Scan:
    grid, columns = scan.posed.phantom.grid, scan.anterior.counts.shape[1]
    sites = {}
    for name, (region, position) in places.items():
        index = grid.index(position)
        x, y = (index[2] + scan.offset[1]) * 2.4, (index[0] + scan.offset[0]) * 2.4
        sites[name] = Site(region, (float(x), float(y)), (float((columns - 1) * 2.4 - x), float(y)))
    return Scan(scan.anterior, scan.posterior, sites)
