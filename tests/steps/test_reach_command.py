"""`residuum trial reach` through the installed command, and with a design."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from residuum import DISCLAIMER, PLANNING_FOOTER
from residuum.intake.folder import write_study
from residuum.records.errors import CallError, InputError
from residuum.records.study import Study
from residuum.steps.trial_reach import ReachResult, reach

pytestmark = pytest.mark.unit
COMMAND = Path(sys.executable).with_name("residuum")
DESIGN = """
format = 1
id = "late"
title = "Late and half-hearted"
[accrual]
patients = 60
years = 5.0
[failure]
median_years = 2.0
[failure.shares]
target_only = 0.1
both = 0.2
[radiotherapy]
local_effect = 0.5
delay_years = 0.5
compliance = 0.5
crossover = 0.2
[primary]
looks_years = [8.0]
[criteria]
worthwhile_points = 0.01
worthwhile_year = 2.0
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, demonstration: Study) -> Path:
    path = tmp_path_factory.mktemp("reach") / "study"
    write_study(demonstration, path)
    return path


@pytest.fixture(scope="module")
def plain(folder: Path) -> ReachResult:
    return reach(folder)


def test_the_command_writes_and_prints_the_same(folder: Path, plain: ReachResult, tmp_path: Path) -> None:
    command = [COMMAND, "trial", "reach", folder, "--out", tmp_path / "out"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == f"{plain.text}\n"
    assert run.stdout.splitlines()[-2:] == [PLANNING_FOOTER, DISCLAIMER]
    assert (tmp_path / "out" / "numbers.json").read_text("utf-8") == plain.json()
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"numbers.json", "reach.svg", "reach.png"}


def test_numbers_say_what_they_were_made_from(plain: ReachResult) -> None:
    whole = json.loads(plain.json())
    assert whole["planning"] == PLANNING_FOOTER
    assert whole["disclaimer"] == DISCLAIMER
    assert whole["design"] is None
    assert whole["study"]["synthetic"] is True
    assert all(row["name"].startswith("trial.reach.") for row in whole["rows"])


def test_a_design_replaces_the_beliefs(folder: Path, plain: ReachResult, tmp_path: Path) -> None:
    path = tmp_path / "late.toml"
    path.write_text(DESIGN, "utf-8")
    late = reach(folder, path)
    effect, criterion = (
        late.numbers.get(f"trial.reach.{name}") for name in ("e_prior", "inclusive.shared.e_prior.worthwhile")
    )
    assert effect is not None
    assert criterion is not None
    assert (effect.value, effect.method) == (0.5, "taken as 0.5")
    assert "+1 points of EFS at 2 years" in (criterion.method or "")
    name = "trial.reach.inclusive.cause_specific.e_prior.hazard_ratio"
    ratios = [result.numbers.get(name) for result in (plain, late)]
    assert ratios[0] is not None
    assert ratios[1] is not None
    assert (ratios[0].value or 0) < (ratios[1].value or 0)
    assert "Beliefs about irradiation: Late and half-hearted" in late.text
    assert json.loads(late.json())["design"]["radiotherapy"]["delay_years"] == 0.5


def test_what_cannot_be_used_is_refused(folder: Path, tmp_path: Path) -> None:
    given = tmp_path / "given.toml"
    plain_ratio = DESIGN.split("[radiotherapy]")[0].split("[failure.shares]")[0]
    given.write_text(f"{plain_ratio}[effect]\nhazard_ratio = 0.7\n[primary]\nlooks_years = [8.0]\n", "utf-8")
    with pytest.raises(CallError, match="no \\[radiotherapy\\]"):
        reach(folder, given)
    given.write_text(DESIGN.replace("local_effect = 0.5", "local_effect = 5"), "utf-8")
    with pytest.raises(InputError):
        reach(folder, given)
    with pytest.raises(CallError, match="another folder"):
        reach(folder, out=folder)


def test_a_refused_study_leaves_with_1_and_its_problems(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    for file in folder.iterdir():
        text = file.read_text("utf-8")
        (tmp_path / "study" / file.name).write_text(text.replace("spine_lumbar", "spine_lumber", 1), "utf-8")
    command = [COMMAND, "trial", "reach", tmp_path / "study", "--json", "--out", tmp_path / "out"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert json.loads(run.stdout)["problems"]
    assert not (tmp_path / "out").exists()
