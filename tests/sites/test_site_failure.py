"""Where failures happen: points by site, patterns by patient."""

from typing import Any

import pytest

from small_studies import Scan, analyse, child, column


@pytest.mark.unit
@pytest.mark.parametrize(
    ("why", "said", "points"),
    [
        ("one site takes the grade", ["femur_left x3"], {"femur_left": 3}),
        ("shared equally", ["spine_thoracic x2", "spine_lumbar"], {"spine_thoracic": 1.5, "spine_lumbar": 1.5}),
        (
            "shared by sites, not by marks",
            ["skull_vault x4", "skull_base", "face_orbit"],
            {"skull_vault": 4 / 3, "skull_base": 4 / 3, "face_orbit": 4 / 3},
        ),
        ("each segment for itself", ["femur_left;pelvis_left 0.96"], {"femur_left": 6, "pelvis_left": 6}),
        (
            "a diffuse lesion gives its points to all sites of the segment",
            ["pelvis_left 0.6", "pelvis_right"],
            {"pelvis_left": 2.5, "pelvis_right": 2.5},
        ),
        ("soft tissue takes none", ["soft_tissue", "sternum"], {"sternum": 1}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_points_of_a_site(why: str, said: list[str], points: dict[str, float]) -> None:
    sites = analyse(child("P", Scan("diagnosis", 0, said))).sites
    assert column(sites, "site", "points") == pytest.approx(points), why


@pytest.mark.unit
def test_a_labelled_lesion_over_two_segments_takes_part_in_both() -> None:
    said = ["femur_left;pelvis_left #A", "pelvis_right #B", "pelvis_right #B", "pelvis_left"]
    sites = analyse(child("P", Scan("diagnosis", 0, said)), site_level="lesion").sites
    # femur: 1 for A alone; pelvis: four foci are grade 4, shared by A, B and the unlabelled mark
    assert column(sites, "site", "points") == pytest.approx(
        {"lesion A": 1 + 4 / 3, "lesion B": 4 / 3, "pelvis_left": 4 / 3}
    )


@pytest.mark.unit
def test_points_add_up_to_the_total() -> None:
    said = ["spine_lumbar;pelvis_left;sacrum 0.7", "pelvis_left x3", "ribs_left", "skull_base x5"]
    found = analyse(child("P", Scan("diagnosis", 0, said)))
    assert found.sites["points"].sum() == pytest.approx(found.totals.filter(mode="all")["siopen"].item())


BEFORE = [
    Scan("diagnosis", 0, ["femur_left", "sternum", "pelvis_left"]),
    Scan("post_consolidation", 200, ["sternum"]),
    Scan("end_of_treatment", 410, ["sternum"]),
]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("said", "pattern", "counts"),
    [
        (["sternum"], "persistent_only", (1, 0, 0)),
        (["femur_left", "pelvis_left"], "recurred_only", (0, 2, 0)),
        (["skull_vault", "leg_left"], "new_only", (0, 0, 2)),
        (["sternum", "femur_left"], "mixed", (1, 1, 0)),
        (["sternum", "leg_left"], "mixed", (1, 0, 1)),
        (["femur_left", "leg_left"], "mixed", (0, 1, 1)),
        (["sternum", "femur_left", "leg_left"], "mixed", (1, 1, 1)),
        (["soft_tissue"], "non_skeletal", (0, 0, 0)),
        ([], "non_skeletal", (0, 0, 0)),
        (None, "unknown", (0, 0, 0)),
    ],
    ids=str,
)
def test_pattern_of_a_patient(said: Any, pattern: str, counts: tuple[int, int, int]) -> None:
    progression = Scan("progression", 900, said)
    found = analyse(child("P", *BEFORE, progression, events=[(900, "relapse")]))
    assert found.included["pattern"].to_list() == [pattern]
    states = found.site_states.filter("avid", scan="P-4")["state"].to_list()
    assert tuple(states.count(state) for state in ("persistent", "recurred", "new")) == counts


@pytest.mark.unit
def test_the_pattern_looks_at_the_progression_scan_alone() -> None:
    after = [Scan("progression", 900, ["sternum"]), Scan("progression", 950, ["skull_vault"])]
    found = analyse(child("P", *BEFORE, *after, events=[(900, "relapse")]))
    assert found.included["pattern"].to_list() == ["persistent_only"]


@pytest.mark.unit
def test_without_progression_there_is_no_pattern() -> None:
    assert analyse(child("P", *BEFORE)).included["pattern"].to_list() == [None]
    died = analyse(child("P", *BEFORE, events=[(900, "death")]))
    assert died.included["pattern"].to_list() == [None]
