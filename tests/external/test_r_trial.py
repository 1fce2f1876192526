"""Residuum's designs against package mvtnorm and base R; R itself is needed only to give the outputs again."""

import json
from pathlib import Path

import numpy as np
import pytest

from residuum.trial.theory.boundaries import crossing_probabilities
from residuum.trial.theory.expected_events import ExponentialTrial

pytestmark = pytest.mark.external

HERE = Path(__file__).parent
HAZARD = -np.log(0.45) / 3
DESIGNS = {
    "lan_demets": ([3.710303, 2.511427, 1.993048], [-np.inf] * 3, [1 / 3, 2 / 3, 1.0]),
    "uneven": ([2.6, 2.2, 2.1, 2.0], [-1.0, 0.3, 0.4, 2.0], [0.2, 0.55, 0.6, 1.0]),
}


@pytest.fixture(scope="module")
def reference():
    entries = json.loads((HERE / "trial_design.json").read_text(encoding="utf-8"))
    return {name: entry["value"] for name, entry in entries.items()}


@pytest.mark.parametrize(("hypothesis", "drift"), [("null", 0.0), ("drift", 2.8)])
def test_first_crossings(reference, hypothesis, drift):
    for design, (upper, lower, information) in DESIGNS.items():
        crossing = crossing_probabilities(upper, information, drift, lower)
        above = reference.get(f"{design}_upper_{hypothesis}", reference.get(f"{design}_{hypothesis}"))
        below = reference.get(f"{design}_lower_{hypothesis}", [0, 0, 0])
        assert crossing.upper == pytest.approx(above, abs=5e-8)
        assert crossing.lower == pytest.approx(below, abs=5e-8)


def test_expected_events(reference):
    plain = ExponentialTrial(HAZARD, 0.7, 5)
    dropping = ExponentialTrial(HAZARD, 1.0, 5, dropout_hazard_per_year=0.05)
    assert plain.expected_events(300, 3)[0] == pytest.approx(reference["events_control_3"], rel=1e-9)
    assert plain.expected_events(300, 8)[1] == pytest.approx(reference["events_experimental_8"], rel=1e-9)
    assert dropping.expected_events(400, 3)[0] == pytest.approx(reference["events_dropout_3"], rel=1e-9)
    assert dropping.expected_events(400, 8)[1] == pytest.approx(reference["events_dropout_8"], rel=1e-9)


def test_outputs_are_what_r_gives(reference, run_r, tmp_path):
    output = tmp_path / "trial_design.json"
    run_r("trial_design.R", output)
    again = {name: entry["value"] for name, entry in json.loads(output.read_text(encoding="utf-8")).items()}
    assert again.keys() == reference.keys()
    for name, value in reference.items():
        assert again[name] == pytest.approx(value, rel=1e-9, abs=1e-12), name
