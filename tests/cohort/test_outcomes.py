"""What became of the included, and the groups, with the ambiguous cases of the definitions."""
# ruff: noqa: E501 (tables: one case, one line)

from typing import Any

import polars as pl
import pytest

from small_studies import Child, Scan, analyse, by, child, named

BONE = ["femur_left"]
NOT_EVALUABLE = by(anne=None)
DURING, COMPLETE, RESPONSE, AFTER, OTHER = (
    "progression_during_maintenance",
    "complete_response_end_of_treatment",
    "persistent_response",
    "progression_after_end_of_treatment",
    "other",
)
GROUPS = ("persistent_response", "complete_response", "persistent_response_with_complete", "progression", "event_free")


def case(end: Any, *, end_day: int = 410, extra: tuple[Scan, ...] = (), **columns: Any) -> Child:
    """Return an included child with what the end-of-treatment scan shows (None: no such scan)."""
    scans = [Scan("diagnosis", 0, BONE), Scan("post_consolidation", 200, BONE), *extra]
    scans += [Scan("end_of_treatment", end_day, end)] if end is not None else []
    return child("P", *scans, **columns)


def events(*given: tuple[int, str]) -> dict[str, Any]:
    return {"events": given}


FREE = {"persistent_response", "persistent_response_with_complete", "event_free"}
CLEAR = {"complete_response", "persistent_response_with_complete", "event_free"}


CASES: list[tuple[str, Child, str, set[str]]] = [
    ("uptake left, no event", case(BONE), RESPONSE, FREE),
    ("uptake gone, no event", case([]), COMPLETE, CLEAR),
    ("soft tissue left only", case(["soft_tissue"]), COMPLETE, CLEAR),
    ("uptake left, relapse", case(BONE, **events((900, "relapse"))), AFTER, {"progression"}),
    ("uptake left, progression", case(BONE, **events((900, "progression"))), AFTER, {"progression"}),
    ("uptake gone, relapse: complete and progression", case([], **events((900, "relapse"))), COMPLETE, {"progression"}),
    ("uptake gone, death: complete", case([], **events((900, "death"))), COMPLETE, set()),
    ("uptake left, death only: other", case(BONE, **events((900, "death"))), OTHER, set()),
    ("uptake left, second malignancy only: other", case(BONE, **events((900, "second_malignancy"))), OTHER, set()),
    ("second malignancy, then relapse", case(BONE, **events((800, "second_malignancy"), (900, "relapse"))), AFTER, {"progression"}),
    ("during maintenance", case(None, **events((300, "progression"))), DURING, {"progression"}),
    ("on its last day", case(None, **events((400, "progression"))), DURING, {"progression"}),
    ("on its last day, with a scan that day", case([], end_day=400, **events((400, "progression"))), DURING, {"progression"}),
    ("the day after", case(None, **events((401, "progression"))), OTHER, {"progression"}),
    ("the day after, scan before", case(BONE, end_day=395, **events((401, "progression"))), AFTER, {"progression"}),
    ("before maintenance", case(None, **events((220, "progression"))), OTHER, {"progression"}),
    ("no scan at the end", case(None), OTHER, {"event_free"}),
    ("scan at the end not evaluable", case(NOT_EVALUABLE), OTHER, {"event_free"}),
    ("end of maintenance unknown", case(BONE, maintenance=(230, None)), OTHER, {"event_free"}),
    ("end of maintenance unknown, progression", case(BONE, maintenance=(230, None), **events((300, "relapse"))), OTHER, {"progression"}),
    ("end of one of two courses unknown", case(BONE, treatments=[("maintenance", 225, None)], **events((300, "relapse"))), OTHER, {"progression"}),
    ("no maintenance, scan, progression later", case(BONE, maintenance=None, **events((500, "relapse"))), AFTER, {"progression"}),
    ("no maintenance, progression before the scan", case(BONE, maintenance=None, **events((409, "relapse"))), DURING, {"progression"}),
    ("no maintenance, progression on its day", case(BONE, maintenance=None, **events((410, "relapse"))), AFTER, {"progression"}),
    ("no maintenance, scan not evaluable", case(NOT_EVALUABLE, maintenance=None, **events((409, "relapse"))), DURING, {"progression"}),
    ("no maintenance, no scan, progression", case(None, maintenance=None, **events((300, "relapse"))), OTHER, {"progression"}),
    ("no maintenance, uptake left", case(BONE, maintenance=None), RESPONSE, FREE),
    ("an earlier label decides, though not evaluable", case(BONE, maintenance=None, extra=(Scan("end_of_treatment", 300, NOT_EVALUABLE),), **events((350, "relapse"))), OTHER, {"progression"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def together() -> pl.DataFrame:
    """Every case of the table as one study."""
    return analyse(*(named(one, why) for why, one, *_ in CASES)).included


@pytest.mark.unit
@pytest.mark.parametrize(("why", "expected", "groups"), [(why, *rest) for why, _, *rest in CASES])
def test_outcome_and_groups(together: pl.DataFrame, why: str, expected: str, groups: set[str]) -> None:
    row = together.row(by_predicate=pl.col("patient") == why, named=True)
    assert row["outcome"] == expected
    assert {name for name in GROUPS if row[name]} == groups


@pytest.mark.unit
@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ({"spine": "not_assessable", "pelvis": 1}, RESPONSE),
        ({"spine": "not_assessable"}, OTHER),
        ({"spine": 0}, COMPLETE),
        ({"spine": 1}, RESPONSE),
    ],
    ids=str,
)
def test_an_open_question_is_neither_complete_nor_persistent(end: Any, expected: str) -> None:
    scans = [Scan(point, day, {"spine": 1}) for point, day in (("diagnosis", 0), ("post_consolidation", 200))]
    found = analyse(child("P", *scans, Scan("end_of_treatment", 410, end)), entry="grades").included
    assert found["outcome"].to_list() == [expected]


@pytest.mark.unit
@pytest.mark.parametrize(("most", "expected"), [(0, False), (1, False), (2, True), (3, True)])
def test_oligo_counts_the_sites_at_the_landmark(most: int, expected: bool) -> None:
    landmark = Scan("post_consolidation", 200, ["femur_left 1", "sternum x3", "soft_tissue"])
    found = analyse(child("P", Scan("diagnosis", 0, [*BONE, "leg_left"]), landmark), oligo_max_sites=most)
    assert found.included["oligo"].item() == expected
