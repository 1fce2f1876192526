"""Names and the order of rows change no number."""

import math
import random
from dataclasses import asdict
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as how_hypothesis_runs
from hypothesis import strategies as st

from residuum.records.study import Study
from small_studies import Child, Scan, by, child, numbers_of, study

Names = dict[str, str]
Numbers = dict[tuple[str, str | None, str | None], dict[str, Any]]


def course(patient: str, said: object, **columns: Any) -> Child:
    scans = [
        Scan("diagnosis", 0, ["femur_left x2", "skull_vault 0.6", "soft_tissue", "sternum #A"]),
        Scan("post_consolidation", 200, said, name=f"{patient}-b"),
        Scan("post_consolidation", 200, ["femur_left"], name=f"{patient}-a"),
        Scan("end_of_treatment", 410, ["femur_left", "sternum @spect"]),
        Scan("progression", 890, said, name=f"{patient}-y"),
        Scan("progression", 910, ["femur_left", "leg_left"], name=f"{patient}-x"),
    ]
    return child(patient, *scans, **columns)


def short_course(patient: str, said: object, **columns: Any) -> Child:
    scans = [
        Scan("diagnosis", 3, ["femur_left", "pelvis_left 0.5"]),
        Scan("post_consolidation", 230, said),
        Scan("end_of_treatment", 395, ["pelvis_left"]),
        Scan("progression", 890, ["pelvis_left x2"]),
    ]
    return child(patient, *scans, **columns)


@pytest.fixture(scope="module")
def original() -> Study:
    """Twelve children: readers agree on some scans, ties of scans on one day, events of every kind."""
    said = [["femur_left", "leg_right 0.4"], by(anne=["sternum"], bela=["femur_left"]), by(anne=None, bela=None)]
    marrow = {"day": 410, "component": "marrow", "timepoint": "end_of_treatment", "verdict": "SD"}
    children = []
    for number in range(3):
        one = said[number]
        last = {"last_contact": 1400 + 90 * number}
        children += [
            course(f"P{number}", one, events=[(900, "relapse", "yes")], components=[marrow]),
            course(f"P1{number}", ["femur_left"], events=[(900 + number, "relapse")], **last),
            short_course(f"P2{number}", one, events=[(1000, "death")]),
            short_course(f"P3{number}", ["pelvis_left", "sternum"], **last),
        ]
    return study(*children, readers=("anne", "bela"))


@pytest.fixture(scope="module")
def expected(original: Study) -> Numbers:
    return derived(original)


def renamed(table: pl.DataFrame, names: dict[str, Names]) -> pl.DataFrame:
    return table.with_columns(
        pl.col(column).replace(mapping) for column, mapping in names.items() if column in table.columns
    )


def relabelled(original: Study, names: dict[str, Names], rng: random.Random) -> Study:
    """Return the study with other names and every table in another order of rows."""
    tables = {}
    for name, table in original.tables.items():
        order = list(range(table.height))
        rng.shuffle(order)
        tables[name] = renamed(table, names)[order]
    readers = tuple(names["reader"].get(reader, reader) for reader in original.settings.reading.readers)
    reading = original.settings.reading.model_copy(update={"readers": readers})
    return Study(original.settings.model_copy(update={"reading": reading}), original.rules, tables)


def derived(whole: Study, back: Names | None = None) -> Numbers:
    """Return the numbers by key, the patients of each as a sorted list of their original names."""
    found = {}
    for row in numbers_of(whole):
        patients = None if row.patients is None else tuple(sorted((back or {}).get(one, one) for one in row.patients))
        found[row.key] = asdict(row) | {"patients": patients}
    return found


def without_drawn_limits(found: Numbers) -> Numbers:
    """Leave out the limits of bootstraps, whose draws go by the order of the patients."""
    drawn = {"low": None, "high": None}
    return {key: {**row, **(drawn if "bootstrap" in (row["method"] or "") else {})} for key, row in found.items()}


def same(first: Numbers, second: Numbers) -> None:
    assert first.keys() == second.keys()
    for key, row in first.items():
        others = second[key]
        assert {name: close(value, others[name]) for name, value in row.items()} == dict.fromkeys(row, True), key


def close(value: Any, other: Any) -> bool:
    """Whether two cells agree; sums of floats may differ in their last digits with the order of rows."""
    if isinstance(value, float) and isinstance(other, float):
        return math.isclose(value, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(value == other)


SLOWLY = how_hypothesis_runs(max_examples=3, deadline=None)


@pytest.mark.property
@SLOWLY
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(original: Study, expected: Numbers, rng: random.Random) -> None:
    same(derived(relabelled(original, {"reader": {}}, rng)), expected)


@pytest.mark.property
@SLOWLY
@given(st.randoms(use_true_random=False))
def test_names_change_nothing(original: Study, expected: Numbers, rng: random.Random) -> None:
    patients = original["patients"]["patient"].to_list()
    others = [f"child {number}" for number in rng.sample(range(1000), len(patients))]
    scans = sorted(original["scans"]["scan"])  # ties are broken by the lower name, so their order is kept
    names = {
        "patient": dict(zip(patients, others, strict=True)),
        "scan": {scan: f"scan {number:04d}" for number, scan in enumerate(scans)},
        "reader": {"anne": rng.choice(["zoe", "abe"]), "bela": "carl"},
        "mark": {str(number): f"m{rng.randrange(10**6)}.{number}" for number in range(9)},
        "site": {"A": "sternum"},
    }
    back = {new: old for old, new in names["patient"].items()}
    found = derived(relabelled(original, names, rng), back)
    same(without_drawn_limits(found), without_drawn_limits(expected))
