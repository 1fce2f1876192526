"""The other INRC components from their measures."""

from typing import Any

import polars as pl
import pytest

from residuum.records.rules import apply_overrides, shipped_rules
from residuum.records.schemas import COMPONENTS
from residuum.response.components import derive_component_verdicts

MEASURE = {"primary": "longest_mm", "soft_tissue": "sum_mm", "cns": "sum_mm", "marrow": "marrow_percent"}


def verdict(component: str, *measures: float | None, uptake: bool | None = False, **overrides: Any) -> str:
    """Return the verdict of the last measure, the first being the one at diagnosis."""
    rows = [
        {
            "patient": "P",
            "day": 100 * number,
            "component": component,
            "timepoint": "diagnosis"
            if number == 0
            else ("end_of_treatment" if number == len(measures) - 1 else "follow_up"),
            MEASURE[component]: measure,
        }
        for number, measure in enumerate(measures)
    ]
    uptakes = pl.DataFrame(
        {"patient": ["P"], "timepoint": ["end_of_treatment"], "soft_tissue": [uptake]},
        schema={"patient": pl.String, "timepoint": pl.String, "soft_tissue": pl.Boolean},
    )
    rules, problems = apply_overrides(shipped_rules(), overrides.get("rules", {}))
    assert problems == []
    found = derive_component_verdicts(pl.DataFrame(rows, schema=COMPONENTS.schema), uptakes, rules)
    return str(found.filter(timepoint="end_of_treatment")["verdict"].item())


@pytest.mark.unit
@pytest.mark.parametrize("component", ["primary", "soft_tissue", "cns"])
@pytest.mark.parametrize(
    ("measures", "uptake", "expected"),
    [
        ((50, 0), False, "CR"),
        ((50, 9.9), False, "CR"),
        ((50, 9.9), True, "PR"),
        ((50, 9.9), None, "PR"),  # nobody saw whether uptake is gone
        ((50, 10), False, "PR"),
        ((50, 35), False, "PR"),
        ((50, 35.1), False, "SD"),
        ((50, 50), False, "SD"),
        ((50, 59.9), False, "SD"),
        ((50, 60), False, "PD"),
        ((20, 24.9), False, "SD"),  # a fifth, but not 5 mm
        ((20, 25), False, "PD"),
        ((0, 4.9), True, "SD"),
        ((0, 5), True, "PD"),
        ((0, 0), False, "NI"),
        ((50, 20, 24.9), False, "PR"),  # against the smallest, growth below 5 mm
        ((50, 20, 25), False, "PD"),
        ((50, 20, 30, 25), False, "PD"),
        ((50, 20, None, 25), False, "PD"),
        ((43, 30.1), False, "PR"),  # exactly 30 % less, exactly 20 % and 5 mm more: not to be lost to rounding
        ((29.5, 35.4), False, "PD"),
        ((25.1, 20.3, 25.3), False, "PD"),
        ((50, None), False, "NE"),
        ((None, 40), False, "NE"),
    ],
    ids=str,
)
def test_diameters(component: str, measures: tuple[float, ...], uptake: bool | None, expected: str) -> None:
    assert verdict(component, *measures, uptake=uptake) == expected


@pytest.mark.unit
@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        ((30, 0), "CR"),
        ((30, 0.1), "MD"),
        ((30, 5), "MD"),
        ((30, 5.1), "SD"),
        ((30, 30), "SD"),
        ((0, 5), "MD"),
        ((0, 5.1), "PD"),
        ((10, 20), "SD"),
        ((10, 20.1), "PD"),
        ((8, 20), "SD"),  # more than doubled, but not above 20 %
        ((8, 20.1), "PD"),
        ((30, 60), "SD"),
        ((30, 60.1), "PD"),
        ((30, None), "NE"),
        ((None, 3), "MD"),
        ((None, 40), "SD"),
    ],
    ids=str,
)
def test_marrow(measures: tuple[float, ...], expected: str) -> None:
    assert verdict("marrow", *measures) == expected


@pytest.mark.unit
@pytest.mark.parametrize(
    ("clause", "value", "component", "measures", "before", "after"),
    [
        ("inrc.primary_cr_below_mm", 15.0, "primary", (50, 12), "PR", "CR"),
        ("inrc.primary_cr_below_mm", 15.0, "soft_tissue", (50, 12), "PR", "PR"),
        ("inrc.soft_tissue_cr_below_mm", 15.0, "soft_tissue", (50, 12), "PR", "CR"),
        ("inrc.soft_tissue_cr_below_mm", 15.0, "primary", (50, 12), "PR", "PR"),
        ("inrc.response_fall", 0.5, "primary", (50, 30), "PR", "SD"),
        ("inrc.growth", 0.1, "primary", (60, 66), "SD", "PD"),
        ("inrc.growth_mm", 10.0, "primary", (30, 37), "PD", "SD"),
        ("inrc.marrow_minimal_percent", 4.0, "marrow", (30, 5), "MD", "SD"),
        ("inrc.marrow_progression_percent", 30.0, "marrow", (10, 25), "PD", "SD"),
    ],
)
def test_every_clause_can_be_set(
    clause: str, value: float, component: str, measures: tuple[float, ...], before: str, after: str
) -> None:
    assert verdict(component, *measures) == before
    assert verdict(component, *measures, rules={clause: value}) == after


@pytest.mark.unit
def test_fractions_of_a_millimetre_never_move_a_limit() -> None:
    for tenths in range(250, 1000, 50):
        first, grown, fallen = tenths / 10, tenths * 12 / 100, tenths * 7 / 100
        assert verdict("primary", first, grown) == "PD"
        assert verdict("primary", first, fallen) == "PR"


@pytest.mark.unit
def test_a_recorded_verdict_stands_against_the_measure() -> None:
    rows = [
        {"patient": "P", "day": 0, "component": "primary", "timepoint": "diagnosis", "longest_mm": 50.0},
        {
            "patient": "P",
            "day": 9,
            "component": "primary",
            "timepoint": "follow_up",
            "longest_mm": 90.0,
            "verdict": "SD",
        },
    ]
    uptake = pl.DataFrame(schema={"patient": pl.String, "timepoint": pl.String, "soft_tissue": pl.Boolean})
    found = derive_component_verdicts(pl.DataFrame(rows, schema=COMPONENTS.schema), uptake, shipped_rules())
    assert found.filter(timepoint="follow_up")["verdict"].item() == "SD"
