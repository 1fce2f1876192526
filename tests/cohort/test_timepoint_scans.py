"""Which scan stands for a time point, and how ties are broken."""
# ruff: noqa: E501 (tables: one case, one line)

from typing import Any

import polars as pl
import pytest

from small_studies import Child, Scan, analyse, by, child, named

BONE = ["femur_left"]
NOT_EVALUABLE = by(anne=None)


def labelled(label: str, *scans: tuple[Any, ...], **columns: Any) -> Child:
    """Return a child whose scans carry one label; scans are (name, day) or (name, day, what is said)."""
    return child(
        "P", *(Scan(label, day, said[0] if said else BONE, name=name) for name, day, *said in scans), **columns
    )


def used(timepoint: str, *scans: tuple[Any, ...], label: str | None = None, **columns: Any) -> str | None:
    """Return the name of the scan used."""
    settings = {name: columns.pop(name) for name in ("progression_window_days",) if name in columns}
    found = analyse(labelled(label or timepoint, *scans, **columns), **settings).timepoint_scans
    found = found.filter(timepoint=timepoint)
    return None if found.is_empty() else str(found["scan"].item())


RELAPSE = {"events": [(900, "relapse")]}
PROGRESSED = {"events": [(400, "progression")], "maintenance": (230, 390)}


CASES: list[tuple[str, str, Any, Any, str | None]] = [
    ("earliest", "diagnosis", [("a", 5), ("b", -9), ("c", 0)], {}, "b"),
    ("evaluable only", "diagnosis", [("a", 5), ("b", -9, NOT_EVALUABLE)], {}, "a"),
    ("lower name", "diagnosis", [("b", 5), ("a", 5)], {}, "a"),
    ("names compare as text", "diagnosis", [("s9", 5), ("s10", 5)], {}, "s10"),
    ("first after the last HDC", "post_consolidation", [("a", 250), ("b", 161), ("c", 160)], {}, "b"),
    ("not on its last day", "post_consolidation", [("a", 160)], {}, None),
    ("no HDC", "post_consolidation", [("a", 160)], {"hdc": None}, None),
    ("nearest to the end", "end_of_treatment", [("a", 390), ("b", 405), ("c", 440)], {}, "b"),
    ("before or after: the earlier", "end_of_treatment", [("a", 405), ("b", 395)], {}, "b"),
    ("one day: the lower name", "end_of_treatment", [("b", 405), ("a", 405)], {}, "a"),
    ("however far", "end_of_treatment", [("a", 1500)], {}, "a"),
    ("without maintenance the earliest", "end_of_treatment", [("a", 600), ("b", 300)], {"maintenance": None}, "b"),
    ("end of maintenance unknown: none", "end_of_treatment", [("a", 405)], {"maintenance": (230, None)}, None),
    ("on the day of progression", "end_of_treatment", [("a", 400)], PROGRESSED, "a"),
    ("not after progression", "end_of_treatment", [("a", 401)], PROGRESSED, None),
    ("the nearest not after progression", "end_of_treatment", [("a", 401), ("b", 380)], PROGRESSED, "b"),
    ("after another event", "end_of_treatment", [("a", 405)], {"events": [(300, "second_malignancy")]}, "a"),
    ("nearest to progression", "progression", [("a", 880), ("b", 910), ("c", 930)], RELAPSE, "b"),
    ("before or after: the earlier", "progression", [("a", 910), ("b", 890)], RELAPSE, "b"),
    ("60 days later", "progression", [("a", 960)], RELAPSE, "a"),
    ("61 days later", "progression", [("a", 961)], RELAPSE, None),
    ("60 days earlier", "progression", [("a", 840)], RELAPSE, "a"),
    ("61 days earlier", "progression", [("a", 839)], RELAPSE, None),
    ("of the first progression", "progression", [("a", 960)], {"events": [(850, "progression"), (960, "relapse")]}, None),
    ("no progression", "progression", [("a", 900)], {"events": [(900, "second_malignancy")]}, None),
    ("not evaluable", "progression", [("a", 900, NOT_EVALUABLE), ("b", 950)], RELAPSE, "b"),
]  # fmt: skip


@pytest.fixture(scope="module")
def together() -> pl.DataFrame:
    """Every case of the table as one study."""
    cases = [labelled(timepoint, *scans, **columns) for _, timepoint, scans, columns, _ in CASES]
    return analyse(*(named(one, str(number)) for number, one in enumerate(cases))).timepoint_scans


@pytest.mark.unit
@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{case[1]}: {case[0]}" for case in CASES])
def test_scan_used(together: pl.DataFrame, number: int) -> None:
    _, timepoint, _, _, expected = CASES[number]
    used_here = together.filter(patient=str(number), timepoint=timepoint)["scan"].to_list()
    assert used_here == ([] if expected is None else [f"{number}:{expected}"])


@pytest.mark.unit
@pytest.mark.parametrize(("window", "expected"), [(60, None), (61, "a"), (0, None)])
def test_the_window_is_a_setting(window: int, expected: str | None) -> None:
    assert used("progression", ("a", 961), progression_window_days=window, **RELAPSE) == expected


@pytest.mark.unit
@pytest.mark.parametrize("timepoint", ["diagnosis", "post_consolidation", "end_of_treatment", "progression"])
def test_the_label_decides(timepoint: str) -> None:
    columns: Any = RELAPSE | {"hdc": (150, 160)}
    assert used(timepoint, ("a", 900), label="follow_up", **columns) is None
    assert used(timepoint, ("a", 900), **columns) == "a"


@pytest.mark.unit
def test_maintenance_in_two_courses_ends_with_the_later() -> None:
    again = [("maintenance", 420, 600)]
    assert used("end_of_treatment", ("a", 405), ("b", 590), treatments=again) == "b"
    unknown = [("maintenance", 420, None)]
    assert used("end_of_treatment", ("a", 405), ("b", 590), treatments=unknown) is None
