"""Agreement of a reader with themselves: the same rules as between two readers."""

from dataclasses import replace

import polars as pl
import pytest

from residuum.cohort.analysis import derive_analysis
from residuum.records.study import Study
from residuum.report.numbers import Numbers
from residuum.report.rows.agreement import within_reader_rows
from residuum.steps.repeats import derive_repeat_studies
from residuum.store.tables import READ_TABLES


@pytest.mark.property
def test_a_reader_who_repeats_what_another_read_agrees_as_well_as_the_two(
    demonstration: Study, demonstration_numbers: Numbers
) -> None:
    first, second = demonstration.settings.reading.readers
    repeats = {
        name: demonstration[name].filter(reader=second).with_columns(reader=pl.lit(first)) for name in READ_TABLES
    }
    (reader, twice), *others = derive_repeat_studies(demonstration, repeats).items()
    assert (reader, others) == (first, [])
    rows = within_reader_rows(reader, derive_analysis(twice))
    between = [demonstration_numbers.get(row.name.replace(f".within.{first}", ""), row.group, row.mode) for row in rows]
    assert [replace(row, name="") for row in rows] == [replace(row, name="") for row in between if row is not None]
    assert len(rows) > 30


@pytest.mark.unit
def test_without_repeats_there_is_nothing_to_compare(demonstration: Study) -> None:
    assert derive_repeat_studies(demonstration, {name: demonstration[name].clear() for name in READ_TABLES}) == {}
