"""Residuum against numbers printed by R on the data sets that ship with it, exported anew at each run."""

import numpy as np
import pytest

from residuum.stats.competing_risks import aalen_johansen
from residuum.stats.survival import kaplan_meier, log_rank, reverse_kaplan_meier


@pytest.fixture
def patients(public_data):
    """Time and event of a data set, of one group where asked."""

    def of(name, group=None):
        data = public_data[name]
        chosen = [group in (None, member) for member in data["group"]]
        return np.array(data["time"], dtype=float)[chosen], np.array(data["event"], dtype=int)[chosen]

    return of


def six_digits(value):
    return pytest.approx(value, abs=0.5000001e-6)


@pytest.mark.external
@pytest.mark.parametrize(
    ("day", "survival"),
    [
        (180, 0.721671),  # summary(survfit(Surv(time, status) ~ 1, lung), times = 180)$surv
        (365, 0.409242),  # ... times = 365
        (730, 0.115693),  # ... times = 730
    ],
)
def test_lung_survival(day, survival, patients):
    assert kaplan_meier(*patients("lung")).value(day) == six_digits(survival)


@pytest.mark.external
def test_lung_standard_error_and_interval(patients):
    curve = kaplan_meier(*patients("lung"))
    # summary(survfit(Surv(time, status) ~ 1, lung), times = 180)$std.err
    assert curve.standard_error[np.searchsorted(curve.time_days, 180, side="right") - 1] == six_digits(0.029812)
    # summary(survfit(Surv(time, status) ~ 1, lung), times = 365)[c("lower", "upper")], conf.type = "log"
    assert curve.interval(365, transformation="log") == (six_digits(0.344722), six_digits(0.485838))


@pytest.mark.external
def test_lung_median_and_restricted_mean(patients):
    curve = kaplan_meier(*patients("lung"))
    # print(survfit(Surv(time, status) ~ 1, lung)), conf.type = "log"
    assert (curve.quantile(), curve.quantile_interval(transformation="log")) == (310, (285, 363))
    # print(survfit(Surv(time, status) ~ 1, lung), rmean = "common"): up to the last day, 1022
    assert curve.restricted_mean(curve.observed_days[-1]) == pytest.approx((376.27, 19.71), abs=0.005)


@pytest.mark.external
@pytest.mark.parametrize(
    ("name", "group", "median", "interval"),
    [
        ("lung", "1", 270, (212, 310)),  # print(survfit(Surv(time, status) ~ sex, lung))
        ("lung", "2", 426, (348, 550)),
        ("freireich", "6-MP", 23, (16, None)),  # print(survfit(Surv(time, cens) ~ treat, MASS::gehan))
        ("freireich", "control", 8, (4, 12)),
    ],
)
def test_medians_of_groups(name, group, median, interval, patients):
    curve = kaplan_meier(*patients(name, group))
    assert (curve.quantile(), curve.quantile_interval(transformation="log")) == (median, interval)


@pytest.mark.external
def test_lung_follow_up(patients):
    # print(survfit(Surv(time, status == 1) ~ 1, lung))
    curve = reverse_kaplan_meier(*patients("lung"))
    assert (curve.quantile(), curve.quantile_interval(transformation="log")) == (588, (511, 1010))


@pytest.mark.external
@pytest.mark.parametrize(
    ("name", "chi_squared", "freedom"),
    [
        ("lung", 10.326742, 1),  # survdiff(Surv(time, status) ~ sex, lung)$chisq
        ("veteran", 0.008227, 1),  # survdiff(Surv(time, status) ~ trt, veteran)$chisq
        ("colon_recurrence", 23.061738, 2),  # survdiff(Surv(time, status) ~ rx, colon, etype == 1)$chisq
        ("colon_death", 11.683093, 2),  # survdiff(Surv(time, status) ~ rx, colon, etype == 2)$chisq
        ("freireich", 16.792941, 1),  # survdiff(Surv(time, cens) ~ treat, MASS::gehan)$chisq
    ],
)
def test_log_rank(name, chi_squared, freedom, patients, public_data):
    test = log_rank(*patients(name), public_data[name]["group"])
    assert (test.chi_squared, test.degrees_of_freedom) == (six_digits(chi_squared), freedom)


@pytest.mark.external
def test_log_rank_of_a_published_example():
    # SciPy's tests of stats.logrank; a teaching example of Boston University, module "survival analysis".
    time = [8, 12, 26, 14, 21, 27, 8, 32, 20, 40, 33, 28, 41, 48, 48, 25, 37, 48, 25, 43]
    event = [True] * 6 + [False] * 4 + [True] * 3 + [False] * 7
    test = log_rank(time, event, [1] * 10 + [2] * 10)
    assert (test.chi_squared, test.p) == (six_digits(6.915982), six_digits(0.008543))


@pytest.mark.external
@pytest.mark.parametrize(
    ("week", "survival"),
    [
        (6, 0.857143),  # summary(survfit(Surv(time, cens) ~ 1, MASS::gehan, treat == "6-MP"), times = 6)$surv
        (10, 0.752941),  # ... times = 10
        (23, 0.448179),  # ... times = 23
    ],
)
def test_freireich_survival(week, survival, patients):
    assert kaplan_meier(*patients("freireich", "6-MP")).value(week) == six_digits(survival)


@pytest.mark.external
@pytest.mark.parametrize(
    ("month", "malignancy", "death"),
    [
        # survfit(Surv(etime, factor(event)) ~ 1) as in the vignette "compete"; summary(..., times = 60)$pstate
        (60, 0.034104, 0.320367),
        (120, 0.063722, 0.531818),  # ... times = 120
        (240, 0.099814, 0.724028),  # ... times = 240
    ],
)
def test_mgus2_incidence(month, malignancy, death, public_data):
    data = public_data["mgus2"]
    curve = aalen_johansen([float(time) for time in data["time"]], [int(cause) for cause in data["cause"]], (1, 2))
    assert curve.n_events.sum(axis=0).tolist() == [115, 860]
    assert (curve.value(1, month), curve.value(2, month)) == (six_digits(malignancy), six_digits(death))
