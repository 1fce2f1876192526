"""A round trip through a real archive: planar, SPECT and CT stored, found and fetched again, bit for bit."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.uid import generate_uid

import scan_objects
from orthanc import Orthanc

pytestmark = pytest.mark.unit

DRIVER = Path(__file__).parent.parent / "orthanc_driver.py"
PATIENT = "Round-Trip 1"


def drive(orthanc: Orthanc, *words: str | Path, **env: str) -> Any:
    done = orthanc.run([sys.executable, DRIVER, *words], {"ARCHIVE": orthanc.url, **orthanc.account, **env})
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def write(folder: Path, objects: Sequence[pydicom.Dataset]) -> list[Path]:
    paths = [folder / f"{number}.dcm" for number in range(len(objects))]
    for path, one in zip(paths, objects, strict=True):
        path.write_bytes(scan_objects.written(one))
    return paths


@pytest.fixture(scope="module")
def study(orthanc: Orthanc, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pydicom.Dataset]:
    """The objects of one study, by identifier, after they were stored: 1 planar, 1 SPECT, 12 CT."""
    uid, frame = generate_uid(), generate_uid()
    planar, spect = scan_objects.planar(study=uid), scan_objects.spect(study=uid, frame_of_reference=frame)
    objects = [planar, spect, *scan_objects.ct(study=uid, frame_of_reference=frame, slices=12)]
    for one in objects:
        one.PatientID = PATIENT
    assert drive(orthanc, "store", *write(tmp_path_factory.mktemp("sent"), objects)) is None
    return {one.SOPInstanceUID: one for one in objects}


def uid_of(study: dict[str, pydicom.Dataset]) -> str:
    return next(iter(study.values())).StudyInstanceUID


@pytest.mark.parametrize("by", ["patient", "study", "both"])
def test_find_by_patient_and_study(orthanc: Orthanc, study: dict[str, pydicom.Dataset], by: str) -> None:
    words = {"patient": [PATIENT], "study": ["-", uid_of(study)], "both": [PATIENT, uid_of(study)]}[by]
    found = drive(orthanc, "find", *words)
    expected = Counter((one.SeriesInstanceUID, one.Modality) for one in study.values())
    assert {(one["series_uid"], one["modality"]): one["instances"] for one in found} == expected
    assert sorted(expected.values()) == [1, 1, 12]
    assert [one["place"] for one in found] == ["study 1/series 1", "study 1/series 2", "study 1/series 3"]


def test_objects_come_back_bit_for_bit(orthanc: Orthanc, study: dict[str, pydicom.Dataset], tmp_path: Path) -> None:
    fetched = drive(orthanc, "fetch", uid_of(study), tmp_path)
    assert len(fetched) == len({place for place, _ in fetched}) == len(study) == 14
    objects = {one.SOPInstanceUID: one for one in (pydicom.dcmread(file) for _, file in fetched)}
    for uid, sent in study.items():
        assert objects[uid].PixelData == sent.PixelData
        assert objects[uid] == sent
        assert objects[uid].file_meta.TransferSyntaxUID == sent.file_meta.TransferSyntaxUID


def test_compressed_object_is_not_transcoded(orthanc: Orthanc, tmp_path: Path) -> None:
    sent = scan_objects.planar(PatientID="Round-Trip 2")
    sent.compress(pydicom.uid.RLELossless, generate_instance_uid=False)
    drive(orthanc, "store", *write(tmp_path, [sent]))
    ((_, file),) = drive(orthanc, "fetch", sent.StudyInstanceUID, tmp_path)
    one = pydicom.dcmread(file)
    assert one.file_meta.TransferSyntaxUID == pydicom.uid.RLELossless
    assert one.PixelData == sent.PixelData


def test_storing_twice_leaves_one(orthanc: Orthanc, tmp_path: Path) -> None:
    paths = write(tmp_path, [scan_objects.spect(PatientID="Round-Trip 3")])
    assert drive(orthanc, "store", *paths) is None
    assert drive(orthanc, "store", *paths) is None
    assert [one["instances"] for one in drive(orthanc, "find", "Round-Trip 3")] == [1]


@pytest.mark.parametrize("patient", ["Nobody", "ROUND-TRIP 1", "Round-Trip", "Round*", "Round-Trip ?", "R?und-Trip 1"])
def test_other_patients_are_not_found(orthanc: Orthanc, study: dict[str, pydicom.Dataset], patient: str) -> None:
    assert drive(orthanc, "find", patient) == []


def test_study_of_somebody_else_is_not_found(orthanc: Orthanc, study: dict[str, pydicom.Dataset]) -> None:
    assert drive(orthanc, "find", "Nobody", uid_of(study)) == []


@pytest.mark.parametrize("patient", ["IPP 0042", "A+B/7", "A&B=C#1", "[x]?*"])
def test_identifiers_that_a_query_must_encode(orthanc: Orthanc, tmp_path: Path, patient: str) -> None:
    sent = scan_objects.planar(PatientID=patient)
    drive(orthanc, "store", *write(tmp_path, [sent]))
    assert [one["study_uid"] for one in drive(orthanc, "find", patient)] == [sent.StudyInstanceUID]


@pytest.mark.parametrize("command", ["find", "store"])
def test_wrong_password(orthanc: Orthanc, command: str, tmp_path: Path) -> None:
    words = ["Nobody"] if command == "find" else write(tmp_path, [scan_objects.planar()])
    said = drive(orthanc, command, *words, RESIDUUM_ARCHIVE_PASSWORD="wrong")
    assert said == {"rule": "scan.archive", "message": "the archive refused the account (401)"}


def test_wrong_path(orthanc: Orthanc) -> None:
    said = drive(orthanc, "find", "Nobody", ARCHIVE=orthanc.url + "-elsewhere")
    assert said["message"] == "the archive knows no such address (404)"


def test_archive_that_is_not_running(orthanc: Orthanc) -> None:
    said = drive(orthanc, "find", "Nobody", ARCHIVE=orthanc.url.replace("18042", "18043"))
    assert said["message"] == "the archive cannot be reached"


def test_what_is_no_dicom_is_not_stored(orthanc: Orthanc, tmp_path: Path) -> None:
    text = tmp_path / "text.dcm"
    text.write_bytes(b"no object")
    whole = write(tmp_path, [scan_objects.planar(PatientID="Round-Trip 4")])
    said = drive(orthanc, "store", text, *whole)
    assert said == {"rule": "scan.archive", "message": "the archive refused the request (400)"}


def test_network_is_its_own(orthanc: Orthanc) -> None:
    reach = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=5)"
    assert "Network is unreachable" in orthanc.run([sys.executable, "-c", reach]).stderr
