"""The state of a site at a scan, from the scans of earlier days."""

from typing import Any

import polars as pl
import pytest

from small_studies import Child, Scan, analyse, by, child, named

FEMUR = "femur_left"
Seen = tuple[int, list[str] | None]
"""Day and lesions; None is a scan that cannot be evaluated."""


def course(*scans: Seen) -> Child:
    """Return a child with these scans, named s0, s1, ..."""
    return child("P", *(Scan("follow_up", day, by(anne=said), name=f"s{n}") for n, (day, said) in enumerate(scans)))


def table(*scans: Seen, **settings: Any) -> pl.DataFrame:
    """Return the states of one child's sites."""
    return analyse(course(*scans), **settings).site_states


ON, OFF = [FEMUR], ["sternum"]


COURSES: list[tuple[str, list[Seen], list[str | None]]] = [
    ("first seen", [(0, ON)], ["new"]),
    ("never seen", [(0, OFF)], [None]),
    ("on every scan", [(0, ON), (9, ON), (20, ON)], ["new", "persistent", "persistent"]),
    ("appears later", [(0, OFF), (9, ON), (20, ON)], [None, "new", "persistent"]),
    ("clears", [(0, ON), (9, OFF), (20, OFF)], ["new", "cleared", "cleared"]),
    ("clears and returns", [(0, ON), (9, OFF), (20, ON)], ["new", "cleared", "recurred"]),
    (
        "once recurred, never persistent again",
        [(0, ON), (9, OFF), (20, ON), (30, ON)],
        ["new", "cleared", "recurred", "recurred"],
    ),
    ("negative before the first", [(0, OFF), (9, OFF), (20, ON)], [None, None, "new"]),
    (
        "persistent up to the clearing",
        [(0, ON), (9, ON), (20, OFF), (30, ON)],
        ["new", "persistent", "cleared", "recurred"],
    ),
    ("a scan that cannot be evaluated is no gap", [(0, ON), (9, None), (20, ON)], ["new", None, "persistent"]),
    ("both scans of the first day", [(0, ON), (0, ON)], ["new", "new"]),
    ("one of two scans of the first day", [(0, ON), (0, OFF)], ["new", None]),
    ("negative on the first day is no gap", [(0, ON), (0, OFF), (9, ON)], ["new", None, "persistent"]),
    (
        "a scan of the same day is not in between",
        [(0, ON), (9, OFF), (9, ON)],
        ["new", "cleared", "persistent"],
    ),
    (
        "but it is a gap for later days",
        [(0, ON), (9, OFF), (9, ON), (20, ON)],
        ["new", "cleared", "persistent", "recurred"],
    ),
    ("order of names does not matter", [(20, ON), (0, ON), (9, OFF)], ["recurred", "new", "cleared"]),
]


@pytest.fixture(scope="module")
def together() -> pl.DataFrame:
    """Every case of both tables as one study."""
    return analyse(*(named(course(*scans), why) for why, scans, _ in [*COURSES, *PREVIOUS])).site_states


@pytest.mark.unit
@pytest.mark.parametrize("case", COURSES, ids=[why for why, *_ in COURSES])
def test_state_by_course(together: pl.DataFrame, case: tuple[str, list[Seen], list[str | None]]) -> None:
    why, scans, expected = case
    found = dict(together.filter(site=FEMUR, patient=why).select("scan", "state").iter_rows())
    assert [found.get(f"{why}:s{number}") for number in range(len(scans))] == expected


PREVIOUS: list[tuple[str, list[Seen], bool]] = [
    ("nothing before", [(0, ON)], False),
    ("absent before", [(0, OFF), (9, ON)], True),
    ("avid before", [(0, ON), (9, ON)], False),
    ("avid two before, absent before", [(0, ON), (9, OFF), (20, ON)], True),
    ("absent two before, avid before", [(0, OFF), (9, ON), (20, ON)], False),
    ("of two scans of the day before, the higher name counts: avid", [(0, OFF), (0, ON), (9, ON)], False),
    ("of two scans of the day before, the higher name counts: absent", [(0, ON), (0, OFF), (9, ON)], True),
    ("a scan of the same day is not before", [(9, OFF), (9, ON)], False),
    ("nor counts in place of an earlier one", [(0, ON), (9, OFF), (9, ON)], False),
    ("what cannot be evaluated is left out", [(0, ON), (9, None), (20, ON)], False),
]


@pytest.mark.unit
@pytest.mark.parametrize("case", PREVIOUS, ids=[why for why, *_ in PREVIOUS])
def test_absent_on_previous(together: pl.DataFrame, case: tuple[str, list[Seen], bool]) -> None:
    why, scans, absent = case
    last = together.filter(site=FEMUR, scan=f"{why}:s{len(scans) - 1}")
    assert last["absent_on_previous"].item() == absent


@pytest.mark.unit
def test_a_cleared_site_is_not_absent_on_previous_and_never_seen_says_new() -> None:
    found = table((0, ON), (9, OFF), (20, ON)).filter(site=FEMUR).sort("day")
    assert found["absent_on_previous"].to_list() == [False, False, True]
    assert found["never_seen_before"].to_list() == [True, False, False]
    assert found["first_seen_day"].to_list() == [0, 0, 0]
    assert found["avid"].to_list() == [True, False, True]


@pytest.mark.unit
def test_a_mark_over_two_regions_is_two_sites_and_soft_tissue_none() -> None:
    found = table((0, ["femur_left;pelvis_left 0.6", "soft_tissue"]))
    assert sorted(found["site"]) == ["femur_left", "pelvis_left"]


@pytest.mark.unit
def test_children_do_not_share_their_sites() -> None:
    found = analyse(
        child("P", Scan("diagnosis", 0, ON), Scan("follow_up", 9, OFF)), child("Q", Scan("diagnosis", 9, ON))
    ).site_states
    assert found.filter(patient="Q")["state"].to_list() == ["new"]
    assert found.filter(patient="Q")["absent_on_previous"].to_list() == [False]


@pytest.mark.unit
@pytest.mark.parametrize("level", ["region", "lesion"])
def test_labels_matter_at_the_level_of_lesions_only(level: str) -> None:
    scans = [(0, ["femur_left #A", "sternum"]), (9, ["leg_left #A", "sternum"])]
    found = table(*scans, site_level=level).filter(scan="s1").select("site", "state")
    expected = {
        "region": {("femur_left", "cleared"), ("leg_left", "new"), ("sternum", "persistent")},
        "lesion": {("lesion A", "persistent"), ("sternum", "persistent")},
    }
    assert set(found.iter_rows()) == expected[level]


@pytest.mark.unit
def test_two_labels_in_one_region_are_two_sites_and_a_label_over_two_regions_is_one() -> None:
    found = table((0, ["femur_left #A", "femur_left #B", "ribs_left;sternum #C"]), site_level="lesion")
    assert sorted(found["site"]) == ["lesion A", "lesion B", "lesion C"]


@pytest.mark.unit
def test_a_label_spelled_like_a_region_stays_apart_from_it() -> None:
    found = table((0, ["sternum #femur_left"]), (9, ["femur_left"]), site_level="lesion").filter(scan="s1")
    assert set(found.select("site", "state").iter_rows()) == {("femur_left", "new"), ("lesion femur_left", "cleared")}


@pytest.mark.unit
def test_segments_are_the_sites_of_a_study_with_grades() -> None:
    said = [{"spine": 3, "curie:head": 2}, {"pelvis": 1}, {"spine": "not_assessable", "pelvis": 1}, {"spine": 1}]
    found = table(*[(10 * number, one) for number, one in enumerate(said)], entry="grades").sort("scan", "site")
    assert list(found.select("scan", "site", "state").iter_rows()) == [
        ("s0", "spine", "new"),
        ("s1", "pelvis", "new"),
        ("s1", "spine", "cleared"),
        ("s2", "pelvis", "persistent"),
        ("s2", "spine", "cleared"),
        ("s3", "pelvis", "cleared"),
        ("s3", "spine", "recurred"),
    ]
