"""Every flag is raised by the smallest study that deserves it, and by nothing else."""
# ruff: noqa: E501 (tables: one case, one line)

from typing import Any

import polars as pl
import pytest

from residuum.cohort.analysis import derive_analysis
from residuum.report.rows.flags import FLAGS, flag_rows
from small_studies import Child, Scan, analyse, by, child, draft, named, study

DIAGNOSIS = ["femur_left x3", "sternum x3"]
FEMUR = ["femur_left"]


def course(
    *extra: Scan,
    diagnosis: Any = DIAGNOSIS,
    landmark: Any = FEMUR,
    end: Any = FEMUR,
    days: tuple[int, int] = (200, 410),
    tracer: str | None = "I123",
    **columns: Any,
) -> Child:
    """Return an included child about whom nothing is odd, unless the arguments say so; no scan where one is None."""
    scans = [Scan("diagnosis", 0, diagnosis), Scan("post_consolidation", days[0], landmark, tracer=tracer)]
    scans += [Scan("end_of_treatment", days[1], end)] if end is not None else []
    return child("P", *scans, *extra, **columns)


def relapse(said: Any, day: int = 900, **columns: Any) -> Child:
    """Return a child who relapsed on day 900, and what the progression scan shows."""
    skeletal = columns.pop("skeletal", None)
    return course(Scan("progression", day, said), events=[(900, "relapse", skeletal)], **columns)


# name of the flag, study that raises it, study that just does not, flags that come along
CASES: list[tuple[str, Child, Child, set[str]]] = [
    ("provisional", course(Scan("end_of_treatment", 420, by(anne=draft()))), course(Scan("end_of_treatment", 420, by(anne=None))), {"unresolved"}),
    ("unresolved", course(Scan("follow_up", 420, by(anne=draft()))), course(Scan("follow_up", 420, [])), set()),
    ("source_blank", course(stage=None), course(stage="MS"), set()),
    ("hdc_end_assumed", course(hdc=(150, None)), course(), set()),
    ("maintenance_end_unknown", course(maintenance=(230, None)), course(maintenance=None), {"outcome_other"}),
    ("window_post_consolidation", course(days=(189, 410)), course(days=(190, 410)), set()),
    ("window_post_consolidation", course(days=(281, 410), maintenance=(290, 400)), course(days=(280, 410), maintenance=(290, 400)), set()),
    (
        "post_consolidation_after_metastatic_radiotherapy",
        course(treatments=[("radiotherapy", 200, 210, "sternum")]),
        course(treatments=[("radiotherapy", 201, 210, "sternum"), ("radiotherapy", 100, 110, "soft_tissue"), ("radiotherapy", 90, 99)]),
        set(),
    ),
    ("post_consolidation_after_maintenance_start", course(maintenance=(200, 400)), course(maintenance=(201, 400)), set()),
    ("window_end_of_treatment", course(days=(200, 369)), course(days=(200, 370)), set()),
    ("window_end_of_treatment", course(days=(200, 491)), course(days=(200, 490)), set()),
    ("progression_without_scan", relapse(FEMUR, day=961), relapse(FEMUR, day=960), set()),
    ("progression_scan_after_salvage", relapse(FEMUR, day=920, treatments=[("other", 919, 990)]), relapse(FEMUR, day=920, treatments=[("other", 920, 990), ("other", 899, 950)]), set()),
    ("tracer_change", course(tracer="I131"), course(tracer="I123"), set()),
    ("tracer_not_mibg", course(tracer="FDG"), course(Scan("follow_up", 600, FEMUR, tracer="I123")), {"tracer_change"}),
    ("post_therapy_scan_used", course(tracer="I131_post_therapy"), course(Scan("follow_up", 600, FEMUR, tracer="I131_post_therapy")), {"tracer_change"}),
    ("tracer_change", course(Scan("follow_up", 600, FEMUR, tracer="I131")), course(tracer=None), set()),
    ("no_site_avid_at_diagnosis_and_after_hdc", course(landmark=["leg_left x2"], end=["leg_left x2"], events=[(150 + 700, "progression")]), course(), {"inrc_after_pd", "progression_without_scan"}),
    ("inrc_pd_without_event", course(Scan("follow_up", 700, ["leg_left x2"])), course(Scan("follow_up", 700, FEMUR)), set()),
    ("inrc_after_pd", course(Scan("follow_up", 700, ["leg_left x2"]), Scan("follow_up", 800, [])), course(Scan("follow_up", 700, ["leg_left x2"]), Scan("follow_up", 700, [])), {"inrc_pd_without_event"}),
    ("inrc_pd_unconfirmed", relapse(["leg_left"]), relapse(["leg_left x2"]), set()),
    ("inrc_pd_unconfirmed", relapse(["leg_left"]), relapse(["leg_left", "foot_left"]), set()),
    ("inrc_pd_unconfirmed", relapse(["leg_left"]), relapse(["sternum 0.96", "femur_left 0.96", "leg_left"]), set()),
    ("possible_new_lesion", course(end=["femur_left x2"]), course(landmark=["femur_left x2"], end=FEMUR), set()),
    ("indeterminate_after_radiotherapy", course(treatments=[("radiotherapy", 300, 320, "femur_left")]), course(treatments=[("radiotherapy", 300, 319, "femur_left")]), set()),
    ("persistent_response_score_zero", course(end=["soft_tissue"]), course(end=["soft_tissue"], events=[(900, "death")]), set()),
    ("persistent_response_immature", course(last_contact=410 + 730), course(last_contact=410 + 731), set()),
    ("outcome_other", course(end=None), course(), set()),
    ("zero_with_bone_metastases", relapse(["soft_tissue"], skeletal="yes"), relapse(["soft_tissue"], skeletal="no"), set()),
    ("curie_denominator_assumed", course(end=["femur_left 0.4"]), course(diagnosis=[*DIAGNOSIS, "skull_base 0.4", "pelvis_left 0.4"]), set()),
    ("modes_mixed", course(end=["femur_left @spect"]), course(end=["femur_left @spect;spot"]), set()),
    ("seen_on_blank", course(Scan("follow_up", 600, ["femur_left @"])), course(), set()),
]  # fmt: skip


def raised(*children: Child) -> list[set[str]]:
    """Return the flags of each child of one study."""
    rows = flag_rows(analyse(*(named(one, str(number)) for number, one in enumerate(children))))
    return [
        {row.name.removeprefix("flag.") for row in rows if str(number) in (row.patients or ())}
        for number in range(len(children))
    ]


@pytest.fixture(scope="module")
def deserved() -> list[set[str]]:
    return raised(*(one for _, one, _, _ in CASES))


@pytest.fixture(scope="module")
def almost() -> list[set[str]]:
    return raised(*(one for _, _, one, _ in CASES))


@pytest.mark.unit
@pytest.mark.parametrize("number", range(len(CASES)), ids=[case[0] for case in CASES])
def test_a_flag_is_raised_when_deserved(deserved: list[set[str]], almost: list[set[str]], number: int) -> None:
    name, _, _, along = CASES[number]
    assert deserved[number] == {name, *along}
    assert name not in almost[number]


@pytest.mark.unit
def test_a_quiet_child_raises_no_flag() -> None:
    assert raised(course()) == [set()]


def flagged(found: Any) -> set[str]:
    return {row.name.removeprefix("flag.") for row in flag_rows(found) if row.value}


@pytest.mark.unit
@pytest.mark.parametrize(("end", "expected"), [({"spine": "not_assessable", "pelvis": 1}, True), ({"spine": 1}, False)])
def test_a_segment_that_cannot_be_assessed_is_flagged(end: Any, expected: bool) -> None:
    one = course(diagnosis={"spine": 4, "pelvis": 2}, landmark={"spine": 1, "pelvis": 1}, end=end)
    assert ("not_assessable" in flagged(analyse(one, entry="grades"))) == expected


@pytest.mark.unit
def test_marks_on_a_read_that_is_not_evaluable_are_flagged() -> None:
    whole = study(course(Scan("follow_up", 600, FEMUR)))
    refused = pl.when(pl.col("scan") == "P-4").then(pl.lit("no")).otherwise("evaluable")
    reads = whole["reads"].with_columns(evaluable=refused)
    found = derive_analysis(type(whole)(whole.settings, whole.rules, {**whole.tables, "reads": reads}))
    assert flagged(found) == {"marks_on_not_evaluable"}


@pytest.mark.unit
def test_every_flag_has_a_case() -> None:
    assert {case[0] for case in CASES} | {"not_assessable", "marks_on_not_evaluable"} == set(FLAGS)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("clause", "value", "name", "one"),
    [
        ("flag.post_consolidation_days", [50, 120], "window_post_consolidation", course()),
        ("flag.end_of_treatment_days", [11, 90], "window_end_of_treatment", course()),
        ("flag.immature_years", 4.5, "persistent_response_immature", course()),
        ("flag.irradiated_indeterminate_days", 200, "indeterminate_after_radiotherapy", course(treatments=[("radiotherapy", 210, 220, "femur_left")])),
        ("inrc.new_site", "never_seen_before", "inrc_pd_unconfirmed", relapse(["leg_left"])),
    ],
)  # fmt: skip
def test_the_limits_of_the_flags_are_clauses(clause: str, value: Any, name: str, one: Child) -> None:
    assert name in flagged(analyse(one, rules={clause: value}))
    assert (name in flagged(analyse(one))) == (clause == "inrc.new_site")


@pytest.mark.unit
def test_a_returning_site_is_no_unconfirmed_progression_when_only_unseen_sites_are_new() -> None:
    one = relapse(["sternum"])
    assert "inrc_pd_unconfirmed" in flagged(analyse(one))
    assert "inrc_pd_unconfirmed" not in flagged(analyse(one, rules={"inrc.new_site": "never_seen_before"}))
