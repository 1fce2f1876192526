"""What is written reads back as the same study."""

import tempfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studies import valid_files, write_files

from residuum.intake.folder import read_study, write_study
from residuum.intake.settings_file import read_settings, write_settings
from residuum.records.settings import Settings
from residuum.records.study import Study

FREE = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
EXTENT = st.floats(0, 1, exclude_min=True)
PLACE = st.none() | st.floats(-1e6, 1e6)


def same(one: Study, other: Study) -> bool:
    """Whether two studies hold the same settings, rules and tables."""
    tables = all(one[name].equals(other[name]) and one[name].schema == other[name].schema for name in one.tables)
    return tables and (one.settings, one.rules, one.present) == (other.settings, other.rules, other.present)


@pytest.fixture(scope="module")
def valid(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return read_study(write_files(valid_files(), tmp_path_factory.mktemp("valid")))


@pytest.mark.unit
@pytest.mark.parametrize("entry", ["marks", "grades"])
def test_the_valid_study_round_trips(tmp_path: Path, entry: str) -> None:
    study = read_study(write_files(valid_files(entry=entry), tmp_path / "one"))
    write_study(study, tmp_path / "two")
    assert same(study, read_study(tmp_path / "two"))
    assert b"\r" not in (tmp_path / "two" / "reads.csv").read_bytes()


@pytest.mark.property
@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(FREE, FREE), min_size=6, max_size=6), EXTENT, st.lists(PLACE, min_size=4, max_size=4))
def test_any_free_text_and_number_round_trips(
    valid: Study, texts: list[tuple[str | None, str | None]], extent: float, places: list[float | None]
) -> None:
    reads = valid["reads"].with_columns(
        comment=pl.Series([text for text, _ in texts], dtype=pl.String),
        note=pl.Series([text for _, text in texts], dtype=pl.String),
    )
    diffuse = pl.when(pl.col("extent").is_not_null()).then(extent)
    marks = valid["marks"].with_columns(diffuse.alias("extent"), x_mm=pl.Series(places, dtype=pl.Float64))
    study = Study(valid.settings, valid.rules, {**valid.tables, "reads": reads, "marks": marks}, valid.present)
    with tempfile.TemporaryDirectory() as folder:
        write_study(study, Path(folder))
        assert same(study, read_study(Path(folder)))


SCALAR = (
    st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False) | st.dates() | st.datetimes() | st.text()
)
KEYS = st.text(min_size=1, max_size=5).map("x_".__add__)
ANY = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=5
)


@pytest.mark.property
@given(
    st.text(),
    st.none() | st.dates(),
    st.booleans(),
    st.dictionaries(KEYS, ANY, max_size=3),
    st.dictionaries(KEYS, ANY, max_size=2),
)
def test_settings_round_trip_with_unknown_keys(
    title: str, freeze: date | None, synthetic: bool, extra: dict[str, object], inner: dict[str, object]
) -> None:
    declared = {"title": title, "data_freeze": freeze, "synthetic": synthetic, **extra, "reading": {"seed": 7, **inner}}
    one = Settings.model_validate(declared | {"rules": {"set": "default", "siopen.single_foci_max": 2}})
    read, rules, problems = read_settings(write_settings(one).encode())
    assert read == one
    assert rules is not None
    assert rules["siopen.single_foci_max"] == 2
    assert {found.rule for found in problems} <= {"settings.unknown_key"}


@pytest.mark.unit
def test_written_settings_explain_every_key() -> None:
    lines = write_settings(Settings()).splitlines()
    assert all("#" in line for line in lines if line and not line.startswith("[") and line != 'set = "default"')
