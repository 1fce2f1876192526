import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from residuum.records.errors import CallError
from residuum.trial.theory.spending import (
    hwang_shih_decani_spending,
    obrien_fleming_spending,
    pocock_spending,
    power_family_spending,
)

FUNCTIONS = {
    "obrien_fleming": obrien_fleming_spending,
    "pocock": pocock_spending,
    "hwang_shih_decani": lambda fraction, error: hwang_shih_decani_spending(fraction, error, -4),
    "hwang_shih_decani_flat": lambda fraction, error: hwang_shih_decani_spending(fraction, error, 0),
    "power_family": lambda fraction, error: power_family_spending(fraction, error, 3),
}
every_function = pytest.mark.parametrize("spend", FUNCTIONS.values(), ids=FUNCTIONS)


@pytest.mark.property
@every_function
@given(
    fractions=st.lists(st.floats(0, 1.5), min_size=1, max_size=20).map(sorted),
    error=st.sampled_from([0.01, 0.025, 0.2]),
)
def test_spending_never_falls_and_ends_at_the_error(spend, fractions, error):
    spent = spend([0, *fractions, 1, 7], error)
    assert np.all(np.diff(np.sort(spent)) >= 0)
    assert spent[:-2].tolist() == pytest.approx(sorted(spent[:-2]), abs=1e-17)
    assert spent[0] == 0
    assert spent[-2:] == pytest.approx([error, error], rel=1e-12)


@pytest.mark.unit
def test_flat_families_spend_in_proportion():
    fractions = [0.2, 0.5, 1.0]
    flat = pytest.approx([0.005, 0.0125, 0.025], rel=1e-9)
    assert hwang_shih_decani_spending(fractions, 0.025, 0) == flat
    assert power_family_spending(fractions, 0.025, 1) == flat
    assert hwang_shih_decani_spending(fractions, 0.025, 1e-10) == flat


@pytest.mark.unit
@every_function
@pytest.mark.parametrize(("fraction", "error"), [([-0.1], 0.025), ([np.nan], 0.025), ([0.5], 0), ([0.5], 1)])
def test_what_cannot_be_spent_is_refused(spend, fraction, error):
    with pytest.raises(CallError):
        spend(fraction, error)


@pytest.mark.unit
def test_a_power_that_spends_all_at_once_is_refused():
    with pytest.raises(CallError, match="rho 0 "):
        power_family_spending([0.5], 0.025, 0)
