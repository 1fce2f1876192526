"""The main job through the installed command: what is written, what is printed, and what is refused."""

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from residuum.cohort.analysis import Analysis
from residuum.intake.folder import read_accepted_study, read_study, write_study
from residuum.records.study import Study
from residuum.steps.location import locate
from residuum.steps.scan_plans import read_plan
from residuum.steps.serving import alone
from residuum.synthetic.demonstration import SCANNED, SCANNED_IN_DEPTH, UNREAD

COMMAND = Path(sys.executable).with_name("residuum")


def residuum(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("demo") / "out"
    return folder, residuum("demo", "--no-scans", "--out", folder, "--json")


@pytest.mark.slow
@pytest.mark.unit
def test_demo_writes_study_and_report_and_prints_the_numbers(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, run = demo
    assert (run.returncode, run.stderr) == (0, "")
    numbers = (folder / "report" / "numbers.json").read_text("utf-8")
    assert json.loads(run.stdout) == json.loads(numbers)
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"study/study.toml", "study/marks.csv", "report/report.html", "report/tables/numbers.csv"} <= written
    assert {"report/figures/flow.svg", "report/figures/flow.png", "report/figures/site_matrix.svg"} <= written
    assert not any(name.startswith(("study/images", "study/truth", "room")) for name in written)


@pytest.mark.slow
@pytest.mark.unit
def test_the_demonstration_has_scans_of_each_course(
    tmp_path: Path, demo: tuple[Path, subprocess.CompletedProcess[str]], demonstration_analysis: Analysis
) -> None:
    run = residuum("demo", "--out", tmp_path / "out")
    assert (run.returncode, run.stderr) == (0, "")
    study, problems = read_accepted_study(tmp_path / "out" / "study")
    assert problems == []
    imaged = study["scans"].join(study["images"], on="scan", how="semi")
    assert sorted(set(imaged["patient"])) == sorted(SCANNED)
    assert imaged.height == study["scans"].filter(study["scans"]["patient"].is_in(list(SCANNED))).height == 41
    assert f"Images (simulated): {study['images'].height}, in " in run.stdout
    placed = study["marks"].filter(study["marks"]["image"].is_not_null())
    assert set(placed["scan"]) <= set(imaged["scan"])
    volumes = study["images"].filter(kind="spect")
    assert volumes["scan"].to_list() == list(SCANNED_IN_DEPTH)
    assert placed.join(volumes, on="image", how="semi")["z_mm"].null_count() == 0
    assert placed.join(volumes, on="image", how="semi").height > 4
    assert placed.height > 0.9 * study["marks"].join(imaged, on="scan", how="semi").height
    check_room(tmp_path / "out")
    command = shlex.split(run.stdout.splitlines()[-1].partition(": ")[2])
    assert command[1:] == ["serve", str(tmp_path / "out" / "room"), "--demo-accounts", "--open"]
    assert Path(shutil.which(command[0]) or "").samefile(COMMAND)
    included = set(demonstration_analysis.included["patient"])
    planned = read_plan(tmp_path / "out" / "study" / "truth")
    assert {one["child"]["patient"] for one in planned.values()} == included >= set(SCANNED)
    numbers, without = (
        json.loads((folder / "report" / "numbers.json").read_text("utf-8"))["rows"]
        for folder in (tmp_path / "out", demo[0])
    )
    assert numbers == without  # pictures and positions change no number


def check_room(out: Path) -> None:
    """Say what is wrong with the reading room that a demonstration wrote."""
    room, problems = read_accepted_study(out / "room")
    assert problems == []
    study = read_study(out / "study")
    assert {name: study[name].height - room[name].height for name in ("reads", "images", "scans", "patients")} == {
        "reads": study["reads"].filter(study["reads"]["scan"].is_in(list(UNREAD))).height,
        "images": 0,
        "scans": 0,
        "patients": 0,
    }
    assert room["marks"].filter(room["marks"]["x_mm"].is_not_null()).height > 100
    for name in ("images", "truth"):
        files = [path.relative_to(out / "room") for path in (out / "room" / name).rglob("*") if path.is_file()]
        assert len(files) > 40
        assert all((out / "room" / file).samefile(out / "study" / file) for file in files)
        assert not any(file.name.startswith(".") for file in files)
    assert read_plan(out / "room" / "truth") == read_plan(out / "study" / "truth")
    assert set(UNREAD) <= set(room["images"]["scan"])


@pytest.mark.slow
@pytest.mark.unit
def test_the_demonstration_on_disk_is_the_one_in_memory(
    demo: tuple[Path, subprocess.CompletedProcess[str]], demonstration: Study
) -> None:
    study = read_study(demo[0] / "study")
    assert study.settings == demonstration.settings
    assert all(study[name].equals(demonstration[name]) for name in study.present)


@pytest.mark.slow
@pytest.mark.unit
def test_analysing_the_same_folder_again_gives_the_same_bytes(
    demo: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    first = demo[0] / "report"
    run = residuum("analyse", demo[0] / "study", "--out", tmp_path / "again")
    assert run.returncode == 0
    assert "not a medical device" in run.stdout
    files = [path.relative_to(first) for path in first.rglob("*") if path.is_file()]
    changed = [str(path) for path in files if (first / path).read_bytes() != (tmp_path / "again" / path).read_bytes()]
    assert changed == []


@pytest.mark.unit
def test_a_refused_study_leaves_with_1_and_writes_nothing(tmp_path: Path, demonstration: Study) -> None:
    write_study(demonstration, tmp_path / "study")
    marks = tmp_path / "study" / "marks.csv"
    marks.write_text(marks.read_text("utf-8").replace("spine_lumbar", "spine_lumber", 1), "utf-8")
    run = residuum("analyse", tmp_path / "study", "--out", tmp_path / "report", "--json")
    assert run.returncode == 1
    assert "Did you mean spine_lumbar?" in run.stderr
    assert [one["column"] for one in json.loads(run.stdout)["problems"]] == ["regions"]
    assert not (tmp_path / "report").exists()


@pytest.mark.unit
def test_results_never_go_into_the_study(tmp_path: Path, demonstration: Study) -> None:
    write_study(demonstration, tmp_path)
    run = residuum("analyse", tmp_path, "--out", tmp_path)
    assert run.returncode == 2
    assert "name another folder with --out" in run.stderr


@pytest.mark.unit
def test_the_demonstration_replaces_nothing_foreign(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine")
    run = residuum("demo", "--no-scans", "--out", tmp_path)
    assert run.returncode == 2
    assert "nothing was written" in run.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


@pytest.mark.unit
@pytest.mark.parametrize("part", ["study", "room"])
def test_the_demonstration_replaces_nothing_that_is_served(tmp_path: Path, part: str) -> None:
    location = locate(str(tmp_path / part), make=True)
    assert location.database_file is not None
    location.data.mkdir(parents=True)
    location.database_file.write_text("a database")
    (tmp_path / "report").mkdir()
    with alone(location):
        run = residuum("demo", "--no-scans", "--out", tmp_path)
    assert run.returncode == 2
    assert "works on this study; stop it first" in run.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["report", part])
    assert location.database_file.is_file()


@pytest.mark.unit
def test_an_empty_study_is_analysed_without_a_fault(tmp_path: Path) -> None:
    assert residuum("init", tmp_path / "study").returncode == 0
    run = residuum("analyse", tmp_path / "study", "--out", tmp_path / "report", "--json")
    assert run.returncode == 0, run.stderr
    rows = {row["name"]: row for row in json.loads(run.stdout)["rows"]}
    assert rows["flow.source"]["value"] == 0
    assert rows["efs.landmark.included.3y"]["value"] is None
    shutil.rmtree(tmp_path)
