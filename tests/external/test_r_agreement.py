"""Residuum against formulas written out in base R; R itself is not needed."""

import pytest

from residuum.stats.agreement import bland_altman, gwet_ac2, icc_2_1, weighted_kappa
from residuum.stats.intervals import clopper_pearson, wilson

GRADES = range(7)
COUNTS = [(30, 201, 0.95), (7, 24, 0.95), (4, 30, 0.95), (0, 7, 0.95), (11, 30, 0.9)]


@pytest.fixture
def values(agreement_reference):
    return {name: entry["value"] for name, entry in agreement_reference["entries"].items()}


@pytest.mark.external
@pytest.mark.parametrize(
    ("name", "ratings", "level"),
    [("icc.judges", "judges", 0.95), ("icc.totals", "totals", 0.95), ("icc.totals.90", "totals", 0.9)],
)
def test_icc(name, ratings, level, values, agreement_reference):
    icc = icc_2_1(agreement_reference[ratings], level)
    assert (icc.value, icc.low, icc.high) == pytest.approx(values[name], rel=1e-9)


@pytest.mark.external
def test_icc_of_the_six_targets_is_the_one_printed(agreement_reference):
    # Shrout and Fleiss 1979, table 4: ICC(2,1) = .29.
    assert icc_2_1(agreement_reference["judges"]).value == pytest.approx(0.29, abs=0.005)


@pytest.mark.external
@pytest.mark.parametrize("weights", ["quadratic", "linear"])
def test_weighted_kappa(weights, values, agreement_reference):
    kappa = weighted_kappa(agreement_reference["first"], agreement_reference["second"], GRADES, weights)
    assert kappa == pytest.approx(values[f"kappa.{weights}"], rel=1e-12)


@pytest.mark.external
def test_gwet_ac2(values, agreement_reference):
    ac2 = gwet_ac2(agreement_reference["first"], agreement_reference["second"], GRADES)
    assert ac2 == pytest.approx(values["ac2"], rel=1e-12)


@pytest.mark.external
def test_bland_altman(values, agreement_reference):
    result = bland_altman(*zip(*agreement_reference["totals"], strict=True))
    assert [result.bias, result.sd, result.low, result.high] == pytest.approx(values["bland_altman"], rel=1e-12)


@pytest.mark.external
@pytest.mark.parametrize(("interval", "name"), [(clopper_pearson, "exact"), (wilson, "score")])
def test_intervals_of_counts(interval, name, values):
    for count, limits in zip(COUNTS, values[name], strict=True):
        assert interval(*count) == pytest.approx(tuple(limits), rel=1e-9, abs=1e-15)


@pytest.mark.external
@pytest.mark.parametrize(
    ("interval", "count", "total", "low", "high"),
    [
        (clopper_pearson, 30, 201, 10.3022, 20.6163),  # binom.test(30, 201)
        (clopper_pearson, 7, 24, 12.6152, 51.0948),  # binom.test(7, 24)
        (clopper_pearson, 4, 30, 3.7553, 30.7218),  # binom.test(4, 30)
        (wilson, 30, 201, 10.6592, 20.5071),  # prop.test(30, 201, correct = FALSE)
        (wilson, 7, 24, 14.9146, 49.1677),  # prop.test(7, 24, correct = FALSE)
        (wilson, 4, 30, 5.3097, 29.6813),  # prop.test(4, 30, correct = FALSE)
    ],
)
def test_per_cent_of_the_reference_study(interval, count, total, low, high):
    assert [100 * limit for limit in interval(count, total)] == pytest.approx([low, high], abs=0.5e-4)
