"""Which scans of a study get simulated images, and from whose marks."""

from pathlib import Path

import pytest

from residuum.intake.folder import read_study
from residuum.records.study import Study
from residuum.synthetic.scans.wanted import derive_wanted
from residuum.synthetic.tracer.marks import Mark
from simulated_studies import MARKS, READS, SETTINGS, write_simulated_study

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_simulated_study(tmp_path / "study")


def test_the_read_that_counts_says_what_there_is(folder: Path) -> None:
    wanted, _ = derive_wanted(read_study(folder))
    assert [(one.scan, one.day, one.reader) for one in wanted] == [("S1", 0, "consensus"), ("S2", 180, "reader_2")]
    assert wanted[0].child == wanted[1].child
    assert (wanted[0].child.patient, wanted[0].child.sex, wanted[0].child.age_at_diagnosis_days) == (
        "P1",
        "female",
        1500,
    )
    assert wanted[0].marks == (
        Mark("a", ("femur_left",), "focal"),
        Mark("b", ("spine_thoracic", "spine_lumbar"), "diffuse", 0.4),  # 0.404: voxels show whole hundredths
        Mark("c", ("skull_vault",), "focal"),
    )


def test_others_are_skipped_with_a_reason(folder: Path) -> None:
    _, skipped = derive_wanted(read_study(folder))
    reasons = {one.scan: one.reason for one in skipped}
    assert list(reasons) == ["S3", "S4", "S5", "S6"]
    assert "tracer in scans.csv is I131" in reasons["S3"]
    assert "could not evaluate" in reasons["S4"]
    assert "no read" in reasons["S5"]
    assert "P2 has no age_at_diagnosis_days" in reasons["S6"]


def test_only_the_scans_of_chosen_patients(folder: Path) -> None:
    wanted, skipped = derive_wanted(read_study(folder), {"P2"})
    assert wanted == []
    assert [one.scan for one in skipped] == ["S6"]


def test_two_readers_who_agree_count_as_the_first(folder: Path) -> None:
    (folder / "reads.csv").write_text(READS.replace("S1,consensus,yes,locked\n", ""))
    alike = "".join(line + "\n" for line in MARKS.splitlines() if "S1" not in line)
    alike += "S1,reader_1,x,femur_left,focal,,planar_ant\nS1,reader_2,y,femur_left,focal,,planar_ant\n"
    (folder / "marks.csv").write_text(alike)
    wanted, _ = derive_wanted(read_study(folder))
    assert (wanted[0].reader, wanted[0].marks[0].label) == ("reader_1", "x")


def test_without_a_consensus_the_first_reader_of_the_study_counts(folder: Path) -> None:
    (folder / "reads.csv").write_text(READS.replace("S1,consensus,yes,locked\n", ""))
    (folder / "marks.csv").write_text("".join(f"{one}\n" for one in MARKS.splitlines() if "consensus" not in one))
    wanted, _ = derive_wanted(read_study(folder))
    assert wanted[0].reader == "reader_1"
    turned = SETTINGS + '[reading]\nreaders = ["reader_2", "reader_1"]\n'
    (folder / "study.toml").write_text(turned)
    wanted, _ = derive_wanted(read_study(folder))
    assert wanted[0].reader == "reader_2"


def test_a_locked_read_without_marks_is_a_scan_without_disease(folder: Path) -> None:
    (folder / "marks.csv").write_text("".join(f"{one}\n" for one in MARKS.splitlines() if not one.startswith("S2")))
    wanted, _ = derive_wanted(read_study(folder))
    assert (wanted[1].scan, wanted[1].marks) == ("S2", ())


def test_every_scan_of_the_demonstration_that_was_evaluable_can_be_made(demonstration: Study) -> None:
    wanted, skipped = derive_wanted(demonstration)
    assert {one.reason for one in skipped} == {
        "its readers could not evaluate it, so nothing says what there is to be seen"
    }
    assert len(wanted) + len(skipped) == demonstration["scans"].height
    consensus = demonstration["reads"].filter(reader="consensus", evaluable="yes").height
    assert sum(one.reader == "consensus" for one in wanted) == consensus
