"""The product and its slow twin, written from the definitions alone, agree; and the comparison bites."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from compare import Key, differences
from compare import Row as TwinRow
from random_study import write_random_study
from study_twin import twin_rows

from residuum.intake.folder import read_study
from residuum.records.rules import apply_overrides, shipped_rules
from residuum.records.settings import Settings
from residuum.records.study import Study
from small_studies import numbers_of

FAST, ALL = 40, int(os.environ.get("RESIDUUM_TWIN_SEEDS", "240"))
COMMAND = Path(sys.executable).with_name("residuum")
BITING_SEEDS = (1, 2, 3, 5, 8, 13, 15, 16, 39)


def differing(study: Study, expected: dict[Key, TwinRow]) -> list[str]:
    found = numbers_of(study)
    sets = {key: list(patients) for patients, key in found.patient_sets.items()}
    return differences(found.records(), sets, expected)


@pytest.mark.twin
@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 4, 7, 8, 10])
def test_the_twin_agrees_with_what_the_command_writes(seed: int, tmp_path: Path) -> None:
    write_random_study(tmp_path / "study", seed)
    command = (COMMAND, "analyse", tmp_path / "study", "--out", tmp_path / "report")
    subprocess.run(command, check=True, capture_output=True)
    written = json.loads((tmp_path / "report" / "numbers.json").read_text("utf-8"))
    assert differences(written["rows"], written["patient_sets"], twin_rows(tmp_path / "study")) == []


@pytest.mark.twin
@pytest.mark.parametrize(
    "seed", [seed if seed < FAST else pytest.param(seed, marks=pytest.mark.slow) for seed in range(ALL)]
)
def test_the_twin_agrees(seed: int, tmp_path: Path) -> None:
    write_random_study(tmp_path, seed)
    expected = twin_rows(tmp_path)
    assert len(expected) > 150
    assert differing(read_study(tmp_path), expected) == []


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Study, dict[Key, TwinRow]]]:
    """A few random studies with the numbers that their twin expects."""
    made = []
    for seed in BITING_SEEDS:
        folder = tmp_path_factory.mktemp(f"seed_{seed}")
        write_random_study(folder, seed)
        made.append((read_study(folder), twin_rows(folder)))
    return made


# inrc.open_not_involved is left out: included children have had uptake of bone, so it almost never decides
CLAUSES = {
    "siopen.single_foci_max": 1,
    "siopen.grade_5_from": 0.6,
    "siopen.grade_5_includes_limit": False,
    "siopen.grade_6_above": 0.9,
    "siopen.grade_6_includes_limit": True,
    "curie.several_from": 3,
    "curie.grade_3_above": 0.49,
    "inrc.progression_ratio": 1.5,
    "inrc.response_ratio": 0.4,
    "inrc.new_site": "never_seen_before",
    "inrc.open_with_minimal_disease_response": "CR",
    "inrc.open_with_minimal_disease_stable": "MR",
}


@pytest.mark.twin
@pytest.mark.slow
@pytest.mark.parametrize(("clause", "value"), CLAUSES.items(), ids=CLAUSES)
def test_another_clause_is_noticed(studies: list[tuple[Study, dict[Key, TwinRow]]], clause: str, value: Any) -> None:
    rules, problems = apply_overrides(shipped_rules(), {clause: value})
    assert problems == []
    assert any(differing(Study(study.settings, rules, study.tables), expected) for study, expected in studies)


def with_setting(settings: Settings, section: str, name: str, value: Any) -> Settings:
    changed = getattr(settings, section).model_copy(update={name: value})
    return settings.model_copy(update={section: changed})


SETTINGS = {
    "sacrum_to": ("definitions", lambda old: "pelvis" if old == "spine" else "spine"),
    "girdle_to": ("definitions", lambda old: "thoracic_cage" if old != "thoracic_cage" else "proximal_upper_limb"),
    "progression_window_days": ("definitions", lambda old: old // 4),
    "oligo_max_sites": ("definitions", lambda old: old + 2),
    "minimum_age_days": ("population", lambda old: old + 300),
    "diagnosis_years": ("population", lambda old: (old[0] + 5, old[1])),
    "readers": ("reading", lambda old: tuple(reversed(old))),
}


@pytest.mark.twin
@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_another_setting_is_noticed(studies: list[tuple[Study, dict[Key, TwinRow]]], name: str) -> None:
    section, change = SETTINGS[name]
    noticed = False
    for study, expected in studies:
        value = change(getattr(getattr(study.settings, section), name))
        changed = Study(with_setting(study.settings, section, name, value), study.rules, study.tables)
        noticed = noticed or bool(differing(changed, expected))
    assert noticed


@pytest.mark.twin
def test_the_comparison_names_what_differs(studies: list[tuple[Study, dict[Key, TwinRow]]]) -> None:
    study, expected = studies[0]
    key: Key = ("flow.source", None, None)
    assert differing(study, expected) == []
    value = expected[key]["value"]
    assert isinstance(value, int)
    assert differing(study, {**expected, key: expected[key] | {"value": value + 1}}) == [
        f"flow.source - - value: product {value}, twin {value + 1}"
    ]
    strange: Key = ("flow.nothing", None, None)
    assert differing(study, {strange: {"value": 1}}) == ["flow.nothing - - row: product 0 rows, twin 1 row"]
