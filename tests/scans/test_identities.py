"""The key folder: apart from the study, closed to others, exact about problems without naming anybody."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from residuum.intake.scans.privacy.identities import Key
from residuum.intake.scans.privacy.pseudonyms import Pseudonyms
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.understanding.facts import Identity
from residuum.records.errors import CallError, InputError

pytestmark = pytest.mark.unit

HEADER = "patient_id,patient,diagnosis_date,issuer\n"
ROWS = "IPP-0042,P01,2015-03-05,\n0017,P02,2016-02-29,HOSPITAL B\n"
ATTRIBUTES: Mapping[str, str] = {
    "PatientName": "Quisquilia^Zéphyrine",
    "PatientBirthDate": "20120204",
    "PatientSex": "F",
    "StudyDate": "20150317",
    "StudyTime": "101500",
    "StudyID": "17",
    "AccessionNumber": "ACC-7731",
    "ReferringPhysicianName": "Referrer^Invented",
}


def key_folder(folder: Path, patients: str | bytes = HEADER + ROWS) -> Path:
    made = folder / "key"
    made.mkdir(mode=0o700, parents=True)
    (made / "patients.csv").write_bytes(patients if isinstance(patients, bytes) else patients.encode())
    return made


def identity(study_uid: str = "1.2.3", **said: Any) -> Identity:
    whole: dict[str, Any] = {
        "patient_id": "IPP-0042",
        "issuer": "",
        "date": "20150317",
        "study_uid": study_uid,
        "series_uid": "1.2.3.1",
        "instance_uid": "1.2.3.1.1",
        "class_uid": "1.2.840.10008.5.1.4.1.1.20",
        "frame_of_reference_uid": None,
        "patient": ATTRIBUTES,
    }
    return Identity(**{**whole, **said})


# --- where it lies


def test_key_beside_the_study_opens(tmp_path: Path) -> None:
    study = tmp_path / "study"
    study.mkdir()
    assert Key.open(key_folder(tmp_path), study).find("IPP-0042", "") is not None


@pytest.mark.parametrize("inside", [".", "images", "a/b"])
def test_key_within_the_study_is_refused(tmp_path: Path, inside: str) -> None:
    study = tmp_path / "study"
    study.mkdir()
    folder = key_folder(study / inside)
    with pytest.raises(CallError, match="lies in the study"):
        Key.open(folder, study)


def test_study_itself_is_no_key(tmp_path: Path) -> None:
    folder = key_folder(tmp_path)
    with pytest.raises(CallError, match="lies in the study"):
        Key.open(folder, folder)


def test_links_do_not_hide_where_the_key_lies(tmp_path: Path) -> None:
    study = tmp_path / "study"
    inner = key_folder(study)
    (tmp_path / "elsewhere").symlink_to(inner)
    (tmp_path / "same study").symlink_to(study)
    for place, of in (
        (tmp_path / "elsewhere", study),
        (inner, tmp_path / "same study"),
        (tmp_path / "same study" / "key", study),
        (study / ".." / "study" / "key", study),
    ):
        with pytest.raises(CallError, match="lies in the study"):
            Key.open(place, of)


def test_missing_folder_and_missing_list_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CallError, match=r"There is no key folder .* Make it outside the study"):
        Key.open(tmp_path / "nowhere", None)
    (tmp_path / "empty").mkdir(mode=0o700)
    with pytest.raises(CallError, match="Write it with columns patient_id, patient, diagnosis_date"):
        Key.open(tmp_path / "empty", None)


@pytest.mark.parametrize(("name", "mode", "cure"), [("", 0o755, "chmod 700"), ("secret", 0o644, "chmod 600")])
def test_what_everybody_may_open_is_refused_with_its_cure(tmp_path: Path, name: str, mode: int, cure: str) -> None:
    folder = key_folder(tmp_path)
    Key.open(folder, None)
    (folder / name).chmod(mode)
    with pytest.raises(CallError, match=cure):
        Key.open(folder, None)
    (folder / name).chmod(mode & 0o770)
    Key.open(folder, None)


# --- secret


def test_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    folder = key_folder(tmp_path)
    first = Key.open(folder, None).secret
    assert re.fullmatch("[0-9a-f]{64}", first)
    assert Key.open(folder, None).secret == first
    assert (folder / "secret").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["patients.csv", "secret"]
    assert Key.open(key_folder(tmp_path / "other"), None).secret != first


def test_secret_is_not_shown_by_accident(tmp_path: Path) -> None:
    key = Key.open(key_folder(tmp_path), None)
    assert key.secret not in repr(key)


def test_lost_or_damaged_secret_is_never_replaced(tmp_path: Path) -> None:
    folder = key_folder(tmp_path)
    key = Key.open(folder, None)
    key.remember(identity(), "P01", {"2.25.1": "1.2.3"})
    (folder / "secret").write_text("5a5a\n")
    with pytest.raises(InputError) as caught:
        Key.open(folder, None)
    assert "is damaged" in caught.value.problems[0].message
    (folder / "secret").unlink()
    with pytest.raises(InputError) as caught:
        Key.open(folder, None)
    assert "is missing, although scans were imported" in caught.value.problems[0].message
    assert not (folder / "secret").exists()


# --- patients


def test_patients_are_found_by_identifier_and_issuer(tmp_path: Path) -> None:
    rows = "A1,P01,2015-03-05,\nA1,P02,2016-01-01,B\n 0017 ,P01,2015-03-05,\n"
    key = Key.open(key_folder(tmp_path, HEADER + rows), None)

    def found(patient_id: str, issuer: str = "") -> str | None:
        person = key.find(patient_id, issuer)
        return person.patient if person else None

    assert found("A1") == found("A1", "C") == found(" A1 ", "C") == "P01"  # a blank issuer stands for any
    assert found("A1", "B") == "P02"
    assert found("0017") == "P01"  # several identifiers of one patient
    assert found("17") is None  # leading zeros count
    assert found("a1") is None
    assert found("") is None
    assert key.patient_ids == ["0017", "A1"]


def test_line_with_an_issuer_is_not_for_objects_without(tmp_path: Path) -> None:
    key = Key.open(key_folder(tmp_path), None)
    assert key.find("0017", "HOSPITAL B") is not None
    assert key.find("0017", "") is None


@pytest.mark.parametrize(
    ("date", "day"), [("20150305", 0), ("20150317", 12), ("20150304", -1), ("20160305", 366), ("20170305", 731)]
)
def test_days_count_from_diagnosis(tmp_path: Path, date: str, day: int) -> None:
    key = Key.open(key_folder(tmp_path), None)
    person = key.find("IPP-0042", "")
    assert person is not None
    assert key.day(person, date) == day


@pytest.mark.parametrize("date", ["", "20150230", "2015", "2015.03.17", "Quisquil", "201503171"])
def test_no_day_is_guessed(tmp_path: Path, date: str) -> None:
    key = Key.open(key_folder(tmp_path), None)
    person = key.find("IPP-0042", "")
    assert person is not None
    with pytest.raises(ScanError) as caught:
        key.day(person, date)
    assert caught.value.rule == "scan.no_date"


def test_french_spreadsheet_is_read(tmp_path: Path) -> None:
    text = '\ufeffpatient;patient_id;diagnosis_date;note\r\nP01;"IPP;1";2015-03-05;x\r\n'
    key = Key.open(key_folder(tmp_path, text), None)
    assert key.patient_ids == ["IPP;1"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("IPP-1,P01,05/03/2015,\n", [("key.date", 2, "diagnosis_date")]),
        ("IPP-1,P01,2015-02-30,\n", [("key.date", 2, "diagnosis_date")]),
        ("IPP-1,P01,20150305,\n", [("key.date", 2, "diagnosis_date")]),
        ("IPP-1,,,\n", [("key.blank", 2, "patient"), ("key.blank", 2, "diagnosis_date")]),
        (",P01,2015-03-05,\n", [("key.blank", 2, "patient_id")]),
        ("   ,P01,2015-03-05,\n", [("key.blank", 2, "patient_id")]),
        ("IPP-1,P01,2015-03-05,\nIPP-1,P02,2015-03-05,\n", [("key.duplicate", 3, "patient_id")]),
        ("IPP-1,P01,2015-03-05,X\nIPP-1,P02,2015-03-05,X\n", [("key.duplicate", 3, "patient_id")]),
        ("IPP-1,P01,2015-03-05,\nIPP-2,P01,2015-03-06,\n", [("key.two_diagnoses", 3, "diagnosis_date")]),
        ("IPP-1,P01,2015-03-05,\nIPP-2\n", [("row.too_few_cells", 3, None)]),
        ('"IPP-1,P01,2015-03-05,\n', [("file.quotes", 2, None)]),
        # everything at once
        (
            "IPP-1,P01,x,\nIPP-1,,2015-03-05,\n",
            [("key.blank", 3, "patient"), ("key.date", 2, "diagnosis_date"), ("key.duplicate", 3, "patient_id")],
        ),
    ],
)
def test_problems_name_their_place_and_no_value(
    tmp_path: Path, rows: str, expected: list[tuple[str, int, str | None]]
) -> None:
    with pytest.raises(InputError) as caught:
        Key.open(key_folder(tmp_path, HEADER + rows), None)
    problems = caught.value.problems
    assert sorted((one.rule, one.row, one.column) for one in problems) == sorted(expected)  # type: ignore[type-var]
    for one in problems:
        assert one.file == "patients.csv"
        assert one.cure
        assert one.value is None
        assert "IPP" not in str(one)
    assert "IPP" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("patient_id,patient\nIPP-1,P01\n", {"key.column_missing"}),
        ("IPP-1,P01,2015-03-05\nIPP-1,P02,2015-03-05\n", {"key.column_missing"}),
        ("IPP-1,IPP-1,2015-03-05\n", {"key.column_missing", "header.duplicate"}),
        ("", {"file.empty"}),
        (HEADER.encode() + b"IPP-1,\xe9,2015-03-05,\n", {"file.not_utf8"}),
    ],
)
def test_files_that_are_no_list_are_refused_without_a_value(tmp_path: Path, text: str | bytes, rules: set[str]) -> None:
    with pytest.raises(InputError) as caught:
        Key.open(key_folder(tmp_path, text), None)
    assert {one.rule for one in caught.value.problems} == rules
    assert "IPP" not in " ".join(map(str, caught.value.problems))


# --- originals


def test_what_is_remembered_is_there_when_the_key_is_opened_again(tmp_path: Path) -> None:
    folder = key_folder(tmp_path)
    key = Key.open(folder, None)
    key.remember(identity(), "P01", {"2.25.11": "1.2.3", "2.25.12": "1.2.3.1"})
    key.remember(identity("1.9", patient_id="0017", issuer="HOSPITAL B"), "P02", {"2.25.13": "1.9"})
    for found in (key.originals(), Key.open(folder, None).originals()):
        assert found.uids == {"2.25.11": "1.2.3", "2.25.12": "1.2.3.1", "2.25.13": "1.9"}
        study = found.studies[Pseudonyms(key.secret).uid("1.2.3")]
        assert (study.study_uid, study.patient, study.patient_id, study.issuer) == ("1.2.3", "P01", "IPP-0042", "")
        # 17 March 2015 is day 12 after diagnosis, 5 March, which is 1 January 2000 in the calendar of the copies
        assert (study.dates, study.attributes) == ({"20000113": "20150317"}, ATTRIBUTES)
        assert found.studies[Pseudonyms(key.secret).uid("1.9")].issuer == "HOSPITAL B"
    assert (folder / "originals.jsonl").stat().st_mode & 0o777 == 0o600


def test_nothing_is_remembered_of_a_patient_that_the_list_does_not_name(tmp_path: Path) -> None:
    folder = key_folder(tmp_path)
    with pytest.raises(ScanError) as caught:
        Key.open(folder, None).remember(identity(patient_id="unknown"), "P01", {"2.25.11": "1.2.3"})
    assert caught.value.rule == "scan.unknown_patient"
    assert not (folder / "originals.jsonl").exists()


def test_remembering_again_adds_nothing(tmp_path: Path) -> None:
    folder = key_folder(tmp_path)
    Key.open(folder, None).remember(identity(), "P01", {"2.25.11": "1.2.3"})
    before = (folder / "originals.jsonl").read_bytes()
    again = Key.open(folder, None)
    again.remember(identity(), "P01", {"2.25.11": "1.2.3"})
    assert (folder / "originals.jsonl").read_bytes() == before
    again.remember(identity(), "P01", {"2.25.11": "1.2.3", "2.25.14": "1.2.3.4"})
    added = (folder / "originals.jsonl").read_bytes().removeprefix(before)
    assert json.loads(added) == {"new": "2.25.14", "old": "1.2.3.4"}


def test_what_is_remembered_last_of_a_study_wins_and_dates_of_earlier_copies_stay(tmp_path: Path) -> None:
    folder = key_folder(tmp_path, HEADER + "IPP-0042,P02,2015-03-04,\n")
    Key.open(folder, None).remember(identity(), "P02", {"2.25.11": "1.2.3"})
    (folder / "patients.csv").write_text(HEADER + ROWS)  # code and date of diagnosis were wrong
    corrected = Key.open(folder, None)
    later = {**ATTRIBUTES, "PatientBirthDate": "20120203"}
    corrected.remember(identity(patient=later), "P01", {"2.25.11": "1.2.3"})
    for found in (corrected.originals(), Key.open(folder, None).originals()):
        study = found.studies[Pseudonyms(corrected.secret).uid("1.2.3")]
        assert (study.patient, study.attributes) == ("P01", later)
        assert study.dates == {"20000114": "20150317", "20000113": "20150317"}
    before = (folder / "originals.jsonl").read_bytes()
    corrected.remember(identity(patient=later), "P01", {"2.25.11": "1.2.3"})
    assert (folder / "originals.jsonl").read_bytes() == before


def test_every_day_of_a_study_is_remembered(tmp_path: Path) -> None:
    folder = key_folder(tmp_path)
    key = Key.open(folder, None)
    key.remember(identity(), "P01", {"2.25.11": "1.2.3"})
    key.remember(identity(date="20150318"), "P01", {"2.25.11": "1.2.3"})
    (study,) = Key.open(folder, None).originals().studies.values()
    assert study.dates == {"20000113": "20150317", "20000114": "20150318"}


def test_object_without_date_is_not_remembered(tmp_path: Path) -> None:
    folder = key_folder(tmp_path)
    with pytest.raises(ScanError) as caught:
        Key.open(folder, None).remember(identity(date=None), "P01", {"2.25.11": "1.2.3"})
    assert caught.value.rule == "scan.no_date"
    assert not (folder / "originals.jsonl").exists()


def test_two_imports_at_once_do_not_lose_what_the_other_wrote(tmp_path: Path) -> None:
    folder = key_folder(tmp_path)
    first, second = Key.open(folder, None), Key.open(folder, None)
    assert first.secret == second.secret
    first.remember(identity(), "P01", {"2.25.11": "1.2.3"})
    second.remember(identity("1.9"), "P01", {"2.25.13": "1.9"})
    first.remember(identity("1.10"), "P01", {"2.25.14": "1.10"})
    assert set(Key.open(folder, None).originals().uids) == {"2.25.11", "2.25.13", "2.25.14"}


def test_crash_at_any_byte_loses_only_the_line_that_was_being_written(tmp_path: Path) -> None:
    folder = key_folder(tmp_path)
    key = Key.open(folder, None)
    key.remember(identity(), "P01", {"2.25.11": "1.2.3"})
    path = folder / "originals.jsonl"
    before = path.read_bytes()
    key.remember(identity(), "P01", {"2.25.12": "1.2.4"})
    whole = path.read_bytes()
    for length in range(len(before), len(whole) - 1):
        path.write_bytes(whole[:length])
        opened = Key.open(folder, None)
        assert opened.originals().uids == {"2.25.11": "1.2.3"}
        assert path.read_bytes() == whole[:length]  # who only reads changes nothing
        assert [note.rule for note in opened.notes] == ([] if length == len(before) else ["key.torn_line"])
        assert all(note.severity == "note" and note.cure for note in opened.notes)
    opened.remember(identity(), "P01", {"2.25.12": "1.2.4"})
    assert path.read_bytes() == whole


def test_a_last_line_without_its_break_is_kept(tmp_path: Path) -> None:
    folder = key_folder(tmp_path)
    Key.open(folder, None).remember(identity(), "P01", {"2.25.11": "1.2.3", "2.25.12": "1.2.4"})
    path = folder / "originals.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole.rstrip(b"\n"))
    opened = Key.open(folder, None)
    assert (opened.originals().uids, list(opened.notes)) == ({"2.25.11": "1.2.3", "2.25.12": "1.2.4"}, [])
    opened.remember(identity(), "P01", {"2.25.13": "1.2.5"})
    assert path.read_bytes().startswith(whole)
    assert len(Key.open(folder, None).originals().uids) == 3


def test_a_study_in_the_key_and_a_key_linked_into_a_study_are_refused(tmp_path: Path) -> None:
    folder = key_folder(tmp_path)
    (folder / "study").mkdir()
    with pytest.raises(CallError, match="or the study in it"):
        Key.open(folder, folder / "study")
    study = tmp_path / "study"
    study.mkdir()
    (folder / "originals.jsonl").symlink_to(study / "names.jsonl")
    with pytest.raises(CallError, match="lies in the study"):
        Key.open(folder, study)


@pytest.mark.parametrize("line", ["{not json}", "[]", '{"new": "2.25.1"}', '{"study": "2.25.1"}', ""])
def test_damage_within_is_named_and_not_cut(tmp_path: Path, line: str) -> None:
    folder = key_folder(tmp_path)
    Key.open(folder, None).remember(identity(), "P01", {"2.25.11": "1.2.3"})
    path = folder / "originals.jsonl"
    damaged = path.read_text() + line + "\n"
    path.write_text(damaged + '{"new": "2.25.2", "old": "1.2"}\n')
    with pytest.raises(InputError) as caught:
        Key.open(folder, None)
    (problem,) = caught.value.problems
    assert (problem.rule, problem.file, problem.row) == ("key.damaged", "originals.jsonl", 3)
    assert path.read_text().startswith(damaged)


def test_remembered_lines_are_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = Key.open(key_folder(tmp_path), None)
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (synced.append(os.fstat(file).st_size), real(file))[1])
    key.remember(identity(), "P01", {"2.25.11": "1.2.3"})
    assert synced == [(tmp_path / "key" / "originals.jsonl").stat().st_size]
