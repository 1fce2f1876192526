"""Tables of a study into the database and out of it: nothing is lost, nothing changes its order."""

from collections.abc import Mapping
from datetime import UTC, datetime

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from undone import undone

from residuum.records.schemas import TABLES
from residuum.store.database import Database
from residuum.store.study import StoredStudy, load_settings_text, load_study, load_table, save_study
from residuum.store.tables import READ_TABLES, READS

AT = datetime(2026, 1, 1, tzinfo=UTC)
EVERY = frozenset(TABLES)
TEXT = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
WHOLE = st.none() | st.integers(-(2**63), 2**63 - 1)
# SQLite knows no negative zero; an import never brings one
NUMBER = st.none() | st.floats(allow_nan=False, allow_infinity=False).map(lambda value: value + 0.0)
CELLS = {pl.String: TEXT, pl.Int64: WHOLE, pl.Float64: NUMBER}
COLUMN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=6)
COLUMN |= st.sampled_from(
    ["self", "more", "position", "occasion", "version", "exprs", "schema", "é à", '"', "a.b", "%s"]
)


def filled(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return every table of a study, those that are not given empty."""
    return {name: tables.get(name, table.empty()) for name, table in TABLES.items()}


def stored(tables: Mapping[str, pl.DataFrame], present: frozenset[str] = EVERY) -> StoredStudy:
    """Return a study of some tables."""
    return StoredStudy("format = 1\n", filled(tables), present)


def reads(*keys: tuple[str, str], comment: str | None = None) -> dict[str, pl.DataFrame]:
    """Return reads with one mark each."""
    rows = [{"scan": scan, "reader": reader, "state": "locked", "comment": comment} for scan, reader in keys]
    marks = [{"scan": scan, "reader": reader, "mark": "1", "regions": comment} for scan, reader in keys]
    return {
        "reads": pl.DataFrame(rows, schema=TABLES["reads"].schema),
        "marks": pl.DataFrame(marks, schema=TABLES["marks"].schema),
    }


def same(one: StoredStudy, other: StoredStudy) -> bool:
    """Whether two studies are the same to the last bit."""
    tables = all(
        one.tables[name].schema == other.tables[name].schema
        and one.tables[name].equals(other.tables[name])
        and one.tables[name].write_csv() == other.tables[name].write_csv()
        for name in TABLES
    )
    return tables and (one.settings, one.present) == (other.settings, other.present)


@st.composite
def random_frame(draw: st.DrawFn, name: str) -> pl.DataFrame:
    """Return a table of any rows; only its keys are what keys must be."""
    schema, (first, *others) = TABLES[name].schema, TABLES[name].key
    count = draw(st.integers(0, 4))

    def column(cells: st.SearchStrategy[object], kind: type[pl.DataType]) -> pl.Series:
        return pl.Series(draw(st.lists(cells, min_size=count, max_size=count)), dtype=kind)

    columns = {one: column(CELLS[kind], kind) for one, kind in schema.items()}
    for one in others:
        columns[one] = pl.Series(["1" if schema[one] == pl.String else 1] * count, dtype=schema[one])
    columns[first] = pl.Series(draw(st.lists(COLUMN, min_size=count, max_size=count, unique=True)), dtype=pl.String)
    for one in draw(st.lists(COLUMN.filter(lambda made: made not in schema), max_size=2, unique=True)):
        columns[one] = column(TEXT, pl.String)
    return pl.DataFrame([series.alias(one) for one, series in columns.items()])


TABLES_OF_A_STUDY = st.lists(st.sampled_from(list(TABLES)), max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: random_frame(name) for name in names})
)


@pytest.mark.property
@settings(max_examples=25)
@given(tables=TABLES_OF_A_STUDY, text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_whatever_a_study_holds_reads_back(migrated: Database, tables: dict[str, pl.DataFrame], text: str) -> None:
    study = StoredStudy(text, filled(tables), frozenset(tables))
    with undone(migrated) as connection:
        save_study(connection, study, AT)
        assert same(load_study(connection), study)
        assert load_settings_text(connection) == text
        for name in tables:
            assert load_table(connection, name).equals(study.tables[name])


@pytest.mark.unit
@pytest.mark.parametrize("column", ["self", "more", "exprs", "position", "é « à »", '"'])
def test_an_unknown_column_of_any_name_is_kept(connection: sa.Connection, column: str) -> None:
    frame = pl.DataFrame([{"scan": "S1", "patient": "P1"}, {"scan": "S2"}], schema=TABLES["scans"].schema)
    frame = frame.with_columns(pl.Series(column, ["=1+1", None], dtype=pl.String))
    save_study(connection, stored({"scans": frame}), AT)
    assert load_table(connection, "scans").equals(frame)


@pytest.mark.unit
@pytest.mark.parametrize("number", [1e308, 5e-324, -1e-320, 0.1 + 0.2, 2**53 + 2.0, 1e16])
def test_extreme_numbers_keep_every_bit(connection: sa.Connection, number: float) -> None:
    frame = pl.DataFrame([{"scan": "S1", "reader": "r", "mark": "1", "x_mm": number}], schema=TABLES["marks"].schema)
    save_study(connection, stored({"marks": frame}), AT)
    assert load_table(connection, "marks").write_csv() == frame.write_csv()


@pytest.mark.unit
def test_a_file_that_is_there_but_empty_is_not_one_that_is_absent(connection: sa.Connection) -> None:
    save_study(connection, stored({}, frozenset({"patients", "targets"})), AT)
    assert load_study(connection).present == {"patients", "targets"}


@pytest.mark.unit
def test_a_table_that_filled_in_the_database_is_present(connection: sa.Connection) -> None:
    save_study(connection, stored({}, frozenset({"patients"})), AT)
    connection.execute(READS.insert(), {"scan": "S1", "reader": "r", "state": "draft"})
    assert load_study(connection).present == {"patients", "reads"}


@pytest.mark.unit
def test_only_the_tables_asked_for_are_loaded(connection: sa.Connection) -> None:
    save_study(connection, stored(reads(("S1", "r"))), AT)
    assert set(load_study(connection, {"marks": None}).tables) == {"marks"}


@pytest.mark.unit
def test_an_empty_database_holds_no_study(connection: sa.Connection) -> None:
    with pytest.raises(LookupError):
        load_study(connection)


@pytest.mark.unit
def test_reads_that_are_there_stay_and_new_ones_come_beside_them(connection: sa.Connection) -> None:
    patients = pl.DataFrame([{"patient": "P1"}, {"patient": "P2"}], schema=TABLES["patients"].schema)
    save_study(connection, stored({"patients": patients, **reads(("S1", "r"), ("S2", "r"), comment="first")}), AT)
    other = reads(("S3", "r"), ("S1", "r"), comment="second")
    save_study(connection, stored({"patients": patients[:1], **other}), AT)
    now = load_study(connection)
    assert now.tables["patients"].height == 1
    for name, said in (("reads", "comment"), ("marks", "regions")):
        found = {row["scan"]: row[said] for row in now.tables[name].to_dicts()}
        assert found == {"S1": "first", "S2": "first", "S3": "second"}


@pytest.mark.unit
def test_reads_of_other_occasions_belong_to_no_study_folder(connection: sa.Connection) -> None:
    save_study(connection, stored(reads(("S1", "r"))), AT)
    connection.execute(READS.insert(), {"scan": "S1", "reader": "r", "state": "draft", "occasion": "repeat"})
    assert load_table(connection, "reads").height == 1
    save_study(connection, stored(reads(("S1", "r"))), AT)
    assert connection.execute(sa.select(sa.func.count()).select_from(READS)).scalar() == 2


@pytest.mark.unit
@pytest.mark.parametrize("name", READ_TABLES[1:])
@pytest.mark.parametrize("action", ["insert", "update", "delete"])
def test_the_database_itself_refuses_to_change_what_a_locked_read_says(
    connection: sa.Connection, name: str, action: str
) -> None:
    key = {"scan": "S1", "reader": "r"}
    rows = {
        "marks": {"mark": "1", "regions": "skull"},
        "grades": {"system": "siopen", "segment": "skull", "grade": "1"},
    }
    frames = reads(("S1", "r")) | {name: pl.DataFrame([key | rows[name]], schema=TABLES[name].schema)}
    save_study(connection, stored(frames), AT)
    text = {
        "insert": f"INSERT INTO {name} (scan, reader, {TABLES[name].key[-1]}{', system' * (name == 'grades')}) "
        f"VALUES ('S1', 'r', 'other'{', 1' * (name == 'grades')})",
        "update": f"UPDATE {name} SET {'regions' if name == 'marks' else 'grade'} = 'x'",
        "delete": f"DELETE FROM {name}",
    }[action]
    with pytest.raises(sa.exc.DatabaseError, match="the read is locked"), connection.begin_nested():
        connection.exec_driver_sql(text)
    connection.execute(READS.update().values(state="draft"))
    connection.exec_driver_sql(text)


@pytest.mark.unit
@pytest.mark.parametrize("column", ["evaluable", "comment", "seconds", "read_order"])
def test_the_database_itself_refuses_to_change_a_locked_read(connection: sa.Connection, column: str) -> None:
    save_study(connection, stored(reads(("S1", "r"))), AT)
    value = "'x'" if column in ("evaluable", "comment") else "1"
    for text in (f"UPDATE reads SET {column} = {value}", "DELETE FROM reads"):
        with pytest.raises(sa.exc.DatabaseError, match="the read is locked"), connection.begin_nested():
            connection.exec_driver_sql(text)
