"""Who is left after each step, and why the others are not: reason by reason."""
# ruff: noqa: E501 (tables: one case, one line)

from typing import Any

import polars as pl
import pytest

from small_studies import By, Child, Scan, analyse, by, child, draft, named, numbers

STEPS = ("source", "avid_at_diagnosis", "evaluable_after_hdc", "persistent_after_hdc")
BONE = ["femur_left"]
UNRESOLVED = by(anne=draft(BONE))
NOT_EVALUABLE = by(anne=None)


def case(
    diagnosis: Any = ("femur_left", "sternum"), after: Any = ("femur_left",), *, after_day: int = 200, **columns: Any
) -> Child:
    """Return a child with a diagnosis scan and one after HDC, each left out when None."""
    scans = [Scan("diagnosis", 0, diagnosis)] if diagnosis is not None else []
    scans += [Scan("post_consolidation", after_day, after)] if after is not None else []
    return child("P", *scans, **columns)


LOSSES: list[tuple[Child, str | None, str | None]] = [
    (case(), None, None),
    (case(age_at_diagnosis_days=365), "source", "too young"),
    (case(age_at_diagnosis_days=366), None, None),
    (case(age_at_diagnosis_days=None), "source", "blank age, stage or year"),
    (case(stage=None), "source", "blank age, stage or year"),
    (case(diagnosis_year=None), "source", "blank age, stage or year"),
    (case(stage="MS"), "source", "stage not in range"),
    (case(diagnosis_year=1999), "source", "year not in range"),
    (case(diagnosis_year=2000), None, None),
    (case(diagnosis_year=2020), None, None),
    (case(diagnosis_year=2021), "source", "year not in range"),
    (case(None), "avid_at_diagnosis", "no diagnosis scan"),
    (case(NOT_EVALUABLE), "avid_at_diagnosis", "diagnosis scan not evaluable"),
    (case(UNRESOLVED), "avid_at_diagnosis", "diagnosis scan unresolved"),
    (case([]), "avid_at_diagnosis", "not avid at diagnosis"),
    (case(["soft_tissue"]), None, None),
    (case(hdc=None), "evaluable_after_hdc", "no high-dose chemotherapy"),
    (case(hdc=None, events=[(100, "progression")]), "evaluable_after_hdc", "event before high-dose chemotherapy"),
    (case(events=[(150, "progression")]), "evaluable_after_hdc", "event before high-dose chemotherapy"),
    (case(hdc=None, events=[(365, "relapse")]), "evaluable_after_hdc", "event before high-dose chemotherapy"),
    (case(hdc=None, events=[(366, "relapse")]), "evaluable_after_hdc", "no high-dose chemotherapy"),
    (case(after=None, events=[(280, "relapse")]), "evaluable_after_hdc", "event before the scan after HDC"),
    (case(after=None, events=[(281, "relapse")]), "evaluable_after_hdc", "no scan after HDC"),
    (case(after=NOT_EVALUABLE, events=[(190, "relapse")]), "evaluable_after_hdc", "scan after HDC not evaluable"),
    (case(after=None), "evaluable_after_hdc", "no scan after HDC"),
    (case(after=None, events=[(190, "relapse")]), "evaluable_after_hdc", "event before the scan after HDC"),
    (case(after=None, events=[(190, "death")], maintenance=None), "evaluable_after_hdc", "event before the scan after HDC"),
    (case(after=NOT_EVALUABLE), "evaluable_after_hdc", "scan after HDC not evaluable"),
    (case(after=UNRESOLVED), "evaluable_after_hdc", "scan after HDC unresolved"),
    (case(after_day=160), "evaluable_after_hdc", "no scan after HDC"),
    (case(after_day=161), None, None),
    (case(after_day=140), "evaluable_after_hdc", "no scan after HDC"),
    (case(events=[(199, "second_malignancy")]), "evaluable_after_hdc", "event on or before the day of the scan after HDC"),
    (case(events=[(200, "relapse")]), "evaluable_after_hdc", "event on or before the day of the scan after HDC"),
    (case(events=[(201, "relapse")]), None, None),
    (case(after=[]), "persistent_after_hdc", "no skeletal uptake after HDC"),
    (case(after=["soft_tissue"]), "persistent_after_hdc", "no skeletal uptake after HDC"),
]  # fmt: skip


@pytest.fixture(scope="module")
def together() -> pl.DataFrame:
    """Every case of the table as one study."""
    return analyse(*(named(one, str(number)) for number, (one, *_) in enumerate(LOSSES))).patients


@pytest.mark.unit
@pytest.mark.parametrize(
    ("number", "lost_at", "because"),
    [(str(number), lost_at, because) for number, (_, lost_at, because) in enumerate(LOSSES)],
)
def test_reason_of_every_loss(together: pl.DataFrame, number: str, lost_at: str | None, because: str | None) -> None:
    row = together.row(by_predicate=pl.col("patient") == number, named=True)
    assert (row["lost_at"], row["lost_because"]) == (lost_at, because)
    passed = len(STEPS) if lost_at is None else STEPS.index(lost_at)
    assert [row[step] for step in STEPS] == [place < passed for place in range(len(STEPS))]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("population", "one", "inside"),
    [
        ({"minimum_age_days": 500}, case(age_at_diagnosis_days=499), False),
        ({"minimum_age_days": 500}, case(age_at_diagnosis_days=500), True),
        ({"stages": ["M", "MS"]}, case(stage="MS"), True),
        ({"diagnosis_years": [1990, 1999]}, case(diagnosis_year=1999), True),
        ({"diagnosis_years": [1990, 1999]}, case(diagnosis_year=2000), False),
    ],
)
def test_the_source_population_is_a_setting(population: Any, one: Child, inside: bool) -> None:
    assert analyse(one, population=population).patients["source"].item() == inside


@pytest.mark.unit
@pytest.mark.parametrize(
    ("after", "included", "because"),
    [
        ({"spine": "not_assessable", "pelvis": 1}, True, None),
        ({"spine": "not_assessable"}, False, "score after HDC not assessable"),
        ({}, False, "no skeletal uptake after HDC"),
        ({"curie:soft_tissue": 1}, False, "no skeletal uptake after HDC"),
    ],
    ids=str,
)
def test_grades_after_hdc(after: Any, included: bool, because: str | None) -> None:
    row = analyse(case({"spine": 3}, after), entry="grades").patients.row(0, named=True)
    assert (row["persistent_after_hdc"], row["lost_because"]) == (included, because)


@pytest.mark.unit
def test_the_steps_of_a_study_may_be_fewer() -> None:
    steps = ["source", "avid_at_diagnosis", "evaluable_after_hdc"]
    found = numbers(case(after=[]), case_of("Q"), population={"steps": steps})
    last, dropped = found.get("flow.evaluable_after_hdc"), found.get("flow.persistent_after_hdc")
    assert last is not None
    assert (last.value, last.of) == (2, 2)
    assert dropped is not None
    assert (dropped.value, dropped.reason) == (None, "no step of this study")
    comparator = found.get("efs.landmark.not_persistent.1y")
    assert comparator is not None
    assert comparator.value is None
    assert comparator.reason


def case_of(patient: str) -> Child:
    return child(patient, Scan("diagnosis", 0, BONE), Scan("post_consolidation", 200, BONE))


@pytest.mark.unit
@pytest.mark.parametrize(
    ("clause", "one", "before", "after"),
    [
        ("flow.hdc_expected_by_day", case(hdc=None, events=[(360, "relapse")]), "event before high-dose chemotherapy", "no high-dose chemotherapy"),
        ("flow.scan_expected_days_after_hdc", case(after=None, events=[(280, "relapse")]), "event before the scan after HDC", "no scan after HDC"),
    ],
)  # fmt: skip
def test_how_long_an_event_explains_a_loss_is_a_clause(clause: str, one: Child, before: str, after: str) -> None:
    assert analyse(one).patients["lost_because"].item() == before
    assert analyse(one, rules={clause: 100}).patients["lost_because"].item() == after


@pytest.mark.unit
@pytest.mark.parametrize(
    ("treatments", "after_day", "included"),
    [
        ([("hdc", 230, 240)], 200, False),  # tandem: the last one counts
        ([("hdc", 230, 240)], 240, False),
        ([("hdc", 230, 240)], 241, True),
        ([("hdc", 230, None)], 230, False),  # without end the start stands for it
        ([("hdc", 230, None)], 231, True),
        ([("hdc", 149, 158)], 161, True),
    ],
)
def test_tandem_hdc(treatments: Any, after_day: int, included: bool) -> None:
    one = case(after_day=after_day, treatments=treatments, maintenance=None)
    assert analyse(one).patients["persistent_after_hdc"].item() == included


@pytest.mark.unit
def test_hdc_without_end_is_assumed_to_end_on_its_start_and_flagged() -> None:
    found = analyse(case(after_day=151, hdc=(150, None))).patients
    assert found.select("hdc_end", "hdc_end_assumed", "landmark_day").row(0) == (150, True, 151)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("treatments", "progression", "hdc_end", "maintenance_end"),
    [
        ([("hdc", 500, 510)], 500, 160, 400),  # salvage from the day of progression on
        ([("hdc", 499, 510)], 500, 510, 400),
        ([("maintenance", 500, 600)], 500, 160, 400),
        ([("maintenance", 450, 600)], 500, 160, 600),
        ([("maintenance", 500, None)], 500, 160, 400),
    ],
)
def test_treatments_from_progression_on_are_ignored(
    treatments: Any, progression: int, hdc_end: int, maintenance_end: int
) -> None:
    found = analyse(case(treatments=treatments, events=[(progression, "progression")])).patients
    assert found.select("hdc_end", "maintenance_end").row(0) == (hdc_end, maintenance_end)


@pytest.mark.unit
def test_other_events_do_not_end_the_phases() -> None:
    found = analyse(case(treatments=[("hdc", 500, 510)], events=[(450, "second_malignancy")], after_day=600)).patients
    assert found["hdc_end"].item() == 510


@pytest.mark.unit
@pytest.mark.parametrize(
    ("events", "kind", "day", "progression"),
    [
        ([(300, "relapse"), (280, "progression")], "progression", 280, 280),
        ([(300, "progression"), (300, "relapse")], "progression", 300, 300),
        ([(300, "second_malignancy"), (300, "relapse")], "relapse", 300, 300),
        ([(300, "death"), (300, "second_malignancy")], "second_malignancy", 300, None),
        ([(300, "death"), (299, "second_malignancy")], "second_malignancy", 299, None),
        ([(300, "second_malignancy"), (400, "relapse")], "second_malignancy", 300, 400),
        ([(300, "death")], "death", 300, None),
    ],
)
def test_first_event(events: Any, kind: str, day: int, progression: int | None) -> None:
    found = analyse(case(events=events, maintenance=None)).patients
    assert found.select("efs_kind", "efs_day", "first_progression_day").row(0) == (kind, day, progression)


@pytest.mark.unit
def test_status_of_a_scan_before_the_end_of_hdc_does_not_explain_a_missing_one() -> None:
    early = Scan("post_consolidation", 100, NOT_EVALUABLE)
    found = analyse(child("P", Scan("diagnosis", 0, BONE), early)).patients
    assert found["lost_because"].item() == "no scan after HDC"


@pytest.mark.unit
@pytest.mark.parametrize(("first", "then"), [(UNRESOLVED, NOT_EVALUABLE), (NOT_EVALUABLE, UNRESOLVED)])
def test_unresolved_goes_before_not_evaluable(first: By, then: By) -> None:
    scans = [Scan("post_consolidation", 200, first), Scan("post_consolidation", 210, then)]
    found = analyse(child("P", Scan("diagnosis", 0, BONE), *scans)).patients
    assert found["lost_because"].item() == "scan after HDC unresolved"
