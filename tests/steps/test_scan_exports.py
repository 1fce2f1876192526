"""Locked reads out of a study as DICOM and JSON: what leaves, what stays, and the way there and back."""

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

import scan_objects as made
from residuum.intake.folder import read_study
from residuum.records.errors import CallError, InputError
from residuum.steps.databases import import_folder
from residuum.steps.scan_archives import identify_results, send_results
from residuum.steps.scan_exports import Exported, export_scans
from residuum.steps.scan_import import import_scans
from scan_studies import write_disc, write_key, write_study

X, Y, Z = made.LESION_LPS_MM
ON_SPECT = f"spine_lumbar,focal,,spect,,S2-spect,,{X},{Y},{Z}\n"
FEMUR = "femur_right,focal,,planar_ant,,S1-planar-anterior,anterior,120,720,\n"
"""On the lesion that `scan_objects.body` puts at row 300, column 50."""
SCAN = 'format = 1\n[reading]\nreveal = "scan"\n'
"""Reads leave scan by scan: S3 is read by nobody here."""
READS = "".join(f"{scan},{reader},yes,locked\n" for scan in ("S1", "S2") for reader in ("reader_1", "reader_2"))
MARKS = "".join(
    f"S1,{reader},a,{FEMUR}S1,{reader},b,spine_lumbar,focal,,,,,,,,\nS2,{reader},a,{ON_SPECT}"
    for reader in ("reader_1", "reader_2")
)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a study that holds images, and its key."""
    root = tmp_path_factory.mktemp("ready")
    write_study(root / "study")
    disc = write_disc(root / "disc")
    import_scans(str(disc), root / "study", write_key(root / "key"), sides="as_seen")
    return root


@pytest.fixture
def root(ready: Path, tmp_path: Path) -> Path:
    shutil.copytree(ready, tmp_path / "root")
    return tmp_path / "root"


def exported(root: Path, reads: str = READS, marks: str = MARKS, settings: str = SCAN, **said: Any) -> Exported:
    (root / "study" / "reads.csv").write_text("scan,reader,evaluable,state\n" + reads)
    header = (root / "study" / "marks.csv").read_text().splitlines()[0]
    columns = "scan,reader,mark,regions,pattern,extent,seen_on,site,image,view,x_mm,y_mm,z_mm"
    assert set(columns.split(",")) <= set(header.split(","))
    (root / "study" / "marks.csv").write_text(f"{columns}\n{marks}")
    if settings:
        (root / "study" / "study.toml").write_text(settings)
    return export_scans(root / "study", root / "out", **said)


@pytest.fixture(scope="module")
def usual(ready: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Exported]:
    """Return what the reads and marks above give, and where; to be read only."""
    root = tmp_path_factory.mktemp("usual") / "root"
    shutil.copytree(ready, root)
    return root, exported(root)


@pytest.fixture
def usual_copy(usual: tuple[Path, Exported], tmp_path: Path) -> Path:
    """Return a copy of it that a test may change."""
    shutil.copytree(usual[0], tmp_path / "usual")
    return tmp_path / "usual"


def files(done: Exported, kind: str) -> list[Path]:
    return [done.folder / one["file"] for one in done.files if one["kind"] == kind]


@pytest.mark.unit
def test_what_a_study_with_locked_reads_gives(usual: tuple[Path, Exported]) -> None:
    root, done = usual
    counts = {kind: len(files(done, kind)) for kind in ("read", "report", "segmentation", "structure_set", "image")}
    assert counts == {"read": 4, "report": 4, "segmentation": 4, "structure_set": 1, "image": 0}
    assert done.held_back == 0
    assert [(one["mark"], one["reason"]) for one in done.left_out] == [
        ("b", "the mark has no position on an image"),
        ("b", "the mark has no position on an image"),
    ]
    assert json.loads((root / "out" / "index.json").read_text())["files"] == done.files
    read = json.loads((root / "out" / "P1" / "S1" / "read-reader_1.json").read_text())
    assert read["grades"]["siopen"]["proximal_lower_limb_right"] == 1
    assert read["totals"]["siopen"] == 2


@pytest.mark.unit
def test_a_segmentation_covers_the_lesion(usual: tuple[Path, Exported]) -> None:
    [path] = [one for one in files(usual[1], "segmentation") if "S1" in one.parts and "reader_1" in one.name]
    segmentation = pydicom.dcmread(path)
    mask = segmentation.pixel_array.reshape(512, 128).astype(bool)
    rows, columns = np.nonzero(mask)
    assert (rows.mean(), columns.mean()) == pytest.approx((300, 50), abs=1)
    assert 0.5 < mask.sum() / (np.pi * 8 * 5) < 1.5  # the ellipse that was drawn


@pytest.mark.unit
def test_a_structure_set_lies_where_the_lesion_is(usual: tuple[Path, Exported]) -> None:
    [path] = files(usual[1], "structure_set")
    found = pydicom.dcmread(path)
    [region] = found.ROIContourSequence
    points = np.concatenate([np.reshape(one.ContourData, (-1, 3)) for one in region.ContourSequence])
    assert points.mean(axis=0) == pytest.approx(made.LESION_LPS_MM, abs=4)
    assert np.ptp(points, axis=0) == pytest.approx((24, 24, 24), abs=8)
    assert found.ApprovalStatus == "UNAPPROVED"


@pytest.mark.unit
def test_no_structure_set_of_a_planar_lesion(root: Path) -> None:
    marks = "".join(
        f"S1,{reader},a,{FEMUR}S2,{reader},a,{FEMUR.replace('S1', 'S2')}" for reader in ("reader_1", "reader_2")
    )
    done = exported(root, marks=marks)
    assert files(done, "structure_set") == []
    reasons = [one["reason"] for one in done.left_out]
    assert reasons == ["not in a structure set: it was marked on a planar view, which has no depth"]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("reads", "settings", "left", "held_back"),
    [
        ("S1,reader_1,yes,locked\n", "", 0, 1),
        ("S1,reader_1,yes,locked\nS1,reader_2,yes,draft\n", "", 0, 1),
        ("S1,reader_1,yes,locked\nS1,reader_2,yes,locked\nS2,reader_1,yes,locked\n", "", 0, 3),
        (READS, "", 0, 4),
        (
            "S1,reader_1,yes,locked\nS1,reader_2,yes,locked\nS2,reader_1,yes,locked\n",
            'format = 1\n[reading]\nreveal = "scan"\n',
            2,
            1,
        ),
        (READS + "S3,reader_1,yes,locked\nS3,reader_2,no,locked\n", "", 6, 0),
        ("S1,reader_1,yes,locked\n", 'format = 1\n[reading]\ndesign = "single"\nreaders = ["reader_1"]\n', 1, 0),
    ],
)
def test_no_read_leaves_before_both_have_locked(
    root: Path, reads: str, settings: str, left: int, held_back: int
) -> None:
    done = exported(root, reads=reads, marks="", settings=settings or "format = 1\n")
    assert (len(files(done, "read")), len(files(done, "report")), done.held_back) == (left, left, held_back)
    written = {path.name for path in (root / "out").rglob("*") if path.is_file()}
    assert len(written) <= 1 + 2 * left


@pytest.mark.unit
def test_the_consensus_names_the_reports_of_the_readers(root: Path) -> None:
    done = exported(root, reads=READS + "S1,consensus,yes,locked\n", marks=MARKS)
    reports = {one.name: pydicom.dcmread(one) for one in files(done, "report") if "S1" in one.parts}
    of_consensus = reports["report-consensus.dcm"]
    [study] = of_consensus.PredecessorDocumentsSequence
    named = {
        item.ReferencedSOPInstanceUID for one in study.ReferencedSeriesSequence for item in one.ReferencedSOPSequence
    }
    assert named == {reports[f"report-{name}.dcm"].SOPInstanceUID for name in ("reader_1", "reader_2")}


@pytest.mark.unit
def test_the_same_study_gives_the_same_bytes(root: Path) -> None:
    first = exported(root, images=True)
    again = export_scans(root / "study", root / "again", images=True)
    assert first.files == again.files
    for one in first.files:
        assert (first.folder / one["file"]).read_bytes() == (again.folder / one["file"]).read_bytes(), one["file"]


@pytest.mark.unit
def test_counts_that_mean_nothing_are_not_outlined(root: Path) -> None:
    path = root / "study" / "images.csv"
    lines = path.read_text().splitlines()
    path.write_text(
        "\n".join(f"{line}lossy" if line.startswith("S1-planar-anterior") else line for line in lines) + "\n"
    )
    done = exported(root)
    assert not [one for one in files(done, "segmentation") if "S1" in one.parts]
    assert any("compressed with loss" in one["reason"] for one in done.left_out)


@pytest.mark.unit
def test_a_mark_off_its_image_is_reported_without_its_position(root: Path) -> None:
    off = FEMUR.replace("120,720", "9000,720")
    elsewhere = FEMUR.replace("S1-planar-anterior", "S9-planar-anterior")
    marks = "".join(f"S1,{reader},a,{off}S1,{reader},b,{elsewhere}" for reader in ("reader_1", "reader_2"))
    done = exported(root, marks=marks)
    reasons = [one["reason"] for one in done.left_out if one["reader"] == "reader_1" and "reported" in one["reason"]]
    assert len(reasons) == 2
    assert "lies outside of image" in reasons[0]
    assert "its image S9-planar-anterior was not imported" in reasons[1]
    assert len(files(done, "report")) == 4


@pytest.mark.unit
def test_a_changed_image_file_is_refused(root: Path) -> None:
    [source, *_] = [row["source"] for row in read_study(root / "study")["images"].to_dicts() if row["scan"] == "S1"]
    file = root / "study" / "images" / source.partition("#")[0]
    file.write_bytes(file.read_bytes()[:-1] + b"\7")
    with pytest.raises(InputError, match="not the one that was imported"):
        exported(root)


@pytest.mark.unit
def test_codes_that_are_no_names_of_files_stay_below_the_folder(root: Path) -> None:
    for path in (root / "study").glob("*.csv"):
        path.write_text(path.read_text().replace("S1,", "../../../S1,"))
    done = exported(root, reads=READS.replace("S1,", "../../../S1,"), marks="")
    assert files(done, "report")
    assert all(one.resolve().is_relative_to((root / "out").resolve()) for one in files(done, "report"))
    assert not list(root.parent.glob("S1*"))


@pytest.mark.unit
def test_an_export_stands_in_the_audit_trail(root: Path) -> None:
    exported(root)
    url = f"sqlite:///{root / 'study.sqlite'}"
    import_folder(root / "study", url)
    (root / "images").symlink_to(root / "study" / "images")
    done = export_scans(url, root / "from-database")
    assert len(files(done, "report")) == 4
    from residuum.steps.location import locate
    from residuum.store import audit

    database = locate(url).open()
    with database.reading() as connection:
        entries = [one for one in audit.load_entries(connection) if one.action == "scans.export"]
    database.close()
    assert [one.details and one.details["patient"] for one in entries] == ["P1"]


@pytest.mark.unit
def test_identities_come_back_with_the_key_only(root: Path) -> None:
    exported(root, images=True)
    count = identify_results(root / "out", root / "key", root / "named")
    results = [one for one in (root / "out").rglob("*.dcm") if not one.name.startswith("image-")]
    assert count == len(results) == len(list((root / "named").rglob("*.dcm")))
    source = pydicom.dcmread(root / "disc" / "first" / "whole-body.dcm")
    report = pydicom.dcmread(root / "named" / "P1" / "S1" / "report-reader_1.dcm")
    assert (str(report.PatientName), report.PatientID) == (made.NAME, made.PATIENT_ID)
    assert report.StudyInstanceUID == source.StudyInstanceUID
    [evidence] = report.CurrentRequestedProcedureEvidenceSequence
    [series] = evidence.ReferencedSeriesSequence
    assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == source.SOPInstanceUID
    foreign = write_key(root / "other-key")
    with pytest.raises(InputError):
        identify_results(root / "out", foreign, root / "not-named")
    assert not (root / "not-named").exists()


@pytest.mark.unit
def test_only_study_codes_go_to_a_research_archive(usual_copy: Path) -> None:
    identify_results(usual_copy / "out", usual_copy / "key", usual_copy / "named")
    with pytest.raises(InputError, match="names a patient"):
        send_results(usual_copy / "named", "http://127.0.0.1:1/dicom-web")
    with pytest.raises(InputError, match="under study codes"):
        send_results(usual_copy / "out", "http://127.0.0.1:1/dicom-web", identified=True)
    with pytest.raises(CallError, match="no address"):
        send_results(usual_copy / "out", "archive")


@pytest.mark.external
def test_the_validator_finds_no_error_in_what_leaves(root: Path) -> None:
    from validators import dciodvfy

    done = exported(root, reads=READS + "S1,consensus,yes,locked\n", images=True)
    identify_results(root / "out", root / "key", root / "named")
    faults = {path: dciodvfy(path) for folder in ("out", "named") for path in (root / folder).rglob("*.dcm")}
    objects = [one["kind"] for one in done.files if one["kind"] != "read"]
    assert len(faults) == 2 * len(objects) - objects.count("image")
    assert {path: found for path, found in faults.items() if found} == {}


@pytest.mark.unit
def test_the_database_beside_a_folder_says_what_may_leave(root: Path) -> None:
    (root / "study" / "reads.csv").write_text("scan,reader,evaluable,state\n" + READS)
    import_folder(root / "study", str(root / "study"))
    assert export_scans(root / "study", root / "first").held_back == 4  # S3 is a case of both
    file = root / "study" / "study.toml"
    file.write_text(file.read_text() + "\n")  # now the files are the newer
    again = export_scans(root / "study", root / "second")
    assert (again.held_back, again.files) == (4, [])
    assert "newer than the database" in again.text()


THIRD = 'format = 1\n[reading]\nreaders = ["reader_1", "reader_2", "reader_3"]\nreveal = "scan"\n'


@pytest.mark.unit
@pytest.mark.parametrize(
    ("more", "left"),
    [("", 2), ("S1,reader_3,yes,locked\n", 5), ("S1,consensus,yes,locked\n", 5), ("S1,reader_3,yes,draft\n", 2)],
)
def test_a_scan_on_which_two_differ_waits_for_the_third(root: Path, more: str, left: int) -> None:
    marks = f"S1,reader_1,a,{FEMUR}"  # reader_2 sees nothing on S1; both see nothing on S2
    done = exported(root, reads=READS + more, marks=marks, settings=THIRD)
    assert len(files(done, "report")) == left


@pytest.mark.unit
def test_a_read_that_is_not_evaluable_has_no_outlines(root: Path) -> None:
    done = exported(root, reads=READS.replace("S1,reader_1,yes", "S1,reader_1,no"))
    assert not [one for one in files(done, "segmentation") if "S1" in one.parts and "reader_1" in one.name]
    assert "the read is not evaluable, so nothing is outlined" in [one["reason"] for one in done.left_out]


@pytest.mark.unit
def test_the_marks_of_the_reader_who_placed_them_stand_for_a_landmark_scan(root: Path) -> None:
    unplaced = "S2,reader_1,a,spine_lumbar,focal,,spect,,,,,,\n"
    done = exported(root, marks=f"{unplaced}S2,reader_2,a,{ON_SPECT}")
    assert [one["reader"] for one in done.files if one["kind"] == "structure_set"] == ["reader_2"]


@pytest.mark.unit
def test_a_landmark_scan_without_a_read_that_counts_is_said(root: Path) -> None:
    done = exported(root, marks=f"S2,reader_1,a,{ON_SPECT}")
    assert files(done, "structure_set") == []
    assert "the reads of this landmark scan differ and no consensus is locked" in done.text()


@pytest.mark.unit
def test_what_is_new_at_the_landmark_is_residual_too(root: Path) -> None:
    done = exported(root, marks="".join(f"S2,{reader},a,{ON_SPECT}" for reader in ("reader_1", "reader_2")))
    assert len(files(done, "structure_set")) == 1


@pytest.mark.unit
def test_a_system_that_a_reader_never_graded_is_not_reported_as_zero(root: Path) -> None:
    (root / "study" / "marks.csv").unlink()
    (root / "study" / "reads.csv").write_text("scan,reader,evaluable,state\n" + READS)
    (root / "study" / "grades.csv").write_text(
        "scan,reader,system,segment,grade\nS1,reader_1,siopen,skull,2\nS1,reader_1,curie,head,1\nS1,reader_2,siopen,skull,2\n"
    )
    (root / "study" / "study.toml").write_text(SCAN + 'entry = "grades"\n[definitions]\nsite_level = "segment"\n')
    export_scans(root / "study", root / "out")
    said = [json.loads((root / "out" / "P1" / "S1" / f"read-reader_{one}.json").read_text()) for one in (1, 2)]
    assert [set(one["grades"]) for one in said] == [{"siopen", "curie"}, {"siopen"}]
    assert [set(one["totals"]) for one in said] == [{"siopen", "curie", "curie_skeletal"}, {"siopen"}]


@pytest.mark.unit
def test_only_what_an_export_lists_is_sent(usual_copy: Path) -> None:
    with pytest.raises(CallError, match="no folder that"):
        send_results(usual_copy / "disc", "http://127.0.0.1:1/dicom-web")
    listed = next((usual_copy / "out").rglob("report-*.dcm"))
    listed.unlink()
    listed.symlink_to(usual_copy / "disc" / "first" / "whole-body.dcm")
    with pytest.raises(InputError, match="no file of this folder"):
        send_results(usual_copy / "out", "http://127.0.0.1:1/dicom-web")
    listed.unlink()
    listed.write_bytes((usual_copy / "disc" / "first" / "whole-body.dcm").read_bytes())
    with pytest.raises(InputError, match="names a patient"):
        send_results(usual_copy / "out", "http://127.0.0.1:1/dicom-web")
    listed.write_bytes(listed.read_bytes()[:700])
    with pytest.raises(InputError):
        send_results(usual_copy / "out", "http://127.0.0.1:1/dicom-web")


@pytest.mark.unit
@pytest.mark.parametrize("inside", ["study/named", "out/named"])
def test_names_are_not_written_into_a_study_or_an_export(usual_copy: Path, inside: str) -> None:
    with pytest.raises(CallError, match="must hold no names"):
        identify_results(usual_copy / "out", usual_copy / "key", usual_copy / inside)


@pytest.mark.unit
def test_an_image_file_that_is_no_copy_of_ours_does_not_leave(root: Path) -> None:
    foreign = (root / "disc" / "first" / "whole-body.dcm").read_bytes()
    named = hashlib.sha256(foreign).hexdigest()
    path = root / "study" / "images" / named[:2] / f"{named}.dcm"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(foreign)
    table = root / "study" / "images.csv"
    rows = table.read_text().splitlines()
    changed = [re.sub(r"[0-9a-f]{2}/[0-9a-f]{64}\.dcm#1,[0-9a-f]{64}", f"{named[:2]}/{named}.dcm#1,{named}", rows[1])]
    assert rows[1].startswith("S1-planar-anterior")
    table.write_text("\n".join([rows[0], *changed, *rows[2:], ""]))
    with pytest.raises(InputError, match="no copy of a scan of this patient"):
        exported(root)
