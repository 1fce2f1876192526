import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from residuum.volumes.planar import PlanarView, compute_geometric_mean

lengths = st.floats(0.1, 20)
places = st.floats(-2000, 2000)


def view(counts=None, spacing_mm=(2.4, 2.0), name="anterior", left_at="right"):
    return PlanarView(np.zeros((4, 6), np.uint16) if counts is None else counts, spacing_mm, name, left_at)


@pytest.mark.unit
def test_positions_are_millimetres_from_the_centre_of_the_top_left_pixel():
    assert view().position_mm(0, 0) == (0, 0)
    assert view().position_mm(row=10, column=3) == (6.0, 24.0)  # x to the right by 2.0, y down by 2.4
    assert view().pixel(x_mm=6.0, y_mm=24.0) == pytest.approx((10, 3))


@pytest.mark.property
@given(lengths, lengths, places, places)
def test_a_pixel_is_found_again(between_rows, between_columns, row, column):
    one = view(spacing_mm=(between_rows, between_columns))
    assert one.pixel(*one.position_mm(row, column)) == pytest.approx((row, column), rel=1e-12, abs=1e-12)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("left_at", "x_mm", "side"),
    [("right", 90, "right"), ("right", 110, "left"), ("left", 90, "left"), ("left", 110, "right")],
)
def test_the_side_is_the_patients(left_at, x_mm, side):
    # Seen from the front, unmirrored, the patient's left lies on the right of the image.
    assert view(left_at=left_at).patient_side(x_mm, midline_mm=100) == side


@pytest.mark.unit
def test_many_sides_at_once():
    sides = view().patient_side(np.array([[90.0, 110.0], [100.0, 99.9]]), 100.0)
    assert sides.tolist() == [["right", "left"], ["left", "right"]]
    assert view(left_at="left").patient_side(100.0, 100.0) == "left"


@pytest.mark.unit
def test_nowhere_has_no_side():
    with pytest.raises(ValueError, match=r"x_mm .* nan"):
        view().patient_side(float("nan"), 100)
    with pytest.raises(ValueError, match=r"midline_mm .* nan"):
        view().patient_side(np.array([1.0]), float("nan"))


@pytest.mark.property
@given(places, places)
def test_mirroring_the_image_and_its_declaration_changes_no_side(x_mm, midline_mm):
    mirrored = view(left_at="left").patient_side(-x_mm, -midline_mm)
    assert view(left_at="right").patient_side(x_mm, midline_mm) == mirrored


@pytest.mark.unit
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"counts": np.zeros((2, 3, 4))}, r"counts .* \(2, 3, 4\)"),
        ({"counts": np.zeros((0, 3))}, r"counts .* \(0, 3\)"),
        ({"spacing_mm": (2.4, 0.0)}, r"spacing_mm is \(2.4, 0.0\)"),
        ({"spacing_mm": (-2.4, 2.4)}, r"spacing_mm is \(-2.4, 2.4\)"),
        ({"spacing_mm": (float("nan"), 2.4)}, r"spacing_mm is \(nan, 2.4\)"),
        ({"spacing_mm": (float("inf"), 2.4)}, r"spacing_mm is \(inf, 2.4\)"),
        ({"spacing_mm": (2.4,)}, r"spacing_mm is \(2.4,\)"),
        ({"name": "ant"}, "view is 'ant'"),
        ({"left_at": "L"}, "left_at is 'L'"),
    ],
)
def test_impossible_views_are_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        view(**wrong)


@pytest.mark.property
@given(
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(1, 400),
    st.floats(0.001, 0.03),
    st.floats(1, 1e6),
    st.sampled_from("lr"),
)
def test_the_geometric_mean_of_a_point_source_does_not_depend_on_its_depth(one, other, slab_mm, mu, activity, stored):
    """Exponential attenuation in a slab: exp(-mu d) to the front, exp(-mu (T - d)) to the back, whatever d is."""
    place, left_at = (2, 1), {"l": "left", "r": "right"}[stored]

    def mean(depth_mm):
        front, back = np.zeros((4, 6)), np.zeros((4, 6))
        front[place] = activity * np.exp(-mu * depth_mm)
        back[place] = activity * np.exp(-mu * (slab_mm - depth_mm))
        # As the detector behind sees it, unless the system has mirrored it already.
        behind = back[:, ::-1] if left_at == "left" else back
        return compute_geometric_mean(view(front), view(behind, name="posterior", left_at=left_at)).counts

    assert mean(one * slab_mm)[place] == pytest.approx(activity * np.exp(-mu * slab_mm / 2), rel=1e-9)
    np.testing.assert_allclose(mean(one * slab_mm), mean(other * slab_mm), rtol=1e-9)


@pytest.mark.unit
def test_the_geometric_mean_stands_in_the_anterior_frame():
    front = np.array([[100, 0, 0], [65535, 1, 4]], np.uint16)
    behind = np.array([[9, 9, 49], [9, 4, 65535]], np.uint16)  # as seen from behind: its right is the front's left
    mean = compute_geometric_mean(view(front, left_at="right"), view(behind, name="posterior", left_at="left"))
    assert mean.counts.tolist() == [[70, 0, 0], [65535, 2, 6]]
    assert (mean.view, mean.left_at, mean.spacing_mm) == ("anterior", "right", (2.4, 2.0))
    assert mean.counts.dtype == np.float64
    mirrored = compute_geometric_mean(view(front, left_at="left"), view(behind, name="posterior", left_at="left"))
    assert mirrored.counts[0].tolist() == [30, 0, 0]
    assert mirrored.left_at == "left"


@pytest.mark.unit
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"counts": np.zeros((4, 5))}, r"\(4, 6\) and \(4, 5\)"),
        ({"spacing_mm": (2.4, 2.1)}, r"spacing_mm is \(2.4, 2.0\) and \(2.4, 2.1\)"),
        ({"name": "anterior"}, "'anterior' and 'anterior'"),
        ({"name": "other"}, "'anterior' and 'other'"),
        ({"counts": np.full((4, 6), -1)}, "-1"),
        ({"counts": np.full((4, 6), np.nan)}, "nan"),
    ],
)
def test_views_that_are_not_conjugate_have_no_mean(wrong, said):
    with pytest.raises(ValueError, match=said):
        compute_geometric_mean(view(), view(**{"name": "posterior", **wrong}))


@pytest.mark.unit
def test_a_mean_wants_the_anterior_view_first():
    with pytest.raises(ValueError, match="'posterior' and 'anterior'"):
        compute_geometric_mean(view(name="posterior"), view())
