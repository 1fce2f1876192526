"""Pairs of CT (of SPECT/CT) of one child by two generators that share no code, with places that are known in both."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

import random_torsos as torsos
from residuum.records.vocabulary import REGIONS
from residuum.synthetic.scans.children import ScannedChild
from residuum.synthetic.scans.planar_scan import PlannedScan, Posed, pose_child
from residuum.synthetic.scans.spect_scan import scan_ct
from residuum.synthetic.tracer.marks import Mark
from residuum.volumes.grid import Volume

SPOILED: dict[str, str | None] = {
    "empty": "no_child",
    "left and right exchanged": "reflected",
    "head and foot exchanged": "reflected",
    "head to foot": "turned",
    "face down": "turned",
    "another size": "size",
    "no overlap": None,
}
"""What `spoil` does, and the fault that is to be told; None where any is right."""


@dataclass(frozen=True)
class Pair:
    """Two scans, and sites (n, 3) in mm that lie in both fields of view."""

    before: Volume
    after: Volume
    sites: tuple[str, ...]
    before_mm: NDArray[np.float64]
    after_mm: NDArray[np.float64]


def is_limb(site: str) -> bool:
    """Return whether a site lies in an arm, which lies as it likes."""
    return site.startswith(("arm", "humerus", "forearm", "hand"))


def make_phantom_pair(seed: int) -> Pair:
    """Return a child of 1 to 14 years by the product's generator, scanned twice within 1 to 24 months.

    Sites are those of its 6 to 20 lesions, of which 0 to 70 % are left in the later scan, where some are new.
    """
    rng = np.random.default_rng([seed, 21])
    child = ScannedChild(f"spect-{seed}", "female", int(rng.uniform(1.0, 14.0) * 365.25))
    days = int(30 * 24 ** rng.random())
    regions = rng.permutation(REGIONS).tolist()
    marks = [_draw_mark(rng, one) for one in regions[: rng.integers(6, 21)]]
    left = rng.permutation(len(marks))[: int(rng.uniform(0, 0.7) * len(marks))]
    new = [_draw_mark(rng, one) for one in regions[24 : 24 + rng.integers(0, 4)]]
    before = pose_child(child, PlannedScan(f"spect-{seed}-1", 0, tuple(marks)))
    kept = tuple(marks[index] for index in sorted(left.tolist()))
    after = pose_child(child, PlannedScan(f"spect-{seed}-2", days, (*kept, *new)))
    scans = [_scan_phantom(posed, rng) for posed in (before, after)]
    return _describe(scans[0], scans[1], *_find_sites(before, after))


def _draw_mark(rng: np.random.Generator, region: str) -> Mark:
    if rng.random() < 0.15:
        return Mark(region, (region,), "diffuse", round(float(rng.uniform(0.2, 1)), 2))
    return Mark(region, (region,), "focal")


def _scan_phantom(posed: Posed, rng: np.random.Generator) -> Volume:
    values, grid = scan_ct(posed, rng)
    return Volume(values, grid.spacing_mm, grid.placement)


def _find_sites(before: Posed, after: Posed) -> tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.float64]]:
    names, places, truths = [], [], []
    for lesion in before.lesions.table:
        region = lesion.mark.regions[0]
        index = np.argwhere((before.lesions.labels == lesion.label).any(axis=0)).mean(axis=0)
        place = before.phantom.grid.position_mm(*index)
        names.append(region)
        places.append(place)
        local = before.anatomy.frame_of(region).to_local(place[None])
        truths.append(after.anatomy.frame_of(region).to_world(local)[0])
    return tuple(names), np.array(places), np.array(truths)


def make_torso_pair(seed: int, size: float | None = None) -> Pair:
    """Return an invented torso, scanned twice: another breath and bowel, growth by 0 to 15 %, another bend and place.

    Sites are 6 to 20 points of its bones, and the middles of its arms, called `arm ...`.
    """
    draw = np.random.default_rng([2026, seed])
    size = draw.uniform(0.75, 1.35) if size is None else size
    build, growth = int(draw.integers(0, 4)), draw.uniform(1.0, 1.15)
    poses = torsos.random_pose(draw, size), torsos.random_pose(draw, size * growth)
    children = torsos.paint_child(build, 0), torsos.paint_child(build, 1)
    scans = [_scan_torso(child, pose, draw) for child, pose in zip(children, poses, strict=True)]
    bones, arms = children[0].bones, [torsos.arm_points(pose) for pose in poses]
    box = np.array(list(bones.values()))
    places = [np.vstack([pose.to_room(box), *arm.values()]) for pose, arm in zip(poses, arms, strict=True)]
    pair = _describe(scans[0], scans[1], (*bones, *(f"arm {one}" for one in arms[0])), places[0], places[1])
    bony = np.flatnonzero([not is_limb(site) for site in pair.sites])
    limbs = np.flatnonzero([is_limb(site) for site in pair.sites])
    some = np.sort(np.r_[draw.permutation(bony)[: draw.integers(6, 21)], limbs]).astype(int)
    return replace(
        pair,
        sites=tuple(pair.sites[one] for one in some),
        before_mm=pair.before_mm[some],
        after_mm=pair.after_mm[some],
    )


def _scan_torso(child: torsos.Child, pose: torsos.Pose, draw: np.random.Generator) -> Volume:
    middle = (*draw.uniform(-12, 12, 2), pose.shift[2] + 200 * pose.scale[2] + draw.uniform(-40, 40))
    slices, step = int(draw.integers(60, 90)), float(draw.uniform(3.4, 4.4) * draw.choice([-1, 1]))
    grid = torsos.scan_grid((slices, 96, 96), float(draw.uniform(4, 5)), step, middle)
    return torsos.scan_ct(child, pose, grid, draw)


def _describe(
    before: Volume,
    after: Volume,
    names: tuple[str, ...],
    before_mm: NDArray[np.float64],
    after_mm: NDArray[np.float64],
) -> Pair:
    """Return a pair with the sites that both fields of view hold."""
    both = _is_in(before, before_mm) & _is_in(after, after_mm)
    kept = tuple(name for name, inside in zip(names, both, strict=True) if inside)
    return Pair(before, after, kept, before_mm[both], after_mm[both])


def _is_in(volume: Volume, positions_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
    index = volume.index(positions_mm)
    return ((index >= 0) & (index <= np.array(volume.values.shape) - 1)).all(axis=1)


def spoil(pair: Pair) -> dict[str, tuple[Volume, Volume]]:
    """Return CT that must not be registered, by what is wrong with them."""
    later = pair.after
    spoiled = {
        "empty": replace(later, values=np.full_like(later.values, later.values.min())),
        "left and right exchanged": flip(later, 2),
        "head and foot exchanged": flip(later, 0),
        "head to foot": flip(later, 0, 2),
        "face down": flip(later, 1, 2),
        "another size": enlarge(later, 1.5),
    }
    scans = {name: (pair.before, one) for name, one in spoiled.items()}
    return {**scans, "no overlap": (cut(pair.before, 1), cut(later, 0))}


def flip(volume: Volume, *axes: int) -> Volume:
    """Return the volume with its content turned and its geometry kept: what a wrong header does."""
    return replace(volume, values=np.ascontiguousarray(np.flip(volume.values, axes)))


def enlarge(volume: Volume, by: float) -> Volume:
    x, y, z = (by * one for one in volume.placement.step_mm)
    spacing = (by * volume.spacing_mm[0], by * volume.spacing_mm[1])
    return Volume(volume.values, spacing, replace(volume.placement, step_mm=(x, y, z)))


def cut(volume: Volume, upper: int) -> Volume:
    """Return the upper (1) or the lower (0) 35 of 100 slices."""
    count = round(0.35 * len(volume.values))
    upwards = volume.placement.step_mm[2] > 0
    first = len(volume.values) - count if upwards == bool(upper) else 0
    x, y, z = volume.position_mm(first, 0, 0).tolist()
    placed = replace(volume.placement, origin_mm=(x, y, z))
    return Volume(volume.values[first : first + count], volume.spacing_mm, placed)
