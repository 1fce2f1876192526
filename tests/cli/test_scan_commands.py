"""`residuum scan` as it is called: exit codes, what is printed, and what never is."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

import scan_objects as made
from scan_studies import write_disc, write_key, write_study

RESIDUUM = Path(sys.executable).with_name("residuum")


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(RESIDUUM), "scan", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=os.environ, timeout=120)


@pytest.mark.unit
def test_inspect_says_what_was_understood(tmp_path: Path) -> None:
    (tmp_path / "wb.dcm").write_bytes(made.written(made.planar(("posterior", "anterior"))))
    done = run("inspect", "wb.dcm", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    first = "wb.dcm, frame 1: whole-body view, posterior (declared)\n  512 x 128 pixels of 2.4 x 2.4 mm\n"
    assert done.stdout.startswith(first)
    assert "I123 window, 143 to 175 keV; " in done.stdout
    assert "24.2 h after the injection" in done.stdout
    assert "To be answered: on which side of the image is the patient's left? [left_at]" in done.stdout
    assert "Images: 2; to be answered: 2; refused: 0." in done.stdout
    assert "not a medical device" in done.stdout


@pytest.mark.unit
def test_inspect_as_json_and_answered(tmp_path: Path) -> None:
    (tmp_path / "wb.dcm").write_bytes(made.written(made.planar()))
    done = run("inspect", "wb.dcm", "--json", "--sides", "as_seen", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert [(one["view"], one["left_at"], one["side_from"]) for one in found["images"]] == [
        ("anterior", "right", "answered"),
        ("posterior", "left", "answered"),
    ]
    assert found["images"][0]["spacing_mm"] == [2.4, 2.4]
    assert (found["refused"], found["ignored"]) == ([], 0)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("sample", "code", "words"),
    [
        ("JPEG2000.dcm", 0, ["view not known", "compressed with loss", "secondary capture", "1024 x 256", "2.26"]),
        ("JPEG-lossy.dcm", 1, ["nothing here decodes", "scan.no_decoder"]),
        ("rtstruct.dcm", 0, ["structure set"]),
        ("liver_1frame.dcm", 0, ["segmentation"]),
        ("test-SR.dcm", 0, ["structured report"]),
        ("MR_small.dcm", 1, ["scan.not_an_image"]),
    ],
)
def test_public_samples(tmp_path: Path, sample: str, code: int, words: list[str]) -> None:
    path = get_testdata_file(sample, download=False)
    if path is None:
        pytest.fail(f"pydicom does not bundle {sample} any more")
    done = run("inspect", path, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (code, ""), done.stdout
    assert [word for word in words if word not in done.stdout] == []


@pytest.mark.unit
def test_what_is_refused_is_said_and_leaves_with_1(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("no scan")
    alone = run("inspect", "note.txt", cwd=tmp_path)
    assert alone.returncode == 1
    assert "note.txt: this is no DICOM object. Name a DICOM file" in alone.stdout
    beside = tmp_path / "disc"
    beside.mkdir()
    (beside / "note.txt").write_text("no scan")
    assert run("inspect", "disc", cwd=tmp_path).returncode == 1  # nothing was understood
    (beside / "wb.dcm").write_bytes(made.written(made.planar()))
    assert run("inspect", "disc", cwd=tmp_path).returncode == 0
    absent = run("inspect", "nothing-here", cwd=tmp_path)
    assert absent.returncode == 2
    assert "no file or folder nothing-here" in absent.stderr


@pytest.mark.unit
def test_a_zip_archive_is_looked_into(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "disc.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/wb.dcm", made.written(made.planar()))
        archive.writestr("README", "a viewer")
    done = run("inspect", "disc.zip", cwd=tmp_path)
    assert done.returncode == 0
    assert "a/wb.dcm, frame 2: whole-body view, posterior (declared)" in done.stdout
    assert done.stdout.count("other files: 1") == 1


@pytest.mark.unit
def test_from_a_disc_to_results_and_back_to_names(tmp_path: Path) -> None:
    write_disc(tmp_path / "disc")
    write_key(tmp_path / "key")
    reads = "".join(f"S1,{reader},yes,locked\n" for reader in ("reader_1", "reader_2"))
    write_study(tmp_path / "study", reads, settings='format = 1\n[reading]\nreveal = "scan"\n')
    said = []
    refused = run("import", "disc", "study", "--key", "key", cwd=tmp_path)
    assert refused.returncode == 1
    assert "[scan.asked]" in refused.stdout
    done = run("import", "disc", "study", "--key", "key", "--sides", "as_seen", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Images added: 6" in done.stdout
    said += [refused, done]
    out = run("export", "study", "--out", "out", "--images", cwd=tmp_path)
    assert out.returncode == 0, out.stderr
    assert "structured reports: 2; segmentations: 0; structure sets: 0; images: 1." in out.stdout
    named = run("identify", "out", "--key", "key", "--out", "named", cwd=tmp_path)
    assert "Objects with identities: 2." in named.stdout
    sent = run("send", "named", "https://archive.invalid/dicom-web", cwd=tmp_path)
    assert sent.returncode == 1
    assert "names a patient" in sent.stderr
    told = "".join(one.stdout + one.stderr for one in (*said, out, named, sent))
    assert [word for word in ("Quisquilia", "Nonesuch", "IPP-00", "Invented") if word in told] == []


@pytest.mark.unit
def test_files_of_a_study_are_private(tmp_path: Path) -> None:
    write_disc(tmp_path / "disc")
    write_key(tmp_path / "key")
    write_study(tmp_path / "study")
    run("import", "disc", "study", "--key", "key", "--sides", "as_seen", cwd=tmp_path)
    for path in [*(tmp_path / "study" / "images").rglob("*.dcm"), *(tmp_path / "key").iterdir()]:
        if path.name != "patients.csv":
            assert path.stat().st_mode & 0o077 == 0, path
