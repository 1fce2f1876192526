import numpy as np
import pytest
from looking import look, refusal
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

import scan_objects
from residuum.intake.scans.understanding.positions import compute_normal, read_spacing_mm, read_spect_placement

pytestmark = pytest.mark.unit

AXIAL = [1, 0, 0, 0, 1, 0]
CORONAL = [1, 0, 0, 0, 0, -1]


def test_spacing_is_between_rows_then_between_columns() -> None:
    assert look(scan_objects.planar(PixelSpacing=[3.0, 2.0])).spacing_mm == (3.0, 2.0)


@pytest.mark.parametrize(
    "spacing", [None, [], "", ["0", "2.4"], ["-2.4", "2.4"], ["nan", "2.4"], ["inf", "2.4"], "2.4"]
)
def test_unusable_spacing_is_none_and_flagged(spacing: object) -> None:
    found = scan_objects.planar()
    found.PixelSpacing = spacing
    assert read_spacing_mm(found) is None
    facts = look(found)
    assert facts.spacing_mm is None
    assert "no_spacing" in facts.flags


def test_the_spacing_of_a_detector_is_not_used() -> None:
    found = scan_objects.planar(ImagerPixelSpacing=[2.4, 2.4])
    del found.PixelSpacing
    assert look(found).spacing_mm is None


# PS3.3 C.8.4.15: along the normal, row x column; a positive spacing stacks slices behind the first, as it is looked at.
@pytest.mark.parametrize(
    ("orientation", "spacing_mm", "step_mm"),
    [
        (AXIAL, 4, (0, 0, 4)),  # looked at from the feet, behind is towards the head
        (AXIAL, -4, (0, 0, -4)),
        (CORONAL, 3, (0, 3, 0)),  # looked at from the front, behind is towards the back
        (CORONAL, -3, (0, -3, 0)),
        ([0, 1, 0, 0, 0, -1], 5, (-5, 0, 0)),  # looked at from the left, behind is to the right
    ],
)
def test_the_step_has_the_sign_of_the_spacing(
    orientation: list[float], spacing_mm: float, step_mm: tuple[float, float, float]
) -> None:
    found = scan_objects.spect(SpacingBetweenSlices=str(spacing_mm))
    found.DetectorInformationSequence[0].ImageOrientationPatient = orientation
    placement = look(found).placement
    assert placement is not None
    assert placement.step_mm == pytest.approx(step_mm)
    assert (*placement.row_direction, *placement.column_direction) == pytest.approx(orientation)


def test_the_normal_is_row_times_column() -> None:
    assert compute_normal(((1, 0, 0), (0, 1, 0))) == pytest.approx([0, 0, 1])


def test_slice_thickness_never_stands_in_for_the_spacing() -> None:
    found = scan_objects.spect()
    for value in (None, ""):
        found.SpacingBetweenSlices = value
        assert refusal(found) == ("scan.incomplete", "the header lacks Spacing Between Slices")
    del found.SpacingBetweenSlices
    assert found.SliceThickness == 4
    assert refusal(found) == ("scan.incomplete", "the header lacks Spacing Between Slices")


def test_a_spacing_of_zero_contradicts_several_slices() -> None:
    assert refusal(scan_objects.spect(SpacingBetweenSlices="0"))[0] == "scan.contradiction"


def test_a_single_slice_needs_no_spacing() -> None:
    found = scan_objects.spect(NumberOfFrames=1, NumberOfSlices=1, SliceVector=1)
    found.PixelData = found.PixelData[: 64 * 64 * 2]
    del found.SpacingBetweenSlices
    placement = look(found).placement
    assert placement is not None
    assert placement.step_mm == (0, 0, 0)


def test_geometry_of_a_spect_stands_in_its_detector_item_or_outside_it() -> None:
    inside = scan_objects.spect()
    outside = scan_objects.spect()
    item = outside.DetectorInformationSequence[0]
    outside.ImageOrientationPatient, outside.ImagePositionPatient = AXIAL, item.ImagePositionPatient
    both = scan_objects.spect(ImageOrientationPatient=AXIAL, ImagePositionPatient=item.ImagePositionPatient)
    for empty in (None, "", []):
        item.ImageOrientationPatient = item.ImagePositionPatient = empty
        assert look(outside).placement == look(inside).placement == look(both).placement
    outside.DetectorInformationSequence = Sequence()
    assert look(outside).placement == look(inside).placement


@pytest.mark.parametrize("keyword", ["ImageOrientationPatient", "ImagePositionPatient"])
def test_a_spect_without_geometry_is_incomplete(keyword: str) -> None:
    found = scan_objects.spect()
    found.DetectorInformationSequence[0][keyword].value = None
    assert refusal(found)[0] == "scan.incomplete"
    del found.DetectorInformationSequence[0][keyword]
    assert refusal(found)[0] == "scan.incomplete"


def test_two_places_are_a_contradiction() -> None:
    assert refusal(scan_objects.spect(ImagePositionPatient=[0, 0, 0]))[0] == "scan.contradiction"
    assert refusal(scan_objects.spect(ImageOrientationPatient=CORONAL))[0] == "scan.contradiction"


@pytest.mark.parametrize("step_mm", [-4.0, 4.0])
def test_slices_are_stored_from_the_first_to_the_last(step_mm: float) -> None:
    found = scan_objects.spect(step_mm)
    expected = look(found).placement
    found.SliceVector = list(range(40, 0, -1))
    assert refusal(found) == ("scan.contradiction", "the header contradicts itself: Slice Vector")
    found.SliceVector = list(range(1, 40))
    assert refusal(found)[0] == "scan.contradiction"
    found.SliceVector, found.NumberOfSlices = None, 39
    assert refusal(found)[0] == "scan.contradiction"
    del found.NumberOfSlices
    assert look(found).placement == expected


@pytest.mark.parametrize(
    "orientation",
    [
        [1, 0, 0, 1, 0, 0],
        [1, 0, 0, 0, 1.01, 0],
        [0, 0, 0, 0, 0, 0],
        [1, 0, 0, 0.01, 0.99995, 0],
        [-2, 0, 0, 0, 2, 0],
        [1e200, 0, 0, 1e200, 0, 0],
    ],
)
def test_directions_are_unit_vectors_at_a_right_angle(orientation: list[float]) -> None:
    spect = scan_objects.spect()
    spect.DetectorInformationSequence[0].ImageOrientationPatient = orientation
    slices = scan_objects.ct(slices=1)
    slices[0].ImageOrientationPatient = orientation
    for found in (spect, slices[0]):
        assert refusal(found) == ("scan.contradiction", "the header contradicts itself: Image Orientation (Patient)")


def test_rounded_directions_are_taken() -> None:
    found = scan_objects.ct(slices=1)[0]
    found.ImageOrientationPatient = ["0.99992", "0.012566", "0", "-0.012566", "0.99992", "0"]
    assert look(found).placement is not None


@pytest.mark.parametrize("orientation", [[1, 0, 0], [1, 0, 0, 0, 1, 0, 0]])
def test_directions_are_six_numbers(orientation: list[float]) -> None:
    found = scan_objects.ct(slices=1)[0]
    found.ImageOrientationPatient = orientation
    assert refusal(found)[0] == "scan.damaged"


def test_slices_of_ct_lie_where_their_own_header_says() -> None:
    placements = [look(one).placement for one in scan_objects.ct(slices=3)]
    assert [one and one.origin_mm for one in placements] == [(-190.5, -190.5, -8.0 * number) for number in range(3)]
    assert {one and one.step_mm for one in placements} == {(0.0, 0.0, 0.0)}


@pytest.mark.parametrize("keyword", ["ImageOrientationPatient", "ImagePositionPatient"])
def test_a_ct_without_geometry_is_incomplete(keyword: str) -> None:
    found = scan_objects.ct(slices=1)[0]
    found[keyword].value = None
    assert refusal(found)[0] == "scan.incomplete"


@pytest.mark.property
def test_a_negative_spacing_is_the_positive_one_turned_round() -> None:
    found = Dataset()
    found.ImageOrientationPatient, found.ImagePositionPatient = [0.6, 0.8, 0, 0, 0, -1], [1, 2, 3]
    found.SpacingBetweenSlices = "2.5"
    forwards = read_spect_placement(found, 4)
    found.SpacingBetweenSlices = "-2.5"
    backwards = read_spect_placement(found, 4)
    assert np.add(forwards.step_mm, backwards.step_mm) == pytest.approx([0, 0, 0])
    assert np.linalg.norm(forwards.step_mm) == pytest.approx(2.5)
    assert np.cross(forwards.row_direction, forwards.column_direction) @ np.array(forwards.step_mm) == pytest.approx(
        2.5
    )
