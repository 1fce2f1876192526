"""A whole-body planar scan of an invented child: everything from its marks to the counts of both views."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from residuum.synthetic.camera.attenuation import compute_attenuation
from residuum.synthetic.camera.collimators import COLLIMATORS, Camera
from residuum.synthetic.camera.nuclide import PEAK_KEV
from residuum.synthetic.camera.planar import MATRIX_SHAPE, PIXEL_MM, Acquisition, acquire
from residuum.synthetic.phantom.anatomy import Anatomy, Phantom, cover, voxelise
from residuum.synthetic.phantom.pose import Pose, draw_pose
from residuum.synthetic.scans.children import ScannedChild, compute_seed
from residuum.synthetic.tracer.biodistribution import (
    Uptake,
    compute_activity,
    compute_injected_mbq,
    draw_uptake,
)
from residuum.synthetic.tracer.extras import Extra, add_extras, draw_extras
from residuum.synthetic.tracer.lesions import Lesions, add_lesions, plant_lesions
from residuum.synthetic.tracer.marks import Mark
from residuum.volumes.grid import Grid
from residuum.volumes.planar import PlanarView

_FRONT_MM: Final = (15.0, 50.0)
"""From the skin to the collimator in front: heads that follow the body, or do not."""
_BEHIND_MM: Final = (30.0, 50.0)
"""From the skin to the collimator behind: the table lies between."""
_RETAINED: Final = (0.35, 0.6)
"""Share of the injected activity still in the body at 24 h, decay aside: ICRP 53 gives about a half."""
_OWN_CAMERA: Final = 0.8
"""Chance that a scan is done with the camera on which the child's other scans are done."""


@dataclass(frozen=True, slots=True)
class PlannedScan:
    """A scan to be made.

    Attributes
    ----------
    scan : str
        Code; with that of the child it decides on everything that is drawn for the scan.
    day : int
        From diagnosis.
    marks : tuple of Mark
        What there is to be seen.
    with_spect : bool
        Whether a SPECT/CT of the trunk follows.
    acquisition : Acquisition, optional
        Speed, motion and noise; by default 5 cm/min and no motion.
    extras : tuple of Extra, optional
        Activity that is no uptake; drawn by default, and mostly none.
    """

    scan: str
    day: int
    marks: tuple[Mark, ...] = ()
    with_spect: bool = False
    acquisition: Acquisition = field(default_factory=Acquisition)
    extras: tuple[Extra, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """A child on the table: its voxels, what is in them, and the camera.

    Attributes
    ----------
    anatomy : Anatomy
    phantom : Phantom
    lesions : Lesions
    activity_bq : array (slices, rows, columns)
    camera : Camera
    gaps_mm : tuple of float
        From the collimators in front and behind to the centres of the first and the last plane of voxels.
    injected_mbq : float
    """

    anatomy: Anatomy
    phantom: Phantom
    lesions: Lesions
    activity_bq: NDArray[np.float32]
    camera: Camera
    gaps_mm: tuple[float, float]
    injected_mbq: float


@dataclass(frozen=True, slots=True, eq=False)
class PlanarScan:
    """Both views of a whole body, as stored, and what stood before the camera.

    Attributes
    ----------
    anterior, posterior : PlanarView
        Counts of 1024 x 256 pixels of 2.4 mm.
    posed : Posed
    offset : tuple of int
        Row and column of the anterior view at the first slice and column of the phantom.
    """

    anterior: PlanarView
    posterior: PlanarView
    posed: Posed
    offset: tuple[int, int]


def pose_child(
    child: ScannedChild, planned: PlannedScan, uptake: Uptake | None = None, pose: Pose | None = None
) -> Posed:
    """Return a child on the table, 24 h after the injection.

    Parameters
    ----------
    child : ScannedChild
    planned : PlannedScan
    uptake, pose : optional
        Drawn by default.

    Raises
    ------
    ValueError
        The marks cannot lie in such a body; the message names the mark, the region and the cure.
    """
    rng = np.random.default_rng(compute_seed(child.patient, planned.scan))
    scan_seed = compute_seed(planned.scan) % 2**32
    body = child.compute_body(planned.day)
    anatomy = Anatomy(body, pose or draw_pose(rng, body))
    phantom = voxelise(anatomy, cover(anatomy, PIXEL_MM, 2 * PIXEL_MM))
    lesions = plant_lesions(planned.marks, phantom, anatomy, child.seed % 2**32, scan_seed)
    injected = compute_injected_mbq(body.weight_kg)
    retained = float(rng.uniform(*_RETAINED))
    organs = compute_activity(
        phantom, uptake or draw_uptake(child.seed % 2**32, scan_seed), injected, retained=retained
    )
    gaps = _compute_gap(phantom, float(rng.uniform(*_FRONT_MM))), _compute_gap(phantom, float(rng.uniform(*_BEHIND_MM)))
    extras = draw_extras(scan_seed, child.age_years(planned.day)) if planned.extras is None else planned.extras
    activity = add_lesions(add_extras(organs, phantom, extras, injected), lesions, phantom)
    return Posed(anatomy, phantom, lesions, activity, _choose_camera(child, rng), gaps, injected)


def _compute_gap(phantom: Phantom, from_skin_mm: float) -> float:
    """Return the way from a collimator to the outermost plane of voxels, which lies two planes before the skin."""
    return max(0.0, from_skin_mm - 2 * phantom.grid.spacing_mm[0])


def _choose_camera(child: ScannedChild, rng: np.random.Generator) -> Camera:
    own = np.random.default_rng(compute_seed(child.patient, "camera")).integers(len(COLLIMATORS))
    other = rng.integers(len(COLLIMATORS))
    return Camera(COLLIMATORS[int(own if rng.random() < _OWN_CAMERA else other)])


def scan_planar(posed: Posed, acquisition: Acquisition, random: np.random.Generator) -> PlanarScan:
    """Return the views of a child on the table.

    Parameters
    ----------
    posed : Posed
    acquisition : Acquisition
    random : numpy.random.Generator
        Draws the noise, nothing else.

    Raises
    ------
    ValueError
        The child does not fit the field of view.
    """
    grid = posed.phantom.grid
    attenuation = compute_attenuation(posed.phantom.region, posed.phantom.organ, PEAK_KEV)
    spacing_mm = (-grid.placement.step_mm[2], *grid.spacing_mm)
    offset = _find_offset(grid, posed.anatomy)
    counts = acquire(
        posed.activity_bq, attenuation, spacing_mm, posed.gaps_mm, posed.camera, acquisition, offset, random
    )
    anterior = PlanarView(counts[0], (PIXEL_MM, PIXEL_MM), "anterior", "right")
    return PlanarScan(anterior, PlanarView(counts[1], (PIXEL_MM, PIXEL_MM), "posterior", "left"), posed, offset)


def _find_offset(grid: Grid, anatomy: Anatomy) -> tuple[int, int]:
    """Return where the phantom lies in the matrix: its midline and an unshifted body's middle in that of the matrix."""
    body = anatomy.body
    above = body.trunk_height + body.neck_height + body.head_height
    middle = (above - body.thigh_length - body.shank_length) / 2
    x, _, z = grid.placement.origin_mm
    row = MATRIX_SHAPE[0] // 2 - round((z - middle) / PIXEL_MM)
    return row, MATRIX_SHAPE[1] // 2 + round(x / PIXEL_MM)


def make_planar_scan(child: ScannedChild, planned: PlannedScan) -> PlanarScan:
    """Return the views of one scan of a child; the same words give the same counts."""
    random = np.random.default_rng(compute_seed(child.patient, planned.scan, "noise"))
    return scan_planar(pose_child(child, planned), planned.acquisition, random)
