"""Times to event by origin, and who is in each population."""

from typing import Any

import polars as pl
import pytest

from residuum.cohort.populations import derive_population_times
from residuum.cohort.survival import derive_times
from residuum.report.rows.survival import survival_rows
from small_studies import Child, Scan, analyse, child

BONE = ["femur_left"]


def case(patient: str, after: Any = ("femur_left",), **columns: Any) -> Child:
    return child(patient, Scan("diagnosis", 0, [*BONE, "sternum"]), Scan("post_consolidation", 200, after), **columns)


def times(one: Child, origin: pl.Expr) -> Any:
    found = derive_times(analyse(one).patients, origin)
    return found.drop("patient", "trial_class").rows()


LANDMARK = pl.col("landmark_day")


@pytest.mark.unit
@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({}, (1800, False, 1800, False, None)),
        ({"events": [(900, "relapse")]}, (700, True, 1800, False, "unknown")),
        ({"events": [(900, "relapse"), (1000, "death")]}, (700, True, 800, True, "unknown")),
        ({"events": [(1000, "death")]}, (800, True, 800, True, "death")),
        ({"events": [(900, "second_malignancy")]}, (700, True, 1800, False, "second_malignancy")),
        ({"events": [(900, "second_malignancy"), (950, "relapse")]}, (700, True, 1800, False, "second_malignancy")),
        ({"events": [(900, "relapse"), (900, "death")]}, (700, True, 700, True, "unknown")),
        ({"last_contact": 410, "maintenance": None}, (210, False, 210, False, None)),
    ],
    ids=str,
)
def test_times_from_the_landmark(columns: Any, expected: Any) -> None:
    assert times(case("P", **columns), LANDMARK) == [expected]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("events", "origin", "kept"),
    [
        ([(200, "relapse")], 200, False),  # an event on the day of the origin came before it
        ([(201, "relapse")], 200, True),
        ([(0, "death")], 0, True),  # nobody's diagnosis is later than the event
        ([(5, "death")], 5, False),
    ],
)
def test_those_with_an_event_by_the_origin_are_left_out(events: Any, origin: int, kept: bool) -> None:
    one = child("P", Scan("diagnosis", 0, BONE), hdc=None, maintenance=None, events=events)
    assert len(times(one, pl.lit(origin))) == kept


@pytest.mark.unit
def test_without_origin_or_follow_up_nobody_is_counted() -> None:
    no_landmark = child("P", Scan("diagnosis", 0, BONE))
    assert times(no_landmark, LANDMARK) == []
    short = case("P", last_contact=250, maintenance=None)
    assert times(short, pl.lit(250)) == [(0, False, 0, False, None)]
    assert times(short, pl.lit(251)) == []


SEVEN = [
    case("few"),
    case("many", [f"{bone}_left" for bone in ("femur", "leg", "ribs", "humerus")]),
    case("three", [f"{bone}_left" for bone in ("femur", "leg", "ribs")]),
    case("clear", []),
    case("soft", ["soft_tissue"]),
    case("early", [], events=[(190, "relapse")]),
    child("none", Scan("diagnosis", 0, BONE)),
]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("included", {"few", "many", "three"}),
        ("oligo", {"few", "three"}),
        ("more", {"many"}),
        ("not_persistent", {"clear", "soft"}),
    ],
)
def test_landmark_populations(name: str, members: set[str]) -> None:
    assert set(derive_population_times(analyse(*SEVEN))[name]["patient"]) == members


@pytest.mark.unit
def test_the_comparator_is_at_zero_not_unknown() -> None:
    def graded(patient: str, after: Any) -> Child:
        return child(patient, Scan("diagnosis", 0, {"spine": 1}), Scan("post_consolidation", 200, after))

    found = analyse(graded("open", {"spine": "not_assessable"}), graded("zero", {}), entry="grades")
    assert derive_population_times(found)["not_persistent"]["patient"].to_list() == ["zero"]


@pytest.mark.unit
def test_survival_by_hand() -> None:
    children = [
        case("A", events=[(200 + 300, "relapse"), (200 + 800, "death")]),
        case("B", last_contact=200 + 500),
        case("C", last_contact=200 + 2500),
        case("D", events=[(200 + 730, "death")]),
    ]
    rows = {row.name: row for row in survival_rows(analyse(*children))}
    one, two = rows["efs.landmark.included.1y"], rows["efs.landmark.included.2y"]
    assert (one.value, one.at_risk, one.n) == (pytest.approx(3 / 4), 3, 4)
    # B is censored at 500 days; D dies on day 730, half a day before two years
    assert (two.value, two.at_risk) == (pytest.approx(3 / 4 * 1 / 2), 1)
    overall = rows["os.landmark.included.2y"]
    assert (overall.value, overall.at_risk) == (pytest.approx(2 / 3), 2)
    died = rows["cif.landmark.death.2y"]
    assert died.value == pytest.approx(3 / 4 * 1 / 2)
    assert rows["cif.landmark.unknown.2y"].value == pytest.approx(1 / 4)


@pytest.mark.unit
def test_the_source_population_is_followed_from_diagnosis() -> None:
    children = [case("A"), case("B", stage="MS"), child("C", hdc=None, maintenance=None, events=[(100, "death")])]
    row = next(row for row in survival_rows(analyse(*children)) if row.name == "efs.diagnosis.source.1y")
    assert (row.value, row.n, row.at_risk, row.patients) == (0.5, 2, 1, ("A", "C"))


@pytest.mark.unit
def test_the_fixed_landmark_is_100_days_after_hdc_in_those_scanned_and_free_then() -> None:
    def scanned(patient: str, day: int, **columns: Any) -> Child:
        scans = Scan("diagnosis", 0, BONE), Scan("post_consolidation", day, BONE)
        return child(patient, *scans, maintenance=None, **columns)

    children = [
        scanned("on_time", 260),
        scanned("late", 261),
        scanned("relapsed", 200, events=[(260, "relapse")]),
        scanned("relapses", 200, events=[(261, "relapse")]),
    ]
    row = next(row for row in survival_rows(analyse(*children)) if row.name == "efs.fixed_landmark.included.1y")
    assert (row.patients, row.value) == (("on_time", "relapses"), 0.5)
