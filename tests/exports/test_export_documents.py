"""The JSON of a read: its keys, its order, and what it never holds."""

import dataclasses
import json

import pytest
from read_documents import FEMUR, SKULL, SPINE, a_read, planar_images

import scan_objects
from residuum.exports.documents import ReadDocument, render_json


@pytest.fixture(scope="module")
def document() -> ReadDocument:
    return a_read(planar_images(scan_objects.planar()))


@pytest.mark.unit
def test_keys_are_those_that_are_documented(document: ReadDocument) -> None:
    told = json.loads(render_json(document))
    assert sorted(told) == [
        "adjudicated",
        "day",
        "evaluable",
        "format",
        "grades",
        "images",
        "marks",
        "notice",
        "patient",
        "reader",
        "scan",
        "sex",
        "study",
        "timepoint",
        "totals",
        "tracer",
    ]
    assert all(f"`{key}`" in (render_json.__doc__ or "") for key in told)
    assert told["format"] == 1
    assert told["notice"] == "Research software, not a medical device."
    assert sorted(told["marks"][0]) == sorted(field.name for field in dataclasses.fields(FEMUR))


@pytest.mark.unit
def test_values_come_through(document: ReadDocument) -> None:
    told = json.loads(render_json(document))
    assert [mark["mark"] for mark in told["marks"]] == ["m1", "m2", "m3"]
    assert told["marks"][1]["regions"] == ["spine_lumbar", "spine_thoracic"]
    assert told["marks"][1]["extent"] == 0.55
    assert told["marks"][1]["x_mm"] is None
    assert told["grades"]["siopen"]["spine"] == 5
    assert told["grades"]["siopen"]["skull"] == "not_assessable"
    assert told["grades"]["curie"]["head"] == 0
    assert told["totals"] == {"curie": 5, "curie_skeletal": 5, "siopen": None}
    assert told["adjudicated"] is False
    assert told["images"][1]["frame"] == 2
    assert told["images"][1]["instance_uids"] == told["images"][0]["instance_uids"]


@pytest.mark.unit
def test_consensus_is_adjudicated() -> None:
    assert a_read([], reader="consensus").adjudicated


@pytest.mark.unit
def test_a_read_that_is_not_evaluable_has_no_score() -> None:
    told = json.loads(render_json(a_read([], evaluable=False)))
    assert set(told["grades"]["siopen"].values()) == {"not_assessable"}
    assert set(told["totals"].values()) == {None}


@pytest.mark.unit
def test_order_of_marks_regions_grades_and_images_does_not_matter(document: ReadDocument) -> None:
    turned = dataclasses.replace(
        document,
        marks=(SKULL, dataclasses.replace(SPINE, regions=SPINE.regions[::-1]), FEMUR),
        grades=dict(reversed(list(document.grades.items()))),
        images=document.images[::-1],
    )
    assert render_json(turned) == render_json(document)


@pytest.mark.unit
def test_zero_below_zero_is_zero() -> None:
    below, above = (a_read([], marks=(dataclasses.replace(FEMUR, x_mm=zero),)) for zero in (-0.0, 0.0))
    assert render_json(below) == render_json(above)


@pytest.mark.unit
def test_nothing_of_the_header_and_no_comment(document: ReadDocument) -> None:
    text = render_json(document)
    for hidden in (scan_objects.NAME, scan_objects.PATIENT_ID, scan_objects.DATE, "comment", "ACC-7731"):
        assert hidden not in text


@pytest.mark.unit
def test_letters_of_every_script_stand_as_they_are() -> None:
    assert '"ŁÓDŹ 骨"' in render_json(a_read([], study="ŁÓDŹ 骨"))
