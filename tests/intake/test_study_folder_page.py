"""The page about the study folder names everything that the program knows."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from residuum.intake.tables import EXPECTED_ALTHOUGH_BLANK
from residuum.records.checks import CHECKS, Check
from residuum.records.schemas import TABLES, Table
from residuum.records.settings import Settings
from residuum.records.vocabulary import MARK_REGIONS, SEGMENTS

pytestmark = pytest.mark.unit
PAGE = Path(__file__).parents[2].joinpath("docs", "study-folder.md").read_text("utf-8")


def _keys(model: type[BaseModel], prefix: str = "") -> list[str]:
    keys = []
    for name, field in model.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            keys += _keys(section, f"{prefix}{name}.")
        else:
            keys.append(prefix + name)
    return keys


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_column_and_code_is_described(table: Table) -> None:
    section = PAGE.split(f"### {table.file}\n")[1].split("\n#")[0]
    assert f"Key: {', '.join(table.key)}." in section
    rows = {line.split("|")[1].strip(): line for line in section.splitlines() if line.startswith("| `")}
    assert list(rows) == [f"`{column.name}`" for column in table.columns]
    for column in table.columns:
        row = rows[f"`{column.name}`"]
        assert ("required" in row) == (column.required or column.name in EXPECTED_ALTHOUGH_BLANK.get(table.name, ()))
        listed = () if column.codes == MARK_REGIONS else column.codes
        assert all(f"`{code}`" in row for code in listed)


@pytest.mark.parametrize("key", _keys(Settings))
def test_every_setting_is_described(key: str) -> None:
    assert f"| `{key}` |" in PAGE


def test_every_region_and_segment_is_named() -> None:
    assert all(f"`{name}`" in PAGE for names in (MARK_REGIONS, *SEGMENTS.values()) for name in names)


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.id)
def test_every_check_is_described_as_it_is(check: Check) -> None:
    assert f"| `{check.id}` | {check.severity} | {check.message} |" in PAGE


def test_no_check_is_described_that_is_gone() -> None:
    described = {line.split("`")[1] for line in PAGE.split("## Checks")[1].splitlines() if line.startswith("| `")}
    assert described == set(CHECKS)
