"""Structure sets: contours around exactly the voxels, in the right place; nothing without depth; never approved."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pydicom import Dataset, dcmread
from read_documents import FEMUR, MADE, a_read, ct_image, faults, reopened, set_another_clock

import scan_objects
from residuum.exports.contours import compute_contours
from residuum.exports.documents import ImageEntry
from residuum.exports.structure_set import REASONS, ResidualLesion, render_structure_set
from residuum.records.errors import InputError

IN_VOLUME = dataclasses.replace(FEMUR, image="scan1.spect", x_mm=12.0, y_mm=24.0, z_mm=-130.0)


def inside(points: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return the pixels whose centre a closed line surrounds, by counting its crossings to the left of each."""
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(float)
    crossings = np.zeros(shape, int)
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
        if y0 != y1:
            met = x0 + (rows - y0) / (y1 - y0) * (x1 - x0)
            crossings += ((min(y0, y1) <= rows) & (rows < max(y0, y1)) & (met < columns)).astype(int)
    return crossings % 2 == 1


def area(points: np.ndarray) -> float:
    """Return the area that a closed line surrounds (shoelace)."""
    x, y = points.T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def filled(masks: list[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    return np.logical_xor.reduce([np.zeros(shape, bool), *masks])


@pytest.mark.twin
@given(arrays.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_contours_surround_exactly_the_mask(mask: np.ndarray) -> None:
    contours = compute_contours(mask)
    assert (filled([inside(points, mask.shape) for points in contours], mask.shape) == mask).all()
    # each pixel is in one line only, so that programs that unite the lines find the same
    assert sum(inside(points, mask.shape).sum() for points in contours) == mask.sum()
    assert all(len(points) >= 3 for points in contours)


@pytest.mark.unit
def test_a_hole_is_joined_by_a_channel_without_width() -> None:
    mask = np.ones((9, 9), bool)
    mask[2, 2] = mask[2, 6] = mask[6, 4] = False
    (points,) = compute_contours(mask)
    # 81 pixels, of which an eighth is cut at each corner; each hole is a diamond of half a pixel
    assert area(points) == pytest.approx(81 - 4 / 8 - 3 * 0.5)


@pytest.mark.unit
def test_the_channel_of_a_hole_does_not_run_through_another_hole() -> None:
    mask = np.ones((9, 9), bool)
    mask[4, 2] = mask[4, 6] = False
    (points,) = compute_contours(mask)
    steps = np.abs(np.roll(points, -1, axis=0) - points)
    # from -0.5 to 1.5 and from 2.5 to 5.5, there and back; every other step goes to a neighbour
    assert sorted(steps[:, 0])[-5:] == [1.0, 2.0, 2.0, 3.0, 3.0]


@pytest.mark.unit
def test_an_island_in_a_hole_is_a_line_of_its_own() -> None:
    mask = np.ones((7, 7), bool)
    mask[1:6, 1:6] = False
    mask[3, 3] = True
    assert len(compute_contours(mask)) == 2


@pytest.mark.unit
def test_an_empty_mask_has_no_contour() -> None:
    assert compute_contours(np.zeros((3, 3), bool)) == []


def sphere(image: ImageEntry, centre: tuple[float, float, float], radius_mm: float) -> np.ndarray:
    """Return the voxels within a radius of a point in millimetres, with a hole in the middle."""
    found = []
    for one in image.objects:
        rows, columns = np.mgrid[: one.Rows, : one.Columns]
        directions = np.array(one.ImageOrientationPatient, float)
        places = (
            np.array(one.ImagePositionPatient, float)
            + columns[..., None] * directions[:3] * float(one.PixelSpacing[1])
            + rows[..., None] * directions[3:] * float(one.PixelSpacing[0])
        )
        away = np.linalg.norm(places - centre, axis=-1)
        found.append((away < radius_mm) & (away >= 3.0))
    return np.stack(found)


def oblique(step_mm: float) -> ImageEntry:
    """Return a CT that is turned about two axes, with pixels that are not square."""
    from scipy.spatial.transform import Rotation

    turn = Rotation.from_euler("xz", [20, 35], degrees=True).as_matrix().round(8)
    slices = scan_objects.ct(step_mm=step_mm)
    for number, one in enumerate(slices):
        place = np.array([-150.0, -120.0, 30.0]) + turn[:, 2] * step_mm * number
        one.ImagePositionPatient = [round(value, 6) for value in place.tolist()]
        one.ImageOrientationPatient = [*turn[:, 0].tolist(), *turn[:, 1].tolist()]
        one.PixelSpacing = [2.5, 3.5]
    return ct_image(slices)


def middle(image: ImageEntry) -> tuple[float, float, float]:
    one = image.objects[len(image.objects) // 2]
    directions = np.array(one.ImageOrientationPatient, float)
    spacing = [float(value) for value in one.PixelSpacing]
    place = (
        np.array(one.ImagePositionPatient, float) + directions[:3] * 60 * spacing[1] + directions[3:] * 66 * spacing[0]
    )
    return tuple(place.tolist())


def read_back(made: Dataset, image: ImageEntry, number: int = 1) -> tuple[np.ndarray, float]:
    """Return the voxels whose centre lies within the contours of a region, and its volume in millilitres."""
    contours = next(one for one in made.ROIContourSequence if one.ReferencedROINumber == number).ContourSequence
    slices = {one.SOPInstanceUID: position for position, one in enumerate(image.objects)}
    found = np.zeros((len(slices), image.objects[0].Rows, image.objects[0].Columns), bool)
    square_mm = 0.0
    for contour in contours:
        position = slices[contour.ContourImageSequence[0].ReferencedSOPInstanceUID]
        one = image.objects[position]
        directions = np.array(one.ImageOrientationPatient, float)
        places = np.array(contour.ContourData, float).reshape(-1, 3)
        assert len(places) == contour.NumberOfContourPoints
        away = places - np.array(one.ImagePositionPatient, float)
        assert np.abs(away @ np.cross(directions[:3], directions[3:])).max() < 1e-3, "not on its slice"
        across, down = away @ directions[:3], away @ directions[3:]
        between_rows, between_columns = (float(value) for value in one.PixelSpacing)
        found[position] ^= inside(np.column_stack([across / between_columns, down / between_rows]), found.shape[1:])
        square_mm += area(np.column_stack([across, down]))
    return found, square_mm * float(image.objects[0].SliceThickness) / 1000


@pytest.mark.twin
@pytest.mark.parametrize("make", ["down", "up", "oblique down", "oblique up"])
def test_contours_of_a_ct_lead_back_to_the_voxels(make: str, tmp_path: Path) -> None:
    step_mm = -8.0 if make.endswith("down") else 8.0
    image = oblique(step_mm) if make.startswith("oblique") else ct_image(scan_objects.ct(step_mm=step_mm))
    mask = sphere(image, middle(image), 25.0)
    found = render_structure_set(a_read([image]), image, [ResidualLesion(IN_VOLUME, mask)], MADE)
    assert found.dataset is not None
    assert faults(found.dataset, tmp_path) == []
    again, millilitres = read_back(dcmread(reopened(found.dataset)), image)
    assert (again == mask).all()
    spacing = [float(value) for value in image.objects[0].PixelSpacing]
    wanted = mask.sum() * spacing[0] * spacing[1] * 8.0 / 1000
    # corners are cut, so a little is lost
    assert 0.95 * wanted < millilitres <= wanted


@pytest.fixture
def image() -> ImageEntry:
    return ct_image(scan_objects.ct())


@pytest.mark.unit
def test_what_has_no_depth_is_left_out_with_its_reason(image: ImageEntry) -> None:
    mask = sphere(image, middle(image), 20.0)
    diffuse = dataclasses.replace(IN_VOLUME, mark="m8")
    lesions = [
        ResidualLesion(FEMUR, None),
        ResidualLesion(IN_VOLUME, mask),
        ResidualLesion(dataclasses.replace(FEMUR, mark="m7"), mask),
        ResidualLesion(diffuse, mask & False),
    ]
    found = render_structure_set(a_read([image]), image, lesions, MADE)
    assert [(mark.mark, why) for mark, why in found.left_out] == [
        ("m1", "no_depth"),
        ("m7", "no_depth"),
        ("m8", "outside_ct"),
    ]
    assert {why for _, why in found.left_out} == set(REASONS)
    assert found.dataset is not None
    assert len(found.dataset.StructureSetROISequence) == 1


@pytest.mark.unit
def test_planar_lesions_alone_make_no_structure_set(image: ImageEntry) -> None:
    found = render_structure_set(a_read([image]), image, [ResidualLesion(FEMUR, None)], MADE)
    assert found.dataset is None
    assert [why for _, why in found.left_out] == ["no_depth"]


@pytest.mark.external
def test_two_lesions_and_what_is_said_of_them(image: ImageEntry, tmp_path: Path) -> None:
    x, y, z = middle(image)
    masks = [sphere(image, (x, y, z), 20.0), sphere(image, (x + 40, y, z + 24), 12.0)]
    other = dataclasses.replace(IN_VOLUME, mark="m8", site="Łokieć\\骨" * 20, regions=("spine_thoracic", "ribs_left"))
    lesions = [ResidualLesion(mark, mask) for mark, mask in zip((IN_VOLUME, other), masks, strict=True)]
    found = render_structure_set(a_read([image]), image, lesions, MADE).dataset
    assert found is not None
    assert faults(found, tmp_path) == []
    first, second = found.StructureSetROISequence
    assert first.ROIName == "femur_right site-1"
    assert second.ROIName.startswith("ribs_left,spine_thoracic Łokieć/骨")
    assert "physician" in first.ROIDescription
    assert "not a medical device" in first.ROIDescription
    assert found.ApprovalStatus == "UNAPPROVED"
    assert {one.RTROIInterpretedType for one in found.RTROIObservationsSequence} == {""}
    assert (found.PatientID, found.StudyInstanceUID) == (image.objects[0].PatientID, image.objects[0].StudyInstanceUID)
    series = found.ReferencedFrameOfReferenceSequence[0].RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
    assert [one.ReferencedSOPInstanceUID for one in series.ContourImageSequence] == [
        one.SOPInstanceUID for one in image.objects
    ]
    for number, mask in enumerate(masks, 1):
        again, _ = read_back(found, image, number)
        assert (again == mask).all()


@pytest.mark.unit
def test_a_contour_of_many_points_is_written(image: ImageEntry, tmp_path: Path) -> None:
    """More than the 64 kB that an explicit value representation takes."""
    mask = np.zeros((32, 128, 128), bool)
    mask[3, :64:2, :64] = mask[3, :64, 0] = True
    found = render_structure_set(a_read([image]), image, [ResidualLesion(IN_VOLUME, mask)], MADE).dataset
    assert found is not None
    again, _ = read_back(dcmread(reopened(found)), image)
    assert (again == mask).all()
    assert max(len("\\".join(map(str, one.ContourData))) for one in found.ROIContourSequence[0].ContourSequence) > 65535
    assert faults(found, tmp_path) == []


@pytest.mark.unit
def test_the_same_arguments_give_the_same_bytes_under_another_clock(
    image: ImageEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(radius_mm: float = 20.0) -> Dataset:
        lesions = [ResidualLesion(IN_VOLUME, sphere(image, middle(image), radius_mm))]
        found = render_structure_set(a_read([image]), image, lesions, MADE).dataset
        assert found is not None
        return found

    first = made()
    set_another_clock(monkeypatch)
    assert reopened(made()).getvalue() == reopened(first).getvalue()
    assert made(25.0).SOPInstanceUID != first.SOPInstanceUID


@pytest.mark.unit
def test_other_images_are_refused(image: ImageEntry) -> None:
    lesions = [ResidualLesion(IN_VOLUME, np.ones((32, 128, 128), bool))]
    document = a_read([image])
    with pytest.raises(InputError, match="no CT in one frame of reference"):
        render_structure_set(document, dataclasses.replace(image, kind="spect"), lesions, MADE)
    image.objects[3].FrameOfReferenceUID = "1.2.3"
    with pytest.raises(InputError, match="no CT in one frame of reference"):
        render_structure_set(document, image, lesions, MADE)


@pytest.mark.unit
def test_a_mask_of_another_size_is_refused(image: ImageEntry) -> None:
    with pytest.raises(InputError, match="outline of mark m1 does not fit the CT"):
        render_structure_set(a_read([image]), image, [ResidualLesion(IN_VOLUME, np.ones((2, 2, 2), bool))], MADE)
