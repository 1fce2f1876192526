"""The SPECT/CT that follows a planar scan: the trunk of the same child, lying as before."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from residuum.synthetic.camera.attenuation import compute_attenuation
from residuum.synthetic.camera.computed_tomography import compute_hounsfield
from residuum.synthetic.camera.nuclide import PEAK_KEV
from residuum.synthetic.camera.tomography import Protocol, compute_stored, simulate_spect
from residuum.synthetic.phantom.anatomy import voxelise
from residuum.synthetic.scans.planar_scan import Posed
from residuum.volumes.grid import Grid
from residuum.volumes.placement import Placement

FIELD_MM: Final = 400.0
"""Length of one bed position."""
_TOP: Final = 0.97
"""Upper end of the field as a share of the trunk's height: ribs, spine and, in small children, pelvis and femora."""
_CT_PIXEL_MM, _CT_SLICE_MM = 2.4, 4.8


@dataclass(frozen=True, slots=True, eq=False)
class SpectScan:
    """A SPECT and its CT in one frame of reference, as stored.

    Attributes
    ----------
    spect : array (slices, rows, columns) of uint16
    spect_grid : Grid
    ct : array (slices, rows, columns) of int16
        Hounsfield units.
    ct_grid : Grid
    """

    spect: NDArray[np.uint16]
    spect_grid: Grid
    ct: NDArray[np.int16]
    ct_grid: Grid


def scan_spect(posed: Posed, protocol: Protocol, random: np.random.Generator) -> SpectScan:
    """Return the SPECT/CT of the trunk of a child on the table.

    Parameters
    ----------
    posed : Posed
    protocol : Protocol
    random : numpy.random.Generator
        Draws the noise of both, nothing else.
    """
    within = _find_field(posed)
    phantom = posed.phantom
    grid = _cut(phantom.grid, within)
    attenuation = compute_attenuation(phantom.region[within], phantom.organ[within], PEAK_KEV)
    spect = simulate_spect(posed.activity_bq[within], attenuation, grid, posed.camera, protocol, random)
    hounsfield, ct_grid = scan_ct(posed, random)
    return SpectScan(compute_stored(spect.values), spect.grid, hounsfield, ct_grid)


def scan_ct(posed: Posed, random: np.random.Generator) -> tuple[NDArray[np.int16], Grid]:
    """Return the CT of a child on the table alone (slices, rows, columns) in Hounsfield units, and its grid."""
    grid = _make_ct_grid(_cut(posed.phantom.grid, _find_field(posed)))
    bones = voxelise(posed.anatomy, grid)
    return compute_hounsfield(bones.region, bones.organ, grid.spacing_mm, random), grid


def _find_field(posed: Posed) -> slice:
    """Return the slices of the phantom that lie within the field of view."""
    grid, trunk = posed.phantom.grid, posed.anatomy.frames["trunk"]
    top = trunk.to_world(np.array([0.0, 0.0, _TOP]))
    first = max(0, round(float(grid.index(top)[0])))
    slices = round(FIELD_MM / -grid.placement.step_mm[2])
    return slice(first, min(first + slices, grid.shape[0]))


def _cut(grid: Grid, within: slice) -> Grid:
    placed = grid.placement
    x, y, z = grid.position_mm(within.start, 0, 0).tolist()
    placement = Placement((x, y, z), placed.row_direction, placed.column_direction, placed.step_mm)
    return Grid((within.stop - within.start, *grid.shape[1:]), grid.spacing_mm, placement)


def _make_ct_grid(grid: Grid) -> Grid:
    """Return the grid of a CT that covers the voxels of another."""
    placed = grid.placement
    lengths = -grid.placement.step_mm[2] * grid.shape[0], grid.spacing_mm[0] * grid.shape[1]
    slices, rows = int(lengths[0] // _CT_SLICE_MM), int(lengths[1] // _CT_PIXEL_MM)
    columns = int(grid.spacing_mm[1] * grid.shape[2] // _CT_PIXEL_MM)
    placement = Placement(placed.origin_mm, placed.row_direction, placed.column_direction, (0.0, 0.0, -_CT_SLICE_MM))
    return Grid((slices, rows, columns), (_CT_PIXEL_MM, _CT_PIXEL_MM), placement)
