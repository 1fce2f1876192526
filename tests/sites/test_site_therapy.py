"""What was done at a site before a scan."""

from typing import Any

import pytest

from small_studies import Scan, analyse, child

SCANS = [Scan("diagnosis", 0, ["femur_left", "sternum"]), Scan("follow_up", 500, ["femur_left"])]
Treatment = tuple[Any, ...]


def therapy(*treatments: Treatment, scans: list[Scan] | None = None, site: str = "femur_left", **settings: Any) -> Any:
    """Return the therapy columns of one site at the last scan."""
    scans = scans or SCANS
    found = analyse(child("P", *scans, treatments=treatments, last_contact=4000), **settings).site_states
    return found.filter(site=site, scan=f"P-{len(scans)}").row(0, named=True)


def rt(start: int, end: int | None, regions: str | None) -> Treatment:
    return ("radiotherapy", start, end, regions)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("why", "treatments", "before", "days", "indeterminate"),
    [
        ("none", [], False, None, False),
        ("long ago", [rt(200, 220, "femur_left")], True, 280, False),
        ("on another site", [rt(200, 220, "femur_right")], False, None, False),
        ("on several regions", [rt(200, 220, "sternum;femur_left")], True, 280, False),
        ("regions unknown", [rt(200, 220, None)], False, None, False),
        ("no radiotherapy", [("surgery", 200, 220, "femur_left")], False, None, False),
        ("end unknown", [rt(200, None, "femur_left")], True, 300, False),
        ("the last course counts", [rt(200, 220, "femur_left"), rt(300, 320, "femur_left")], True, 180, False),
        ("91 days", [rt(400, 409, "femur_left")], True, 91, False),
        ("90 days", [rt(400, 410, "femur_left")], True, 90, True),
        ("began the day before", [rt(499, 499, "femur_left")], True, 1, True),
        ("still going on", [rt(490, 510, "femur_left")], True, 0, True),
        ("began on the day of the scan", [rt(500, 510, "femur_left")], False, None, False),
        ("later", [rt(600, 610, "femur_left")], False, None, False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_radiotherapy(why: str, treatments: Any, before: bool, days: int | None, indeterminate: bool) -> None:
    found = therapy(*treatments)
    assert found["irradiated_before"] == before, why
    assert found["days_since_rt"] == days, why
    assert found["indeterminate"] == indeterminate, why


@pytest.mark.unit
def test_a_cleared_site_is_never_indeterminate() -> None:
    found = therapy(rt(450, 460, "sternum"), site="sternum")
    assert (found["irradiated_before"], found["days_since_rt"], found["indeterminate"]) == (True, 40, False)


@pytest.mark.unit
def test_the_limit_of_indeterminate_is_a_clause() -> None:
    course = rt(200, 220, "femur_left")
    assert not therapy(course)["indeterminate"]
    assert therapy(course, rules={"flag.irradiated_indeterminate_days": 280})["indeterminate"]
    assert not therapy(course, rules={"flag.irradiated_indeterminate_days": 279})["indeterminate"]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("start", "between"), [(0, True), (1, True), (499, True), (500, False), (501, False), (None, False)]
)
def test_mibg_therapy_between_the_first_sight_and_the_scan(start: int | None, between: bool) -> None:
    treatments = [] if start is None else [("mibg_therapy", start, start)]
    assert therapy(*treatments)["mibg_therapy_between"] == between


@pytest.mark.unit
def test_mibg_therapy_before_the_site_was_first_seen_is_not_between() -> None:
    scans = [Scan("diagnosis", 0, ["sternum"]), Scan("follow_up", 300, ["femur_left"]), Scan("follow_up", 500, [])]
    assert not therapy(("mibg_therapy", 299, 299), scans=scans)["mibg_therapy_between"]
    assert therapy(("mibg_therapy", 300, 300), scans=scans)["mibg_therapy_between"]


@pytest.mark.unit
def test_a_lesion_and_a_segment_are_irradiated_with_any_of_their_regions() -> None:
    labelled = [Scan("diagnosis", 0, ["femur_left;leg_left #A"])]
    scans = [*labelled, Scan("follow_up", 500, ["femur_left #A"])]
    lesion = therapy(rt(200, 220, "leg_left"), scans=scans, site="lesion A", site_level="lesion")
    assert lesion["irradiated_before"]
    graded = [Scan("diagnosis", 0, {"spine": 2}), Scan("follow_up", 500, {"spine": 1})]
    assert therapy(rt(200, 220, "sacrum"), scans=graded, site="spine", entry="grades")["irradiated_before"]
    moved = therapy(rt(200, 220, "sacrum"), scans=graded, site="spine", entry="grades", sacrum_to="pelvis")
    assert not moved["irradiated_before"]


@pytest.mark.unit
def test_the_radiotherapy_of_another_child_does_not_count() -> None:
    first = child("P", *SCANS)
    second = child("Q", *SCANS, treatments=[rt(200, 220, "femur_left")])
    found = analyse(first, second).site_states
    assert set(found.filter("irradiated_before")["patient"]) == {"Q"}
