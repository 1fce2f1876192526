"""Without effect a trial succeeds with probability alpha, also where looks come at calendar years or are forced."""

import os
from math import sqrt
from typing import Any

import pytest

from residuum.records.design import Design
from residuum.trial.simulation.characteristics import derive_characteristics, without_effect
from residuum.trial.simulation.scenario import derive_scenario
from residuum.trial.simulation.simulate import simulate

REPLICATES = int(os.environ.get("RESIDUUM_REPLICATES", "100000"))
OBRIEN_FLEMING = {"efficacy": "obrien_fleming"}
# The log-rank test itself is too liberal by a hundredth of alpha at a few hundred patients.
OF_THE_TEST = 0.0004


def design(**primary: Any) -> Design:
    return Design.model_validate(
        {
            "format": 1,
            "id": "null",
            "title": "Type I error",
            "accrual": {"patients": 300, "years": 5.0},
            "failure": {"efs_at": (3.0, 0.45)},
            "effect": {"hazard_ratio": 0.7},
            "primary": primary,
        }
    )


CASES = {
    "calendar looks": {"looks_years": (4.0, 6.0, 8.0), "spending": OBRIEN_FLEMING},
    "calendar looks, Pocock": {"looks_years": (4.0, 6.0, 8.0), "spending": {"efficacy": "pocock"}},
    "forced last look": {"looks_events": (69, 138, 260), "latest_year": 7.0, "spending": OBRIEN_FLEMING},
    "forced second look": {"looks_events": (69, 200, 290), "latest_year": 5.0, "spending": {"efficacy": "pocock"}},
    "futility does not bind": {
        "looks_events": (69, 138, 207),
        "spending": {"efficacy": "obrien_fleming", "futility": "pocock"},
    },
}


@pytest.mark.property
@pytest.mark.parametrize("case", CASES)
def test_the_error_is_alpha(case: str) -> None:
    declared = design(**CASES[case])
    looks = derive_scenario(declared).looks
    scenario = derive_scenario(without_effect(declared), looks=looks)
    found = derive_characteristics(scenario, simulate(scenario, seed=11, replicates=REPLICATES))
    error = 3 * sqrt(0.025 * 0.975 / REPLICATES)
    assert found.power <= 0.025 + error + OF_THE_TEST
    if case != "futility does not bind":  # stopping for futility can only save errors
        assert found.power >= 0.025 - error
    if case.startswith("forced"):
        assert found.short > 0.5
