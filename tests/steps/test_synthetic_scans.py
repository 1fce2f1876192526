"""Simulated images in a study: as an import would write them, from the marks, repeatable, and never without a label."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from residuum.intake.folder import check_study, read_study
from residuum.records.errors import CallError, InputError
from residuum.steps import synthetic_scans
from residuum.steps.databases import import_folder
from residuum.steps.erasure import forget
from residuum.steps.location import locate
from residuum.steps.planned_scans import make_scan_on_opening, plan_scans
from residuum.steps.scan_exports import export_scans
from residuum.steps.scan_import import import_scans
from residuum.steps.scan_plans import read_plan
from residuum.steps.study_images import open_images
from residuum.steps.synthetic_scans import simulate_scans
from residuum.store import audit
from residuum.store.database import Database
from residuum.synthetic.scans.planar_scan import PlannedScan
from residuum.synthetic.scans.scan import make_scan
from residuum.synthetic.scans.truth import read_truth
from residuum.synthetic.scans.wanted import derive_wanted
from simulated_studies import SETTINGS, write_simulated_study

pytestmark = pytest.mark.unit
IMAGES = ["S1-planar-anterior", "S1-planar-posterior", "S2-planar-anterior", "S2-planar-posterior"]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_simulated_study(tmp_path_factory.mktemp("simulated") / "study")
    done = simulate_scans(folder, processes=1)
    assert (list(done.images), done.already, done.refused) == (IMAGES, 0, ())
    assert [one.scan for one in done.skipped] == ["S3", "S4", "S5", "S6"]
    return folder


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write_simulated_study(tmp_path / "study")


@pytest.fixture
def copy(simulated: Path, tmp_path: Path) -> Path:
    shutil.copytree(simulated, tmp_path / "study")
    return tmp_path / "study"


def files_of(folder: Path) -> dict[str, bytes]:
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in sorted(found.items()) if path.name != ".lock"}


def rules_of(folder: Path) -> list[tuple[str, str | None]]:
    return [(one.rule, one.column) for one in check_study(folder)[1]]


def marks_of(folder: Path, scan: str, reader: str) -> dict[str, dict[str, Any]]:
    rows = read_study(folder)["marks"].filter(scan=scan, reader=reader).to_dicts()
    return {row["mark"]: row for row in rows}


@pytest.fixture
def imported(simulated: Path, tmp_path: Path) -> pl.DataFrame:
    """Rows of images.csv after an import of the same objects from a disc."""
    (wanted, _), _ = derive_wanted(read_study(simulated))
    disc, key = tmp_path / "disc", tmp_path / "key"
    disc.mkdir()
    key.mkdir(mode=0o700)
    key.joinpath("patients.csv").write_text("patient_id,patient,diagnosis_date\nP1,P1,2000-01-01\n")
    made = make_scan(wanted.child, PlannedScan(wanted.scan, wanted.day, wanted.marks))
    for number, data in enumerate(made.whole_body):
        (disc / f"{number}.dcm").write_bytes(data)
    done = import_scans(str(disc), write_simulated_study(tmp_path / "other"), key)
    assert done.inspection.refused == ()
    return read_study(tmp_path / "other")["images"]


def test_rows_are_those_that_an_import_writes(simulated: Path, imported: pl.DataFrame) -> None:
    rows = read_study(simulated)["images"].filter(scan="S1")
    assert rows.drop("source", "sha256").equals(imported.drop("source", "sha256"))
    assert rows["flags"].to_list() == ["synthetic", "synthetic"]
    for source, sha256 in rows.select("source", "sha256").iter_rows():
        path = simulated / "images" / source.partition("#")[0]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def test_the_check_has_nothing_to_say_of_it(simulated: Path, study: Path) -> None:
    assert set(rules_of(simulated)) <= set(rules_of(study))
    assert check_study(simulated)[0] is not None
    assert sorted(path.name for path in (simulated / "truth").iterdir()) == ["S1.npz", "S2.npz"]


def test_marks_of_the_read_that_counts_lie_at_their_lesions(simulated: Path) -> None:
    truth, marks = read_truth(simulated / "truth" / "S1.npz"), marks_of(simulated, "S1", "consensus")
    lesions = {one.mark: one for one in truth.lesions}
    femur = marks["a"]
    assert femur["image"] == f"S1-planar-{femur['view']}"
    assert (femur["x_mm"], femur["y_mm"]) == pytest.approx(lesions["a"].planar_mm[femur["view"]], abs=0.006)
    spine = marks["b"]
    assert spine["view"] == "posterior"  # the vertebrae lie behind the middle of the body
    column, row = (round(spine[name] / truth.pixel_mm) for name in ("x_mm", "y_mm"))
    assert truth.views["posterior"].lesion_mask(lesions["b"].label)[row, column]
    assert [marks["c"][name] for name in ("image", "view", "x_mm", "y_mm", "z_mm")] == [None] * 5  # no SPECT was made


def test_marks_of_others_lie_near_or_in_their_region(simulated: Path) -> None:
    truth = read_truth(simulated / "truth" / "S1.npz")
    lesions = {one.mark: one for one in truth.lesions}
    first, second = (marks_of(simulated, "S1", reader) for reader in ("reader_1", "reader_2"))
    for mark, lesion in ((first["1"], "a"), (second["2"], "a")):
        x, y = lesions[lesion].planar_mm[mark["view"]]
        assert abs(mark["x_mm"] - x) <= 6.01
        assert abs(mark["y_mm"] - y) <= 6.01
    assert second["1"]["view"] == "anterior"  # seen there alone
    assert second["3"]["view"] == "posterior"
    sternum = first["3"]
    column, row = (round(sternum[name] / truth.pixel_mm) for name in ("x_mm", "y_mm"))
    assert truth.views["anterior"].nearest[row, column] == 8  # 1 + its index in REGIONS


def test_only_positions_are_new_in_marks(simulated: Path, study: Path) -> None:
    before, after = read_study(study)["marks"], read_study(simulated)["marks"]
    places = [name for name in ("image", "view", "x_mm", "y_mm", "z_mm") if name in before.columns]
    own = [name for name in before.columns if name not in places]
    assert after.select(own).equals(before.select(own))


def test_repeating_changes_nothing(copy: Path) -> None:
    before = files_of(copy)
    done = simulate_scans(copy, processes=1)
    assert (done.images, done.already, done.placed) == ((), 2, 0)
    assert files_of(copy) == before


def test_a_killed_run_is_completed_by_the_next(simulated: Path, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> int:
        raise KeyboardInterrupt

    before = rules_of(study)
    with monkeypatch.context() as patch:
        patch.setattr(synthetic_scans, "write_positions", die)
        with pytest.raises(KeyboardInterrupt):
            simulate_scans(study, patients=["P1"], processes=1)
    assert rules_of(study) == before
    done = simulate_scans(study, processes=1)
    assert (done.images, done.already) == ((), 2)
    assert files_of(study) == files_of(simulated)


def test_positions_that_are_there_stay(copy: Path) -> None:
    text = (copy / "marks.csv").read_text("utf-8")
    lines = text.splitlines()
    moved = [line.rsplit(",", 3)[0] + ",1.0,2.0," if line.startswith("S2,") else line for line in lines]
    (copy / "marks.csv").write_text("\n".join(moved) + "\n", "utf-8")
    assert simulate_scans(copy, processes=1).placed == 0
    assert marks_of(copy, "S2", "reader_2")["1"]["x_mm"] == 1.0


@pytest.mark.slow
def test_the_result_does_not_depend_on_the_number_of_processes(simulated: Path, study: Path) -> None:
    simulate_scans(study, processes=2)
    assert files_of(study) == files_of(simulated)


@pytest.mark.parametrize(
    ("settings", "rule", "column", "value"),
    [
        ("format = 1\n", "synthetic.label", "synthetic", "false"),
        (SETTINGS + '[reading]\nentry = "grades"\n', "synthetic.entry", "reading.entry", "grades"),
    ],
)
def test_other_studies_are_refused(tmp_path: Path, settings: str, rule: str, column: str, value: str) -> None:
    folder = write_simulated_study(tmp_path / "study", settings)
    if rule == "synthetic.entry":
        (folder / "marks.csv").unlink()
        (folder / "grades.csv").write_text("scan,reader,system,segment,grade\n")
        (folder / "study.toml").write_text(settings + '[definitions]\nsite_level = "segment"\n')
    before = files_of(folder)
    with pytest.raises(InputError) as refused:
        simulate_scans(folder, processes=1)
    (problem,) = refused.value.problems
    assert (problem.rule, problem.file, problem.column, problem.value) == (rule, "study.toml", column, value)
    assert problem.cure
    with pytest.raises(InputError):
        plan_scans(folder, {"P1"})
    assert files_of(folder) == before


def test_an_unknown_patient_is_a_wrong_call(study: Path) -> None:
    with pytest.raises(CallError, match="no patient P3, P9; nothing was made"):
        simulate_scans(study, patients=["P9", "P1", "P3"])
    assert not (study / "images").exists()


def test_marks_that_fit_in_no_body_refuse_their_scan_alone(study: Path) -> None:
    crowd = "".join(f"S2,reader_2,m{number},sternum,focal,,planar_ant\n" for number in range(400))
    with (study / "marks.csv").open("a") as file:
        file.write(crowd)
    done = simulate_scans(study, processes=1)
    assert list(done.images) == IMAGES[:2]
    assert [(one.rule, one.value) for one in done.refused] == [("synthetic.impossible", "S2")]
    assert "sternum has no voxel left" in done.refused[0].message
    assert done.records()["refused"][0]["scan"] == "S2"
    assert not (study / "truth" / "S2.npz").exists()
    assert check_study(study)[0] is not None


def test_a_database_gets_images_and_keeps_its_marks(study: Path, database_url: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("RESIDUUM_DATA", str(study.parent / "data"))
    import_folder(study, database_url)
    done = simulate_scans(database_url, patients=["P1"], processes=1)
    assert list(done.images) == IMAGES
    assert done.placed == 0
    assert "no mark got a position" in done.text()
    images, _, location = open_images(database_url)
    assert images.tables["images"]["flags"].to_list() == ["synthetic"] * 4
    assert (location.truth / "S1.npz").is_file()
    database = Database(database_url)
    with database.reading() as connection:
        noted = [entry.action for entry in audit.load_entries(connection)]
    database.close()
    assert noted.count("images.add") == 2
    assert simulate_scans(database_url, processes=1).already == 2


def test_what_was_simulated_leaves_without_its_truth(copy: Path, tmp_path: Path) -> None:
    (copy / "study.toml").write_text(SETTINGS + '[reading]\nreveal = "scan"\n')
    export_scans(copy, tmp_path / "out", images=True)
    left = {path.suffix for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert left == {".dcm", ".json"}


# on first opening


def test_a_planned_scan_is_made_once_when_it_is_opened(simulated: Path, study: Path) -> None:
    assert plan_scans(study, {"P1", "P2"}) == 2
    assert sorted(read_plan(study / "truth")) == ["S1", "S2"]
    assert "folder.unknown_file" not in {rule for rule, _ in rules_of(study)}
    assert make_scan_on_opening(study, "S2") == ("S2-planar-anterior", "S2-planar-posterior")
    assert make_scan_on_opening(study, "S2") == ()
    assert make_scan_on_opening(study, "S3") == ()
    rows = read_study(simulated)["images"].filter(scan="S2")
    assert read_study(study)["images"].equals(rows)  # as made with all others
    assert read_study(study)["marks"]["x_mm"].null_count() == read_study(study)["marks"].height


def test_a_planned_scan_that_has_other_images_is_left_alone(study: Path) -> None:
    plan_scans(study, {"P1"})
    (study / "images.csv").write_text("image,scan,kind\nold,S2,spot\n")
    assert make_scan_on_opening(study, "S2") == ()
    assert simulate_scans(study, patients=["P1"], processes=1).already == 1
    assert read_study(study)["images"].filter(scan="S2")["image"].to_list() == ["old"]
    assert read_study(study)["marks"].filter(scan="S2")["image"].null_count() == 1


def test_what_is_read_after_the_plan_does_not_show(simulated: Path, study: Path) -> None:
    plan_scans(study, {"P1"})
    (study / "reads.csv").write_text(
        (study / "reads.csv").read_text("utf-8").replace("S2,reader_1,yes,draft", "S2,reader_1,yes,locked")
    )
    with (study / "marks.csv").open("a") as file:
        file.write("S2,reader_1,1,skull_vault,diffuse,0.9,planar_ant\n")
    make_scan_on_opening(study, "S2")
    assert read_study(study)["images"].equals(read_study(simulated)["images"].filter(scan="S2"))


def test_forgetting_a_patient_removes_truth_and_plan(copy: Path) -> None:
    plan_scans(copy, {"P1"})
    location = locate(str(copy))
    import_folder(copy, location.url)
    (copy / "truth" / ".S1.npz.00aabbcc").write_bytes(b"half")
    forget(location, "P1", "asked to be forgotten")
    assert sorted(path.name for path in (copy / "truth").iterdir()) == ["planned.json"]
    assert read_plan(copy / "truth") == {}
    assert list((copy / "images").rglob("*.dcm")) == []


def test_a_plan_of_an_unlabelled_study_is_not_made(study: Path) -> None:
    plan_scans(study, {"P1"})
    (study / "study.toml").write_text("format = 1\n")
    with pytest.raises(InputError):
        make_scan_on_opening(study, "S1")
    assert read_study(study)["images"].height == 0
