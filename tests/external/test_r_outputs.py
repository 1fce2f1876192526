"""The committed R outputs are what R gives today; `test_r_synthetic` and others compare Residuum with them."""

import json

import pytest


def check_same(ours, committed, path=""):
    if isinstance(committed, dict):
        assert ours.keys() == committed.keys(), path
        for key in committed:
            check_same(ours[key], committed[key], f"{path}/{key}")
    elif isinstance(committed, list):
        assert len(ours) == len(committed), path
        for index, (one, other) in enumerate(zip(ours, committed, strict=True)):
            check_same(one, other, f"{path}/{index}")
    elif isinstance(committed, float):
        assert ours == pytest.approx(committed, rel=1e-9, abs=1e-12), path
    else:
        assert ours == committed, path


@pytest.mark.external
def test_survival_outputs_are_what_r_gives(run_r, cohort_file, survival_reference, tmp_path):
    run_r("survival.R", cohort_file, tmp_path / "survival.json")
    check_same(json.loads((tmp_path / "survival.json").read_text(encoding="utf-8")), survival_reference)


@pytest.mark.external
def test_agreement_outputs_are_what_r_gives(run_r, agreement_reference, tmp_path):
    run_r("agreement.R", tmp_path / "agreement.json")
    check_same(json.loads((tmp_path / "agreement.json").read_text(encoding="utf-8")), agreement_reference)
