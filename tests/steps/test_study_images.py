"""The images of a study folder: read once while nothing changes, and anew as soon as anybody changes a file."""

from pathlib import Path

import polars as pl
import pytest

from residuum.intake.folder import read_accepted_study, read_study
from residuum.records.errors import InputError
from residuum.records.schemas import TABLES
from residuum.steps import study_images
from residuum.steps.study_images import FolderImages
from simulated_studies import SCANS, write_simulated_study

pytestmark = pytest.mark.unit


def rows(name: str) -> pl.DataFrame:
    return pl.DataFrame([{"image": name, "scan": "S1", "kind": "spot"}], schema=TABLES["images"].schema)


def test_a_folder_is_read_again_when_a_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, reads = write_simulated_study(tmp_path / "study"), list[Path]()

    def read(place: Path) -> object:
        reads.append(place)
        return read_accepted_study(place)

    monkeypatch.setattr(study_images, "read_accepted_study", read)
    images = FolderImages(folder)
    assert images.tables["scans"].height == images.tables["scans"].height == 6
    images.add(rows("a"), "P1")
    images.add(rows("b"), "P1")
    assert images.tables["images"]["image"].to_list() == ["a", "b"]
    assert len(reads) == 1
    (folder / "scans.csv").write_text(SCANS + "S7,P1,700,follow_up,I123\n")
    assert images.tables["scans"].height == 7
    assert len(reads) == 2
    FolderImages(folder).add(rows("c"), "P1")  # as another process does
    images.add(rows("d"), "P1")
    assert read_study(folder)["images"]["image"].to_list() == ["a", "b", "c", "d"]
    assert images.tables["images"].equals(read_study(folder)["images"])


def test_a_change_that_refuses_the_study_is_noticed(tmp_path: Path) -> None:
    images = FolderImages(write_simulated_study(tmp_path / "study"))
    assert images.tables["scans"].height == 6
    (images.folder / "patients.csv").unlink()
    with pytest.raises(InputError):
        images.add(rows("a"), "P1")
