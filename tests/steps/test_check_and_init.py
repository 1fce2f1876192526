"""Steps that check and start a study."""

import tomllib
from pathlib import Path

import pytest

from residuum.records.errors import CallError
from residuum.records.schemas import TABLES
from residuum.records.settings import Settings
from residuum.steps.check import check
from residuum.steps.init import init

pytestmark = pytest.mark.unit


def test_an_empty_study_has_every_file_and_setting(tmp_path: Path) -> None:
    files = init(tmp_path / "study")
    assert files == sorted(["study.toml", *(table.file for table in TABLES.values())])
    for table in TABLES.values():
        assert (tmp_path / "study" / table.file).read_text() == ",".join(table.schema) + "\n"
    declared = tomllib.loads((tmp_path / "study" / "study.toml").read_text())
    assert set(declared) == set(Settings.model_fields) - {"data_freeze"}
    assert Settings.model_validate(declared) == Settings()
    assert check(tmp_path / "study").problems == ()


def test_an_existing_empty_folder_will_do(tmp_path: Path) -> None:
    assert "study.toml" in init(tmp_path)


def test_a_file_or_a_full_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path, tmp_path / "file"):
        with pytest.raises(CallError, match="not an empty folder"):
            init(place)


def test_a_check_changes_nothing_and_can_be_told_in_three_ways(tmp_path: Path) -> None:
    init(tmp_path)
    (tmp_path / "scans.csv").unlink()
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    result = check(tmp_path)
    assert result.refused
    assert all("scans.csv" in said for said in (result.text(), result.json(), result.page()))
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
