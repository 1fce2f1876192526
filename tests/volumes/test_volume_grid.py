import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from residuum.volumes.grid import Grid, Volume, order_slices, resample
from residuum.volumes.placement import Placement

AXIAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


def oblique(draw):
    """A random rotation, as row direction, column direction and normal."""
    q = np.linalg.qr(draw.normal(size=(3, 3)))[0]
    rows, columns = q[:, 0], q[:, 1]
    return rows, columns, np.cross(rows, columns)


def random_grid(draw, shape=None, near=20.0):
    rows, columns, normal = oblique(draw)
    sign = draw.choice([-1, 1])
    place = Placement(
        tuple(draw.uniform(-near, near, 3).tolist()),
        tuple(rows.tolist()),
        tuple(columns.tolist()),
        tuple((sign * draw.uniform(1, 6) * normal).tolist()),
    )
    shape = shape or tuple(int(n) for n in draw.integers(2, 7, 3))
    return Grid(shape, tuple(draw.uniform(0.5, 6, 2).tolist()), place)


def random_volume(draw, **said):
    grid = random_grid(draw, **said)
    return Volume(draw.integers(0, 500, grid.shape).astype(np.uint16), grid.spacing_mm, grid.placement)


def dicom_position(spacing_mm, placed, k, row, column):
    """PS3.3 C.7.6.2.1-1, component by component: X = IOP[0:3], Y = IOP[3:6], i the column index, j the row index."""
    between_rows, between_columns = spacing_mm
    return tuple(
        placed.row_direction[axis] * between_columns * column
        + placed.column_direction[axis] * between_rows * row
        + placed.origin_mm[axis]
        + placed.step_mm[axis] * k
        for axis in range(3)
    )


def slow_resample(values, spacing_mm, placed, onto, outside):
    """Voxel by voxel: the position by the formula, its index by projection, eight neighbours."""
    shape, found = values.shape, np.empty(onto.shape)
    step = math.sqrt(sum(one * one for one in placed.step_mm))
    axes = (
        (tuple(one / step for one in placed.step_mm), step),
        (placed.column_direction, spacing_mm[0]),
        (placed.row_direction, spacing_mm[1]),
    )
    for voxel in itertools.product(*(range(n) for n in onto.shape)):
        position = dicom_position(onto.spacing_mm, onto.placement, *voxel)
        away = [p - o for p, o in zip(position, placed.origin_mm, strict=True)]
        index = [sum(a * d for a, d in zip(away, direction, strict=True)) / size for direction, size in axes]
        if any(i < -1e-3 or i > n - 1 + 1e-3 for i, n in zip(index, shape, strict=True)):
            found[voxel] = outside
            continue
        total = 0.0
        for corner in itertools.product((0, 1), repeat=3):
            weight, place = 1.0, []
            for i, n, high in zip(index, shape, corner, strict=True):
                i = min(max(i, 0.0), n - 1.0)
                low = min(math.floor(i), n - 2)
                weight *= (i - low) if high else (1 - (i - low))
                place.append(low + high)
            total += weight * float(values[tuple(place)])
        found[voxel] = total
    return found


@pytest.mark.unit
def test_axial_positions_by_hand():
    # Head to foot: slices stacked against the normal, as many cameras store a SPECT.
    place = Placement((-100.0, -80.0, 50.0), *AXIAL, (0.0, 0.0, -4.0))
    volume = Volume(np.zeros((10, 20, 30)), (2.0, 3.0), place)
    assert volume.position_mm(0, 0, 0).tolist() == [-100, -80, 50]
    assert volume.position_mm(2, 5, 7).tolist() == [-79, -70, 42]  # x by columns (3 mm), y by rows (2 mm), z down
    assert volume.index((-79, -70, 42)).tolist() == [2, 5, 7]


@pytest.mark.unit
def test_coronal_positions_by_hand():
    # Rows run to the patient's left, columns to the feet: the normal points to the back (x cross -z = +y).
    place = Placement((-100.0, -60.0, 90.0), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 5.0, 0.0))
    volume = Volume(np.zeros((4, 20, 30)), (2.0, 3.0), place)
    assert volume.position_mm(3, 10, 20).tolist() == [-40, -45, 70]


@pytest.mark.twin
@given(st.integers(0, 2**32 - 1))
def test_positions_follow_the_formula_of_dicom(seed):
    draw = np.random.default_rng(seed)
    grid = random_grid(draw)
    index = draw.uniform(-5, 10, 3)
    np.testing.assert_allclose(
        grid.position_mm(*index), dicom_position(grid.spacing_mm, grid.placement, *index), rtol=0, atol=1e-9
    )


@pytest.mark.property
@given(st.integers(0, 2**32 - 1))
def test_an_index_is_found_again(seed):
    draw = np.random.default_rng(seed)
    grid = random_grid(draw)
    index = draw.uniform(-500, 500, (3, 4, 5))
    positions = grid.position_mm(*index)
    assert positions.shape == (4, 5, 3)
    np.testing.assert_allclose(grid.index(positions), np.moveaxis(index, 0, -1), rtol=0, atol=1e-8)


@pytest.mark.twin
@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_resampling_agrees_with_the_slow_twin(seed):
    draw = np.random.default_rng(seed)
    # So near and small that a part lies inside and a part outside.
    volume, onto = random_volume(draw, near=4.0), random_grid(draw, near=4.0)
    slow = slow_resample(volume.values, volume.spacing_mm, volume.placement, onto, outside=-7.0)
    np.testing.assert_allclose(resample(volume, onto, outside=-7.0).values, slow, rtol=0, atol=2e-3)


@pytest.mark.property
@given(st.integers(0, 2**32 - 1))
def test_resampling_onto_itself_changes_nothing(seed):
    volume = random_volume(np.random.default_rng(seed), near=500.0)
    same = resample(volume, volume, outside=-1.0)
    np.testing.assert_allclose(same.values, volume.values, rtol=0, atol=1e-3)  # the edges too: none is blanked
    assert same.values.dtype == np.float32
    assert (same.spacing_mm, same.placement) == (volume.spacing_mm, volume.placement)


@pytest.mark.property
@given(st.integers(0, 2**32 - 1))
def test_slices_stored_the_other_way_round_are_the_same_volume(seed):
    """The trap of the signed spacing: order and sign of the step turn together, and nothing moves."""
    draw = np.random.default_rng(seed)
    volume, onto = random_volume(draw, near=4.0), random_grid(draw, near=4.0)
    last = dicom_position(volume.spacing_mm, volume.placement, volume.values.shape[0] - 1, 0, 0)
    back = tuple(-one for one in volume.placement.step_mm)
    place = Placement(last, volume.placement.row_direction, volume.placement.column_direction, back)
    turned = Volume(volume.values[::-1], volume.spacing_mm, place)
    np.testing.assert_allclose(resample(turned, onto).values, resample(volume, onto).values, rtol=0, atol=1e-3)


@pytest.mark.unit
def test_turning_the_step_alone_moves_the_volume():
    values = np.zeros((5, 4, 4))
    values[1] = 8.0
    here = Volume(values, (1.0, 1.0), Placement((0.0, 0.0, 0.0), *AXIAL, (0.0, 0.0, 2.0)))
    there = Volume(values, (1.0, 1.0), Placement((0.0, 0.0, 0.0), *AXIAL, (0.0, 0.0, -2.0)))
    assert resample(here, here).values[1].max() == 8
    assert resample(there, here).values[1:].max() == 0


@pytest.mark.unit
def test_a_linear_field_stays_linear_and_ends_at_the_last_centres():
    k, i, j = np.mgrid[0:6, 0:5, 0:4].astype(float)
    place = Placement((0.0, 0.0, 0.0), *AXIAL, (0.0, 0.0, 2.0))
    volume = Volume(4 * k + 10 * i + 100 * j, (1.0, 1.0), place)
    onto = Grid((4, 3, 3), (0.5, 0.5), Placement((1.0, 1.0, -1.0), *AXIAL, (0.0, 0.0, 1.0)))
    found = resample(volume, onto, outside=-1000).values
    assert (found[0] == -1000).all()  # 1 mm below the first slice: half a slice, yet beyond its centre
    assert found[2].tolist() == [[112, 162, 212], [117, 167, 217], [122, 172, 222]]


@pytest.mark.unit
def test_one_slice_lies_in_its_plane_only():
    place = Placement((0.0, 0.0, 9.0), *AXIAL, (0.0, 0.0, 0.0))
    one = Volume(np.full((1, 3, 3), 5.0), (2.0, 2.0), place)
    assert one.index((2, 4, 12)).tolist() == [3, 2, 1]
    onto = Grid((3, 3, 3), (2.0, 2.0), Placement((0.0, 0.0, 8.0), *AXIAL, (0.0, 0.0, 1.0)))
    assert resample(one, onto).values.max(axis=(1, 2)).tolist() == [0, 5, 0]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"row": (1.0, 0.1, 0.0)}, "row_direction"),
        ({"column": (0.0, 2.0, 0.0)}, "column_direction"),
        ({"column": (math.nan, 1.0, 0.0)}, "column_direction"),
        ({"column": (0.01, math.sqrt(1 - 1e-4), 0.0)}, "perpendicular"),
        ({"step": (0.0, 0.0, 0.0)}, "step_mm"),
        ({"step": (0.0, 0.1, 4.0)}, r"step_mm is .* not along the normal"),
        ({"step": (0.0, 0.0, math.inf)}, "step_mm"),
        ({"origin": (0.0, math.nan, 0.0)}, "origin_mm"),
        ({"spacing": (1.0, -1.0)}, r"spacing_mm is \(1.0, -1.0\)"),
        ({"values": np.zeros((3, 3))}, r"\(3, 3\)"),
        ({"values": np.zeros((3, 0, 3))}, r"\(3, 0, 3\)"),
    ],
)
def test_impossible_volumes_are_refused(wrong, said):
    right = {"row": AXIAL[0], "column": AXIAL[1], "step": (0.0, 0.0, -4.0), "origin": (0.0, 0.0, 0.0)}
    place = {**right, **wrong}
    placement = Placement(place["origin"], place["row"], place["column"], place["step"])
    with pytest.raises(ValueError, match=said):
        Volume(wrong.get("values", np.zeros((2, 3, 3))), wrong.get("spacing", (1.0, 1.0)), placement)


@pytest.mark.unit
def test_rounding_of_decimal_strings_is_borne():
    place = Placement((0.0, 0.0, 0.0), (0.9998, 0.0175, 0.0), (-0.0175, 0.9998, 0.0), (0.0, 0.0, 4.0))
    assert Volume(np.zeros((2, 2, 2)), (1.0, 1.0), place).position_mm(1, 0, 0).tolist() == [0, 0, 4]


@pytest.mark.property
@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.floats(0.5, 8))
def test_shuffled_slices_make_their_volume_again(seed, count, spacing_mm):
    draw = np.random.default_rng(seed)
    rows, columns, normal = oblique(draw)
    first = draw.uniform(-300, 300, 3)
    origins = first + np.arange(count)[:, None] * spacing_mm * normal
    shuffled = draw.permutation(count)
    found = order_slices(origins[shuffled], tuple(rows.tolist()), tuple(columns.tolist()))
    assert found.fault is None
    assert shuffled[list(found.order)].tolist() == list(range(count))
    assert found.spacing_mm == pytest.approx(spacing_mm)
    np.testing.assert_allclose(found.placement.origin_mm, first)
    np.testing.assert_allclose(found.placement.step_mm, spacing_mm * normal, atol=1e-9)
    placed = Grid((count, 2, 2), (1.0, 1.0), found.placement)
    np.testing.assert_allclose(placed.position_mm(np.arange(count), 0, 0), origins, atol=1e-6)


def at_heights(*heights):
    return order_slices([(0.0, 0.0, z) for z in heights], *AXIAL)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("heights", "fault"),
    [
        ((0, 3, 6, 9), None),
        ((9, 0, 6, 3), None),
        ((0, 1.2, 2.5, 3.7, 5.0), None),  # 1.25 mm, positions written with one decimal
        ((0, 20, 40.15, 60), None),  # 1 % of 20 mm
        ((5,), None),
        ((0, 3, 6, 6, 9), "duplicate"),
        ((0, 0), "duplicate"),
        ((0, 3, 6, 12, 15), "missing"),
        ((0, 3, 6, 15, 18, 24), "missing"),
        ((0, 3, 6.2, 9), "uneven"),
        ((0, 3, 6, 11, 14), "uneven"),
        ((0, *np.arange(1, 60) * 1.0, *(59 + np.arange(1, 60) * 1.08)), "uneven"),  # each step is within 0.1 mm
    ],
)
def test_uneven_slices_are_found(heights, fault):
    found = at_heights(*heights)
    assert found.fault == fault
    assert (found.placement is None) == (fault is not None)


@pytest.mark.unit
def test_order_of_slices_by_hand():
    found = at_heights(9, 0, 6, 3)
    assert found.order == (1, 3, 2, 0)
    assert found.placement == Placement((0.0, 0.0, 0.0), *AXIAL, (0.0, 0.0, 3.0))
    assert at_heights(0, 3, 6, 6, 9).spacing_mm == 3
    assert at_heights(5).placement == Placement((0.0, 0.0, 5.0), *AXIAL, (0.0, 0.0, 0.0))
    # Seen from the feet: the normal points down.
    down = order_slices([(0, 0, 0), (0, 0, 3)], (1.0, 0.0, 0.0), (0.0, -1.0, 0.0))
    assert (down.order, down.placement.step_mm[2]) == ((1, 0), -3.0)


@pytest.mark.unit
def test_a_tilted_gantry_makes_no_volume():
    tilt = math.radians(10)
    normal = np.cross((1, 0, 0), (0, math.cos(tilt), math.sin(tilt)))
    heights = np.arange(5)[:, None] * np.array([0.0, 0.0, 3.0])
    assert order_slices(heights, (1.0, 0.0, 0.0), (0.0, math.cos(tilt), math.sin(tilt))).fault == "shifted"
    straight = np.arange(5)[:, None] * 3.0 * normal
    assert order_slices(straight, (1.0, 0.0, 0.0), (0.0, math.cos(tilt), math.sin(tilt))).fault is None


@pytest.mark.unit
@pytest.mark.parametrize("origins", [[], [(0, 0)], [(0, 0, math.nan)], (0, 0, 0)])
def test_what_is_no_slice_is_refused(origins):
    with pytest.raises(ValueError, match="origins_mm"):
        order_slices(origins, *AXIAL)
