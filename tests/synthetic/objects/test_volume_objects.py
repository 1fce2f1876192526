"""Simulated SPECT and CT as DICOM: valid, and every voxel is read back where it was."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from invented import CHILD, GRID, HEADS, PLACED, ROTATION, copies_of, errors_of, images_of, stored_values

from residuum.intake.scans.stored import read_stored
from residuum.intake.scans.understanding.grouping import Image
from residuum.synthetic.objects.computed_tomography import write_ct
from residuum.synthetic.objects.spect import compute_signed_spacing_mm, write_spect
from residuum.volumes.grid import Grid, Volume
from residuum.volumes.placement import Placement

pytestmark = pytest.mark.unit

COUNTS = np.random.default_rng(1).integers(0, 65536, GRID.shape).astype(np.uint16)
FINE = Grid((9, 24, 30), (3.2, 2.9), Placement((-44.1, -35.9, 413.25), (1, 0, 0), (0, 1, 0), (0, 0, -3.3)))
HOUNSFIELD = np.random.default_rng(2).integers(-1024, 3072, FINE.shape).astype(np.int16)
UPWARDS = Grid((6, 16, 20), (4.8, 4.8), replace(PLACED, step_mm=(0.0, 0.0, 4.8)))


def spect(grid: Grid = GRID) -> bytes:
    return write_spect(CHILD, COUNTS, grid, HEADS, ROTATION)


def ct() -> list[bytes]:
    return write_ct(CHILD, HOUNSFIELD, FINE)


def volume_of(files: list[bytes]) -> tuple[Image, Volume]:
    """Return the one image of objects and its stored values where the header says that they lie."""
    (image,) = images_of(files)
    assert image.placement is not None
    assert image.spacing_mm is not None
    return image, Volume(stored_values(files, image), image.spacing_mm, image.placement)


def assert_same_places(found: Volume, values: np.ndarray, grid: Grid) -> None:
    """Assert that every value is found at its place in the patient, whichever way its slices are stacked."""
    index = np.indices(grid.shape).reshape(3, -1)
    again = found.index(grid.position_mm(*index))
    assert np.abs(again - np.rint(again)).max() < 1e-6
    slices, rows, columns = np.rint(again).astype(int).T
    np.testing.assert_array_equal(found.values[slices, rows, columns], values[tuple(index)])


@pytest.mark.parametrize(("grid", "step_mm"), [(GRID, -4.8), (UPWARDS, 4.8)], ids=["head to foot", "foot to head"])
def test_spect_is_read_back_where_it_was(grid: Grid, step_mm: float) -> None:
    image, found = volume_of([spect(grid)])
    assert (image.kind, image.flags, image.asked, image.slices) == ("spect", ("synthetic",), (), 6)
    assert image.frame is not None
    assert (image.frame.window, image.frame.window_kev) == ("I123", (143.0, 175.0))
    assert image.frame.counts == COUNTS.sum(dtype=np.int64)
    assert image.facts.delay_hours == (24.75,)
    assert image.placement == grid.placement
    assert pydicom.dcmread(io.BytesIO(spect(grid))).SpacingBetweenSlices == step_mm == compute_signed_spacing_mm(grid)
    assert_same_places(found, COUNTS, grid)


def test_ct_is_read_back_where_it_was() -> None:
    files = ct()
    image, found = volume_of(files)
    assert (image.kind, image.flags, image.slices, len(files)) == ("ct", ("synthetic",), 9, 9)
    assert_same_places(found, (HOUNSFIELD.astype(int) + 1024).astype(np.uint16), FINE)


def test_ct_holds_hounsfield_units() -> None:
    """The first file is the slice nearest to the head."""
    first = pydicom.dcmread(io.BytesIO(ct()[0]))
    np.testing.assert_array_equal(
        first.pixel_array * first.RescaleSlope + first.RescaleIntercept, HOUNSFIELD[0].astype(float)
    )
    assert list(first.ImagePositionPatient) == [-44.1, -35.9, 413.25]
    assert (first.RescaleType, first.PatientPosition) == ("HU", "HFS")


def test_both_lie_in_one_frame_of_reference() -> None:
    found = [pydicom.dcmread(io.BytesIO(data)) for data in (spect(), *ct())]
    assert len({one.FrameOfReferenceUID for one in found}) == len({one.StudyInstanceUID for one in found}) == 1
    assert len({one.SeriesInstanceUID for one in found}) == 2
    assert len({one.SOPInstanceUID for one in found}) == len(found)


@pytest.mark.external
def test_objects_and_their_copies_are_valid(tmp_path: Path) -> None:
    files = [spect(), spect(UPWARDS), *ct()[:2]]
    assert errors_of([*files, *copies_of(files)], tmp_path) == []


def test_copies_lie_where_their_sources_do() -> None:
    for files, values, grid in (([spect()], COUNTS, GRID), (ct(), HOUNSFIELD.astype(int) + 1024, FINE)):
        objects, placement = read_stored(copies_of(files), "P07")
        assert placement is not None
        stored = np.concatenate([np.atleast_3d(one.pixel_array).reshape(-1, *grid.shape[1:]) for one in objects])
        assert_same_places(Volume(stored, grid.spacing_mm, placement), values, grid)


def test_same_scan_gives_same_bytes() -> None:
    assert (spect(), ct()) == (spect(), ct())


def test_impossible_values_are_refused() -> None:
    with pytest.raises(ValueError, match=r"their grid \(6, 16, 20\)"):
        write_spect(CHILD, COUNTS[1:], GRID, HEADS, ROTATION)
    with pytest.raises(ValueError, match="int16, not uint16"):
        write_spect(CHILD, COUNTS.astype(np.int16), GRID, HEADS, ROTATION)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"its grid \(9, 24, 30\)"):
        write_ct(CHILD, HOUNSFIELD[1:], FINE)
    with pytest.raises(ValueError, match="beyond -1024 to 3071"):
        write_ct(CHILD, np.full(FINE.shape, 3072, np.int16), FINE)
