"""Structured reports: valid, read back by other programs, the same bytes every time, and never a grade that is none."""

import dataclasses
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from highdicom.sr import srread
from pydicom import Dataset
from read_documents import (
    FEMUR,
    MADE,
    SKULL,
    SPINE,
    a_read,
    as_text,
    faults,
    planar_images,
    reopened,
    set_another_clock,
)
from read_sources import SOURCES, spect_ct, two_views

import scan_objects
from residuum.exports.codes import read_term
from residuum.exports.documents import ImageEntry
from residuum.exports.naming import compute_tracking_uid
from residuum.exports.structured_report import render_structured_report
from residuum.records.errors import InputError
from residuum.records.vocabulary import CURIE_SEGMENTS, MARK_REGIONS, SIOPEN_SEGMENTS


def placed(images: list[ImageEntry]) -> Any:
    """Return a mark that lies on the first image."""
    first = images[0]
    place = (12.0, 24.0, -128.0) if first.kind == "spect" else (100.0, 120.0, None)
    return dataclasses.replace(
        FEMUR, image=first.image, view=first.view, x_mm=place[0], y_mm=place[1], z_mm=place[2], extent=None
    )


def groups_of(made: Dataset) -> dict[str, Any]:
    """Return the groups of a report as highdicom reads them, by tracking identifier."""
    report = srread(reopened(made)).content
    groups = [*report.get_image_measurement_groups(), *report.get_planar_roi_measurement_groups()]
    return {group.tracking_identifier: group for group in groups}


def value_of(group: Any, name: str) -> float | str | None:
    """Return the number or the word of a group."""
    numbers = group.get_measurements(read_term(name))
    words = group.get_qualitative_evaluations(read_term(name))
    assert len(numbers) + len(words) <= 1
    return numbers[0].value if numbers else words[0].value.value if words else None


@pytest.mark.external
@pytest.mark.parametrize("source", SOURCES)
def test_reports_are_valid_for_every_kind_of_scan(source: str, tmp_path: Path) -> None:
    images = SOURCES[source]()
    made = render_structured_report(a_read(images, marks=(placed(images), SPINE)), images, MADE)
    assert faults(made, tmp_path) == []
    groups = groups_of(made)
    assert len(groups) == 1 + 2 + len(SIOPEN_SEGMENTS) + len(CURIE_SEGMENTS) + 3
    assert groups["site-1"].roi.graphic_type.value == "POINT"


@pytest.mark.external
def test_a_point_on_an_object_without_frames_names_none(tmp_path: Path) -> None:
    source = scan_objects.planar(("anterior",))
    source.SOPClassUID = source.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    images = [ImageEntry("scan1.anterior", "planar", "anterior", (source,))]
    made = render_structured_report(a_read(images, marks=(placed(images),)), images, MADE)
    assert faults(made, tmp_path) == []
    assert "ReferencedFrameNumber" not in str(made.ContentSequence)


@pytest.mark.external
def test_another_program_reads_regions_grades_and_totals(tmp_path: Path) -> None:
    images = two_views()
    text = as_text(render_structured_report(a_read(images), images, MADE), tmp_path)
    for line in (
        '(363698007,SCT,"Finding Site")=(71341001,SCT,"Femur")',
        '(272741003,SCT,"Laterality")=(24028007,SCT,"Right")',
        '(REGION,99RESIDUUM,"Skeletal region")=(skull_vault,99RESIDUUM,"skull vault")',
        '(EXTENT,99RESIDUUM,"Filled part of each segment touched")="55.0" (%,UCUM,"Percent")',
        '(SIOPEN_GRADE,99RESIDUUM,"SIOPEN grade of a segment")="5" (1,UCUM,"no units")',
        '(SIOPEN_GRADE,99RESIDUUM,"SIOPEN grade of a segment")=(NOT_ASSESSABLE,99RESIDUUM,"Not assessable")',
        '(CURIE_TOTAL,99RESIDUUM,"Curie total, 0 to 30")="5" (1,UCUM,"no units")',
        '(121106,DCM,"Comment")="Research software, not a medical device."',
        '(121008,DCM,"Person Observer Name")="reader_1^"',
        'SCOORD:(111030,DCM,"Image Region")=(POINT,50.5/300.5)',
        "Completion Flag     : COMPLETE",
        "Verification Flag   : VERIFIED",
        "Verifying Observers : 2026-11-22 14:30:05, reader_1^, Invented study",
    ):
        assert line in text, line


@pytest.mark.unit
def test_grades_stay_what_they_are_and_none_becomes_zero() -> None:
    images = two_views()
    document = a_read(images)
    groups = groups_of(render_structured_report(document, images, MADE))
    for (system, segment), grade in document.grades.items():
        told = value_of(groups[f"{system} {segment}"], f"{system}_grade")
        assert told == ("NOT_ASSESSABLE" if grade is None else grade)
    for system, total in document.totals.items():
        assert value_of(groups[f"{system} total"], f"{system}_total") == ("NOT_ASSESSABLE" if total is None else total)


@pytest.mark.unit
def test_grades_name_their_segment_and_images() -> None:
    images = two_views()
    groups = groups_of(render_structured_report(a_read(images), images, MADE))
    group = groups["siopen distal_upper_limb_left"]
    assert value_of(group, "segment") == "SIOPEN_DUL_L"
    site = group.finding_sites[0]
    assert (site.value.meaning, site.laterality.meaning, site.topographical_modifier.meaning) == (
        "Bone of upper limb",
        "Left",
        "Distal",
    )
    source = group.source_images[0]
    assert source.referenced_sop_instance_uid == images[0].objects[0].SOPInstanceUID
    assert source.referenced_frame_numbers == [1, 2]


@pytest.mark.unit
def test_a_placed_mark_is_a_point_on_its_frame() -> None:
    images = planar_images(scan_objects.planar(("posterior", "anterior")), ("posterior", "anterior"))
    group = groups_of(render_structured_report(a_read(images), images, MADE))["site-1"]
    assert group.roi.value.tolist() == [[50.5, 300.5]]
    source = group.roi.ContentSequence[0].ReferencedSOPSequence[0]
    assert source.ReferencedFrameNumber == 2
    assert source.ReferencedSOPInstanceUID == images[1].objects[0].SOPInstanceUID
    assert group.tracking_uid == compute_tracking_uid(a_read(images), FEMUR)
    assert value_of(group, "pattern") == "87017008"
    assert value_of(group, "confidence") == "DEFINITE"
    assert value_of(group, "seen_on") == "399321004"
    assert value_of(group, "region") == "femur_right"
    assert value_of(group, "extent") is None


@pytest.mark.unit
def test_a_spect_mark_is_a_point_on_the_nearest_slice() -> None:
    images = spect_ct()
    document = a_read(images, marks=(placed(images),))
    group = groups_of(render_structured_report(document, images, MADE))["site-1"]
    assert group.roi.value.tolist() == [[35.0, 38.0]]
    assert group.roi.ContentSequence[0].ReferencedSOPSequence[0].ReferencedFrameNumber == 33


@pytest.mark.unit
def test_a_mark_without_position_has_no_region_of_interest() -> None:
    images = two_views()
    group = groups_of(render_structured_report(a_read(images, marks=(SPINE,)), images, MADE))["m2"]
    assert not hasattr(group, "roi")
    assert value_of(group, "extent") == pytest.approx(55.0)
    assert [site.value.meaning for site in group.finding_sites] == ["Lumbar spine", "Thoracic spine"]


@pytest.mark.unit
def test_regions_of_one_structure_name_it_once() -> None:
    images = two_views()
    group = groups_of(render_structured_report(a_read(images, marks=(SKULL,)), images, MADE))["m3"]
    assert [site.value.meaning for site in group.finding_sites] == ["Skull"]
    regions = group.get_qualitative_evaluations(read_term("region"))
    assert [one.value.value for one in regions] == ["skull_base", "skull_vault"]


@pytest.mark.external
@pytest.mark.parametrize(
    ("said", "groups"),
    [
        ({"marks": ()}, 26),
        ({"grades": {}, "totals": {}}, 4),
        ({"marks": (), "grades": {}, "totals": {}}, 1),
        ({"evaluable": False, "marks": ()}, 26),
        ({"study": None, "sex": None, "tracer": None, "reader": "consensus"}, 29),
        ({"tracer": "I131_post_therapy"}, 29),
    ],
    ids=["negative", "marks only", "nothing said", "not evaluable", "least known", "after therapy"],
)
def test_reads_of_every_kind_are_valid(said: dict[str, Any], groups: int, tmp_path: Path) -> None:
    images = two_views()
    made = render_structured_report(a_read(images, **said), images, MADE)
    assert faults(made, tmp_path) == []
    assert len(groups_of(made)) == groups


@pytest.mark.unit
def test_a_read_that_is_not_evaluable_has_no_number() -> None:
    images = two_views()
    groups = groups_of(render_structured_report(a_read(images, evaluable=False, marks=()), images, MADE))
    assert value_of(groups["read"], "evaluable") == "373067005"
    assert {value_of(groups[f"siopen {one}"], "siopen_grade") for one in SIOPEN_SEGMENTS} == {"NOT_ASSESSABLE"}
    assert value_of(groups["curie total"], "curie_total") == "NOT_ASSESSABLE"


@pytest.mark.external
@pytest.mark.slow
def test_a_hundred_marks_of_every_region_in_every_script(tmp_path: Path) -> None:
    images = two_views()
    marks = tuple(
        dataclasses.replace(
            FEMUR,
            mark=f"märk {number} 骨",
            site=f"Łokieć\\{number} \u05d0" * (1 + number % 3),
            regions=(MARK_REGIONS[number % len(MARK_REGIONS)],),
            x_mm=float(number),
            seen_on=("planar_ant", "spect", "spot", "planar_post"),
        )
        for number in range(100)
    )
    document = a_read(images, marks=marks, reader="Lés=y^\\" * 20, study="Étude\\ Ω" * 30, scan="ŚK" * 40)
    made = render_structured_report(document, images, MADE)
    assert faults(made, tmp_path) == []
    found = srread(reopened(made)).content.get_planar_roi_measurement_groups()
    assert [one.tracking_identifier for one in found] == [
        mark.site for mark in sorted(marks, key=lambda mark: mark.mark)
    ]
    assert "Łokieć\\7 " in as_text(made, tmp_path).replace("\\\\", "\\")


@pytest.mark.external
def test_the_consensus_names_the_reports_of_the_readers(tmp_path: Path) -> None:
    images = two_views()
    readers = [render_structured_report(a_read(images, reader=one), images, MADE) for one in ("reader_1", "reader_2")]
    made = render_structured_report(a_read(images, reader="consensus"), images, MADE, readers)
    assert faults(made, tmp_path) == []
    named = [
        instance.ReferencedSOPInstanceUID
        for study in made.PredecessorDocumentsSequence
        for series in study.ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    ]
    assert sorted(named) == sorted(one.SOPInstanceUID for one in readers)
    assert "Adjudicator" in as_text(made, tmp_path)
    assert "PredecessorDocumentsSequence" not in readers[0]


@pytest.mark.unit
def test_the_same_arguments_give_the_same_bytes_under_another_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    images = two_views()
    first = reopened(render_structured_report(a_read(images), images, MADE)).getvalue()
    set_another_clock(monkeypatch)
    again = reopened(render_structured_report(a_read(images), images, MADE)).getvalue()
    assert first == again
    assert b"19990102" not in again


@pytest.mark.unit
def test_another_content_or_moment_gives_another_object_of_the_same_study() -> None:
    images = two_views()
    made = [
        render_structured_report(document, images, moment)
        for document, moment in (
            (a_read(images), MADE),
            (a_read(images), datetime(2026, 11, 23)),
            (a_read(images, marks=(SPINE,)), MADE),
            (a_read(images, reader="reader_2"), MADE),
        )
    ]
    assert len({one.SOPInstanceUID for one in made}) == len({one.SeriesInstanceUID for one in made}) == 4
    assert {one.StudyInstanceUID for one in made} == {images[0].objects[0].StudyInstanceUID}


@pytest.mark.unit
def test_patient_and_de_identification_come_from_the_stored_copy() -> None:
    source = scan_objects.planar(PatientIdentityRemoved="YES", DeidentificationMethod="As told")
    source.PatientName = source.PatientID = "P001"
    made = render_structured_report(a_read(planar_images(source)), planar_images(source), MADE)
    assert (made.PatientName, made.PatientID, made.PatientSex) == ("P001", "P001", "F")
    assert (made.PatientIdentityRemoved, made.DeidentificationMethod) == ("YES", "As told")
    assert made.StudyDate == source.StudyDate


@pytest.mark.unit
def test_the_evidence_is_every_object_once() -> None:
    images = spect_ct()
    made = render_structured_report(a_read(images, marks=()), images, MADE)
    named = [one[2] for one in srread(reopened(made)).get_evidence()]
    assert sorted(named) == sorted(one.SOPInstanceUID for image in images for one in image.objects)


@pytest.mark.unit
def test_sources_are_left_as_they_were() -> None:
    images = two_views()
    before = reopened(images[0].objects[0]).getvalue()
    render_structured_report(a_read(images), images, MADE)
    assert reopened(images[0].objects[0]).getvalue() == before


@pytest.mark.unit
def test_without_an_image_there_is_no_report() -> None:
    with pytest.raises(InputError, match="export it as JSON"):
        render_structured_report(a_read([]), [], MADE)


@pytest.mark.unit
def test_a_mark_on_an_image_that_is_not_there_is_refused() -> None:
    images = two_views()[:1]
    with pytest.raises(InputError, match=r"mark m3 lies on image scan1\.posterior, which is not there"):
        render_structured_report(a_read(images), images, MADE)


@pytest.mark.unit
def test_a_source_without_identifiers_is_refused() -> None:
    images = two_views()
    del images[0].objects[0].SeriesInstanceUID
    with pytest.raises(InputError, match="has no SeriesInstanceUID"):
        render_structured_report(a_read([], marks=()), images, MADE)


@pytest.mark.unit
def test_the_library_of_reports_is_loaded_only_when_one_is_made() -> None:
    """Loading it takes half a second, which no other command should pay."""
    modules = ("documents", "codes", "structured_report", "segmentation", "structure_set")
    load = "import sys; " + "; ".join(f"import residuum.exports.{name}" for name in modules)
    told = subprocess.run(
        (sys.executable, "-c", f"{load}; print({{'highdicom', 'pydicom', 'contourpy'}} & set(sys.modules))"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "set()"
