"""Children made once for the tests of uptake and lesions, and lesions told in the words of `residuum.scores`."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import polars as pl

from residuum.records.rules import shipped_rules
from residuum.records.settings import Definitions
from residuum.scores.curie import derive_curie_grades
from residuum.scores.grid import derive_grid
from residuum.scores.siopen import derive_siopen_grades
from residuum.synthetic.phantom.anatomy import Anatomy, Phantom, cover, voxelise
from residuum.synthetic.phantom.growth import compute_body
from residuum.synthetic.phantom.pose import Pose, draw_pose
from residuum.synthetic.tracer.marks import Mark

SCHEMA = {"read": pl.UInt32, "mark": pl.UInt32, "region": pl.String, "pattern": pl.String, "extent": pl.Float64}


@cache
def make_child(age_years: float, pose_seed: int | None = None) -> tuple[Anatomy, Phantom]:
    """Return a child on the grid of planar scans, lying as usual or in a pose drawn."""
    body = compute_body(age_years)
    pose = Pose() if pose_seed is None else draw_pose(np.random.default_rng(pose_seed), body)
    anatomy = Anatomy(body, pose)
    return anatomy, voxelise(anatomy, cover(anatomy))


def focal(*regions: str, label: str = "1") -> Mark:
    return Mark(label, regions, "focal")


def diffuse(extent: float, *regions: str, label: str = "1") -> Mark:
    return Mark(label, regions, "diffuse", extent)


def content(marks: Sequence[Mark]) -> list[tuple[tuple[str, ...], str, float | None]]:
    """Return what marks say, without their names."""
    return [(mark.regions, mark.pattern, mark.extent) for mark in marks]


def grade(marks: Sequence[Mark]) -> dict[tuple[str, str], int]:
    """Return SIOPEN and Curie grades above 0, under the default definitions."""
    rows = [
        (0, number, region, mark.pattern, mark.extent) for number, mark in enumerate(marks) for region in mark.regions
    ]
    lesions, grid, rules = pl.DataFrame(rows, SCHEMA, orient="row"), derive_grid(Definitions()), shipped_rules()
    systems = {"siopen": derive_siopen_grades, "curie": derive_curie_grades}
    return {
        (system, segment): found
        for system, derive in systems.items()
        for _, segment, found in derive(lesions, grid, rules).iter_rows()
    }
