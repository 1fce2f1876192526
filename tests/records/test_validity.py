"""Rules on typed tables, without any file."""

from itertools import combinations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as how_hypothesis_runs
from hypothesis import strategies as st

from residuum.records.checks import CHECKS, REPORTED_AT_MOST, listed, problem
from residuum.records.schemas import TABLES
from residuum.records.settings import Settings
from residuum.records.validity import check_settings, check_tables

EMPTY = {name: table.empty() for name, table in TABLES.items()}


def patients(rows: list[tuple[str | None, str, int]]) -> pl.DataFrame:
    known = pl.DataFrame(rows, schema=["patient", "vital_status", "last_contact_day"], orient="row")
    return pl.concat([TABLES["patients"].empty(), known], how="diagonal_relaxed").cast(TABLES["patients"].schema)


def events(rows: list[tuple[str | None, int, str]]) -> pl.DataFrame:
    known = pl.DataFrame(rows, schema=["patient", "day", "kind"], orient="row")
    return pl.concat([TABLES["events"].empty(), known], how="diagonal_relaxed").cast(TABLES["events"].schema)


@pytest.mark.unit
def test_an_empty_study_has_no_problem() -> None:
    assert check_settings(Settings()) == []
    assert check_tables(EMPTY, Settings()) == []


@pytest.mark.unit
@pytest.mark.parametrize("settings", [Settings(), None])
def test_rules_that_need_a_missing_table_are_left_out(settings: Settings | None) -> None:
    for left_out in combinations(("patients", "scans", "reads", "marks", "events"), 2):
        tables = {name: frame for name, frame in EMPTY.items() if name not in left_out}
        assert check_tables(tables, settings) == []


@pytest.mark.unit
def test_nothing_more_is_said_about_a_cell_that_was_not_understood() -> None:
    tables = EMPTY | {"patients": patients([("P1", "alive", 5)]).with_columns(last_contact_day=pl.lit(None, pl.Int64))}
    assert "cell.blank" in {one.rule for one in check_tables(tables, Settings())}
    unread = {("patients", "last_contact_day"): pl.Series([0], dtype=pl.UInt32)}
    assert "cell.blank" not in {one.rule for one in check_tables(tables, Settings(), unread)}


@pytest.mark.unit
def test_reported_problems_are_capped_and_the_others_counted() -> None:
    found = listed([problem("cell.blank", "x.csv", row) for row in range(REPORTED_AT_MOST)], 1000)
    assert len(found) == REPORTED_AT_MOST + 1
    assert found[-1].message == f"and {1000 - REPORTED_AT_MOST} more: this cell must not be blank"
    assert listed([], 0) == []


@pytest.mark.unit
def test_every_check_has_a_sentence_and_a_cure() -> None:
    for check in CHECKS.values():
        assert check.severity in ("error", "warning", "note")
        assert check.cure.endswith((".", "}"))
        assert not check.message.endswith(".")


DEATH_RULES = {
    "patients.dead_without_death",
    "patients.alive_with_death",
    "patients.last_contact_not_death",
    "day.before_diagnosis",
    "day.after_death",
    "day.after_last_contact",
}
Person = tuple[str | None, str, int]
Event = tuple[str | None, int, str]
IDS = st.sampled_from(["A", "B", "C", None])
DAYS = st.integers(-2, 6)


@pytest.mark.twin
@how_hypothesis_runs(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(IDS, st.sampled_from(["alive", "dead"]), st.integers(0, 6)), max_size=4, unique_by=lambda row: row[0]
    ),
    st.lists(st.tuples(IDS, DAYS, st.sampled_from(["death", "relapse"])), max_size=5),
)
def test_deaths_and_last_contacts_agree_with_a_plain_reading_of_the_rules(
    people: list[Person], happened: list[Event]
) -> None:
    problems = check_tables(EMPTY | {"patients": patients(people), "events": events(happened)}, Settings())
    deaths: dict[str, int] = {}
    for who, day, kind in happened:
        if kind == "death" and who is not None:
            deaths[who] = min(day, deaths.get(who, day))
    expected = _about_patients(people, deaths) | _about_events(people, happened, deaths)
    assert {(one.rule, one.row) for one in problems if one.rule in DEATH_RULES} == expected


def _about_patients(people: list[Person], deaths: dict[str, int]) -> set[tuple[str, int]]:
    expected = set()
    for row, (who, status, last) in enumerate(people):
        if who is not None and (status == "dead") != (who in deaths):
            expected.add(("patients.dead_without_death" if status == "dead" else "patients.alive_with_death", row))
        if who in deaths and deaths[who] != last:
            expected.add(("patients.last_contact_not_death", row))
    return expected


def _about_events(people: list[Person], happened: list[Event], deaths: dict[str, int]) -> set[tuple[str, int]]:
    lasts = {who: last for who, _, last in people if who is not None}
    expected = {("day.before_diagnosis", row) for row, (_, day, _) in enumerate(happened) if day < 0}
    for row, (who, day, kind) in enumerate(happened):
        if kind == "death" or who is None:
            continue
        if day > deaths.get(who, 99):
            expected.add(("day.after_death", row))
        elif day > lasts.get(who, 99):
            expected.add(("day.after_last_contact", row))
    return expected
