"""`residuum trial power`: rows, both bounds, refusals, and the same numbers for any number of threads."""

import json
import re
from pathlib import Path

import pytest

from residuum import DISCLAIMER, PLANNING_FOOTER
from residuum.cli.failures import run

ROOT = Path(__file__).parents[2]
DESIGNS = ROOT / "examples" / "designs"
FEW = ["--replicates", "2000"]

pytestmark = pytest.mark.unit


def rows(capsys: pytest.CaptureFixture[str], design: Path, *options: str) -> dict[str, dict[str, object]]:
    assert run(["trial", "power", str(design), *FEW, "--json", *options]) == 0
    return {row["name"]: row for row in json.loads(capsys.readouterr().out)["rows"]}


def test_the_rows_of_a_group_sequential_design(capsys: pytest.CaptureFixture[str]) -> None:
    found = rows(capsys, DESIGNS / "s1_gs3.toml")
    assert [found[f"trial.events.look_{k}"]["value"] for k in (1, 2, 3)] == [69, 138, 207]
    power = [found[f"trial.power.look_{k}"]["value"] for k in (1, 2, 3)]
    assert power == sorted(power)
    assert found["trial.power"]["value"] == power[-1]
    assert found["trial.bound.look_1"]["value"] == pytest.approx(3.710303, abs=1e-6)
    assert found["trial.needed.events.power_80"]["value"] == pytest.approx(246.787, abs=0.001)
    assert found["trial.rate"]["value"] > 0
    assert not any(name.startswith(("trial.exclusive", "trial.inclusive")) for name in found)


def test_a_design_with_radiotherapy_has_both_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    found = rows(capsys, DESIGNS / "residual_oligo_central.toml")
    for name in ("power", "hazard_ratio", "efs_gain.3y", "needed.events.power_80", "done_in_time"):
        assert found[f"trial.{name}"]["value"] == found[f"trial.exclusive.{name}"]["value"]
        assert f"trial.inclusive.{name}" in found
    assert found["trial.inclusive.share"]["value"] > found["trial.exclusive.share"]["value"]
    assert found["trial.inclusive.hazard_ratio"]["value"] < found["trial.exclusive.hazard_ratio"]["value"] < 1


@pytest.mark.parametrize("name", ["s1_fixed", "s1_gs3", "residual_oligo_central", "residual_oligo_pessimistic"])
def test_every_row_is_on_its_page(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "trial-power.md").read_text("utf-8")
    told = set(re.findall(r"`(trial\.[^`]+)`", page))
    for row in rows(capsys, DESIGNS / f"{name}.toml"):
        plain = re.sub(r"^trial\.(exclusive|inclusive)\.", "trial.", row)
        general = re.sub(r"look_\d+$", "look_<k>", plain)
        assert re.sub(r"years_\d+_\d+$", "years_<from>_<to>", general) in told


def test_threads_change_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    one, two = (rows(capsys, DESIGNS / "s1_gs3.toml", "--threads", threads) for threads in ("1", "2"))
    assert {name: row for name, row in one.items() if name != "trial.rate"} == {
        name: row for name, row in two.items() if name != "trial.rate"
    }


def test_the_table_names_both_bounds_and_ends_with_the_footer(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trial", "power", str(DESIGNS / "residual_oligo_central.toml"), *FEW]) == 0
    printed = capsys.readouterr().out
    assert "exclusive bound" in printed
    assert "inclusive bound" in printed
    assert printed.rstrip().endswith(f"{DISCLAIMER}\n{PLANNING_FOOTER}")


def test_no_effect_needs_no_number_of_events(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (DESIGNS / "s1_fixed.toml").read_text("utf-8")
    null = re.sub(r"hazard_ratio = 0\.7", "hazard_ratio = 1.0", text)
    assert null != text
    (tmp_path / "null.toml").write_text(null)
    found = rows(capsys, tmp_path / "null.toml")
    assert found["trial.power"]["value"] == found["trial.type_one_error"]["value"]
    assert found["trial.needed.events.power_80"]["value"] is None
    assert found["trial.needed.events.power_80"]["reason"]


def test_a_refused_design_leaves_with_1_and_names_field_value_and_cure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (DESIGNS / "s1_gs3.toml").read_text("utf-8")
    (tmp_path / "bad.toml").write_text(text.replace("[69, 138, 207]", "[69, 138, 1380]"))
    assert run(["trial", "power", str(tmp_path / "bad.toml")]) == 1
    said = capsys.readouterr().err
    assert "primary.looks_events" in said
    assert "1380" in said
    assert run(["trial", "power", str(tmp_path / "none.toml")]) == 2
    assert "none.toml" in capsys.readouterr().err


SHORT = """
format = 1
id = "x"
title = "t"
[accrual]
patients = 120
years = 4.0
[failure]
median_years = 1.2
{failure}
[primary]
{primary}
"""
GIVEN = "[effect]\nhazard_ratio = {}"
TARGETS = "[failure.shares]\ntarget_only = {}\n[radiotherapy]\nlocal_effect = {}\ncrossover = 0.0"
LOOK = "looks_years = [6.0]"


@pytest.mark.parametrize(
    ("failure", "primary", "missing", "reason"),
    [
        (GIVEN.format(1.5), LOOK, "needed.events.power_80", "not better"),
        (GIVEN.format(1.5), LOOK, "needed.patients.power_90", "not better"),
        (TARGETS.format(0.3, 0.6), f'endpoint = "target_control"\n{LOOK}', "power.schoenfeld", "target control"),
        (TARGETS.format(0.3, 0.6), f'endpoint = "target_control"\n{LOOK}', "needed.events.power_80", "target control"),
        (TARGETS.format(1.0, 1.0), LOOK, "power.schoenfeld", "hazard ratio is 0"),
        (
            GIVEN.format(0.7),
            "looks_events = [20, 40, 60]\n[primary.spending]\nspent = [0.0, 0.01, 0.025]",
            "bound.look_1",
            "no error is spent",
        ),
    ],
)
def test_what_does_not_exist_is_said_and_nothing_else_is_lost(
    failure: str, primary: str, missing: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.toml").write_text(SHORT.format(failure=failure, primary=primary))
    found = rows(capsys, tmp_path / "x.toml")
    assert found[f"trial.{missing}"]["value"] is None
    assert reason in str(found[f"trial.{missing}"]["reason"])
    assert found["trial.power"]["value"] is not None
    assert run(["trial", "power", str(tmp_path / "x.toml"), *FEW]) == 0
    assert "nan" not in capsys.readouterr().out


def test_a_last_look_for_want_of_time_counts_as_short_also_where_it_succeeds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    primary = "looks_events = [110]\nlatest_year = 4.5"
    (tmp_path / "x.toml").write_text(SHORT.format(failure=GIVEN.format(0.2), primary=primary))
    found = rows(capsys, tmp_path / "x.toml")
    assert found["trial.short"]["value"] == 1
    assert found["trial.power"]["value"] > 0.5


def test_looks_without_events_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    primary = 'looks_years = [5.999, 6.0]\n[primary.spending]\nefficacy = "pocock"'
    (tmp_path / "x.toml").write_text(SHORT.format(failure=GIVEN.format(0.7), primary=primary))
    assert run(["trial", "power", str(tmp_path / "x.toml")]) == 1
    assert "primary.looks_years" in capsys.readouterr().err
