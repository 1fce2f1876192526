"""SIOPEN, Curie and Amsterdam, clause by clause, from the marks of one read."""

from typing import Any

import pytest

from residuum.scores.readings import derive_readings
from residuum.scores.totals import derive_totals
from small_studies import Scan, child, study

Grades = dict[str, int]


def graded(*said: str, mode: str = "all", **settings: Any) -> dict[str, Grades]:
    """Return the grades above 0 of one read by system and segment."""
    readings = derive_readings(study(child("P", Scan("diagnosis", 0, said)), **settings))
    rows = readings.grades.filter(mode=mode).select("system", "segment", "grade").iter_rows()
    found: dict[str, Grades] = {"siopen": {}, "curie": {}}
    for system, segment, grade in rows:
        found[system][segment] = grade
    return found


def totals(*said: str, mode: str = "all", **settings: Any) -> dict[str, Any]:
    """Return the totals of one read."""
    readings = derive_readings(study(child("P", Scan("diagnosis", 0, said)), **settings))
    return derive_totals(readings, readings.reads).filter(mode=mode).row(0, named=True)


FEMUR = "proximal_lower_limb_left"


@pytest.mark.unit
@pytest.mark.parametrize(
    ("said", "siopen", "curie"),
    [
        ([], 0, 0),
        (["femur_left"], 1, 1),
        (["femur_left x2"], 2, 2),
        (["femur_left x3"], 3, 2),
        (["femur_left x4"], 4, 2),
        (["femur_left x5"], 4, 2),
        (["femur_left x20"], 4, 2),
        (["femur_left 0.01"], 4, 1),
        (["femur_left 0.49"], 4, 1),
        (["femur_left 0.499"], 4, 1),
        (["femur_left 0.5"], 5, 1),
        (["femur_left 0.501"], 5, 3),
        (["femur_left 0.94"], 5, 3),
        (["femur_left 0.95"], 5, 3),
        (["femur_left 0.951"], 6, 3),
        (["femur_left 1"], 6, 3),
        (["femur_left", "femur_left 0.2"], 4, 2),
        (["femur_left x5", "femur_left 0.2"], 4, 2),
        (["femur_left x5", "femur_left 0.7"], 5, 3),
        (["femur_left", "femur_left 0.96"], 6, 3),
        (["femur_left 0.3", "femur_left 0.4"], 4, 2),
        (["femur_left 0.5", "femur_left 0.5"], 5, 2),
        (["femur_left 0.3", "femur_left 0.6"], 5, 3),
    ],
    ids=str,
)
def test_grade_of_one_segment(said: list[str], siopen: int, curie: int) -> None:
    found = graded(*said)
    assert found["siopen"].get(FEMUR, 0) == siopen
    assert found["curie"].get("thighs", 0) == curie
    assert set(found["siopen"]) <= {FEMUR}
    assert set(found["curie"]) <= {"thighs"}


@pytest.mark.unit
@pytest.mark.parametrize(
    ("why", "said", "siopen", "curie"),
    [
        (
            "a mark over two regions of one segment counts once in it",
            ["skull_vault;skull_base"],
            {"skull": 1},
            {"head": 1},
        ),
        (
            "a mark over two segments counts once in each",
            ["femur_left;pelvis_left"],
            {FEMUR: 1, "pelvis": 1},
            {"thighs": 1, "pelvis": 1},
        ),
        (
            "an extent holds for each segment that the mark touches",
            ["femur_left;pelvis_left 0.6"],
            {FEMUR: 5, "pelvis": 5},
            {"thighs": 3, "pelvis": 3},
        ),
        (
            "a confluent lesion of T12 and L1 is one in SIOPEN's spine and one in each of two Curie regions",
            ["spine_thoracic;spine_lumbar"],
            {"spine": 1},
            {"cervicothoracic_spine": 1, "lumbosacral_spine": 1},
        ),
        (
            "limbs are pooled by Curie only",
            ["humerus_right", "humerus_left"],
            {"proximal_upper_limb_right": 1, "proximal_upper_limb_left": 1},
            {"arms": 2},
        ),
        (
            "one mark over both sides is one in each SIOPEN limb and one in the pooled Curie region",
            ["leg_right;leg_left"],
            {"distal_lower_limb_right": 1, "distal_lower_limb_left": 1},
            {"legs_and_feet": 1},
        ),
        (
            "forearm and hand make one segment",
            ["forearm_right", "hand_right", "hand_left"],
            {"distal_upper_limb_right": 2, "distal_upper_limb_left": 1},
            {"forearms_and_hands": 2},
        ),
        (
            "both sides of the pelvis are one segment",
            ["pelvis_right", "pelvis_left"],
            {"pelvis": 2},
            {"pelvis": 2},
        ),
        ("soft tissue is Curie's tenth region only", ["soft_tissue x2"], {}, {"soft_tissue": 2}),
        (
            "bone and soft tissue in one mark",
            ["spine_lumbar;soft_tissue 0.7"],
            {"spine": 5},
            {"lumbosacral_spine": 3, "soft_tissue": 3},
        ),
        (
            "foci of different regions of a segment add up",
            ["spine_cervical", "spine_thoracic", "spine_lumbar", "sacrum"],
            {"spine": 4},
            {"cervicothoracic_spine": 2, "lumbosacral_spine": 2},
        ),
        ("sacrum and girdle by default", ["sacrum", "scapula_left"], {"spine": 1, "thoracic_cage": 1}, None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_marks_over_regions(why: str, said: list[str], siopen: Grades, curie: Grades | None) -> None:
    found = graded(*said)
    assert found["siopen"] == siopen, why
    assert curie is None or found["curie"] == curie, why


@pytest.mark.unit
@pytest.mark.parametrize(
    ("setting", "said", "siopen", "curie"),
    [
        ({"sacrum_to": "pelvis"}, ["sacrum", "pelvis_left"], {"pelvis": 2}, {"lumbosacral_spine": 1, "pelvis": 1}),
        (
            {"girdle_to": "proximal_upper_limb"},
            ["scapula_left", "clavicle_left", "clavicle_right", "humerus_left"],
            {"proximal_upper_limb_left": 3, "proximal_upper_limb_right": 1},
            {"ribs_and_sternum": 2, "arms": 1},
        ),
    ],
)
def test_settings_of_sacrum_and_girdle(setting: Any, said: list[str], siopen: Grades, curie: Grades) -> None:
    assert graded(*said, **setting) == {"siopen": siopen, "curie": curie}


@pytest.mark.unit
@pytest.mark.parametrize(
    ("clause", "value", "said", "system", "before", "after"),
    [
        ("siopen.single_foci_max", 2, ["femur_left x3"], "siopen", 3, 3),
        ("siopen.single_foci_max", 2, ["femur_left x5"], "siopen", 4, 3),
        ("siopen.grade_5_from", 0.6, ["femur_left 0.59"], "siopen", 5, 4),
        ("siopen.grade_5_includes_limit", False, ["femur_left 0.5"], "siopen", 5, 4),
        ("siopen.grade_5_includes_limit", False, ["femur_left 0.51"], "siopen", 5, 5),
        ("siopen.grade_6_above", 0.8, ["femur_left 0.81"], "siopen", 5, 6),
        ("siopen.grade_6_includes_limit", True, ["femur_left 0.95"], "siopen", 5, 6),
        ("siopen.grade_6_includes_limit", True, ["femur_left 0.949"], "siopen", 5, 5),
        ("curie.several_from", 3, ["femur_left x2"], "curie", 2, 1),
        ("curie.several_from", 3, ["femur_left x3"], "curie", 2, 2),
        ("curie.grade_3_above", 0.3, ["femur_left 0.31"], "curie", 1, 3),
    ],
)
def test_every_clause_can_be_set(
    clause: str, value: Any, said: list[str], system: str, before: int, after: int
) -> None:
    segment = {"siopen": FEMUR, "curie": "thighs"}[system]
    assert graded(*said)[system][segment] == before
    assert graded(*said, rules={clause: value})[system][segment] == after


@pytest.mark.unit
def test_neither_total_follows_from_the_other() -> None:
    confluent, separate = totals("spine_thoracic;spine_lumbar"), totals("femur_left")
    assert (confluent["siopen"], confluent["curie"]) == (1, 2)
    assert (separate["siopen"], separate["curie"]) == (1, 1)


@pytest.mark.unit
def test_totals_add_the_segments_and_soft_tissue_counts_in_curie_total_only() -> None:
    found = totals("femur_left x2", "skull_vault 0.96", "soft_tissue", "sternum")
    wanted = {"siopen": 2 + 6 + 1, "curie": 2 + 3 + 1 + 1, "curie_skeletal": 6, "avid": True, "soft_tissue": True}
    assert {name: found[name] for name in wanted} == wanted


@pytest.mark.unit
def test_soft_tissue_alone_is_avid_without_a_skeletal_score() -> None:
    found = totals("soft_tissue")
    wanted = {"siopen": 0, "curie": 1, "curie_skeletal": 0, "avid": True, "soft_tissue": True}
    assert {name: found[name] for name in wanted} == wanted


@pytest.mark.unit
def test_everything_diffuse_gives_the_largest_totals() -> None:
    regions = [f"{region} 1" for region in REGIONS_AND_SOFT_TISSUE]
    found = totals(*regions)
    assert [found[name] for name in ("siopen", "curie", "curie_skeletal")] == [72, 30, 27]
    assert found["amsterdam_diffuse"] == 14


REGIONS_AND_SOFT_TISSUE = [
    "skull_vault",
    "spine_thoracic",
    "spine_lumbar",
    "sternum",
    "pelvis_left",
    "soft_tissue",
    "skull_base",
    "face_orbit",
    *(f"{bone}_{side}" for bone in ("humerus", "hand", "femur", "foot") for side in ("right", "left")),
]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("said", "setting", "focal", "diffuse"),
    [
        ([], {}, 0, 0),
        (["skull_vault", "skull_base", "face_orbit"], {}, 3, 0),
        (["spine_cervical x3", "sacrum"], {}, 1, 0),
        (["femur_left", "femur_left 0.2"], {}, 1, 1),
        (["sacrum 0.5", "scapula_left"], {"sacrum_to": "pelvis", "girdle_to": "proximal_upper_limb"}, 1, 1),
        (["pelvis_left", "sacrum"], {}, 2, 0),
        (["pelvis_left", "sacrum"], {"sacrum_to": "pelvis"}, 1, 0),
        (["humerus_left", "scapula_left"], {"girdle_to": "proximal_upper_limb"}, 1, 0),
        (["soft_tissue 0.9"], {}, 0, 0),
    ],
    ids=str,
)
def test_amsterdam_counts_affected_segments(said: list[str], setting: Any, focal: int, diffuse: int) -> None:
    # another read with a mark, so that a read without any is told from a study without marks
    reads = Scan("follow_up", 90, ["femur_right"])
    readings = derive_readings(study(child("P", Scan("diagnosis", 0, said), reads), **setting))
    found = derive_totals(readings, readings.reads).filter(mode="all").row(0, named=True)
    assert (found["amsterdam_focal"], found["amsterdam_diffuse"]) == (focal, diffuse)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("view", "counted"),
    [
        ("planar_ant", True),
        ("planar_post", True),
        ("spot", True),
        ("planar_post;spect", True),
        ("spect", False),
        ("", False),
    ],
)
def test_planar_only_counts_what_a_planar_or_spot_view_shows(view: str, counted: bool) -> None:
    said = [f"femur_left @{view}", "skull_vault 0.6 @planar_ant"]
    assert totals(*said)["siopen"] == 6
    assert totals(*said, mode="planar_only")["siopen"] == 5 + counted


@pytest.mark.unit
def test_planar_only_does_not_exist_when_no_mark_says_where_it_was_seen() -> None:
    blank = study(child("P", Scan("diagnosis", 0, ["femur_left @"])))
    assert derive_readings(blank).modes == ("all",)
    assert derive_readings(study(child("P", Scan("diagnosis", 0, ["femur_left @spect"])))).modes == (
        "all",
        "planar_only",
    )


@pytest.mark.unit
@pytest.mark.parametrize(
    ("said", "siopen", "assessed", "curie", "skeletal"),
    [
        ({}, 0, 0, 0, 0),
        ({"spine": 4, "pelvis": 2, "curie:head": 3, "curie:soft_tissue": 1}, 6, 6, 4, 3),
        ({"spine": "not_assessable", "pelvis": 2}, None, 2, 0, 0),
        ({"spine": "not_assessable", "curie:arms": 1}, None, 0, 1, 1),
        ({"spine": 1, "curie:soft_tissue": "not_assessable"}, 1, 1, None, 0),
    ],
    ids=str,
)
def test_grades_study(said: Any, siopen: Any, assessed: int, curie: Any, skeletal: Any) -> None:
    scans = [Scan("diagnosis", 0, said), Scan("follow_up", 9, {"curie:head": 1})]
    readings = derive_readings(study(child("P", *scans), entry="grades"))
    found = derive_totals(readings, readings.reads).row(0, named=True)
    names = ("siopen", "siopen_assessed", "curie", "curie_skeletal", "amsterdam_focal")
    assert [found[name] for name in names] == [siopen, assessed, curie, skeletal, None]


@pytest.mark.unit
def test_grades_study_without_curie_rows_has_no_curie_numbers() -> None:
    readings = derive_readings(study(child("P", Scan("diagnosis", 0, {"spine": 4})), entry="grades"))
    assert readings.systems == ("siopen",)
    found = derive_totals(readings, readings.reads).row(0, named=True)
    assert (found["siopen"], found["curie"], found["curie_skeletal"]) == (4, None, None)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("said", "avid", "soft_tissue"),
    [
        ({"spine": 0, "curie:head": 0}, False, False),
        ({"spine": 1}, True, False),
        ({"curie:head": 1}, True, False),
        ({"curie:soft_tissue": 1}, True, True),
        ({"spine": "not_assessable"}, False, False),
    ],
    ids=str,
)
def test_a_scan_of_grades_is_avid_when_any_grade_is(said: Any, avid: bool, soft_tissue: bool) -> None:
    readings = derive_readings(study(child("P", Scan("diagnosis", 0, said)), entry="grades"))
    found = derive_totals(readings, readings.reads).row(0, named=True)
    assert (found["avid"], found["soft_tissue"]) == (avid, soft_tissue)
