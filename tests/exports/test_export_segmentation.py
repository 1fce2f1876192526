"""Segmentations: valid, read back as the same masks on the same frames, the same bytes every time."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from highdicom.seg import Segmentation, segread
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset
from read_documents import FEMUR, MADE, SKULL, a_read, faults, reopened, set_another_clock, spect_image
from read_sources import SOURCES, spect_downwards, spect_upwards, two_views

import scan_objects
from residuum.exports.documents import ImageEntry
from residuum.exports.naming import compute_tracking_uid
from residuum.exports.segmentation import Outlined, render_segmentation
from residuum.records.errors import InputError

PARAMETERS = {"fraction": 0.5, "radius_mm": 40.0}


def disc(image: ImageEntry, row: int, column: int, radius: float = 4.0) -> np.ndarray:
    first = image.objects[0]
    rows, columns = np.mgrid[: first.Rows, : first.Columns]
    return (rows - row) ** 2 + (columns - column) ** 2 <= radius**2


def rendered(image: ImageEntry, lesions: list[Outlined]) -> Segmentation:
    return render_segmentation(a_read([image]), image, lesions, PARAMETERS, MADE)


def check_masks(made: Dataset, image: ImageEntry, lesions: list[Outlined]) -> None:
    """Check each segment as highdicom reads it, on every frame that a lesion reaches and on the first and last."""
    first = image.objects[0]
    numbers = sorted({1, int(first.NumberOfFrames), *(number for one in lesions for number in one.frames)})
    pixels = segread(reopened(made)).get_pixels_by_source_frame(
        first.SOPInstanceUID, numbers, ignore_spatial_locations=True, assert_missing_frames_are_empty=True
    )
    for segment, lesion in enumerate(lesions):
        for number, frame in zip(numbers, pixels, strict=True):
            mask = frame[..., segment].astype(bool)
            assert (mask == lesion.frames.get(number, np.zeros_like(mask))).all(), (segment, number)


def lesions_on(image: ImageEntry) -> list[Outlined]:
    """Return a lesion on the frame of a view (on three slices of a volume) and one that overlaps it."""
    if image.placement is None:
        return [
            Outlined(FEMUR, {image.frame: disc(image, 40, 50)}),
            Outlined(SKULL, {image.frame: disc(image, 42, 52)}),
        ]
    return [
        Outlined(FEMUR, {number: disc(image, 37, 34, 1 + number % 3) for number in (20, 21, 24)}),
        Outlined(dataclasses.replace(SKULL, site="s2"), {21: disc(image, 36, 34)}),
    ]


@pytest.mark.external
@pytest.mark.parametrize("source", [name for name in SOURCES if name != "spect_ct"])
def test_segmentations_are_valid_and_hold_the_masks(source: str, tmp_path: Path) -> None:
    for image in SOURCES[source]():
        lesions = lesions_on(image)
        made = rendered(image, lesions)
        assert faults(made, tmp_path) == []
        check_masks(made, image, lesions)
        assert made.SegmentationType == "BINARY"
        assert {item.ReferencedSOPClassUID for item in source_items(made)} == {image.objects[0].SOPClassUID}
        assert {item.ReferencedSOPInstanceUID for item in source_items(made)} == {image.objects[0].SOPInstanceUID}


def source_items(made: Dataset) -> list[Dataset]:
    """Return every item that refers to an image."""
    found: list[Dataset] = []

    def collect(dataset: Dataset) -> None:
        if "ReferencedSOPInstanceUID" in dataset:
            found.append(dataset)
        for element in dataset:
            if element.VR == "SQ":
                for item in element.value:
                    collect(item)

    collect(made)
    assert len(found) == 2 + len(made.PerFrameFunctionalGroupsSequence)
    return found


@pytest.mark.external
@pytest.mark.parametrize("views", [("anterior", "posterior"), ("posterior", "anterior")])
def test_both_views_of_an_object_are_in_one_segmentation(views: tuple[str, str], tmp_path: Path) -> None:
    source = scan_objects.planar(views)
    image = ImageEntry("scan1.anterior", "planar", "anterior", (source,), 1 + views.index("anterior"))
    lesions = [
        Outlined(FEMUR, {1: disc(image, 300, 50)}),
        Outlined(SKULL, {2: disc(image, 60, 63)}),
        Outlined(dataclasses.replace(FEMUR, mark="m7"), {2: disc(image, 300, 77), 1: disc(image, 299, 51)}),
    ]
    made = rendered(image, lesions)
    assert faults(made, tmp_path) == []
    check_masks(made, image, lesions)
    assert made.NumberOfFrames == 4
    assert "FrameOfReferenceUID" not in made
    frames = [
        group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber
        for group in made.PerFrameFunctionalGroupsSequence
    ]
    assert frames == [1, 2, 1, 2]


@pytest.mark.external
def test_other_frames_than_the_first_of_many(tmp_path: Path) -> None:
    """Windows beside that of the peak are frames too: here views 3 and 4 of an object of four frames."""
    image = ImageEntry("scan1.anterior", "planar", "anterior", (scan_objects.planar(windows=("scatter", "I123")),), 3)
    lesions = [Outlined(FEMUR, {3: disc(image, 300, 50)}), Outlined(SKULL, {4: disc(image, 60, 63)})]
    made = rendered(image, lesions)
    assert faults(made, tmp_path) == []
    check_masks(made, image, lesions)


@pytest.mark.unit
@pytest.mark.parametrize(("make", "steps"), [(spect_downwards, (-76.0, -92.0)), (spect_upwards, (-80.0, -64.0))])
def test_frames_of_a_spect_lie_where_its_slices_lie(make: Any, steps: tuple[float, float]) -> None:
    """Slices 20 and 24 of 40, 4 mm apart, the first at 0 going down or at -156 going up."""
    image = make()[0]
    made = rendered(image, [Outlined(FEMUR, {20: disc(image, 37, 34), 24: disc(image, 37, 34)})])
    places = {
        group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber: group.PlanePositionSequence[
            0
        ].ImagePositionPatient
        for group in made.PerFrameFunctionalGroupsSequence
    }
    assert places == {20: [-126.0, -126.0, steps[0]], 24: [-126.0, -126.0, steps[1]]}
    assert made.FrameOfReferenceUID == image.objects[0].FrameOfReferenceUID
    measures = made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert (measures.PixelSpacing, measures.SpacingBetweenSlices) == ([4.0, 4.0], 4.0)


@pytest.mark.external
def test_oblique_spect(tmp_path: Path) -> None:
    source = scan_objects.spect(-4.0)
    geometry = source.DetectorInformationSequence[0]
    turn = np.deg2rad(17.0)
    directions = [np.cos(turn), np.sin(turn) / 3, 0.0, -np.sin(turn), np.cos(turn), 0.0]
    across = np.array([np.cos(turn), np.sin(turn), 0.0])
    directions = [*np.round(across, 10), *np.round([-across[1], across[0], 0.0], 10)]
    geometry.ImageOrientationPatient = directions
    geometry.ImagePositionPatient = [-100.123456789, -150.987654321, 33.3333333333]
    image = spect_image(source)
    lesions = lesions_on(image)
    made = rendered(image, lesions)
    assert faults(made, tmp_path) == []
    check_masks(made, image, lesions)


@pytest.mark.unit
def test_segments_say_lesion_region_side_and_algorithm() -> None:
    image = two_views()[0]
    made = segread(reopened(rendered(image, lesions_on(image))))
    femur, skull = made.SegmentSequence
    assert femur.SegmentLabel == "femur right site-1"
    assert femur.SegmentAlgorithmType == "SEMIAUTOMATIC"
    assert femur.SegmentedPropertyTypeCodeSequence[0].CodeMeaning == "Lesion"
    assert femur.AnatomicRegionSequence[0].CodeValue == "71341001"
    assert femur.AnatomicRegionSequence[0].AnatomicRegionModifierSequence[0].CodeMeaning == "Right"
    algorithm = femur.SegmentationAlgorithmIdentificationSequence[0]
    assert algorithm.AlgorithmParameters == "fraction=0.5,radius_mm=40"
    assert (femur.TrackingID, femur.TrackingUID) == ("site-1", compute_tracking_uid(a_read([]), FEMUR))
    assert [item.CodeMeaning for item in skull.AnatomicRegionSequence] == ["Skull"]
    assert "AnatomicRegionModifierSequence" not in skull.AnatomicRegionSequence[0]
    assert "physician" in femur.SegmentDescription
    assert made.ContentDescription == "Research software, not a medical device."


@pytest.mark.external
def test_a_hundred_lesions_in_every_script(tmp_path: Path) -> None:
    image = two_views()[1]
    lesions = [
        Outlined(
            dataclasses.replace(FEMUR, mark=f"m{number}", site=f"Łokieć\\{number} 骨" * (1 + 9 * (number % 2))),
            {2: disc(image, 5 * number, 60, 1 + number % 4)},
        )
        for number in range(100)
    ]
    made = rendered(image, lesions)
    assert faults(made, tmp_path) == []
    check_masks(made, image, lesions)
    assert len({one.TrackingUID for one in made.SegmentSequence}) == 100


@pytest.mark.property
@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_any_masks_come_back(seed: int) -> None:
    random = np.random.default_rng(seed)
    frames = [scan_objects.body(view, shape=(13, 11)) for view in ("anterior", "posterior")]
    source = scan_objects.planar(kind="STATIC", frames=frames)
    image = ImageEntry("x", "spot", "anterior", (source,))
    lesions = []
    for number in range(random.integers(1, 5)):
        shown = random.choice([1, 2], size=random.integers(1, 3), replace=False).tolist()
        masks = {frame: random.random((13, 11)) < 0.3 for frame in shown}
        masks[shown[0]][number, number] = True
        lesions.append(Outlined(dataclasses.replace(FEMUR, mark=f"m{number}"), masks))
    check_masks(rendered(image, lesions), image, lesions)


@pytest.mark.unit
@pytest.mark.parametrize("make", [two_views, spect_downwards])
def test_the_same_arguments_give_the_same_bytes_under_another_clock(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    image = make()[0]
    first = reopened(rendered(image, lesions_on(image))).getvalue()
    set_another_clock(monkeypatch)
    again = reopened(rendered(image, lesions_on(image))).getvalue()
    assert first == again
    assert b"19990102" not in again


@pytest.mark.unit
def test_other_outlines_or_parameters_are_another_object() -> None:
    image = two_views()[0]
    lesions = lesions_on(image)
    made = [
        rendered(image, lesions),
        rendered(image, lesions[:1]),
        rendered(image, [dataclasses.replace(lesions[0], frames={1: disc(image, 41, 50)}), lesions[1]]),
        render_segmentation(a_read([image]), image, lesions, {"fraction": 0.4}, MADE),
    ]
    assert len({one.SOPInstanceUID for one in made}) == 4


@pytest.mark.unit
def test_patient_and_de_identification_come_from_the_stored_copy() -> None:
    image = two_views()[0]
    source = image.objects[0]
    source.PatientName, source.PatientIdentityRemoved, source.DeidentificationMethod = "P001", "YES", "As told"
    made = rendered(image, lesions_on(image))
    assert (made.PatientName, made.PatientIdentityRemoved) == ("P001", "YES")
    assert (made.StudyInstanceUID, made.StudyDate) == (source.StudyInstanceUID, source.StudyDate)


@pytest.mark.unit
def test_nothing_outlined_is_refused() -> None:
    image = two_views()[0]
    empty = np.zeros((512, 128), bool)
    for lesions in ([], [Outlined(FEMUR, {1: empty})]):
        with pytest.raises(InputError, match=r"nothing is outlined on image scan1\.anterior"):
            rendered(image, lesions)
    with pytest.raises(InputError, match="outline of mark m3 is empty"):
        rendered(image, [*lesions_on(image)[:1], Outlined(SKULL, {1: empty})])


@pytest.mark.unit
def test_a_mask_of_another_size_is_refused() -> None:
    image = two_views()[0]
    with pytest.raises(InputError, match="outline of mark m1 does not fit its image"):
        rendered(image, [Outlined(FEMUR, {1: np.ones((4, 4), bool)})])
