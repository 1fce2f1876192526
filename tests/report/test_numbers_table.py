"""The shape of numbers.json: one table, patients stored once, nothing that JSON cannot say."""

import json
from typing import Any

import pytest

from residuum.cohort.alternatives import derive_alternatives
from residuum.cohort.analysis import Analysis, derive_analysis
from residuum.report.numbers import COLUMNS, Numbers, Row
from residuum.report.whole import derive_numbers
from small_studies import Scan, by, child, study

FEMUR = ["femur_left"]
KEYS = (
    *("name", "value", "unit", "group", "mode", "of", "proportion", "low", "high", "level", "method"),
    *("n", "median", "min", "max", "at_risk", "p", "reason", "patients"),
)


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    """Three included children, one not, with readers who differ on one scan."""
    differ = by(anne=["femur_left"], bela=["femur_left x2"], consensus=["femur_left x3"])
    points = {"diagnosis": 0, "post_consolidation": 200, "end_of_treatment": 410}
    return derive_analysis(
        study(
            child("P", *(Scan(point, day, FEMUR) for point, day in points.items())),
            child("Q", *(Scan(point, day, differ) for point, day in points.items()), events=[(900, "relapse")]),
            child("R", *(Scan(point, day, ["sternum"]) for point, day in points.items()), events=[(700, "death")]),
            child("S", *(Scan(point, day, []) for point, day in points.items())),
            readers=("anne", "bela"),
        )
    )


@pytest.fixture(scope="module")
def found(analysis: Analysis) -> Numbers:
    return derive_numbers(analysis, derive_alternatives(analysis))


def about_nothing(found: Numbers) -> Any:
    return json.loads(found.json({}), parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


@pytest.mark.unit
def test_every_row_has_the_same_keys_and_json_holds_no_nan(found: Numbers) -> None:
    assert set(COLUMNS) == set(KEYS)
    whole = about_nothing(found)
    assert whole.keys() == {"rows", "patient_sets"}
    assert {tuple(row) for row in whole["rows"]} == {COLUMNS}


@pytest.mark.unit
def test_each_distinct_list_of_patients_is_stored_once_and_used(found: Numbers) -> None:
    whole = about_nothing(found)
    sets = whole["patient_sets"]
    assert len({tuple(patients) for patients in sets.values()}) == len(sets)
    assert all(patients == sorted(set(patients)) for patients in sets.values())
    assert {row["patients"] for row in whole["rows"]} - {None} == sets.keys()
    by_row = {row.key: row.patients for row in found}
    for row in whole["rows"]:
        expected = by_row[row["name"], row["group"], row["mode"]]
        assert (sets[row["patients"]] if row["patients"] else None) == (None if expected is None else list(expected))


@pytest.mark.unit
def test_rows_trace_to_the_patients_they_are_about(analysis: Analysis, found: Numbers) -> None:
    everybody, included = set(analysis.patients["patient"]), set(analysis.included["patient"])
    assert (everybody, included) == ({"P", "Q", "R", "S"}, {"P", "Q", "R"})
    about_all = ("flow.", "efs.diagnosis.", "os.diagnosis.", "agreement.", "flag.", "efs.landmark.not_persistent.")
    for row in found:
        allowed = everybody if row.name.startswith((*about_all, "sensitivity.")) else included
        assert set(row.patients or ()) <= allowed, row.name


@pytest.mark.unit
def test_a_count_is_the_number_of_its_patients(found: Numbers) -> None:
    counts = [row for row in found if row.unit == "patients" and row.value is not None]
    assert len(counts) > 80
    for row in counts:
        assert row.patients is not None, row.name
        assert row.value == len(row.patients), row.name
        if row.of:
            assert row.proportion == row.value / row.of, row.name
            assert row.low is not None, row.name
            assert row.high is not None, row.name
            assert 0 <= row.low <= row.proportion <= row.high <= 1, row.name
            assert row.level == 0.95, row.name


@pytest.mark.unit
def test_a_median_has_its_range_and_as_many_patients_as_values(found: Numbers) -> None:
    medians = [row for row in found if row.method == "median [min-max]"]
    assert len(medians) > 80
    for row in medians:
        assert row.value == row.median
        assert row.n == len(row.patients or ())
        if row.n:
            assert row.min is not None
            assert row.median is not None
            assert row.max is not None
            assert row.min <= row.median <= row.max


@pytest.mark.unit
def test_rows_are_found_by_name_group_and_mode(found: Numbers) -> None:
    row = found.get("siopen.diagnosis", "progression", "all")
    assert row is not None
    assert row.key == ("siopen.diagnosis", "progression", "all")
    assert found.get("siopen.diagnosis") is None
    assert [row.name for row in found.named("logrank.")] == ["logrank.efs.oligo_v_more"]
    assert found.frame().height == len(found) == len(found.records())
    assert found.frame().columns == list(COLUMNS)


@pytest.mark.unit
def test_two_rows_of_one_name_group_and_mode_are_refused() -> None:
    rows = [Row("flow.source", 1, "patients"), Row("flow.source", 2, "patients", group="x")]
    assert len(Numbers(rows)) == 2
    with pytest.raises(ValueError, match=r"flow\.source"):
        Numbers([*rows, Row("flow.source", 3, "patients")])


@pytest.mark.unit
def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        Numbers([Row("flow.source", float("nan"), "patients")]).json({})
