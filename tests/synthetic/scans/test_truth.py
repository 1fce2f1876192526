"""Truth of the views: sides, front and back, positions, masks, and the file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from residuum.records.vocabulary import REGIONS
from residuum.synthetic.phantom.anatomy import REGION_CODE, Anatomy, Phantom, cover, voxelise
from residuum.synthetic.phantom.growth import compute_body
from residuum.synthetic.phantom.pose import Pose
from residuum.synthetic.scans.truth import Truth, derive_truth, read_truth, write_truth
from residuum.synthetic.tracer.lesions import Lesions, plant_lesions
from residuum.synthetic.tracer.marks import Mark
from residuum.synthetic.tracer.planned import Planned
from residuum.volumes.grid import Grid
from residuum.volumes.placement import Placement
from residuum.volumes.planar import PlanarView

MATRIX = (40, 30)
OFFSET = (5, 7)
"""Row and column of the matrix under the first slice and column of the marker phantom."""


def make_grid(pixel_mm: float = 2.4, slice_mm: float = 2.4) -> Grid:
    placed = Placement((-10.0, -20.0, 100.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -slice_mm))
    return Grid((20, 8, 16), (4.8, pixel_mm), placed)


def make_markers() -> tuple[Phantom, Lesions]:
    """Return a sternum before a spine, a left femur below, and a lesion in each of two of them.

    Voxels are (slice, row, column): rows from front to back, columns from the patient's right to the left.
    """
    region, labels = np.zeros((20, 8, 16), np.uint8), np.zeros((2, 20, 8, 16), np.uint16)
    region[2:6, 1, 6:9] = REGION_CODE["sternum"]
    region[1:8, 6, 7:9] = REGION_CODE["spine_thoracic"]
    region[12:18, 3:5, 12:14] = REGION_CODE["femur_left"]
    labels[0, 13, 3, 12] = 1
    labels[1, 2:8, 6, 7:9] = 2
    table = (
        Planned(1, Mark("a", ("femur_left",), "focal"), 1, 5.0, 4.0),
        Planned(2, Mark("b", ("spine_thoracic",), "diffuse", 0.86), 1, 5.0, 3.0),
    )
    return Phantom(make_grid(), region, (region > 0).astype(np.uint8)), Lesions(labels, table)


@pytest.fixture(scope="module")
def truth() -> Truth:
    return derive_truth(*make_markers(), OFFSET, MATRIX)


def regions_at(crossed: NDArray[np.uint32], row: int, column: int) -> set[str]:
    return {region for bit, region in enumerate(REGIONS) if crossed[row, column] >> np.uint32(bit) & 1}


@pytest.mark.unit
def test_all_bones_on_a_line_of_sight_are_known(truth: Truth) -> None:
    front, back = (truth.views[view].regions for view in ("anterior", "posterior"))
    assert front.dtype == np.uint32
    assert front.shape == MATRIX
    # slice 3, column 7: row 3 + 5, column 7 + 7, and 30 - 1 - 14 from the back
    assert regions_at(front, 8, 14) == regions_at(back, 8, 15) == {"sternum", "spine_thoracic"}
    assert regions_at(front, 8, 13) == {"sternum"}
    assert regions_at(front, 12, 14) == {"spine_thoracic"}
    # the left femur: on the right of the view from the front, on the left of that from the back
    assert regions_at(front, 18, 19) == regions_at(back, 18, 10) == {"femur_left"}
    assert np.count_nonzero(front) == np.count_nonzero(back) == 12 + 14 - 8 + 12


@pytest.mark.unit
def test_each_detector_meets_its_own_bone_first(truth: Truth) -> None:
    front, back = (truth.views[view].nearest for view in ("anterior", "posterior"))
    assert front.dtype == np.uint8
    assert (front[8, 14], back[8, 15]) == (REGION_CODE["sternum"], REGION_CODE["spine_thoracic"])
    assert (front[12, 14], back[12, 15]) == (REGION_CODE["spine_thoracic"],) * 2
    assert (front[0, 0], back[0, 0]) == (0, 0)
    for view in truth.views.values():
        np.testing.assert_array_equal(view.nearest > 0, view.regions > 0)


@pytest.mark.unit
def test_lesion_masks_are_the_shadows_of_lesions(truth: Truth) -> None:
    front, back = truth.views["anterior"], truth.views["posterior"]
    assert np.argwhere(front.lesion_mask(1)).tolist() == [[18, 19]]
    assert np.argwhere(back.lesion_mask(1)).tolist() == [[18, 10]]
    np.testing.assert_array_equal(front.lesion_mask(2)[:, ::-1], back.lesion_mask(2))
    assert np.argwhere(front.lesion_mask(2)).tolist() == [[row, column] for row in range(7, 13) for column in (14, 15)]
    with pytest.raises(ValueError, match="label is 3; the view has lesions 1 to 2"):
        front.lesion_mask(3)
    with pytest.raises(ValueError, match="label is 0"):
        front.lesion_mask(0)


@pytest.mark.unit
def test_positions_agree_in_space_and_in_both_views(truth: Truth) -> None:
    focus, spread = truth.lesions
    assert (focus.label, focus.mark, focus.regions, focus.pattern, focus.extent) == (
        1,
        "a",
        ("femur_left",),
        "focal",
        None,
    )
    assert (spread.extent, spread.contrast, spread.voxels, focus.voxels) == (0.86, 3.0, 12, 1)
    # slice 13, row 3, column 12 of a grid that begins at (-10, -20, 100) mm
    assert focus.position_mm == pytest.approx((-10 + 12 * 2.4, -20 + 3 * 4.8, 100 - 13 * 2.4))
    assert focus.planar_mm["anterior"] == pytest.approx((19 * 2.4, 18 * 2.4))
    assert focus.planar_mm["posterior"] == pytest.approx((10 * 2.4, 18 * 2.4))
    assert spread.planar_mm["anterior"] == pytest.approx((14.5 * 2.4, 9.5 * 2.4))
    for view, left_at in (("anterior", "right"), ("posterior", "left")):
        seen = PlanarView(np.zeros(MATRIX), (truth.pixel_mm,) * 2, view, left_at)  # type: ignore[arg-type]
        row, column = seen.pixel(*focus.planar_mm[view])
        assert truth.views[view].lesion_mask(1)[round(row), round(column)]  # type: ignore[index]
        assert seen.patient_side(focus.planar_mm[view][0], 29 * 2.4 / 2) == "left"


@pytest.mark.unit
def test_what_lies_beyond_the_matrix_is_left_out_of_masks_only(truth: Truth) -> None:
    phantom, lesions = make_markers()
    cut = derive_truth(phantom, lesions, (-3, 20), MATRIX)
    moved = cut.views["anterior"].regions
    np.testing.assert_array_equal(moved[:17, 20:30], truth.views["anterior"].regions[8:25, 7:17])
    assert not moved[:, :20].any()
    assert not cut.views["anterior"].lesion_mask(1).any()
    assert cut.lesions[0].planar_mm["anterior"] == pytest.approx((32 * 2.4, 10 * 2.4))
    far = derive_truth(phantom, lesions, (500, -500), MATRIX)
    assert not any(view.regions.any() for view in far.views.values())


@pytest.mark.unit
def test_pixels_that_are_not_square_are_refused() -> None:
    phantom, lesions = make_markers()
    with pytest.raises(ValueError, match="pixels are square"):
        derive_truth(replace(phantom, grid=make_grid(slice_mm=4.8)), lesions, OFFSET, MATRIX)


@pytest.mark.unit
def test_a_truth_comes_back_from_its_file(truth: Truth, tmp_path: Path) -> None:
    write_truth(tmp_path / "truth.npz", truth)
    back = read_truth(tmp_path / "truth.npz")
    assert (back.lesions, back.pixel_mm) == (truth.lesions, truth.pixel_mm)
    assert back.views.keys() == truth.views.keys()
    for view, seen in truth.views.items():
        for name in ("regions", "nearest", "lesions"):
            array = getattr(back.views[view], name)
            np.testing.assert_array_equal(array, getattr(seen, name))
            assert array.dtype == getattr(seen, name).dtype


@pytest.mark.unit
def test_the_same_truth_gives_the_same_bytes(truth: Truth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_truth(tmp_path / "one.npz", truth)
    monkeypatch.setattr("time.time", lambda: 2e9)
    write_truth(tmp_path / "other.npz", derive_truth(*make_markers(), OFFSET, MATRIX))
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()


@pytest.mark.unit
def test_a_scan_without_lesions_has_a_truth(tmp_path: Path) -> None:
    phantom, lesions = make_markers()
    write_truth(tmp_path / "normal.npz", derive_truth(phantom, Lesions(lesions.labels[:1] * 0, ()), OFFSET, MATRIX))
    normal = read_truth(tmp_path / "normal.npz")
    assert normal.lesions == ()
    assert normal.views["anterior"].lesions.shape == (0, 40, 4)


@pytest.mark.property
def test_lesions_of_a_child_lie_on_bones_of_their_regions() -> None:
    anatomy = Anatomy(compute_body(1.0), Pose())
    phantom = voxelise(anatomy, cover(anatomy))
    marks = [Mark(region, (region,), "focal") for region in REGIONS]
    marks += [Mark("spread", ("spine_thoracic", "spine_lumbar"), "diffuse", 0.6)]
    offset = ((1024 - phantom.grid.shape[0]) // 2, (256 - phantom.grid.shape[2]) // 2)
    truth = derive_truth(phantom, plant_lesions(marks, phantom, anatomy, 1, 1), offset)
    assert [(one.mark, one.regions, one.pattern, one.extent) for one in truth.lesions] == [
        (mark.label, mark.regions, mark.pattern, mark.extent) for mark in marks
    ]
    for view in truth.views.values():
        assert view.regions.shape == (1024, 256)
        for lesion in truth.lesions:
            bits = sum(1 << REGIONS.index(region) for region in lesion.regions)
            crossed = view.regions[view.lesion_mask(lesion.label)]
            assert crossed.size
            assert (crossed & np.uint32(bits)).all()
