"""Designs printed in books and by R packages, to the digits printed; the R call stands beside each."""

import numpy as np
import pytest

from residuum.trial.theory.boundaries import (
    OBRIEN_FLEMING,
    POCOCK,
    crossing_probabilities,
    futility_bounds,
    spending_bounds,
    wang_tsiatis_bounds,
)
from residuum.trial.theory.drift import futility_drift, inflation_factor, power_drift
from residuum.trial.theory.expected_events import ExponentialTrial
from residuum.trial.theory.sample_size import (
    lachin_foulkes_patients,
    log_rank_crossing,
    schoenfeld_events,
    schoenfeld_patients,
)
from residuum.trial.theory.spending import (
    hwang_shih_decani_spending,
    obrien_fleming_spending,
    pocock_spending,
    power_family_spending,
)

pytestmark = pytest.mark.external

THIRDS = np.array([1, 2, 3]) / 3
# 3-year EFS of the controls 45 %, hazard ratio 0.7, uniform accrual over 5 years, 1:1.
SCENARIO = ExponentialTrial(-np.log(0.45) / 3, 0.7, 5)
# rpact::getDesignGroupSequential(kMax = 3, alpha = 0.025, typeOfDesign = "asOF")$criticalValues
LAN_DEMETS = [3.710303, 2.511427, 1.993048]


def equally_spaced(looks):
    return np.arange(1, looks + 1) / looks


def sample_numbers(bounds, power):
    """Largest and average sample numbers of a symmetric design at 0, 0.5, 1 and 1.5 delta, fixed design = 100."""
    information = equally_spaced(len(bounds))
    drift = power_drift(bounds, information, power)
    means = [
        crossing_probabilities(bounds, information, share * drift, -bounds).expected_information
        for share in (0, 0.5, 1, 1.5)
    ]
    return [100 * inflation_factor(reached, drift, 0.025, power) for reached in (1.0, *means)]


@pytest.mark.parametrize(
    ("shape", "printed", "digits"),
    [
        # Jennison and Turnbull 2000, table 2.3.
        # rpact::getDesignGroupSequential(kMax = 5, alpha = 0.025, typeOfDesign = "OF")$criticalValues
        (OBRIEN_FLEMING, [4.5617, 3.2256, 2.6337, 2.2809, 2.0401], 4),
        # gsDesign::gsDesign(k = 4, test.type = 2, sfu = "OF")$upper$bound
        (OBRIEN_FLEMING, [4.05, 2.86, 2.34, 2.02], 2),
        # rpact::getDesignGroupSequential(kMax = 3, alpha = 0.025, typeOfDesign = "OF")$criticalValues
        (OBRIEN_FLEMING, [3.4711, 2.4544, 2.0040], 4),
        # Jennison and Turnbull 2000, table 2.1.
        # rpact::getDesignGroupSequential(kMax = 2, alpha = 0.025, typeOfDesign = "P")$criticalValues; 3; 5
        (POCOCK, [2.1783] * 2, 4),
        (POCOCK, [2.2895] * 3, 4),
        (POCOCK, [2.4132] * 5, 4),
    ],
)
def test_classical_bounds(shape, printed, digits):
    bounds = wang_tsiatis_bounds(equally_spaced(len(printed)), 0.025, shape)
    assert np.round(bounds, digits).tolist() == printed


@pytest.mark.parametrize(
    ("spending", "printed"),
    [
        # gsDesign::gsDesign(k = 3, test.type = 1, sfu = sfLDOF)$upper$bound
        (obrien_fleming_spending, LAN_DEMETS),
        # gsDesign::gsDesign(k = 3, test.type = 1, sfu = sfLDPocock)$upper$bound
        (pocock_spending, [2.279428, 2.294911, 2.295940]),
    ],
)
def test_lan_demets_bounds(spending, printed):
    # The last digit printed is at the mercy of the other programs' grid (6 r - 1 points, r = 18).
    assert spending_bounds(THIRDS, spending(THIRDS, 0.025)) == pytest.approx(printed, abs=1.1e-6)


def test_inflation_and_average_sample_number():
    # x <- rpact::getDesignGroupSequential(kMax = 3, alpha = 0.025, beta = 0.2, typeOfDesign = "asOF")
    # rpact::getDesignCharacteristics(x)$inflationFactor; $averageSampleNumber1
    bounds = spending_bounds(THIRDS, obrien_fleming_spending(THIRDS, 0.025))
    drift = power_drift(bounds, THIRDS, 0.8)
    mean = crossing_probabilities(bounds, THIRDS, drift).expected_information
    assert round(inflation_factor(1.0, drift, 0.025, 0.8), 6) == 1.012795
    assert round(inflation_factor(mean, drift, 0.025, 0.8), 6) == 0.865569


def test_futility_by_spending():
    # x <- gsDesign::gsDesign(); x$upper$bound; x$lower$bound; x$n.I[3]
    upper = spending_bounds(THIRDS, hwang_shih_decani_spending(THIRDS, 0.025, -4))
    spent = hwang_shih_decani_spending(THIRDS, 0.1, -2)
    drift = futility_drift(upper, THIRDS, spent)
    assert np.round(upper, 4).tolist() == [3.0107, 2.5465, 1.9992]
    assert np.round(futility_bounds(upper, THIRDS, spent, drift), 4).tolist() == [-0.2387, 0.9411, 1.9992]
    assert round(inflation_factor(1.0, drift, 0.025, 0.9), 5) == 1.06988


@pytest.mark.parametrize(("looks", "printed"), [(2, 0.042), (4, 0.063), (10, 0.097), (20, 0.124)])
def test_repeated_tests_at_five_percent(looks, printed):
    # z <- qnorm(0.975); sum(gsDesign::gsProbability(k = 2, theta = 0, n.I = 1:2, a = -z * c(1, 1), b = z * c(1, 1))
    #   $upper$prob)
    bounds = np.full(looks, 1.959963984540054)
    assert round(float(crossing_probabilities(bounds, equally_spaced(looks), 0.0, -bounds).power[-1]), 3) == printed


@pytest.mark.parametrize(
    ("looks", "shape", "power", "printed"),
    [
        # x <- gsDesign::gsDesign(k = 5, test.type = 2, sfu = "OF", beta = 0.2); 100 * x$n.I[5]; 100 * x$en[1]
        (5, OBRIEN_FLEMING, 0.8, [102.8, 102.1]),
        (20, OBRIEN_FLEMING, 0.9, [104.5, 103.4]),
        # x <- gsDesign::gsDesign(k = 4, test.type = 2, sfu = "Pocock", beta = 0.2); 100 * x$n.I[4]
        # 100 * gsDesign::gsProbability(theta = x$delta * c(0, 0.5, 1, 1.5), d = x)$en
        (4, POCOCK, 0.8, [120.2, 117.5, 108.8, 80.5, 52.2]),
        # The largest is printed as 130.5; ours, 130.41, is what package mvtnorm gives too (docs/trial-design.md).
        (15, POCOCK, 0.9, [130.4, 126.4, 111.2, 66.4, 35.4]),
    ],
)
def test_sample_numbers_of_jennison_and_turnbull(looks, shape, power, printed):
    numbers = sample_numbers(wang_tsiatis_bounds(equally_spaced(looks), 0.025, shape), power)
    assert [round(number, 1) for number in numbers[: len(printed)]] == printed


def test_sample_numbers_of_the_power_family():
    # x <- gsDesign::gsDesign(k = 3, test.type = 2, sfu = sfPower, sfupar = 1, beta = 0.2); as above
    numbers = sample_numbers(spending_bounds(THIRDS, power_family_spending(THIRDS, 0.025, 1)), 0.8)
    assert [round(number, 1) for number in numbers] == [111.7, 109.9, 103.4, 81.2, 56.5]


@pytest.mark.parametrize(
    ("hazard_ratio", "power", "printed"), [(0.7, 0.8, 246.787), (0.7, 0.9, 330.378), (0.6, 0.8, 120.316)]
)
def test_schoenfeld_events(hazard_ratio, power, printed):
    # gsDesign::nEvents(hr = 0.7, alpha = 0.025, beta = 0.2)
    assert round(schoenfeld_events(hazard_ratio, 0.025, power), 3) == printed


def test_patients_of_the_scenario():
    # rpact::getSampleSizeSurvival(alpha = 0.025, beta = 0.2, lambda2 = -log(0.45) / 3, hazardRatio = 0.7,
    #   accrualTime = c(0, 5), followUpTime = 3)
    assert round(schoenfeld_patients(SCENARIO, 8), 2) == 357.87
    # gsDesign::nSurv(lambdaC = -log(0.45) / 3, hr = 0.7, eta = 0, T = 8, minfup = 3, alpha = 0.025, beta = 0.2)
    patients = lachin_foulkes_patients(SCENARIO, 8)
    assert round(patients, 2) == 356.33
    assert round(float(SCENARIO.expected_events(patients, 8).sum()), 2) == 245.73


@pytest.mark.parametrize(
    ("experimental_rate", "ratio", "events", "patients"),
    [(0.4, 2.2892, 58.5245, 197.787), (0.5, 3.1063, 31.2489, 90.804), (0.6, 4.1063, 20.1203, 51.314)],
)
def test_default_design_of_rpact(experimental_rate, ratio, events, patients):
    # rpact::getSampleSizeSurvival(alpha = 0.01): pi2 = 0.2 and pi1 = 0.4, 0.5, 0.6 at 12 months, accrual over 12
    # months, follow-up 6, power 0.8; the unit of time is the month.
    hazard_ratio = np.log(1 - experimental_rate) / np.log(0.8)
    trial = ExponentialTrial(-np.log(0.8) / 12, hazard_ratio, 12)
    assert round(hazard_ratio, 4) == ratio
    assert round(schoenfeld_events(hazard_ratio, 0.01), 4) == events
    assert round(schoenfeld_patients(trial, 18, 0.01), 3) == patients


def test_events_and_look_times_of_the_scenario():
    # gsDesign2::gs_power_ahr(define_enroll_rate(5, 60), define_fail_rate(100, -log(0.45) / 3, 0, 0.7),
    #   event = c(69, 138, 207), upar = list(sf = gsDesign::sfLDOF, total_spend = 0.025), lower = gs_b,
    #   lpar = rep(-Inf, 3))$analysis$time
    assert round(float(SCENARIO.expected_events(300, 8).sum()), 4) == 206.8825
    years = [SCENARIO.expected_year(300, events) for events in (69, 138, 207)]
    assert np.round(years, 4).tolist() == [3.6349, 5.4861, 8.0058]


def test_power_of_the_scenario():
    # The call above, $bound$probability: 0.013608, 0.334724, 0.719772. gsDesign2 compares the estimate of ln(HR) with
    # bound / sqrt(events / 4) at the first look, and Z under the alternative's information with the bound later on.
    years = [SCENARIO.expected_year(300, events) for events in (69, 138, 207)]
    crossing = log_rank_crossing(SCENARIO, 300, years, LAN_DEMETS, information="alternative")
    inflated = LAN_DEMETS[0] * np.sqrt(crossing.information[:1] / (69 / 4))
    first = crossing_probabilities(inflated, crossing.information[:1], -np.log(0.7)).upper[0]
    power = np.cumsum([first, *crossing.upper[1:]])
    assert round(float(power[0]), 6) == 0.013608
    # Its look times come from uniroot() with its default tolerance, 0.0001 years: 3e-6 of power.
    assert power == pytest.approx([0.013608, 0.334724, 0.719772], abs=4e-6)


def test_power_of_the_scenario_at_a_fixed_time():
    # pnorm(-log(0.7) * sqrt(207 / 4) - qnorm(0.975)): 0.7277, for the 207 events of the plan; 206.8825 give 0.7275.
    year = SCENARIO.expected_year(300, 207)
    assert round(float(log_rank_crossing(SCENARIO, 300, year, [1.959964]).power[-1]), 4) == 0.7277
    assert round(float(log_rank_crossing(SCENARIO, 300, 8, [1.959964]).power[-1]), 4) == 0.7275
