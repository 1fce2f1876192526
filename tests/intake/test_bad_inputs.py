"""Every kind of bad input: what is said, where, and that nothing is let in."""

from pathlib import Path

import pytest
from cases import CASES, Case
from studies import drop, recode, swap, valid_files, write_files

from residuum.intake.folder import check_study, read_study
from residuum.records.checks import CHECKS, REPORTED_AT_MOST
from residuum.records.errors import CallError, InputError

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("entry", ["marks", "grades"])
def test_the_valid_study_gives_no_problem(tmp_path: Path, entry: str) -> None:
    study, problems = check_study(write_files(valid_files(entry=entry), tmp_path))
    assert problems == []
    assert study is not None
    assert study.uses_marks == (entry == "marks")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_bad_input_is_named_with_place_and_cure(tmp_path: Path, case: Case) -> None:
    files = valid_files(entry=case.entry)
    case.mutation(files)
    study, problems = check_study(write_files(files, tmp_path))
    expected = (case.rule, case.file, case.row, case.column, case.value)
    places = {(one.rule, one.file, one.row, one.column, one.value): one for one in problems}
    assert expected in places, "\n".join(map(str, problems))
    assert case.cure in places[expected].cure
    assert (study is None) == any(one.severity == "error" for one in problems)
    if case.column is not None and case.row is not None:  # one fault is said once
        severity = places[expected].severity
        here = [one for one in problems if (one.file, one.row, one.column) == (case.file, case.row, case.column)]
        assert [one.rule for one in here if one.severity == severity] == [case.rule]


def test_every_check_has_a_bad_input() -> None:
    # below, since they need more than bytes; and with the database, which knows what was there
    elsewhere = {"folder.not_a_file", "folder.unreadable", "reads.changed_in_database"}
    assert set(CHECKS) - elsewhere <= {case.rule for case in CASES}


def test_settings_with_any_line_end_read(tmp_path: Path) -> None:
    files = valid_files()
    files["study.toml"] = files["study.toml"].replace(b"\r\n", b"\n").replace(b"\n", b"\r")
    assert b"\r" in files["study.toml"]
    study, problems = check_study(write_files(files, tmp_path))
    assert (problems, study is None) == ([], False)


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    files = valid_files()
    drop("patients.csv")(files)
    write_files(files, tmp_path)
    (tmp_path / "patients.csv").mkdir()
    assert [one.rule for one in check_study(tmp_path)[1]] == ["folder.not_a_file"]


def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(valid_files(), tmp_path)
    whole = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "scans.csv":
            raise PermissionError(13, "Permission denied")
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert [(one.rule, one.value) for one in check_study(tmp_path)[1]] == [("folder.unreadable", "Permission denied")]


def test_all_problems_of_all_files_at_once_and_nothing_is_let_in(tmp_path: Path) -> None:
    files = valid_files()
    for mutation in (
        swap("study.toml", "format = 1", 'format = 1\ndata_freeze = "x"\ncentres = 4'),
        swap("patients.csv", "female", "F"),
        swap("scans.csv", "610", "610.0"),
        swap("marks.csv", "diffuse,0.5", "diffuse,"),
        recode("reads.csv", lambda data: data + b"S9,anne,maybe,draft,,,\n"),
        recode("events.csv", lambda data: b"\xff" + data),
    ):
        mutation(files)
    with pytest.raises(InputError, match="8 errors") as refused:
        read_study(write_files(files, tmp_path))
    found = [(one.file, one.row, one.rule) for one in refused.value.problems if one.severity == "error"]
    assert found == [
        ("study.toml", None, "settings.wrong_value"),
        ("study.toml", None, "settings.wrong_value"),
        ("patients.csv", 2, "cell.unknown_code"),
        ("scans.csv", 5, "cell.not_whole"),
        ("reads.csv", 9, "cell.unknown_code"),
        ("reads.csv", 9, "key.unknown_scan"),
        ("marks.csv", 3, "marks.extent_missing"),
        ("events.csv", 1, "file.not_utf8"),
    ]


def test_a_record_left_out_does_not_make_other_tables_look_wrong(tmp_path: Path) -> None:
    files = valid_files()
    swap("patients.csv", "M,amplified", "X,amplified")(files)
    swap("patients.csv", "dead,700", "dead")(files)
    found = [(one.rule, one.row) for one in check_study(write_files(files, tmp_path))[1]]
    assert found == [("row.too_few_cells", 3), ("cell.unknown_code", 2)]


def test_many_problems_of_one_kind_are_counted(tmp_path: Path) -> None:
    files = valid_files()
    files["patients.csv"] += b"".join(b"Q%d,F,900,2010,M,unknown,alive,x\n" % number for number in range(1000))
    problems = check_study(write_files(files, tmp_path))[1]
    for rule, column in (("cell.unknown_code", "sex"), ("cell.not_a_number", "last_contact_day")):
        found = [one for one in problems if one.column == column]
        assert {one.rule for one in found} <= {rule, "cell.not_whole"}
        assert len(found) == REPORTED_AT_MOST + 1
        assert found[-1].message.startswith(f"and {1000 - REPORTED_AT_MOST} more: ")
        assert found[-1].row is None


def test_no_folder_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(CallError, match="no folder"):
        check_study(tmp_path / "nowhere")
