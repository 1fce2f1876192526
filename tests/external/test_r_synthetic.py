"""Residuum against R on a make-believe cohort with many ties; R itself is not needed."""

import numpy as np
import pytest

from residuum.stats.competing_risks import aalen_johansen
from residuum.stats.survival import kaplan_meier, log_rank, reverse_kaplan_meier


def same(expected):
    """Within rounding of R's 15 digits; None and NA stand for each other."""
    if isinstance(expected, list | tuple):
        return [same(part) for part in expected]
    return None if expected is None else pytest.approx(expected, rel=1e-10, abs=1e-12)


@pytest.fixture
def entries(survival_reference):
    return {name: entry["value"] for name, entry in survival_reference["entries"].items()}


@pytest.fixture
def days(survival_reference):
    return survival_reference["days"]


@pytest.fixture
def patients(cohort, survival_reference):
    """Time, event and cause of the patients of a group."""
    time, event, cause = (np.array(cohort[name], dtype=int) for name in ("time", "event", "cause"))
    assert (time.size, time.sum()) == (survival_reference["patients"], survival_reference["sum_of_days"])

    def of(group):
        chosen = np.array([group in ("all", name) for name in cohort["group"]])
        return time[chosen], event[chosen], cause[chosen]

    return of


@pytest.mark.external
@pytest.mark.parametrize(
    ("name", "transformation"),
    [
        ("curve.all", "log-log"),
        ("curve.oligo", "log-log"),
        ("curve.more", "log-log"),
        ("curve.more.log", "log"),
        ("curve.more.plain", "plain"),
    ],
)
def test_curve(name, transformation, patients, entries, days):
    time, event, _ = patients(name.split(".")[1])
    curve, reference = kaplan_meier(time, event), entries[name]
    assert [curve.at_risk(day) for day in days] == reference["n.risk"]
    assert [curve.value(day) for day in days] == same(reference["surv"])
    low, high = zip(*(curve.interval(day, transformation=transformation) for day in days), strict=True)
    assert list(low) == same(reference["lower"])
    assert list(high) == same(reference["upper"])
    at = np.searchsorted(curve.time_days, days, side="right") - 1
    ours = [None if np.isnan(error) else float(error) for error in curve.standard_error[at]]
    assert ours == same(reference["std.err"])


@pytest.mark.external
@pytest.mark.parametrize(
    ("name", "until", "transformation"),
    [
        ("table.all", 1000, "log-log"),
        ("table.oligo", 5000, "log-log"),
        ("table.more", 730, "log-log"),
        ("table.more.log", 730, "log"),
        ("table.step", 4, "log-log"),
    ],
)
def test_restricted_mean_and_median(name, until, transformation, patients, entries):
    group = name.split(".")[1]
    time, event = ([1, 2, 3, 4], [1] * 4) if group == "step" else patients(group)[:2]
    curve = kaplan_meier(time, event)
    ours = [
        *curve.restricted_mean(until),
        curve.quantile(),
        *curve.quantile_interval(transformation=transformation),
    ]
    assert ours == same(entries[name])


@pytest.mark.external
@pytest.mark.parametrize(
    ("name", "estimator", "probabilities"),
    [
        ("quartiles.all", kaplan_meier, (0.25, 0.75)),
        ("reverse.all", reverse_kaplan_meier, (0.25, 0.5, 0.75)),
        ("reverse.more", reverse_kaplan_meier, (0.25, 0.5, 0.75)),
    ],
)
def test_quantiles(name, estimator, probabilities, patients, entries):
    time, event, _ = patients(name.split(".")[1])
    curve, reference = estimator(time, event), entries[name]
    low, high = zip(*(curve.quantile_interval(probability) for probability in probabilities), strict=True)
    assert [curve.quantile(probability) for probability in probabilities] == same(reference["quantile"])
    assert list(low) == same(reference["lower"])
    assert list(high) == same(reference["upper"])


@pytest.mark.external
@pytest.mark.parametrize("grouping", ["group", "centre"])
def test_log_rank(grouping, patients, entries, cohort):
    time, event, _ = patients("all")
    test, reference = log_rank(time, event, cohort[grouping]), entries[f"log_rank.{grouping}"]
    assert test.observed.tolist() == reference["observed"]
    assert test.expected.tolist() == same(reference["expected"])
    assert (test.chi_squared, test.p) == tuple(same([reference["chi_squared"], reference["p"]]))


@pytest.mark.external
@pytest.mark.parametrize("group", ["all", "oligo"])
@pytest.mark.parametrize("cause", [1, 2, 3])
def test_cumulative_incidence(group, cause, patients, entries, days):
    time, _, causes = patients(group)
    curve, reference = aalen_johansen(time, causes, (1, 2, 3)), entries[f"incidence.{group}"]
    column = {part: [row[cause - 1] for row in rows] for part, rows in reference.items()}
    assert [curve.value(cause, day) for day in days] == same(column["pstate"])
    assert [curve.standard_error(cause, day) for day in days] == same(column["std.err"])
    low, high = zip(*(curve.interval(cause, day) for day in days), strict=True)
    assert list(low) == same(column["lower"])
    assert list(high) == same(column["upper"])


@pytest.mark.external
@pytest.mark.parametrize("cause", [1, 2, 3])
def test_cumulative_incidence_agrees_with_cmprsk(cause, patients, entries, days):
    time, _, causes = patients("all")
    curve = aalen_johansen(time, causes, (1, 2, 3))
    known = [
        (day, value) for day, value in zip(days, entries["cuminc.all"][cause - 1], strict=True) if value is not None
    ]
    assert [curve.value(cause, day) for day, _ in known] == same([value for _, value in known])
