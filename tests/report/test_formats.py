"""Printed numbers: denominators and intervals stay with them, nothing becomes 0 by rounding."""

from __future__ import annotations

from gettext import NullTranslations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from residuum.report.formats import Printer, number, p_value, percent, span
from residuum.report.numbers import Numbers, Row

NBSP = "\u00a0"


def printed(row: Row) -> str:
    return Printer(Numbers([row]), NullTranslations()).cell(row).text


@pytest.mark.unit
@pytest.mark.parametrize(
    ("row", "text"),
    [
        (Row("flow.source", 201, "patients"), "201"),
        (
            Row("x", 30, "patients", of=201, proportion=30 / 201, low=0.1031, high=0.2062),
            f"30/201 = 14.9{NBSP}% (10.3–20.6)",
        ),
        (Row("x", 0, "patients", of=0, reason="the denominator is 0"), "0/0"),
        (Row("x", 2, "score", n=7, median=2, min=1, max=6), "2 [1–6], n = 7"),
        (Row("x", 0.367, "probability", low=0.2, high=0.561, at_risk=3), f"36.7{NBSP}% (20.0–56.1); 3 at risk"),
        (Row("x", -0.37, "score", low=-6.75, high=6.02), "−0.4 (−6.8 to 6.0)"),
        (Row("x", None, "score", reason="why"), "–"),
    ],
)
def test_rows(row: Row, text: str) -> None:
    assert printed(row) == text


@pytest.mark.unit
def test_few_at_risk_are_quiet() -> None:
    row = Row("x", 0.5, "probability", at_risk=4)
    printer = Printer(Numbers([row]), NullTranslations())
    assert printer.cell(row, few=5).tone == "quiet"
    assert printer.cell(row, few=4).tone == "number"


@pytest.mark.unit
def test_small_things() -> None:
    assert percent(1) == f"100.0{NBSP}%"
    assert span(-1, 2) == "−1 to 2"
    assert p_value(0.0004) == "< 0.001"
    assert p_value(0.0449) == "= 0.045"


@pytest.mark.property
@given(st.floats(-1e6, 1e6), st.integers(1, 3))
def test_nothing_becomes_zero_by_rounding(value: float, digits: int) -> None:
    text = number(value, digits).replace("−", "-")
    assert (float(text) == 0) == (value == 0)
