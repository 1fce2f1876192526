"""What users ask of viewers of nuclear medicine in their issue trackers, one test each."""

import numpy as np
import numpy.typing as npt
import pytest
from looking import look
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

import scan_objects
from residuum.intake.scans.dicom.decoding import decode

pytestmark = pytest.mark.unit
CORNER_MM = -126.0


def _lesion_lps_mm(found: Dataset) -> npt.NDArray[np.float64]:
    """Return where the hot spot lies by the facts of the object that holds it."""
    placement, spacing_mm = look(found).placement, look(found).spacing_mm
    assert placement is not None
    assert spacing_mm is not None
    slices, rows, columns = (float(axis.mean()) for axis in np.nonzero(decode(found) > 300))
    return np.asarray(
        np.array(placement.origin_mm)
        + columns * spacing_mm[1] * np.array(placement.row_direction)
        + rows * spacing_mm[0] * np.array(placement.column_direction)
        + slices * np.array(placement.step_mm)
    )


@pytest.mark.parametrize("step_mm", [-4.0, 4.0])
def test_signed_spacing_either_way_puts_the_lesion_at_one_place(step_mm: float) -> None:
    assert _lesion_lps_mm(scan_objects.spect(step_mm)) == pytest.approx(scan_objects.LESION_LPS_MM, abs=1.0)


def test_geometry_that_stands_only_in_the_detector_information_is_found() -> None:
    found = scan_objects.spect()
    assert "ImagePositionPatient" not in found
    placement = look(found).placement
    assert placement is not None
    assert placement.origin_mm == (CORNER_MM, CORNER_MM, 0.0)


@pytest.mark.parametrize("empty", [None, "", []])
def test_empty_type_2_geometry_of_a_whole_body_is_no_fault(empty: object) -> None:
    found = scan_objects.planar()
    for item in found.DetectorInformationSequence:
        item.ImageOrientationPatient = item.ImagePositionPatient = empty
    facts = look(found)
    assert facts.kind == "planar"
    assert [frame.view for frame in facts.frames] == ["anterior", "posterior"]
    assert facts.flags == ()


def test_monochrome1_shows_the_same_counts_with_another_polarity() -> None:
    plain, shown_dark = scan_objects.planar(), scan_objects.planar(PhotometricInterpretation="MONOCHROME1")
    assert [frame.counts for frame in look(shown_dark).frames] == [frame.counts for frame in look(plain).frames]
    assert "values_inverted" not in look(shown_dark).flags


@pytest.mark.parametrize("polarity", ["MONOCHROME1", "MONOCHROME2"])
def test_values_that_were_inverted_themselves_are_refused(polarity: str) -> None:
    inverted = [np.uint16(255) - np.minimum(scan_objects.body(view), 255) for view in ("anterior", "posterior")]
    facts = look(scan_objects.planar(frames=inverted, PhotometricInterpretation=polarity))
    assert "values_inverted" in facts.flags


@pytest.mark.parametrize("nesting", ["windows outside", "detectors outside"])
def test_frames_are_told_apart_by_their_vectors(nesting: str) -> None:
    counts = {
        (window, view): scan_objects.body(view, 1, scale=6.0 if window == 1 else 1.0)
        for window in (1, 2)
        for view in ("anterior", "posterior")
    }
    order = list(counts) if nesting == "windows outside" else sorted(counts, key=lambda key: key[1])
    found = scan_objects.planar(
        windows=("I123", "scatter"),
        frames=[counts[key] for key in order],
        EnergyWindowVector=[window for window, _ in order],
        DetectorVector=[1 if view == "anterior" else 2 for _, view in order],
        FrameIncrementPointer=[0x00540010, 0x00540020] if nesting == "windows outside" else [0x00540020, 0x00540010],
    )
    frames = look(found).frames
    assert [(frame.window, frame.view) for frame in frames] == [
        ("I123" if window == 1 else "other", view) for window, view in order
    ]
    assert [frame.counts for frame in frames] == [float(counts[key].sum()) for key in order]
    assert [frame.number for frame in frames] == [1, 2, 3, 4]


def test_without_a_detector_vector_the_order_of_frames_says_nothing() -> None:
    found = scan_objects.planar()
    del found.DetectorVector
    assert [frame.view for frame in look(found).frames] == [None, None]


def test_without_detector_information_a_vector_says_nothing_of_views() -> None:
    found = scan_objects.planar()
    for absent in (Sequence(), None):
        found.DetectorInformationSequence = absent
        assert [(frame.view, frame.window) for frame in look(found).frames] == [(None, "I123")] * 2
    del found.DetectorInformationSequence
    assert [frame.view for frame in look(found).frames] == [None, None]


def test_without_vectors_one_window_and_one_detector_hold_for_the_only_frame() -> None:
    found = scan_objects.planar(("posterior",))
    del found.DetectorVector, found.EnergyWindowVector
    assert [(frame.view, frame.window) for frame in look(found).frames] == [("posterior", "I123")]


def test_one_item_for_two_detectors_holds_for_no_frame() -> None:
    found = scan_objects.planar()
    del found.DetectorVector
    found.DetectorInformationSequence = Sequence(found.DetectorInformationSequence[:1])
    assert [frame.view for frame in look(found).frames] == [None, None]


def test_the_posterior_view_may_be_stored_first() -> None:
    frames = look(scan_objects.planar(("posterior", "anterior"))).frames
    assert [(frame.number, frame.view) for frame in frames] == [(1, "posterior"), (2, "anterior")]
    # In the anterior view the liver, on the patient's right, lies at the left of the image.
    assert [frame.liver_at for frame in frames] == ["right", "left"]


def test_the_detectors_may_be_listed_the_other_way_round() -> None:
    found = scan_objects.planar(DetectorVector=[2, 1])
    found.DetectorInformationSequence = Sequence(reversed(found.DetectorInformationSequence))
    assert [frame.view for frame in look(found).frames] == ["anterior", "posterior"]


def test_the_views_may_come_as_two_instances_of_one_frame() -> None:
    study, series = "1.2.3", "1.2.3.4"
    both = [
        look(scan_objects.planar((view,), study=study, series=series, InstanceNumber=number))
        for number, view in enumerate(("anterior", "posterior"), start=1)
    ]
    assert [facts.frames[0].view for facts in both] == ["anterior", "posterior"]
    assert [facts.instance_number for facts in both] == [1, 2]
    assert {facts.identity.series_uid for facts in both} == {series}
    assert len({facts.identity.instance_uid for facts in both}) == 2


def test_a_liver_on_the_patients_left_is_flagged() -> None:
    assert "liver_side" in look(scan_objects.planar(("anterior",), PatientOrientation=["R", "F"])).flags
    assert "liver_side" not in look(scan_objects.planar(("anterior",), PatientOrientation=["L", "F"])).flags
