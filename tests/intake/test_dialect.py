"""The two ways of reading a file give the same cells, and every dialect that is read gives the same study."""

from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from studies import VALID

from residuum.intake.dialect import read_cells
from residuum.intake.tables import read_table
from residuum.records.schemas import TABLES

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters='\0\r\n",'), max_size=6)
ROWS = st.lists(st.tuples(CELL, CELL, CELL), max_size=6)
KNOWN = ("a", "b", "c")


@pytest.mark.property
@given(ROWS, st.booleans())
def test_the_fast_and_the_careful_way_agree(rows: list[tuple[str, str, str]], ends: bool) -> None:
    body = "\n".join(",".join(row) for row in rows) + ("\n" if ends and rows else "")
    fast = read_cells(f"a,b,c\n{body}".encode(), "x.csv", KNOWN)
    careful = read_cells(f'"a",b,c\n{body}'.encode(), "x.csv", KNOWN)
    assert fast.cells is not None
    assert careful.cells is not None
    assert fast.cells.equals(careful.cells)
    assert list(fast.lines) == list(careful.lines)
    assert fast.problems == careful.problems == []


@pytest.mark.property
@given(st.lists(st.lists(st.text(',"x\n\r; ', max_size=5), min_size=1, max_size=4), max_size=5))
def test_no_bytes_are_let_in_or_lost_without_a_word(rows: list[list[str]]) -> None:
    """Whatever the body, either every record is read or an error says what is wrong."""
    text = read_cells(("a,b,c\n" + "\n".join(",".join(row) for row in rows)).encode(), "x.csv", KNOWN)
    refused = any(one.severity == "error" for one in text.problems)
    assert refused or (text.cells is not None and text.cells.height == len(text.lines))


@pytest.mark.unit
@pytest.mark.parametrize("name", sorted(name for name in VALID if name.endswith(".csv")))
@pytest.mark.parametrize(
    ("change", "same_lines"),
    [
        (lambda data: b"\xef\xbb\xbf" + data, True),
        (lambda data: data.decode().encode("utf-16"), True),
        (lambda data: data.replace(b"\n", b"\r\n"), True),
        (lambda data: data.replace(b"\n", b"\r"), True),
        (lambda data: data.replace(b"\n", b"\n\n"), False),
        (lambda data: b"sep=,\r\n" + data, False),
        (lambda data: data.removesuffix(b"\n"), True),
    ],
    ids=["byte-order-mark", "utf-16", "crlf", "cr", "blank-lines", "sep-line", "no-last-newline"],
)
def test_every_dialect_gives_the_same_table(name: str, change: Callable[[bytes], bytes], same_lines: bool) -> None:
    table, data = TABLES[name.removesuffix(".csv")], VALID[name].encode()
    if b'"two\nlines"' in data:
        data = data.replace(b"two\nlines", b"two lines")  # inside quotes a line end belongs to the cell
    plain, other = read_table(data, table), read_table(change(data), table)
    assert plain.frame is not None
    assert other.frame is not None
    assert plain.frame.equals(other.frame)
    assert not same_lines or list(plain.lines) == list(other.lines)


@pytest.mark.unit
def test_lines_stay_right_after_a_line_break_inside_quotes() -> None:
    table = read_table(VALID["reads.csv"].encode(), TABLES["reads"])
    assert table.frame is not None
    assert table.frame["comment"][1] == "two\nlines"
    assert list(table.lines) == [2, 3, 5, 6, 7, 8]


@pytest.mark.unit
def test_columns_may_stand_in_any_order_and_unknown_ones_are_kept_at_the_end() -> None:
    data = b"site_id,day,kind,patient\n07,600,relapse,P2\n"
    table = read_table(data, TABLES["events"])
    assert table.frame is not None
    assert table.frame.columns == ["patient", "day", "kind", "skeletal", "regions", "cause", "site_id"]
    assert table.frame.row(0) == ("P2", 600, "relapse", None, None, None, "07")
    assert table.frame.schema["skeletal"] == pl.String


@pytest.mark.unit
def test_numbers_are_read_exactly() -> None:
    rows = "".join(f"P1,T{i},sacrum,{value}\n" for i, value in enumerate(["0.1", "1e-7", "20", "1E+2", "12.50", ""]))
    table = read_table(f"patient,target,regions,diameter_mm\n{rows}".encode(), TABLES["targets"])
    assert table.frame is not None
    assert table.frame["diameter_mm"].to_list() == [0.1, 1e-7, 20.0, 100.0, 12.5, None]


@pytest.mark.unit
def test_a_surplus_cell_does_not_make_up_for_a_missing_one() -> None:
    text = read_cells(b"a,b\n1,2,3\n4\n", "x.csv", KNOWN)
    assert [(one.rule, one.row) for one in text.problems] == [("row.too_few_cells", 3), ("row.too_many_cells", 2)]


@pytest.mark.unit
def test_a_header_of_strangers_names_every_missing_column() -> None:
    found = read_table(b"Patient,Day,Kind\nP1,5,relapse\n", TABLES["events"]).problems
    assert [one.column for one in found if one.rule == "header.missing"] == ["patient", "day", "kind"]
    assert "Rename the column 'Patient' to patient." in {one.cure for one in found}
