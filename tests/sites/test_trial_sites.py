"""The trial's view: classes at the landmark, what failed, and who failed where."""

from typing import Any

import pytest

from residuum.cohort.analysis import Analysis
from small_studies import Child, Scan, analyse, child, named

DIAGNOSIS = Scan("diagnosis", 0, ["femur_left", "sternum", "pelvis_left", "skull_vault"])


def course(
    at_progression: Any,
    *,
    at_landmark: Any = ("sternum",),
    skeletal: str | None = None,
    components: Any = (),
    diagnosis: Scan = DIAGNOSIS,
    extra: tuple[Scan, ...] = (),
) -> Child:
    """Return an included child who progressed on day 900; no scan then when `at_progression` is None."""
    scans = [diagnosis, Scan("post_consolidation", 200, at_landmark), *extra]
    if at_progression is not None:
        scans.append(Scan("progression", 900, at_progression))
    return child("P", *scans, events=[(900, "relapse", skeletal)], components=components)


def view(at_progression: Any, **arguments: Any) -> Analysis:
    """Return the analysis of one such child; the arguments of `course`, and settings."""
    settings = {name: arguments.pop(name) for name in ("site_level", "entry") if name in arguments}
    return analyse(course(at_progression, **arguments), **settings)


def trial_class(found: Analysis) -> str:
    return str(found.included["trial_class"].item())


def failed(found: Analysis) -> dict[str, set[str]]:
    by_class: dict[str, set[str]] = {}
    for name, site in found.trial_sites.filter("failed").select("class", "site").iter_rows():
        by_class.setdefault(name, set()).add(site)
    return by_class


@pytest.mark.unit
@pytest.mark.parametrize(
    ("before", "now", "grown"),
    [
        (["sternum"], ["sternum"], False),
        (["sternum"], ["sternum x2"], True),
        (["sternum x3"], ["sternum x2"], False),
        (["sternum x3"], ["sternum x3"], False),
        (["sternum 0.4"], ["sternum 0.4"], False),
        (["sternum 0.4"], ["sternum 0.41"], True),
        (["sternum 0.4"], ["sternum 0.3"], False),
        (["sternum"], ["sternum 0.1"], True),
        (["sternum x3"], ["sternum 0.1"], True),
        (["sternum 0.9"], ["sternum x1"], True),
        (["sternum 0.9", "sternum"], ["sternum"], False),
        (["sternum 0.4", "sternum 0.2"], ["sternum 0.3", "sternum 0.3"], False),
        (["sternum"], [], False),
        (["sternum"], ["sternum;ribs_left"], False),
    ],
    ids=str,
)
def test_a_target_fails_only_when_it_has_grown(before: list[str], now: list[str], grown: bool) -> None:
    found = view(now, at_landmark=before)
    assert ("target" in failed(found)) == grown
    risks = {
        name: (failed, at_risk)
        for name, failed, at_risk in found.site_risks.select("class", "failed", "at_risk").iter_rows()
    }
    assert risks["target"] == (int(grown), 1)


@pytest.mark.unit
def test_classes_at_the_landmark() -> None:
    found = view(["sternum", "femur_left", "leg_left"])
    classes = dict(found.trial_sites.select("site", "class").iter_rows())
    assert classes == {
        "sternum": "target",
        "femur_left": "prior_non_target",
        "pelvis_left": "prior_non_target",
        "skull_vault": "prior_non_target",
        "leg_left": "never_seen",
    }
    assert failed(found) == {"prior_non_target": {"femur_left"}, "never_seen": {"leg_left"}}


@pytest.mark.unit
def test_only_scans_of_days_before_the_landmark_make_prior_sites() -> None:
    same_day = Scan("follow_up", 200, ["leg_left"])
    later = Scan("follow_up", 300, ["foot_left"])
    found = view(["leg_left", "foot_left"], extra=(same_day, later))
    assert failed(found) == {"never_seen": {"leg_left", "foot_left"}}


CLASSES: list[tuple[str, Any, str]] = [
    ("target grown", {"at_progression": ["sternum x2"]}, "target_only"),
    ("target present, not grown", {"at_progression": ["sternum"]}, "unclear"),
    ("nothing avid", {"at_progression": []}, "unclear"),
    ("site seen before", {"at_progression": ["femur_left"]}, "elsewhere_only"),
    ("new site", {"at_progression": ["leg_left"]}, "elsewhere_only"),
    ("target present, another failed", {"at_progression": ["sternum", "leg_left"]}, "elsewhere_only"),
    ("target grown and another", {"at_progression": ["sternum x2", "leg_left"]}, "both"),
    ("soft tissue new", {"at_progression": ["soft_tissue"]}, "elsewhere_only"),
    ("soft tissue new, target grown", {"at_progression": ["soft_tissue", "sternum x2"]}, "both"),
    (
        "soft tissue already at the landmark",
        {"at_progression": ["soft_tissue"], "at_landmark": ["soft_tissue", "sternum"]},
        "unclear",
    ),
    ("said to be not skeletal", {"at_progression": ["sternum"], "skeletal": "no"}, "elsewhere_only"),
    ("not skeletal, but target grown", {"at_progression": ["sternum x2"], "skeletal": "no"}, "both"),
    ("said to be skeletal", {"at_progression": ["sternum"], "skeletal": "yes"}, "unclear"),
    ("no scan", {"at_progression": None}, "unknown"),
    ("no scan, skeletal", {"at_progression": None, "skeletal": "yes"}, "unknown"),
    ("no scan, not skeletal", {"at_progression": None, "skeletal": "no"}, "elsewhere_only"),
    ("no scan, skeletal unknown", {"at_progression": None, "skeletal": "unknown"}, "unknown"),
]


@pytest.fixture(scope="module")
def together() -> Analysis:
    """Every case of the table as one study."""
    return analyse(*(named(course(**arguments), why) for why, arguments, _ in CLASSES))


@pytest.mark.unit
@pytest.mark.parametrize(("why", "expected"), [(why, expected) for why, _, expected in CLASSES])
def test_class_of_a_patient(together: Analysis, why: str, expected: str) -> None:
    assert together.included.filter(patient=why)["trial_class"].to_list() == [expected]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("day", "verdict", "scan", "expected"),
    [
        (900, "PD", True, "elsewhere_only"),
        (840, "PD", True, "elsewhere_only"),
        (839, "PD", True, "unclear"),
        (960, "PD", True, "elsewhere_only"),
        (961, "PD", True, "unclear"),
        (900, "SD", True, "unclear"),
        (900, None, True, "unclear"),
        (900, "PD", False, "unknown"),
    ],
)
def test_progression_of_another_component(day: int, verdict: str | None, scan: bool, expected: str) -> None:
    rows = [{"day": day, "component": "marrow", "verdict": verdict}]
    assert trial_class(view(["sternum"] if scan else None, components=rows)) == expected


@pytest.mark.unit
@pytest.mark.parametrize(
    ("settings", "said", "denominators"),
    [
        ({}, (["femur_left", "sternum"], ["sternum"], ["sternum", "leg_left"]), (1, 1, 26)),
        ({}, (["femur_left;pelvis_left"], ["sternum"], []), (1, 2, 25)),
        # with labels the denominators are labels, and the never seen are regions
        (
            {"site_level": "lesion"},
            (["femur_left #A", "femur_left #B"], ["sternum;ribs_left #C"], ["leg_left #D"]),
            (1, 2, 25),
        ),
        ({"entry": "grades"}, ({"spine": 1, "skull": 2}, {"pelvis": 1}, {"spine": 2}), (1, 2, 9)),
        ({"entry": "grades"}, ({"pelvis": 1}, {"pelvis": 1}, {"pelvis": 1}), (1, 0, 11)),
    ],
    ids=str,
)
def test_denominators_by_class(settings: Any, said: Any, denominators: tuple[int, int, int]) -> None:
    first, landmark, progression = said
    found = view(progression, at_landmark=landmark, diagnosis=Scan("diagnosis", 0, first), **settings)
    at_risk = dict(found.site_risks.select("class", "at_risk").iter_rows())
    assert tuple(at_risk[name] for name in ("target", "prior_non_target", "never_seen")) == denominators


@pytest.mark.unit
def test_never_seen_failures_of_lesions_are_counted_by_region() -> None:
    found = view(["leg_left #D", "leg_left #E", "foot_left", "sternum #F"], site_level="lesion")
    never = found.site_risks.filter(found.site_risks["class"] == "never_seen")
    assert never["failed"].item() == 2


@pytest.mark.unit
def test_a_segment_of_grades_fails_when_its_grade_is_larger() -> None:
    graded = {"diagnosis": Scan("diagnosis", 0, {"spine": 3}), "at_landmark": {"spine": 2}, "entry": "grades"}
    assert trial_class(view({"spine": 2}, **graded)) == "unclear"
    assert trial_class(view({"spine": 3}, **graded)) == "target_only"
    assert trial_class(view({"pelvis": 1}, **graded)) == "elsewhere_only"


@pytest.mark.unit
def test_children_without_progression_are_at_risk_too() -> None:
    scans = [DIAGNOSIS, Scan("post_consolidation", 200, ["sternum"])]
    found = analyse(child("P", *scans), child("Q", *scans, events=[(900, "death")]))
    assert found.site_risks.height == 6
    assert found.site_risks["failed"].sum() == 0
    assert found.site_risks["at_risk"].sum() == 2 * 28
