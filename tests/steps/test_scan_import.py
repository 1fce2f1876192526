"""Scans into a study: what comes in, what is refused, and that nothing of the person comes along."""

import csv
import hashlib
import warnings
import zipfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

import scan_objects as made
from residuum.intake.folder import check_study, read_study
from residuum.intake.scans.image_files import ImageFiles, Source
from residuum.intake.scans.stored import read_stored
from residuum.records.errors import CallError, InputError
from residuum.steps.databases import export_folder, import_folder
from residuum.steps.erasure import forget
from residuum.steps.location import locate
from residuum.steps.scan_import import Imported, import_scans
from residuum.steps.scan_inspection import inspect
from scan_studies import LATER, OTHER_ID, write_disc, write_key, write_study


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write_study(tmp_path / "study")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return write_key(tmp_path / "key")


@pytest.fixture(scope="module")
def disc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_disc(tmp_path_factory.mktemp("disc") / "disc")


def images_of(study: Path) -> list[dict[str, Any]]:
    return read_study(study)["images"].to_dicts()


def rules(done: Imported) -> list[tuple[str, str]]:
    return [(problem.file, problem.rule) for problem in done.inspection.refused]


@pytest.mark.unit
def test_a_disc_comes_in_under_the_codes_of_the_study(study: Path, key: Path, disc: Path) -> None:
    done = import_scans(str(disc), study, key, sides="as_seen")
    assert rules(done) == []
    assert done.inspection.ignored == 1
    assert sorted(done.images) == [
        "S1-planar-anterior",
        "S1-planar-posterior",
        "S2-ct",
        "S2-planar-anterior",
        "S2-planar-posterior",
        "S2-spect",
        "S3-planar-anterior",
        "S3-planar-posterior",
    ]
    rows = {row["image"]: row for row in images_of(study)}
    first = rows["S1-planar-posterior"]
    assert {name: first[name] for name in ("scan", "kind", "view", "left_at", "rows", "columns", "frames")} == {
        "scan": "S1",
        "kind": "planar",
        "view": "posterior",
        "left_at": "left",
        "rows": 512,
        "columns": 128,
        "frames": 1,
    }
    assert first["spacing_mm"] == "2.4;2.4"
    assert rows["S1-planar-anterior"]["source"].endswith(".dcm#1")
    assert first["source"].endswith(".dcm#2")
    assert rows["S2-spect"]["spacing_mm"] == "4;4;4"
    assert rows["S2-ct"]["source"].endswith(".zip")
    assert (rows["S2-ct"]["frames"], rows["S2-ct"]["spacing_mm"]) == (32, "3;3;8")
    assert check_study(study)[1] == []


@pytest.mark.unit
def test_files_are_named_by_their_content_and_hold_the_pixels(study: Path, key: Path, disc: Path) -> None:
    import_scans(str(disc), study, key, sides="as_seen")
    files = ImageFiles(study / "images")
    for row in images_of(study):
        source = Source.parse(row["source"])
        assert hashlib.sha256((study / "images" / source.path).read_bytes()).hexdigest() == row["sha256"]
        assert Path(source.path).stem == row["sha256"]
    [spect] = [row for row in images_of(study) if row["kind"] == "spect"]
    (stored,), placement = read_stored(files.load(Source.parse(spect["source"]).path, spect["sha256"]), "P1")
    assert stored.PixelData == made.spect().PixelData
    assert placement is not None
    assert placement.step_mm == pytest.approx((0, 0, -4))


@pytest.mark.unit
def test_nothing_of_the_person_lies_in_the_study(study: Path, key: Path, disc: Path) -> None:
    import_scans(str(disc), study, key, sides="as_seen")
    planted = [made.NAME, "Quisquilia", made.PATIENT_ID, OTHER_ID, "Nonesuch", made.DATE, LATER, "20120204"]
    planted += ["ACC-7731", "Invented", "SN-99812"]
    for path in [one for one in study.rglob("*") if one.is_file()]:
        data = path.read_bytes()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                data += b"".join(archive.read(name) for name in archive.namelist())
        assert [one for one in planted if one.encode() in data] == [], path


@pytest.mark.unit
def test_importing_again_adds_nothing(study: Path, key: Path, disc: Path) -> None:
    import_scans(str(disc), study, key, sides="as_seen")
    before = {path: path.read_bytes() for path in study.rglob("*") if path.is_file()}
    again = import_scans(str(disc), study, key, sides="as_seen")
    assert (again.images, again.already, rules(again)) == ((), 8, [])
    assert {path: path.read_bytes() for path in study.rglob("*") if path.is_file()} == before


@pytest.mark.unit
def test_other_answers_for_what_is_there_are_refused(study: Path, key: Path, disc: Path) -> None:
    one = disc / "second" / "posterior.dcm"
    import_scans(str(one), study, key, sides="as_seen")
    files = sorted(path.name for path in (study / "images").rglob("*.dcm"))
    other = import_scans(str(one), study, key, sides="posterior_mirrored")
    # the liver contradicts the second answer, so it has to be given for this view
    assert rules(other) == [("posterior.dcm", "scan.asked")]
    answers = study.parent / "answers.csv"
    named = hashlib.sha256(one.read_bytes()).hexdigest()
    answers.write_text(f"place,question,answer,object\nwhatever,left_at,right,{named}#1\n")
    other = import_scans(str(one), study, key, answers=answers)
    assert rules(other) == [("posterior.dcm", "scan.imported_differently")]
    assert sorted(path.name for path in (study / "images").rglob("*.dcm")) == files
    assert len(images_of(study)) == 1


@pytest.mark.unit
def test_what_is_asked_keeps_an_object_out_until_it_is_answered(study: Path, key: Path, disc: Path) -> None:
    one = disc / "first" / "whole-body.dcm"
    done = import_scans(str(one), study, key)
    assert (done.images, rules(done)) == ((), [("whole-body.dcm", "scan.asked")])
    assert not (study / "images").exists() or not list((study / "images").rglob("*.dcm"))
    questions = list(csv.DictReader(inspect(str(one)).questions().splitlines()))
    assert [(row["place"], row["question"], row["allowed"]) for row in questions] == [
        ("whole-body.dcm, frame 1", "left_at", "left or right"),
        ("whole-body.dcm, frame 2", "left_at", "left or right"),
    ]
    assert "the left of the image" in questions[0]["hint"]
    answers = study.parent / "answers.csv"
    with answers.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(questions[0]))
        writer.writeheader()
        writer.writerows([{**questions[0], "answer": "right"}, {**questions[1], "answer": "left"}])
    assert import_scans(str(one), study, key, answers=answers).images == ("S1-planar-anterior", "S1-planar-posterior")


def single(tmp_path: Path, **said: Any) -> Path:
    path = tmp_path / "one.dcm"
    path.write_bytes(made.written(made.planar(**said)))
    return path


@pytest.mark.unit
@pytest.mark.parametrize(
    ("said", "rule", "words"),
    [
        ({"PatientID": "IPP-9999"}, "scan.unknown_patient", "the key has no such patient"),
        ({"AcquisitionDate": "20150318"}, "scan.no_row", "no scan of patient P1 on day 1"),
        ({"windows": ("Tc99m",)}, "flag.window_tc99m", "no mIBG scan"),
        ({"windows": ("I131",), "RadiopharmaceuticalInformationSequence": []}, "scan.tracer", "I131"),
    ],
)
def test_what_does_not_fit_the_study_is_refused(
    study: Path, key: Path, tmp_path: Path, said: dict[str, Any], rule: str, words: str
) -> None:
    done = import_scans(str(single(tmp_path, **said)), study, key, sides="as_seen")
    assert done.images == ()
    assert rule in {problem.rule for problem in done.inspection.refused}
    assert any(words in problem.message for problem in done.inspection.refused)
    assert "IPP" not in done.text()
    assert images_of(study) == []


@pytest.mark.unit
def test_a_scan_is_named_where_the_day_does_not_tell(study: Path, key: Path, tmp_path: Path) -> None:
    with (study / "scans.csv").open("a") as file:
        file.write("S4,P1,0,diagnosis,I123,\n")
    one = single(tmp_path)
    assert rules(import_scans(str(one), study, key, sides="as_seen")) == [("one.dcm", "scan.several_rows")]
    named = import_scans(str(one), study, key, sides="as_seen", scan="S4")
    assert named.images == ("S4-planar-anterior", "S4-planar-posterior")


@pytest.mark.unit
def test_the_rest_comes_in_where_one_object_is_damaged(study: Path, key: Path, disc: Path, tmp_path: Path) -> None:
    folder = tmp_path / "half"
    folder.mkdir()
    good = (disc / "first" / "whole-body.dcm").read_bytes()
    (folder / "good.dcm").write_bytes(good)
    (folder / "cut.dcm").write_bytes((disc / "other" / "whole-body.dcm").read_bytes()[:200_000])
    done = import_scans(str(folder), study, key, sides="as_seen")
    assert [rule for place, rule in rules(done) if place == "cut.dcm"] == ["scan.damaged"]
    assert done.images == ("S1-planar-anterior", "S1-planar-posterior")


@pytest.mark.unit
def test_a_key_within_the_study_is_refused(study: Path, disc: Path) -> None:
    inner = write_key(study / "key")
    with pytest.raises(CallError, match="lies in the study"):
        import_scans(str(disc), study, inner, sides="as_seen")


@pytest.mark.unit
def test_a_database_takes_images_and_forgets_them(
    study: Path,
    disc: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = write_key(tmp_path_factory.mktemp("elsewhere") / "key")
    monkeypatch.setenv("RESIDUUM_DATA", str(tmp_path / "data"))
    import_folder(study, database_url)
    done = import_scans(str(disc), database_url, key, sides="as_seen")
    assert len(done.images) == 8
    location = locate(database_url)
    assert len(list(location.images.glob("*/*.*"))) == 6
    out = tmp_path / "out"
    export_folder(location, out)
    assert sorted(read_study(out)["images"]["image"]) == sorted(done.images)
    forget(location, "P1", "asked for by the family")
    left = {path.name for path in location.images.glob("*/*.*")}
    assert len(left) == 1
    after = tmp_path / "after"
    export_folder(location, after)
    rows = read_study(after)["images"]
    assert rows["scan"].unique().to_list() == ["S3"]
    assert {Path(Source.parse(one).path).name for one in rows["source"]} == left


def answers_for(path: Path, folder: Path, *lines: str) -> Path:
    """Write answers such as ``1 left_at right`` for the frames of an object."""
    named = hashlib.sha256(path.read_bytes()).hexdigest()
    said = [line.split() for line in lines]
    rows = [f"x,{question},{answer},{named}#{number}" for number, question, answer in said]
    file = folder / "given.csv"
    file.write_text("\n".join(["place,question,answer,object", *rows, ""]))
    return file


@pytest.mark.unit
def test_answers_belong_to_an_object_not_to_the_name_of_its_file(study: Path, key: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "IM1.dcm", tmp_path / "b" / "IM1.dcm"
    for path, view in ((first, "anterior"), (second, "posterior")):
        path.parent.mkdir()
        path.write_bytes(made.written(made.planar((view,), declared=False)))
    given = answers_for(first, tmp_path, "1 view anterior", "1 left_at right")
    assert rules(import_scans(str(second), study, key, answers=given)) == [("IM1.dcm", "scan.asked")]
    assert import_scans(str(first), study, key, answers=given).images == ("S1-planar-anterior",)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("1 left_at left", "1 left_at right"), "answers otherwise"),
        (("1 left_at middle",), "left or right"),
        (("1 colour left",), "Keep the lines"),
        (("0 left_at left",), "Keep the lines"),
    ],
)
def test_answers_that_cannot_be_used(disc: Path, tmp_path: Path, lines: tuple[str, ...], words: str) -> None:
    one = disc / "first" / "whole-body.dcm"
    with pytest.raises(InputError) as refused:
        inspect(str(one), answers_for(one, tmp_path, *lines))
    assert words in str(refused.value.problems[0])


@pytest.mark.unit
def test_an_answer_that_contradicts_the_header_is_refused(disc: Path, tmp_path: Path) -> None:
    one = disc / "first" / "whole-body.dcm"  # frame 1 is declared anterior
    with pytest.raises(InputError) as refused:
        inspect(str(one), answers_for(one, tmp_path, "1 view posterior", "1 left_at left"))
    assert [problem.rule for problem in refused.value.problems] == ["answers.contradicts_header"]
    assert "declares view anterior" in str(refused.value.problems[0])


@pytest.mark.unit
def test_an_object_lies_in_one_scan_only(study: Path, key: Path, tmp_path: Path) -> None:
    with (study / "scans.csv").open("a") as file:
        file.write("S4,P1,0,diagnosis,I123,\n")
    one = single(tmp_path)
    import_scans(str(one), study, key, sides="as_seen", scan="S1")
    again = import_scans(str(one), study, key, sides="as_seen", scan="S4")
    assert rules(again) == [("one.dcm", "scan.imported_differently")]
    assert {row["scan"] for row in images_of(study)} == {"S1"}


@pytest.mark.unit
def test_a_corrected_key_does_not_leave_an_object_with_two_children(study: Path, key: Path, tmp_path: Path) -> None:
    one = single(tmp_path)
    people = key / "patients.csv"
    right = people.read_text()
    people.write_text(right.replace("P1", "P9").replace("P2", "P1").replace("P9", "P2"))
    assert import_scans(str(one), study, key, sides="as_seen").images[0] == "S3-planar-anterior"
    people.write_text(right)
    after = import_scans(str(one), study, key, sides="as_seen")
    assert [problem.message for problem in after.inspection.refused] == [
        "scan S3 holds this object already, with other answers or as another scan"
    ]


def import_all(arguments: tuple[Path, Path, Path]) -> int:
    disc, study, key = arguments
    return len(import_scans(str(disc), study, key, sides="as_seen").images)


@pytest.mark.slow
def test_two_imports_at_once_lose_nothing(study: Path, key: Path, disc: Path) -> None:
    parts = [(disc / part, study, key) for part in ("first", "second", "other")]
    with ProcessPoolExecutor(3, get_context("spawn")) as pool:
        assert sum(pool.map(import_all, parts)) == 8
    assert len(images_of(study)) == 8
    assert check_study(study)[1] == []


@pytest.mark.unit
def test_forgetting_takes_files_that_no_row_names(study: Path, key: Path, disc: Path) -> None:
    import_folder(study, str(study))
    import_scans(str(disc), study, key, sides="as_seen")
    files = ImageFiles(study / "images")
    orphan = study / "images" / files.save([b"an import that died"]).path
    half = orphan.with_name(f".{orphan.name}.0123abcd")
    half.write_bytes(b"half of it")
    foreign = study / "images" / "notes.txt"
    foreign.write_text("of somebody else")
    forget(locate(str(study)), "P1", "asked for by the family")
    assert not orphan.exists()
    assert not half.exists()
    assert foreign.exists()
    assert len(list((study / "images").glob("*/*.*"))) == 1


@pytest.mark.unit
def test_forgetting_takes_images_that_only_the_folder_names(study: Path, key: Path, disc: Path) -> None:
    import_folder(study, str(study))
    (study / "study.toml").write_text((study / "study.toml").read_text() + "\n")  # now the files are the newer
    import_scans(str(disc), study, key, sides="as_seen")
    assert len(images_of(study)) == 8
    forget(locate(str(study)), "P1", "asked for by the family")
    assert {row["scan"] for row in images_of(study)} == {"S3"}
    assert len(list((study / "images").glob("*/*.*"))) == 1


@pytest.mark.unit
def test_images_of_other_programs_do_not_stop_an_import_or_an_erasure(study: Path, key: Path, disc: Path) -> None:
    (study / "images").mkdir()
    (study / "images" / "own.dcm").write_bytes(b"of another program")
    table = study / "images.csv"
    table.write_text(
        table.read_text() + "X1,S1,planar,anterior,own.dcm#0,,1,1,1,,,\nX2,S1,planar,anterior,../own,,1,1,1,,,\n"
    )
    assert len(import_scans(str(disc), study, key, sides="as_seen").images) == 8
    import_folder(study, str(study))
    forget(locate(str(study)), "P1", "asked for by the family")
    assert (study / "images" / "own.dcm").exists()


@pytest.mark.unit
def test_members_of_an_archive_that_share_a_name_are_kept_apart(
    study: Path, key: Path, disc: Path, tmp_path: Path
) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "disc.zip", "w") as archive:
        warnings.simplefilter("ignore")
        for part in ("anterior", "posterior"):
            archive.writestr("IM1", (disc / "second" / f"{part}.dcm").read_bytes())
    done = import_scans(str(tmp_path / "disc.zip"), study, key, sides="as_seen")
    assert sorted(done.images) == ["S2-planar-anterior", "S2-planar-posterior"]


@pytest.mark.unit
def test_a_series_of_two_children_is_no_volume(study: Path, key: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    for number, one in enumerate(made.ct(slices=8)):
        one.PatientID = OTHER_ID if number % 2 else made.PATIENT_ID
        (folder / f"{number}.dcm").write_bytes(made.written(one))
    done = import_scans(str(folder), study, key)
    held = {row["scan"]: row["frames"] for row in images_of(study)}
    assert held == {"S1": 4}  # the study of the other child is known as this one's
    assert [problem.rule for problem in done.inspection.refused] == ["scan.study_of_another"]
    assert len(list((study / "images").glob("*/*.*"))) == 1  # what was refused left no file


@pytest.mark.unit
def test_a_volume_is_not_made_of_the_part_of_an_archive_that_could_be_read(
    study: Path, key: Path, tmp_path: Path
) -> None:
    path = tmp_path / "disc.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, one in enumerate(made.ct(slices=8)):
            archive.writestr(f"ct/{number}", made.written(one))
    data = bytearray(path.read_bytes())
    at = len(data) * 3 // 4  # in a slice near the end
    data[at : at + 64] = bytes(64)
    path.write_bytes(bytes(data))
    done = import_scans(str(path), study, key)
    assert done.images == ()
    assert done.inspection.refused
