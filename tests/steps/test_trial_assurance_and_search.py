"""Assurance and search of whole design files: their numbers, their words, and interrupted runs."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from residuum import DISCLAIMER, PLANNING_FOOTER
from residuum.intake.design_file import read_design
from residuum.intake.folder import write_study
from residuum.records.errors import CallError
from residuum.records.study import Study
from residuum.report.numbers import Numbers
from residuum.stats.intervals import wilson
from residuum.steps.trial_assurance import trial_assurance
from residuum.steps.trial_search import trial_search
from residuum.trial.simulation.scenario import derive_scenario
from residuum.trial.simulation.simulate import simulate

COMMAND = Path(sys.executable).with_name("residuum")
HEAD = """
format = 1
id = "small"
title = "A small trial"
[accrual]
patients = {patients}
years = 4.0
[primary]
looks_years = [6.0]
[criteria]
worthwhile_points = 0.1
worthwhile_year = 2.0
"""
GIVEN = """
[failure]
hazard_per_year = 0.4
[effect]
hazard_ratio = {ratio}
"""
RADIOTHERAPY = """
[failure]
hazard_per_year = 0.4
cured = {{ central = 0.3, low = 0.2, high = 0.4 }}
[failure.shares]
target_only = {{ central = 0.3, low = 0.0, high = 0.5, distribution = "uniform" }}
both = 0.3
[radiotherapy]
local_effect = {{ central = 0.6, low = 0.0, high = 1.0, distribution = "uniform" }}
crossover = 0.0
"""
FUNNEL = """
[accrual.funnel]
enrolled_per_year = { central = 160, low = 130, high = 190 }
stage_m = 0.87
evaluable = 0.65
persistent = 0.3
oligo = 0.6
consent = 0.9
"""
SEARCH = """
[search]
patients = [20, 60]
follow_up_years = [1.0, 2.0]
alpha = [0.025, 0.1]
tests = ["log_rank"]
[borrowing]
patients = 30
events = 19
"""


def file(folder: Path, *parts: str, name: str = "design.toml", patients: int = 100, ratio: str = "0.6") -> Path:
    path = folder / name
    path.write_text(
        "".join(
            part.format(patients=patients, ratio=ratio)
            if "{patients}" in part or "{ratio}" in part or "{{" in part
            else part
            for part in (HEAD, *parts)
        )
    )
    return path


def value(numbers: Numbers, name: str, group: str | None = None, mode: str | None = None) -> float:
    row = numbers.get(name, group, mode)
    assert row is not None, name
    assert row.value is not None, row.reason
    return row.value


@pytest.mark.property
def test_without_ranges_the_assurance_is_the_power(tmp_path: Path) -> None:
    path = file(tmp_path, GIVEN)
    found = trial_assurance(path, draws=20, seed=3, threads=1).numbers
    trials = simulate(derive_scenario(read_design(path)), seed=3, replicates=20 * 256)
    assert value(found, "trial.assurance.given.declared") == pytest.approx((trials.crossed == 1).mean(), abs=1e-12)
    assert value(found, "trial.assurance.given.declared.done") == 1


@pytest.mark.unit
def test_readings_that_do_not_apply_have_a_reason(tmp_path: Path) -> None:
    result = trial_assurance(file(tmp_path, GIVEN), draws=4, threads=1)
    for name in ("trial.assurance.given.stage_m.done", "trial.verdict.given.evaluable"):
        row = result.numbers.get(name)
        assert row is not None
        assert row.value is None
        assert "[accrual.funnel]" in (row.reason or "")
    assert not [row for row in result.numbers if "exclusive" in row.name]
    assert "nothing to vary" in result.text
    assert result.text.endswith(f"{DISCLAIMER}\n{PLANNING_FOOTER}")
    json.loads(result.json())


@pytest.mark.property
def test_better_hazard_ratios_never_lower_power(tmp_path: Path) -> None:
    powers = [
        value(
            trial_assurance(file(tmp_path, GIVEN, ratio=ratio), draws=8, threads=1).numbers,
            "trial.assurance.given.declared",
        )
        for ratio in ("1.0", "0.8", "0.6", "0.4")
    ]
    assert powers == sorted(powers)
    assert powers[0] < 0.05
    assert powers[-1] > 0.9


@pytest.mark.unit
@pytest.mark.parametrize("threads", [2, 3])
def test_any_number_of_threads_gives_the_same_bytes(tmp_path: Path, threads: int) -> None:
    path = file(tmp_path, RADIOTHERAPY, FUNNEL, SEARCH)
    assert trial_assurance(path, draws=40, threads=1).json() == trial_assurance(path, draws=40, threads=threads).json()
    assert (
        trial_search(path, replicates=300, threads=1).json()
        == trial_search(path, replicates=300, threads=threads).json()
    )


@pytest.mark.unit
def test_every_bound_and_reading(tmp_path: Path) -> None:
    found = trial_assurance(file(tmp_path, RADIOTHERAPY, FUNNEL), draws=300, threads=2).numbers
    exclusive, inclusive = (value(found, f"trial.assurance.{bound}.evaluable") for bound in ("exclusive", "inclusive"))
    assert exclusive < inclusive
    for group in ("exclusive.evaluable", "inclusive.stage_m"):
        both = value(found, f"trial.assurance.{group}.both")
        assert both <= min(
            value(found, f"trial.assurance.{group}"), value(found, f"trial.assurance.{group}.worthwhile")
        )
        shares = [row.value for row in found.named("trial.assurance.share.") if row.group == group]
        assert sum(share for share in shares if share is not None) == pytest.approx(0.9, abs=0.3)
    most = found.get("trial.assurance.moves_most.1", "inclusive.evaluable")
    assert most is not None
    assert "radiotherapy.local_effect" in (most.method or "")
    # even accrual: the funnel says whether the children promised are there
    done = [value(found, f"trial.assurance.inclusive.{reading}.done") for reading in ("evaluable", "stage_m")]
    assert 0 < done[0] < done[1] <= 1
    ends = [
        value(found, f"trial.sensitivity.radiotherapy.local_effect.{end}", "inclusive", "evaluable")
        for end in ("low", "high")
    ]
    assert ends[0] < 0.05 < ends[1]
    gain = [
        value(found, f"trial.sensitivity.radiotherapy.local_effect.{end}.gain", "inclusive", "evaluable")
        for end in ("low", "high")
    ]
    assert gain[0] == pytest.approx(0, abs=1e-9)
    assert gain[1] > 0.05


@pytest.mark.unit
def test_verdicts_follow_the_declared_criteria(tmp_path: Path) -> None:
    good = trial_assurance(file(tmp_path, GIVEN, patients=400, ratio="0.5"), draws=4, threads=1).numbers
    assert value(good, "trial.verdict.given.declared") == 2
    bad = trial_assurance(file(tmp_path, GIVEN, patients=20, ratio="0.9"), draws=4, threads=1).numbers
    assert value(bad, "trial.verdict.given.declared") == 0
    open_ratio = "{ central = 0.9, low = 0.4, high = 1.0 }"
    maybe = trial_assurance(file(tmp_path, GIVEN, patients=200, ratio=open_ratio), draws=4, threads=1).numbers
    row = maybe.get("trial.verdict.given.declared")
    assert row is not None
    assert row.value == 1
    assert "effect.hazard_ratio at 0.4" in (row.method or "")


@pytest.mark.unit
def test_the_other_reading_of_the_cure_is_run_where_some_are_cured(tmp_path: Path) -> None:
    found = trial_assurance(file(tmp_path, RADIOTHERAPY), draws=4, threads=1).numbers
    name = "trial.sensitivity.failure.cure.cause_specific.hazard_ratio"
    lasting = value(found, name, "inclusive", "declared")
    # a shared cure dilutes: the cured have nothing to gain, and who is saved early fails later
    assert lasting < value(found, "trial.sensitivity.central.hazard_ratio", "inclusive", "declared")
    nobody = trial_assurance(file(tmp_path, GIVEN), draws=4, threads=1).numbers
    assert not nobody.named("trial.sensitivity.failure.cure")


@pytest.mark.unit
def test_a_study_replaces_the_shares(tmp_path: Path, demonstration: Study) -> None:
    write_study(demonstration, tmp_path / "study")
    path = file(tmp_path, RADIOTHERAPY)
    result = trial_assurance(path, study=tmp_path / "study", draws=60, threads=2)
    assert result.about["study"]["exclusive"]["target"] > 0
    assert result.numbers.get("trial.sensitivity.failure.shares.both.high", "inclusive", "declared") is not None
    with pytest.raises(CallError, match="hazard ratio as given"):
        trial_assurance(file(tmp_path, GIVEN, name="given.toml"), study=tmp_path / "study", draws=4)


@pytest.mark.unit
def test_a_search_marks_its_frontier_and_what_the_children_buy(tmp_path: Path) -> None:
    result = trial_search(file(tmp_path, RADIOTHERAPY, FUNNEL, SEARCH), replicates=1024, threads=2)
    found = result.numbers
    powers = {
        row.group: row.value
        for row in found.named("trial.search")
        if row.name == "trial.search" and row.mode == "inclusive.evaluable"
    }
    assert len(powers) == 8
    small, large = (f"n={n},follow-up=2,alpha=0.1,test=log_rank" for n in (20, 60))
    assert (powers[small] or 0) < (powers[large] or 0)
    assert value(found, "trial.search.years", large, "inclusive.evaluable") == pytest.approx(60 / 25 + 2)
    assert value(found, "trial.search.type_one_error", large, "inclusive.evaluable") == pytest.approx(0.1, abs=0.04)
    assert {row.value for row in found.named("trial.search.frontier")} <= {0, 1, None}
    power = [
        value(found, "trial.buy.power", "inclusive.stage_m", f"alpha={alpha:g}") for alpha in (0.025, 0.05, 0.1, 0.2)
    ]
    assert power == sorted(power)
    assert value(found, "trial.buy.target_control", "inclusive.stage_m", "alpha=0.025") > power[0]
    assert value(found, "trial.available.stage_m") > value(found, "trial.available.evaluable")
    assert value(found, "trial.buy.borrowing.type_one_error", "inclusive.stage_m", "drift=1.5") > 0.025
    registry = found.get("trial.buy.registry.interval_ratio", "inclusive.stage_m")
    assert registry is not None
    assert "not the effect of a treatment" in (registry.method or "")
    assert result.text.endswith(f"{DISCLAIMER}\n{PLANNING_FOOTER}")


@pytest.mark.unit
def test_a_search_of_a_given_ratio_leaves_out_what_does_not_apply(tmp_path: Path) -> None:
    result = trial_search(file(tmp_path, GIVEN, SEARCH.split("[borrowing]")[0]), replicates=256, threads=1)
    for name, mode in (("target_control", "alpha=0.05"), ("borrowing.power", None), ("registry.interval_ratio", None)):
        row = result.numbers.get(f"trial.buy.{name}", "given.declared", mode)
        assert row is not None
        assert row.value is None
        assert row.reason
    assert value(result.numbers, "trial.available.declared") == 100


@pytest.mark.unit
def test_no_simulated_probability_has_an_interval_of_no_width(tmp_path: Path) -> None:
    sure = file(tmp_path, GIVEN, SEARCH.split("[borrowing]")[0], patients=600, ratio="0.3")
    sweeps = [trial_assurance(sure, draws=4, threads=1), trial_search(sure, replicates=256, threads=1)]
    never = file(tmp_path, GIVEN, name="never.toml", patients=4, ratio="0.99")
    never.write_text(never.read_text().replace("worthwhile_year", "done_years = 5.0\nworthwhile_year"))
    sweeps.append(trial_assurance(never, draws=4, threads=1))
    rows = [row for sweep in sweeps for row in sweep.numbers if row.unit == "probability" and row.low is not None]
    assert {0, 1} <= {row.value for row in rows}
    for row in rows:
        assert row.value is not None
        assert row.low is not None
        assert row.high is not None
        assert 0 <= row.low <= row.value <= row.high <= 1
        assert row.low < row.high
    found = sweeps[0].numbers
    power, gain = (found.get(f"trial.assurance.given.declared{ending}") for ending in ("", ".worthwhile"))
    assert power is not None
    assert gain is not None
    assert (power.value, gain.value) == (1, 1)
    assert (power.low, power.high) == wilson(4 * 256, 4 * 256)
    assert "Wilson interval of the Monte-Carlo error over 1,024 trials" in (power.method or "")
    assert (gain.low, gain.high, gain.n) == (*wilson(4, 4), 4)
    cell = next(row for row in sweeps[1].numbers.named("trial.search") if row.name == "trial.search")
    assert (cell.low, cell.high) == wilson(round(256 * (cell.value or 0)), 256)
    assert "Wilson" in (cell.method or "")
    assert "±" not in sweeps[1].text


@pytest.mark.unit
def test_an_edited_part_is_no_result(tmp_path: Path) -> None:
    path, out = file(tmp_path, GIVEN), tmp_path / "out"
    trial_assurance(path, draws=4, threads=1, out=out)
    parts = out / "assurance.checkpoints.jsonl"
    lines = parts.read_text().splitlines()
    part = json.loads(lines[1])
    part["value"]["successes"] = [59187] * 4
    parts.write_text("\n".join([lines[0], json.dumps(part), *lines[2:], ""]))
    with pytest.raises(CallError, match="line 2 is damaged or was changed; delete the file"):
        trial_assurance(path, draws=4, threads=1, out=out)


def kill_in_the_middle(*arguments: str | Path, parts: Path, lines: int) -> None:
    """Start the command and kill it once so many lines of finished parts are written."""
    running = subprocess.Popen([COMMAND, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while time.monotonic() < until and running.poll() is None:
        if parts.exists() and parts.read_bytes().count(b"\n") >= lines:
            break
        time.sleep(0.005)
    assert running.poll() is None, "it was done before it could be killed"
    os.kill(running.pid, signal.SIGKILL)
    running.wait()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options", "lines"), [("assurance", ("--draws", "640"), 9), ("search", ("--replicates", "20000"), 5)]
)
def test_a_killed_run_goes_on_and_gives_the_same_bytes(
    tmp_path: Path, name: str, options: tuple[str, str], lines: int
) -> None:
    path, out = file(tmp_path, RADIOTHERAPY, FUNNEL, SEARCH), tmp_path / "out"
    parts = out / f"{name}.checkpoints.jsonl"
    call = ("trial", name, path, *options, "--threads", "2", "--out", out)
    kill_in_the_middle(*call, parts=parts, lines=lines)
    assert not (out / f"{name}.json").exists()
    kept = parts.read_bytes()
    parts.write_bytes(kept + b'{"key": "cut sh')
    resumed = subprocess.run([COMMAND, *call], capture_output=True, text=True, check=True).stdout
    assert parts.read_bytes().startswith(kept[: kept.rfind(b"\n") + 1])
    whole = subprocess.run(
        [COMMAND, *call[:-2], "--out", tmp_path / "whole"], capture_output=True, text=True, check=True
    )
    assert resumed == whole.stdout
    assert (out / f"{name}.json").read_bytes() == (tmp_path / "whole" / f"{name}.json").read_bytes()
    assert parts.read_bytes() == (tmp_path / "whole" / parts.name).read_bytes()


@pytest.mark.unit
def test_finished_parts_of_another_call_are_refused(tmp_path: Path) -> None:
    path, out = file(tmp_path, GIVEN), tmp_path / "out"
    trial_assurance(path, draws=4, threads=1, out=out)
    with pytest.raises(CallError, match="another design, other settings"):
        trial_assurance(path, draws=5, threads=1, out=out)
    with pytest.raises(CallError, match="name a folder"):
        trial_assurance(path, draws=4, threads=1, out=path)
    file(tmp_path, GIVEN, ratio="0.7")
    with pytest.raises(CallError, match="another design, other settings"):
        trial_assurance(path, draws=4, threads=1, resume=out / "assurance.checkpoints.jsonl")
