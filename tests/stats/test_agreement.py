from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from residuum.records.errors import CallError
from residuum.stats.agreement import BlandAltman, bland_altman, gwet_ac2, icc_2_1, specific_agreement, weighted_kappa

GRADES = tuple(range(7))
pairs = st.lists(st.tuples(st.sampled_from(GRADES), st.sampled_from(GRADES)), min_size=1, max_size=30).map(
    lambda rows: tuple(map(list, zip(*rows, strict=True)))
)


def kappa_twin(a, b):
    """1 - observed / expected squared distance over all pairs of ratings."""
    observed = sum(Fraction((x - y) ** 2) for x, y in zip(a, b, strict=True)) / len(a)
    expected = sum(Fraction((x - y) ** 2) for x in a for y in b) / len(a) ** 2
    return None if expected == 0 else 1 - observed / expected


@pytest.mark.unit
def test_perfect_agreement():
    icc = icc_2_1([[1, 1], [5, 5], [9, 9]])
    assert (icc.n, icc.k, icc.value, icc.low, icc.high) == (3, 2, 1, None, None)
    assert weighted_kappa([0, 3, 6], [0, 3, 6], GRADES) == gwet_ac2([0, 3, 6], [0, 3, 6], GRADES) == 1


@pytest.mark.unit
@pytest.mark.parametrize(
    "ratings", [[[1, 2]], [[4, 4], [4, 4]], [[0.1, 0.1], [0.1, 0.1], [0.1, 0.1]], [[1, 2], [2, 1]]]
)
def test_icc_is_none_where_undefined(ratings):
    icc = icc_2_1(ratings)
    assert (icc.value, icc.low, icc.high) == (None, None, None)


@pytest.mark.unit
def test_a_constant_shift_between_readers_lowers_the_icc():
    icc = icc_2_1([[1, 3], [2, 4], [3, 5]])
    assert icc.value == pytest.approx(1 / 3)
    assert icc.low < icc.value < icc.high


@pytest.mark.unit
@pytest.mark.parametrize("ratings", [[1, 2, 3], [[1], [2]], [[1, np.nan], [2, 2]]])
def test_ratings_without_pairs_are_refused(ratings):
    with pytest.raises(CallError, match="ratings of shape"):
        icc_2_1(ratings)


@pytest.mark.unit
@pytest.mark.parametrize("grades", [([], []), ([0, 0], [0, 0]), ([6], [6])])
def test_kappa_is_none_where_no_disagreement_is_expected(grades):
    assert weighted_kappa(*grades, GRADES) is None


@pytest.mark.unit
def test_kappa_of_readers_who_never_meet_is_zero():
    assert weighted_kappa([1, 1], [0, 0], GRADES) == pytest.approx(0)


@pytest.mark.unit
def test_weights_choose_the_power_of_the_distance():
    a, b = [0, 0, 1, 2, 2], [0, 2, 1, 1, 2]
    assert weighted_kappa(a, b, GRADES, "linear") == pytest.approx(1 - (3 / 5) / (23 / 25))
    assert weighted_kappa(a, b, GRADES, "quadratic") == pytest.approx(1 - (5 / 5) / (35 / 25))


@pytest.mark.unit
def test_ac2_of_two_grades_is_ac1():
    # Gwet's AC1 by hand: p_a = 9/10, prevalence 1/20, p_e = 2 x 0.05 x 0.95.
    a, b = [0] * 9 + [1], [0] * 10
    assert gwet_ac2(a, b, (0, 1)) == pytest.approx((0.9 - 0.095) / (1 - 0.095))


@pytest.mark.unit
def test_ac2_is_defined_where_kappa_is_not():
    assert gwet_ac2([0, 0], [0, 0], GRADES) == 1
    assert gwet_ac2([], [], GRADES) is None
    assert gwet_ac2([0], [0], (0,)) is None


@pytest.mark.unit
@pytest.mark.parametrize("statistic", [weighted_kappa, gwet_ac2])
def test_unknown_grades_and_odd_ones_out_are_refused(statistic):
    with pytest.raises(CallError, match="grade 7 is not on the scale"):
        statistic([7], [0], GRADES)
    with pytest.raises(CallError, match="2 and 1 grades"):
        statistic([1, 2], [0], GRADES)


@pytest.mark.unit
def test_bland_altman_of_small_samples():
    assert bland_altman([], []) == BlandAltman(0, None, None, None, None)
    assert bland_altman([3], [1]) == BlandAltman(1, 2, None, None, None)
    three = bland_altman([3, 5, 7], [3, 4, 5])
    assert (three.bias, three.sd, three.low, three.high) == pytest.approx((1, 1, -0.96, 2.96))
    with pytest.raises(CallError, match="2 and 1 measurements"):
        bland_altman([1, 2], [1])


@pytest.mark.unit
def test_specific_agreement():
    both = specific_agreement([True, True, True, False], [True, True, False, False])
    assert (both.n, both.positive, both.negative) == (4, pytest.approx(4 / 5), pytest.approx(2 / 3))
    none = specific_agreement([False], [False])
    assert (none.positive, none.negative) == (None, 1)
    assert specific_agreement([], []).negative is None
    with pytest.raises(CallError, match="2 and 1 ratings"):
        specific_agreement([True, False], [True])


@pytest.mark.property
@settings(deadline=None)
@given(pairs)
def test_readers_may_be_exchanged(rows):
    a, b = rows
    assert weighted_kappa(a, b, GRADES) == pytest.approx(weighted_kappa(b, a, GRADES), abs=1e-12)
    assert gwet_ac2(a, b, GRADES) == pytest.approx(gwet_ac2(b, a, GRADES), abs=1e-12)
    assert icc_2_1(np.transpose([a, b])).value == pytest.approx(icc_2_1(np.transpose([b, a])).value, abs=1e-9)


@pytest.mark.property
@settings(deadline=None)
@given(pairs)
def test_no_statistic_exceeds_one(rows):
    for value in (weighted_kappa(*rows, GRADES), gwet_ac2(*rows, GRADES), icc_2_1(np.transpose(rows)).value):
        assert value is None or value <= 1 + 1e-12


@pytest.mark.property
@settings(deadline=None)
@given(pairs, st.floats(0.01, 100), st.floats(-50, 50))
def test_icc_does_not_depend_on_the_unit(rows, factor, shift):
    table = np.transpose(rows)
    first, second = icc_2_1(table), icc_2_1(table * factor + shift)
    assert second.value == pytest.approx(first.value, abs=1e-6)
    assert second.low == pytest.approx(first.low, abs=1e-6)


@pytest.mark.property
@settings(deadline=None)
@given(pairs)
def test_icc_lies_within_its_limits_unless_negative(rows):
    icc = icc_2_1(np.transpose(rows))
    if icc.low is not None and icc.value >= 0:
        assert icc.low - 1e-12 <= icc.value <= icc.high + 1e-12


@pytest.mark.twin
@settings(deadline=None)
@given(pairs)
def test_kappa_agrees_with_its_twin(rows):
    twin = kappa_twin(*rows)
    assert weighted_kappa(*rows, GRADES) == (None if twin is None else pytest.approx(float(twin), abs=1e-12))
