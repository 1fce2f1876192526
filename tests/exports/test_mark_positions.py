"""Marks in pixels as DICOM counts them: the corner of the first pixel is 0\\0, its centre 0.5\\0.5 (PS3.3 C.18.6)."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset
from read_documents import FEMUR, ct_image, planar_images, spect_image
from scipy.spatial.transform import Rotation

import scan_objects
from residuum.exports.documents import ImageEntry
from residuum.exports.positions import locate
from residuum.records.errors import InputError
from residuum.volumes.placement import Placement


def at(x_mm: float, y_mm: float, z_mm: float | None = None):
    return dataclasses.replace(FEMUR, x_mm=x_mm, y_mm=y_mm, z_mm=z_mm)


@pytest.mark.unit
def test_centre_of_the_first_pixel() -> None:
    image = planar_images(scan_objects.planar())[0]
    found = locate(at(0.0, 0.0), image)
    assert (found.column, found.row, found.frame) == (0.5, 0.5, 1)


@pytest.mark.unit
def test_rows_and_columns_have_their_own_spacing() -> None:
    source = scan_objects.planar(PixelSpacing=[2.0, 3.0])
    found = locate(at(30.0, 30.0), planar_images(source)[1])
    assert (found.column, found.row, found.frame) == (10.5, 15.5, 2)


@pytest.mark.unit
def test_the_pixel_under_a_mark_is_the_lesion() -> None:
    """The invented lesion of the right femur lies at row 300, column 50 of the anterior view, mirrored behind."""
    source = scan_objects.planar(("posterior", "anterior"))
    images = {image.view: image for image in planar_images(source, ("posterior", "anterior"))}
    for view, column in (("anterior", 50), ("posterior", 127 - 50)):
        found = locate(at(column * scan_objects.SPACING_MM, 300 * scan_objects.SPACING_MM), images[view])
        pixels = source.pixel_array[(found.frame or 0) - 1]
        around = pixels[int(found.row) - 3 : int(found.row) + 4, int(found.column) - 3 : int(found.column) + 4]
        assert around.mean() > 80
        assert (int(found.row), int(found.column)) == (300, column)


@pytest.mark.unit
@pytest.mark.parametrize(("step_mm", "frame"), [(-4.0, 33), (4.0, 8)])
def test_spect_marks_lie_on_the_nearest_slice(step_mm: float, frame: int) -> None:
    """z -128: 32 steps below the first slice, or 7 above the last one of 40, which lies at -156."""
    source = scan_objects.spect(step_mm)
    for off_mm in (-1.9, 0.0, 1.9):
        found = locate(at(12.0, 24.0, -128.0 + off_mm), spect_image(source))
        assert (found.frame, found.column, found.row) == (frame, 35.0, 38.0)
    assert source.pixel_array[frame - 1, 37, 34] > 300


@pytest.mark.unit
def test_ct_marks_name_the_slice_and_no_frame() -> None:
    slices = scan_objects.ct()
    found = locate(at(0.0, 0.0, -40.0), ct_image(slices))
    assert found.target is slices[5]
    assert found.frame is None
    assert (found.column, found.row) == (64.0, 64.0)


@pytest.mark.property
@given(
    st.integers(0, 2**32 - 1),
    st.tuples(st.integers(0, 9), st.integers(0, 19), st.integers(0, 29)),
    st.sampled_from((-3.0, 3.0)),
)
def test_oblique_volumes(seed: int, voxel: tuple[int, int, int], step_mm: float) -> None:
    """A voxel's place in millimetres, worked out by PS3.3 C.7.6.2.1.1, leads back to the voxel."""
    turn = Rotation.random(random_state=np.random.default_rng(seed)).as_matrix()
    origin = np.array([5.0, -7.0, 11.0])
    source = Dataset()
    source.Rows, source.Columns, source.NumberOfFrames, source.PixelSpacing = 20, 30, 10, [2.5, 1.5]
    placement = Placement(
        tuple(origin), tuple(turn[:, 0]), tuple(turn[:, 1]), tuple(np.cross(turn[:, 0], turn[:, 1]) * step_mm)
    )
    slice_, row, column = voxel
    position = origin + turn[:, 0] * column * 1.5 + turn[:, 1] * row * 2.5 + turn[:, 2] * slice_ * step_mm
    found = locate(at(*position.tolist()), ImageEntry("x", "spect", None, (source,), 1, placement))
    assert found.frame == slice_ + 1
    assert np.allclose((found.column, found.row), (column + 0.5, row + 0.5))


@pytest.mark.unit
def test_a_single_slice_has_no_step() -> None:
    image = ct_image(scan_objects.ct())
    placement = dataclasses.replace(image.placement, step_mm=(0.0, 0.0, 0.0))
    found = locate(at(0.0, 0.0, 3.0), dataclasses.replace(image, objects=image.objects[:1], placement=placement))
    assert found.target is image.objects[0]


@pytest.mark.unit
@pytest.mark.parametrize(
    "position", [(-2.0, 10.0), (10.0, -2.0), (128 * 2.4, 10.0), (10.0, 512 * 2.4)], ids=["left", "up", "right", "down"]
)
def test_marks_beside_their_view_are_refused(position: tuple[float, float]) -> None:
    with pytest.raises(InputError, match=r"mark m1 lies outside of image scan1\.anterior"):
        locate(at(*position), planar_images(scan_objects.planar())[0])


@pytest.mark.unit
@pytest.mark.parametrize("depth", [10.0, -170.0])
def test_marks_above_or_below_their_volume_are_refused(depth: float) -> None:
    with pytest.raises(InputError, match=r"mark m1 lies outside of image scan1\.spect"):
        locate(at(0.0, 0.0, depth), spect_image(scan_objects.spect()))


@pytest.mark.unit
def test_marks_in_a_volume_need_a_depth() -> None:
    with pytest.raises(InputError, match="has no z_mm"):
        locate(at(0.0, 0.0), spect_image(scan_objects.spect()))
