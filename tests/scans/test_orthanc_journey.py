"""The whole way through a real archive: scans out of it into a study, results into it, and back with names."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest
from test_orthanc import drive

import scan_objects as made
from orthanc import Orthanc
from residuum.intake.folder import read_study
from residuum.intake.scans.image_files import ImageFiles, Source
from residuum.intake.scans.stored import read_stored
from scan_studies import MARKS, write_disc, write_key, write_study
from validators import dciodvfy, tool

pytestmark = [pytest.mark.external, pytest.mark.slow]
RESIDUUM = Path(sys.executable).with_name("residuum")
Command = Callable[..., subprocess.CompletedProcess[str]]
LESION = ",".join(f"{value:g}" for value in made.LESION_LPS_MM)


@pytest.fixture(scope="module")
def root(orthanc: Orthanc, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study whose scans came out of the archive, read by two, exported and sent back."""
    root = tmp_path_factory.mktemp("journey")
    disc = write_disc(root / "disc")
    assert drive(orthanc, "store", *sorted(disc.rglob("*.dcm"))) is None
    write_study(root / "study")
    write_key(root / "key")
    return root


@pytest.fixture(scope="module")
def scan(orthanc: Orthanc, root: Path) -> Command:
    def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return orthanc.run([RESIDUUM, "scan", *words], orthanc.account, cwd=root)

    return command


@pytest.fixture(scope="module")
def imported(scan: Command, orthanc: Orthanc, root: Path) -> Path:
    done = scan("import", orthanc.url, "study", "--key", "key", "--sides", "as_seen")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return root / "study"


def test_one_study_of_the_archive_is_inspected(scan: Command, orthanc: Orthanc, root: Path) -> None:
    uid = pydicom.dcmread(root / "disc" / "second" / "spect.dcm").StudyInstanceUID
    done = scan("inspect", f"{orthanc.url}/studies/{uid}")
    assert (done.returncode, done.stderr) == (0, "")
    assert "32 slices of 128 x 128 pixels of 3 x 3 mm" in done.stdout
    assert "Images: 4; to be answered: 2; refused: 0." in done.stdout
    assert made.PATIENT_ID not in done.stdout
    assert uid not in done.stdout


def test_what_the_archive_holds_of_the_patients_comes_in(imported: Path, root: Path) -> None:
    images = {row["image"]: row for row in read_study(imported)["images"].to_dicts()}
    assert len(images) == 8
    files = ImageFiles(imported / "images")
    spect = Source.parse(images["S2-spect"]["source"])
    (stored,), _ = read_stored(files.load(spect.path, images["S2-spect"]["sha256"]), "P1")
    assert stored.PixelData == pydicom.dcmread(root / "disc" / "second" / "spect.dcm").PixelData


def test_the_same_disc_adds_nothing_to_it(scan: Command, imported: Path, root: Path) -> None:
    done = scan("import", "disc", "study", "--key", "key", "--sides", "as_seen")
    assert "Images added: 0; there already: 8; refused: 0." in done.stdout


@pytest.fixture(scope="module")
def sent(scan: Command, orthanc: Orthanc, imported: Path, root: Path) -> Path:
    """The exported results, which the archive holds."""
    readers = ("reader_1", "reader_2", "consensus")
    reads = "".join(f"{one},{reader},yes,locked\n" for one in ("S1", "S2", "S3") for reader in readers)
    (imported / "reads.csv").write_text("scan,reader,evaluable,state\n" + reads)
    marks = [
        f"{one},{reader},a,{where}\n"
        for reader in readers
        for one, where in (
            ("S1", "spine_lumbar,focal,,planar_ant,,S1-planar-anterior,anterior,120,720,"),
            ("S2", f"spine_lumbar,focal,,spect,,S2-spect,,{LESION}"),
        )
    ]
    (imported / "marks.csv").write_text(MARKS + "".join(marks))
    done = scan("export", "study", "--out", "out", "--images")
    assert done.returncode == 0, done.stderr
    stored = scan("send", "out", orthanc.url)
    assert (stored.returncode, stored.stderr) == (0, "")
    assert f"Objects sent: {len(list((root / 'out').rglob('*.dcm')))}." in stored.stdout
    return root / "out"


def test_results_come_out_of_the_archive_as_they_went_in(orthanc: Orthanc, sent: Path, tmp_path: Path) -> None:
    objects = {one.SOPInstanceUID: one for one in map(pydicom.dcmread, sent.rglob("*.dcm"))}
    studies = {one.StudyInstanceUID for one in objects.values()}
    found: dict[str, pydicom.Dataset] = {}
    for number, study in enumerate(sorted(studies)):
        folder = tmp_path / str(number)
        folder.mkdir()
        for _, file in drive(orthanc, "fetch-all", study, folder):
            one = pydicom.dcmread(file)
            found[one.SOPInstanceUID] = one
    assert found.keys() == objects.keys()
    assert {one.Modality for one in found.values()} == {"NM", "CT", "SR", "SEG", "RTSTRUCT"}
    assert [uid for uid, one in objects.items() if found[uid] != one] == []


def test_every_object_is_valid_and_opens_again(sent: Path) -> None:
    kinds = {"SR": 0, "SEG": 0, "RTSTRUCT": 0, "NM": 0, "CT": 0}
    for path in sent.rglob("*.dcm"):
        modality = str(pydicom.dcmread(path, stop_before_pixels=True).Modality)
        if modality == "CT" and kinds["CT"] > 2:
            continue  # the slices are alike
        kinds[modality] += 1
        assert dciodvfy(path) == [], path
        if modality == "SR":
            marked = highdicom.sr.srread(path).content.get_planar_roi_measurement_groups()
            assert len(marked) == (0 if "S3" in path.parts else 1)
        if modality == "SEG":
            assert highdicom.seg.segread(path).number_of_segments == 1
    assert kinds == {"SR": 9, "SEG": 6, "RTSTRUCT": 1, "NM": 5, "CT": 3}


def test_another_toolkit_reads_the_text_of_a_report(sent: Path) -> None:
    path = sent / "P1" / "S2" / "report-consensus.dcm"
    command = [tool("dsrdump", "dcmtk"), "+U8", str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Imaging Measurement Report" in told
    assert "Lumbar" in told or "lumbar" in told
    assert "consensus" in told


def test_results_go_back_under_names_with_the_key(scan: Command, orthanc: Orthanc, sent: Path, root: Path) -> None:
    assert scan("identify", "out", "--key", "key", "--out", "named").returncode == 0
    assert scan("send", "named", orthanc.url).returncode == 1
    done = scan("send", "named", orthanc.url, "--identified")
    assert (done.returncode, done.stderr) == (0, "")
    source = pydicom.dcmread(root / "disc" / "second" / "spect.dcm")
    series = drive(orthanc, "find-all", made.PATIENT_ID, source.StudyInstanceUID)
    assert {"NM", "CT", "SR", "SEG", "RTSTRUCT"} == {one["modality"] for one in series}
    [path] = (root / "named" / "P1" / "S2").glob("residual-lesions-*.dcm")
    structures = pydicom.dcmread(path)
    assert structures.FrameOfReferenceUID == source.FrameOfReferenceUID
    points = [np.reshape(one.ContourData, (-1, 3)) for one in structures.ROIContourSequence[0].ContourSequence]
    assert np.concatenate(points).mean(axis=0) == pytest.approx(made.LESION_LPS_MM, abs=4)
