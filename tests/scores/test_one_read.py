"""The scores of one read while it is made are those that an analysis gives it once it is locked."""

from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from residuum.records.read_content import ReadContent
from residuum.records.rules import shipped_rules
from residuum.records.schemas import TABLES
from residuum.records.settings import Settings
from residuum.records.study import Study
from residuum.records.vocabulary import (
    CURIE_SEGMENTS,
    MARK_REGIONS,
    NOT_ASSESSABLE,
    SEEN_ON,
    SEGMENTS,
    SIOPEN_SEGMENTS,
)
from residuum.scores.one_read import score_read
from residuum.scores.readings import derive_readings
from residuum.scores.totals import derive_totals

READERS = ("anne", "bela")
SETTINGS = st.fixed_dictionaries(
    {
        "sacrum_to": st.sampled_from(["spine", "pelvis"]),
        "girdle_to": st.sampled_from(["thoracic_cage", "proximal_upper_limb"]),
    }
)
QUICKLY = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
EXTENT = st.none() | st.sampled_from([0.2, 0.49, 0.5, 0.51, 0.95, 0.951, 1.0])


def made(entry: str, **definitions: str) -> Settings:
    reading = {"readers": READERS, "entry": entry}
    return Settings.model_validate({"title": "t", "reading": reading, "definitions": definitions})


@st.composite
def marks(draw: st.DrawFn) -> list[dict[str, Any]]:
    said = []
    for number in range(draw(st.integers(0, 8))):
        extent = draw(EXTENT)
        said.append(
            {
                "mark": str(number),
                "regions": draw(st.lists(st.sampled_from(MARK_REGIONS), min_size=1, max_size=4, unique=True)),
                "pattern": "focal" if extent is None else "diffuse",
                "extent": extent,
                "seen_on": draw(st.lists(st.sampled_from(SEEN_ON), max_size=2, unique=True)),
            }
        )
    return said


@st.composite
def grades(draw: st.DrawFn) -> list[dict[str, Any]]:
    keys = [("siopen", one) for one in SIOPEN_SEGMENTS] + [("curie", one) for one in CURIE_SEGMENTS]
    value = st.integers(0, 3) | st.integers(0, 3) | st.integers(0, 3) | st.just(NOT_ASSESSABLE)
    chosen = draw(st.lists(st.sampled_from(keys), unique=True))
    return [{"system": system, "segment": segment, "grade": draw(value)} for system, segment in chosen]


CONTENTS = st.lists(st.tuples(marks(), st.booleans() | st.just(value=True)), min_size=1, max_size=6)
GRADED = st.lists(st.tuples(grades(), st.booleans() | st.just(value=True)), min_size=1, max_size=6)


def study_of(reads: list[ReadContent], given: Settings) -> Study:
    """Return a study in which one reader locked each of these reads, each of a scan of its own."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    rows["patients"].append({"patient": "P"})
    for number, read in enumerate(reads):
        key = {"scan": f"s{number}", "reader": "anne"}
        rows["scans"].append({"scan": key["scan"], "patient": "P", "day": number, "timepoint": "follow_up"})
        rows["reads"].append(key | {"evaluable": "yes" if read.evaluable else "no", "state": "locked"})
        for one in read.marks:
            lists = {"regions": ";".join(one.regions), "seen_on": ";".join(one.seen_on) or None}
            rows["marks"].append({**key, "mark": one.mark, "pattern": one.pattern, "extent": one.extent, **lists})
        for graded in read.grades:
            rows["grades"].append({**key, **graded.model_dump(), "grade": str(graded.grade)})
    tables = {name: pl.DataFrame(rows[name], schema=table.schema) for name, table in TABLES.items()}
    return Study(given, shipped_rules(), tables)


def analysed(reads: list[ReadContent], given: Settings) -> list[dict[str, Any]]:
    """Return what an analysis of the whole study says of each evaluable read: totals, grades by system and segment."""
    readings = derive_readings(study_of(reads, given))
    totals = derive_totals(readings, readings.reads.select("read", "scan", "evaluable")).filter(mode="all")
    found = []
    for number in range(len(reads)):
        row = totals.row(by_predicate=pl.col("scan") == f"s{number}", named=True)
        graded = readings.grades.filter(read=row["read"], mode="all").select("system", "segment", "grade").rows()
        grade = {(system, segment): value for system, segment, value in graded}
        found.append({**row, "grade": grade})
    return found


def check(reads: list[ReadContent], given: Settings, *, always_curie: bool) -> None:
    for read, whole in zip(reads, analysed(reads, given), strict=True):
        scores = score_read(read, given, shipped_rules())
        with_curie = always_curie or (read.evaluable and any(one.system == "curie" for one in read.grades))
        for system in ("siopen", "curie"):
            if system == "curie" and not with_curie:
                continue
            expected = {segment: whole["grade"].get((system, segment), 0) for segment in SEGMENTS[system]}
            said = {
                segment: None if one == NOT_ASSESSABLE else one for segment, one in scores[system]["segments"].items()
            }
            assert said == expected
            assert scores[system]["total"] == (whole[system] if read.evaluable else None)
        if with_curie:
            assert scores["curie_skeletal"]["total"] == (whole["curie_skeletal"] if read.evaluable else None)


@pytest.mark.twin
@QUICKLY
@given(CONTENTS, SETTINGS)
def test_marks_score_what_they_score_in_an_analysis(
    said: list[tuple[list[dict[str, Any]], bool]], definitions: dict[str, str]
) -> None:
    reads = [ReadContent.model_validate({"marks": found, "evaluable": evaluable}) for found, evaluable in said]
    check(reads, made("marks", **definitions), always_curie=True)


@pytest.mark.twin
@QUICKLY
@given(GRADED)
def test_grades_score_what_they_score_in_an_analysis(said: list[tuple[list[dict[str, Any]], bool]]) -> None:
    reads = [ReadContent.model_validate({"grades": found, "evaluable": evaluable}) for found, evaluable in said]
    check(reads, made("grades", site_level="segment"), always_curie=False)


def graded(*said: tuple[str, str, int | str], **more: Any) -> dict[str, Any]:
    entries = [{"system": system, "segment": segment, "grade": grade} for system, segment, grade in said]
    given = made("grades", site_level="segment")
    return score_read(ReadContent.model_validate({"grades": entries, **more}), given, shipped_rules())


@pytest.mark.unit
def test_a_segment_that_is_not_assessable_leaves_no_total() -> None:
    scores = graded(
        ("siopen", "spine", 3), ("siopen", "skull", NOT_ASSESSABLE), ("curie", "soft_tissue", NOT_ASSESSABLE)
    )
    assert scores["siopen"]["total"] is None
    assert (scores["siopen"]["segments"]["spine"], scores["siopen"]["segments"]["skull"]) == (3, NOT_ASSESSABLE)
    assert (scores["curie"]["total"], scores["curie_skeletal"]["total"]) == (None, 0)


@pytest.mark.unit
def test_without_a_curie_grade_a_study_of_grades_has_no_curie_score() -> None:
    scores = graded(("siopen", "spine", 3))
    assert (scores["siopen"]["total"], scores["curie"], scores["curie_skeletal"]) == (3, None, None)
    assert graded()["siopen"]["total"] == 0


@pytest.mark.unit
def test_a_scan_that_is_not_evaluable_has_no_total() -> None:
    assert graded(("siopen", "spine", 3), evaluable=False)["siopen"]["total"] is None
    nothing = score_read(ReadContent(evaluable=False), made("marks"), shipped_rules())
    assert [nothing[system]["total"] for system in ("siopen", "curie", "curie_skeletal")] == [None] * 3
