"""`residuum synthetic` as it is called: exit codes, what is printed, what is refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from simulated_studies import write_simulated_study

pytestmark = pytest.mark.unit
RESIDUUM = Path(sys.executable).with_name("residuum")


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(RESIDUUM), "synthetic", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=240)


def test_images_are_made_once(tmp_path: Path) -> None:
    write_simulated_study(tmp_path / "study")
    done = run("scans", "study", "--patients", "P1, P2", "--processes", "1", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert [name for name in told["added"] if name.startswith("S1")] == ["S1-planar-anterior", "S1-planar-posterior"]
    assert (told["already"], told["refused"], told["note"]) == (0, [], "")
    assert told["skipped"][0] == {
        "scan": "S3",
        "reason": "only I123 is simulated, and its tracer in scans.csv is I131",
    }
    again = run("scans", "study", cwd=tmp_path)
    assert again.returncode == 0
    lines = again.stdout.splitlines()
    assert lines[0] == "Skipped: scan S3: only I123 is simulated, and its tracer in scans.csv is I131."
    assert lines[-2] == "Images added: 0; scans that had some: 2; skipped: 4; refused: 0; marks placed: 0."
    assert lines[-1] == "Research software, not a medical device."


def test_what_an_inspection_says_of_them(tmp_path: Path) -> None:
    write_simulated_study(tmp_path / "study")
    run("scans", "study", "--patients", "P1", "--processes", "1", cwd=tmp_path)
    looked = subprocess.run(
        [RESIDUUM, "scan", "inspect", "study/images"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert looked.returncode == 0
    assert looked.stdout.count("made by a simulator [synthetic]") == 4
    assert "To be answered" not in looked.stdout


def test_a_study_without_the_label_is_refused(tmp_path: Path) -> None:
    write_simulated_study(tmp_path / "study", "format = 1\n")
    done = run("scans", "study", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "study.toml, column synthetic: " in done.stderr
    assert "(value 'false'). Write synthetic = true where everybody in it is invented" in done.stderr
    assert not (tmp_path / "study" / "images").exists()


def test_a_scan_that_cannot_be_made_leaves_with_1(tmp_path: Path) -> None:
    folder = write_simulated_study(tmp_path / "study")
    with (folder / "marks.csv").open("a") as file:
        file.writelines(f"S{scan},{who},m{number},sternum,focal,,\n" for number in range(400) for scan, who in SEEN)
    done = run("scans", "study", "--processes", "1", cwd=tmp_path)
    assert done.returncode == 1
    assert "Refused: scans.csv, column scan: mark m" in done.stdout
    assert "(value 'S2'). Correct the marks of the scan, or leave it without images." in done.stdout


SEEN = ((1, "consensus"), (2, "reader_2"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("scans",), "Missing argument 'STUDY'"),
        (("scans", "nowhere"), "does not exist"),
        (("scans", "study", "--patients", "P7"), "the study has no patient P7"),
        (("scans", "study", "--processes", "0"), "0 is not in the range"),
    ],
)
def test_a_wrong_call_leaves_with_2(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    write_simulated_study(tmp_path / "study")
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
