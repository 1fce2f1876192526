"""Lesions from marks: labelled voxels from which the marks can be counted back, and their activity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from residuum.records.vocabulary import REGIONS, SOFT_TISSUE
from residuum.synthetic.phantom.anatomy import ORGAN_CODE, Anatomy, Phantom
from residuum.synthetic.tracer.foci import plant_foci
from residuum.synthetic.tracer.marks import Mark
from residuum.synthetic.tracer.planned import Planned, plan_lesions
from residuum.synthetic.tracer.spread import compute_spread, measure_extent
from residuum.synthetic.tracer.tissues import Tissues


@dataclass(frozen=True, slots=True, eq=False)
class Lesions:
    """Lesions of one scan.

    Attributes
    ----------
    labels : array (layers, slices, rows, columns) of uint16
        0 or the label of a lesion. The first layer holds the foci; each further one diffuse lesions of which no two
        share a region, so that a focus within a diffuse lesion, and diffuse lesions over each other, all keep their
        voxels. A label occurs in one layer only.
    table : tuple of Planned
        The lesions by label: the first has the label 1.
    """

    labels: NDArray[np.uint16]
    table: tuple[Planned, ...]


def plant_lesions(
    marks: Sequence[Mark], phantom: Phantom, anatomy: Anatomy, patient_seed: int, scan_seed: int
) -> Lesions:
    """Return lesions from which `derive_marks` counts back the same marks.

    Parameters
    ----------
    marks : sequence of Mark
        Of one scan.
    phantom, anatomy : Phantom, Anatomy
        Voxels of the child and the child of which they are.
    patient_seed : int
        Decides on place and outline: number n of a region lies at the same anatomical place in all scans of a child.
    scan_seed : int
        Decides on the change of size and contrast on this scan.

    Raises
    ------
    ValueError
        A region has no room for its foci, or too few voxels for an extent; the message names the mark, the region, its
        voxels and the cure.
    """
    tissues = Tissues(phantom)
    table = plan_lesions(marks, patient_seed, scan_seed)
    foci = [lesion for lesion in table if lesion.mark.pattern == "focal"]
    diffuse = [lesion for lesion in table if lesion.mark.pattern == "diffuse"]
    layers = _choose_layers([lesion.mark.regions for lesion in diffuse])
    labels = np.zeros((1 + max(layers, default=0), *phantom.grid.shape), np.uint16)
    plant_foci(labels[0], foci, tissues, anatomy, patient_seed)
    for layer, lesion in zip(layers, diffuse, strict=True):
        labels[layer][tuple(compute_spread(lesion, tissues, anatomy, patient_seed).T)] = lesion.label
    return Lesions(labels, tuple(table))


def _choose_layers(lesions: Sequence[Sequence[str]]) -> list[int]:
    """Return for the regions of each lesion the first layer, from 1, in which no earlier one shares a region."""
    held: list[set[str]] = []
    chosen = []
    for regions in lesions:
        free = (layer for layer, taken in enumerate(held) if taken.isdisjoint(regions))
        layer = next(free, len(held))
        if layer == len(held):
            held.append(set())
        held[layer].update(regions)
        chosen.append(layer + 1)
    return chosen


def find_voxels(labels: NDArray[np.uint16]) -> dict[int, NDArray[np.int64]]:
    """Return the voxels of each label as indices into one flattened layer, in the order of the volume.

    Parameters
    ----------
    labels : array (layers, slices, rows, columns)

    Raises
    ------
    ValueError
        A label occurs in two layers.
    """
    found: dict[int, NDArray[np.int64]] = {}
    for layer in labels.reshape(len(labels), -1):
        flat = np.flatnonzero(layer)
        order = flat[np.argsort(layer[flat], kind="stable")]
        numbers, starts = np.unique(layer[order], return_index=True)
        for number, voxels in zip(numbers.tolist(), np.split(order, starts[1:]), strict=False):
            if number in found:
                raise ValueError(f"label {number} occurs in two layers; a lesion lies in one")
            found[number] = voxels
    return dict(sorted(found.items()))


def derive_marks(labels: NDArray[np.uint16], phantom: Phantom) -> tuple[Mark, ...]:
    """Return the marks of a reader who sees exactly what is there, counted from voxels alone.

    Parameters
    ----------
    labels : array (layers, slices, rows, columns)
        As of `Lesions`.
    phantom : Phantom

    Returns
    -------
    tuple of Mark
        By label, which is their name. The regions are those of the voxels, the pattern is that of the layer, the
        extent the filled share of all voxels of the regions touched, in hundredths.
    """
    foci = find_voxels(labels[:1]).keys()
    region = phantom.region.reshape(-1)
    counts = {
        number: np.bincount(region[voxels], minlength=len(REGIONS) + 1)
        for number, voxels in find_voxels(labels).items()
    }
    tissues = None if counts.keys() <= foci else Tissues(phantom)
    return tuple(
        _derive_mark(number, count, tissues if number not in foci else None) for number, count in counts.items()
    )


def _derive_mark(number: int, counts: NDArray[np.int64], spread_in: Tissues | None) -> Mark:
    filled = dict(zip((SOFT_TISSUE, *REGIONS), counts.tolist(), strict=True))
    filled = {region: count for region, count in filled.items() if count}
    if spread_in is None:
        return Mark(str(number), tuple(filled), "focal")
    voxels = [len(spread_in.voxels(region)) for region in filled]
    return Mark(str(number), tuple(filled), "diffuse", measure_extent(list(filled.values()), voxels))


def add_lesions(activity_bq: NDArray[np.float32], lesions: Lesions, phantom: Phantom) -> NDArray[np.float32]:
    """Return the activity with lesions in it: contrast times that of ordinary soft tissue in each of their voxels.

    Where lesions lie over each other the hottest counts, and nowhere is there less than before.

    Parameters
    ----------
    activity_bq : array (slices, rows, columns)
        Becquerel per voxel without lesions.
    lesions : Lesions
    phantom : Phantom
    """
    added = activity_bq.copy()
    flat = added.reshape(-1)
    soft_tissue = measure_soft_tissue(activity_bq, phantom)
    contrasts: Mapping[int, float] = {lesion.label: lesion.contrast for lesion in lesions.table}
    for label, voxels in find_voxels(lesions.labels).items():
        flat[voxels] = np.maximum(flat[voxels], np.float32(contrasts[label] * soft_tissue))
    return added


def measure_soft_tissue(activity_bq: NDArray[np.float32], phantom: Phantom) -> float:
    """Return the activity of ordinary soft tissue, Bq per voxel: the median of every fourth slice and column of it."""
    organ, region = phantom.organ[::4, :, ::4], phantom.region[::4, :, ::4]
    ordinary = (organ == ORGAN_CODE["remainder"]) & (region == 0)
    return float(np.median(activity_bq[::4, :, ::4][ordinary]))
