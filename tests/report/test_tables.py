"""CSV tables: text that a spreadsheet would run is neutralised, numbers stay numbers."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from residuum.report.tables import TABLES, neutralise, write_tables

if TYPE_CHECKING:
    from pathlib import Path

    from residuum.cohort.analysis import Analysis
    from residuum.report.numbers import Numbers


@pytest.mark.unit
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_formulas_become_text(start: str) -> None:
    table = pl.DataFrame({"text": [f"{start}1+1", f"a{start}", None, ""]})
    assert neutralise(table)["text"].to_list() == [f"'{start}1+1", f"a{start}", None, ""]


@pytest.mark.unit
def test_negative_numbers_stay_numbers() -> None:
    table = pl.DataFrame({"day": [-3, None], "value": [-0.5, 1.0], "yes": [True, False]})
    assert neutralise(table).equals(table)


@pytest.mark.property
@given(st.lists(st.text()))
def test_one_apostrophe_away_from_the_original(texts: list[str]) -> None:
    changed = neutralise(pl.DataFrame({"text": texts}, schema={"text": pl.String}))["text"].to_list()
    for before, after in zip(texts, changed, strict=True):
        assert after in (before, f"'{before}")
        assert not after.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.unit
def test_all_tables_are_written(
    demonstration_analysis: Analysis, demonstration_numbers: Numbers, tmp_path: Path
) -> None:
    paths = write_tables(demonstration_analysis, demonstration_numbers, tmp_path)
    assert [path.stem for path in paths] == ["numbers", *TABLES]
    with paths[0].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(demonstration_numbers)
    assert rows[0]["name"] == "flow.source"
