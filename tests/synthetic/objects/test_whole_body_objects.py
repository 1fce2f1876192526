"""Simulated whole-body views as DICOM: valid, understood without a question, labelled, the same bytes every time."""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pydicom
import pytest
from invented import CHILD, HEADS, copies_of, errors_of, images_of, stored_values

import scan_objects
from residuum.intake.scans.dicom.decoding import decode
from residuum.intake.scans.dicom.parsing import parse
from residuum.intake.scans.privacy.pseudonyms import derive_date
from residuum.intake.scans.understanding.understand import understand
from residuum.synthetic.camera.collimators import COLLIMATORS
from residuum.synthetic.objects.examination import Examination
from residuum.synthetic.objects.nuclear import Heads
from residuum.synthetic.objects.whole_body import Layout, Passage, write_whole_body

if TYPE_CHECKING:
    from residuum.intake.scans.understanding.facts import Side, View

pytestmark = pytest.mark.unit

LAYOUTS = get_args(Layout)
SEEN = {"anterior": scan_objects.body("anterior", 1), "posterior": scan_objects.body("posterior", 2)}


def written(layout: Layout = "one_object", child: Examination = CHILD) -> list[bytes]:
    return write_whole_body(child, *SEEN.values(), (2.4, 2.5), HEADS, Passage(5, 1200), layout)


def read(data: bytes) -> Any:
    return pydicom.dcmread(io.BytesIO(data))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_views_are_understood_without_a_question(layout: Layout) -> None:
    files = written(layout)
    images = images_of(files)
    expected: dict[View, Side] = {"anterior": "right", "posterior": "left"}
    assert {image.view: image.frame and image.frame.left_at for image in images} == expected
    for image in images:
        assert image.view is not None
        assert image.frame is not None
        assert (image.kind, image.asked, image.flags, image.spacing_mm) == ("planar", (), ("synthetic",), (2.4, 2.5))
        assert (image.frame.window, image.frame.window_kev) == ("I123", (143.0, 175.0))
        assert image.frame.view_from == image.frame.side_from == "declared"
        assert image.frame.counts == SEEN[image.view].sum()
        assert image.facts.delay_hours == (24.0,)
        np.testing.assert_array_equal(stored_values(files, image), SEEN[image.view])


@pytest.mark.external
def test_long_names_stay_valid(tmp_path: Path) -> None:
    """Names of collimators and scans are longer than the 16 characters of a short string."""
    child = replace(CHILD, scan="P07-post-induction-2")
    files = [
        write_whole_body(child, *SEEN.values(), (2.4, 2.4), Heads(one.name, 150.0), Passage(5, 1200))[0]
        for one in COLLIMATORS
    ]
    assert errors_of(files, tmp_path) == []
    assert len({str(read(data).DetectorInformationSequence[0].CollimatorGridName) for data in files}) == 4


def test_layouts_store_views_as_cameras_do() -> None:
    orders = {
        layout: [[frame.view for frame in understand(parse(data), decode).frames] for data in written(layout)]
        for layout in LAYOUTS
    }
    assert orders == {
        "one_object": [["anterior", "posterior"]],
        "two_objects": [["anterior"], ["posterior"]],
        "posterior_first": [["posterior", "anterior"]],
    }
    # The heads keep their order, and only the vector tells which of them took the first frame.
    assert list(read(written("posterior_first")[0]).DetectorVector) == [2, 1]


def test_liver_lies_on_the_patients_right() -> None:
    """The toy body's liver is drawn on the right of the patient, which a check of its own finds."""
    for image in images_of(written()):
        assert image.frame is not None
        assert image.frame.liver_at is not None
        assert image.frame.liver_at != image.frame.left_at


@pytest.mark.external
@pytest.mark.parametrize("layout", LAYOUTS)
def test_objects_and_their_copies_are_valid(layout: Layout, tmp_path: Path) -> None:
    assert errors_of([*written(layout), *copies_of(written(layout))], tmp_path) == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_copies_are_understood_alike(layout: Layout) -> None:
    before, after = (images_of(files) for files in (written(layout), copies_of(written(layout))))
    assert [(one.view, one.frame, one.spacing_mm) for one in after] == [
        (one.view, one.frame, one.spacing_mm) for one in before
    ]
    # When the tracer was injected is not copied; that no patient was seen is.
    assert {one.flags for one in after} == {("delay_unknown", "synthetic")}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_same_scan_gives_same_bytes(layout: Layout) -> None:
    assert written(layout) == written(layout)


def test_identifiers_follow_from_the_scan_and_its_content() -> None:
    one, again = read(written()[0]), read(written(child=replace(CHILD, seed=1))[0])
    later = read(written(child=replace(CHILD, scan="P07-S3", day=300))[0])
    brighter = read(
        write_whole_body(CHILD, SEEN["anterior"] + 1, SEEN["posterior"], (2.4, 2.5), HEADS, Passage(5, 1200))[0]
    )
    studies = {found.StudyInstanceUID for found in (one, again, later)}
    assert len(studies) == len({found.FrameOfReferenceUID for found in (one, again, later)}) == 3
    assert brighter.SeriesInstanceUID == one.SeriesInstanceUID
    assert brighter.SOPInstanceUID != one.SOPInstanceUID
    assert {found.PatientBirthDate for found in (one, again, later)} == {one.PatientBirthDate}


def test_two_objects_are_one_series() -> None:
    one, other = map(read, written("two_objects"))
    assert one.SeriesInstanceUID == other.SeriesInstanceUID
    assert one.SOPInstanceUID != other.SOPInstanceUID


def test_everything_says_that_it_is_synthetic() -> None:
    found = read(written()[0])
    assert str(found.PatientName) == "SYNTHETIC^P07"
    assert (found.Manufacturer, found.ManufacturerModelName) == ("Residuum", "phantom")
    texts = (found.StudyDescription, found.SeriesDescription, found.PatientComments, found.ImageComments)
    assert all("SYNTHETIC" in text for text in texts)
    assert found.QualityControlImage == "YES"
    assert "InstitutionName" not in found


def test_dates_are_those_of_the_fictitious_calendar() -> None:
    found = read(written()[0])
    assert found.StudyDate == found.AcquisitionDate == derive_date(100) == "20000410"
    # 1 January 2000 is 1500 days after 23 November 1995; on day 100 the child is 4 years old.
    assert (date(2000, 1, 1) - date(1995, 11, 23)).days == 1500
    assert (found.PatientBirthDate, found.PatientAge) == ("19951123", "004Y")
    assert found.RadiopharmaceuticalInformationSequence[0].RadiopharmaceuticalStartDateTime == "20000409101500"


@pytest.mark.parametrize(("day", "age"), [(0, "000Y"), (364, "000Y"), (366, "001Y")])
def test_age_counts_completed_years(day: int, age: str) -> None:
    """2000 has 366 days."""
    newborn = replace(CHILD, age_at_diagnosis_days=0, day=day)
    assert read(written(child=newborn)[0]).PatientAge == age


def test_numbers_of_the_acquisition() -> None:
    found = read(written()[0])
    # 5 cm/min are 0.8333 mm/s, and 1200 mm take 24 minutes.
    assert float(found.ScanVelocity) == pytest.approx(50 / 60)
    assert (found.ScanLength, found.ActualFrameDuration) == (1200, 24 * 60 * 1000)
    assert found.CountsAccumulated == sum(int(view.sum()) for view in SEEN.values())
    heads = found.DetectorInformationSequence
    assert [(head.CollimatorGridName, head.RadialPosition, head.StartAngle) for head in heads] == [
        ("MEGP", 150, 180),
        ("MEGP", 150, 0),
    ]
    assert found.RadiopharmaceuticalInformationSequence[0].RadionuclideTotalDose == 104
    assert (found.PatientWeight, found.PatientSize, found.PatientSex) == (17.3, 1.05, "F")


@pytest.mark.parametrize(("hours", "flags"), [(17.5, {"delay"}), (18, set()), (30, set()), (30.5, {"delay"})])
def test_delay_is_seen(hours: float, flags: set[str]) -> None:
    for image in images_of(written(child=replace(CHILD, delay_hours=hours))):
        assert image.facts.delay_hours == (hours,)
        assert set(image.flags) == flags | {"synthetic"}


def test_impossible_views_are_refused() -> None:
    front, back = SEEN.values()
    with pytest.raises(ValueError, match=r"shapes \(512, 128\) and \(512, 127\)"):
        write_whole_body(CHILD, front, back[:, 1:], (2.4, 2.4), HEADS, Passage(5, 1200))
    with pytest.raises(ValueError, match="float64, not uint16"):
        write_whole_body(CHILD, front * 1.0, back * 1.0, (2.4, 2.4), HEADS, Passage(5, 1200))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="layout is 'sideways'"):
        write_whole_body(CHILD, front, back, (2.4, 2.4), HEADS, Passage(5, 1200), "sideways")  # type: ignore[arg-type]
