"""Injection site, central line and urine: how much and where."""

import numpy as np
import pytest
from tracer_children import make_child

from residuum.records.vocabulary import REGIONS
from residuum.synthetic.phantom.anatomy import ORGAN_CODE
from residuum.synthetic.tracer.extras import Extra, add_extras, draw_extras

SIDES = ("right", "left")
PRESENT = 100e6 * 0.5 ** (24 / 13.2234)
"""Becquerel left of 100 MBq of I-123 after 24 h."""


def positions(extra: Extra, age_years: float) -> np.ndarray:
    phantom = make_child(age_years)[1]
    added = add_extras(np.zeros(phantom.organ.shape, np.float32), phantom, [extra], 100.0)
    assert added.sum(dtype=float) == pytest.approx(extra.share * PRESENT, rel=1e-3)
    assert (phantom.organ[added > 0] > 0).all()
    return phantom.grid.position_mm(*np.nonzero(added))


def bone(region: str, age_years: float) -> np.ndarray:
    phantom = make_child(age_years)[1]
    return phantom.grid.position_mm(*np.nonzero(phantom.region == 1 + REGIONS.index(region)))


@pytest.mark.property
@pytest.mark.parametrize("age_years", [1.0, 5.0])
@pytest.mark.parametrize("seed", range(8))
def test_the_injection_site_lies_in_a_forearm(age_years: float, seed: int) -> None:
    spot = positions(Extra("injection_site", 0.002, seed), age_years)
    away = [np.linalg.norm(bone(f"forearm_{side}", age_years) - spot.mean(axis=0), axis=1).min() for side in SIDES]
    assert min(away) < 25
    assert np.ptp(spot, axis=0).max() <= 25


@pytest.mark.property
@pytest.mark.parametrize("age_years", [1.0, 5.0])
def test_the_central_line_runs_from_the_right_clavicle_to_the_heart(age_years: float) -> None:
    phantom = make_child(age_years)[1]
    heart = phantom.grid.position_mm(*np.nonzero(phantom.organ == ORGAN_CODE["heart"]))
    for seed in range(4):
        line = positions(Extra("central_line", 0.001, seed), age_years)
        upper, lower = line[np.argmax(line[:, 2])], line[np.argmin(line[:, 2])]
        assert np.linalg.norm(bone("clavicle_right", age_years) - upper, axis=1).min() < 8
        assert np.linalg.norm(heart - lower, axis=1).min() < 8
        assert upper[0] < 0


@pytest.mark.property
@pytest.mark.parametrize("age_years", [1.0, 5.0])
@pytest.mark.parametrize("seed", range(8))
def test_urine_lies_on_the_skin_before_the_pelvis(age_years: float, seed: int) -> None:
    spot = positions(Extra("urine", 0.004, seed), age_years)
    pelvis = np.concatenate([bone(f"pelvis_{side}", age_years) for side in SIDES])
    assert spot[:, 2].max() < pelvis[:, 2].max()
    assert abs(spot[:, 2].mean() - pelvis[:, 2].min()) < 45
    assert pelvis[:, 0].min() < spot[:, 0].mean() < pelvis[:, 0].max()
    assert spot[:, 1].min() < pelvis[:, 1].mean()


@pytest.mark.unit
def test_extras_add_up_and_leave_the_activity_given() -> None:
    phantom = make_child(1.0)[1]
    activity = np.ones(phantom.organ.shape, np.float32)
    extras = [Extra("urine", 0.001, 1), Extra("injection_site", 0.002, 2)]
    added = add_extras(activity, phantom, extras, 100.0)
    assert (activity == 1).all()
    assert (added - activity).sum(dtype=float) == pytest.approx(0.003 * PRESENT, rel=1e-3)
    np.testing.assert_array_equal(add_extras(activity, phantom, [], 100.0), activity)


@pytest.mark.unit
def test_most_scans_show_nothing_beside_uptake_and_infants_wet_themselves_more() -> None:
    infants, others = ([draw_extras(seed, age) for seed in range(1500)] for age in (1.0, 8.0))
    assert np.mean([not extras for extras in others]) == pytest.approx(0.9**3, abs=0.04)
    assert draw_extras(3, 1.0) == draw_extras(3, 1.0)
    for drawn, chance in ((infants, 0.3), (others, 0.1)):
        wet = [any(one.kind == "urine" for one in extras) for extras in drawn]
        assert np.mean(wet) == pytest.approx(chance, abs=0.04)
    assert all(0.0005 <= one.share <= 0.005 for extras in infants for one in extras)
