"""The normal distribution and the root finder that start quickly agree with scipy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from residuum.records.errors import CallError
from residuum.stats.normal import normal_cdf, normal_quantile
from residuum.stats.roots import find_root


@pytest.mark.external
def test_the_normal_distribution_is_that_of_scipy() -> None:
    z = np.concatenate([np.linspace(-37, 37, 2001), [-np.inf, np.inf]])
    assert normal_cdf(z) == pytest.approx(ndtr(z), rel=1e-12)
    assert float(normal_cdf(-1.959963984540054)) == pytest.approx(0.025, rel=1e-14)


@pytest.mark.external
@given(st.floats(1e-300, 1 - 1e-12))
def test_the_normal_quantile_is_that_of_scipy(probability: float) -> None:
    assert normal_quantile(probability) == pytest.approx(float(ndtri(probability)), rel=1e-13, abs=1e-13)


@pytest.mark.unit
def test_the_ends_of_the_normal_quantile_are_infinite() -> None:
    assert (normal_quantile(0), normal_quantile(1)) == (-np.inf, np.inf)


@pytest.mark.external
@given(st.floats(-5, 5), st.integers(0, 3))
def test_roots_are_those_of_scipy(root: float, kind: int) -> None:
    functions = [
        lambda x: x - root,
        lambda x: np.expm1(x - root),
        lambda x: (x - root) ** 3,
        lambda x: float(ndtr(x)) - float(ndtr(root)),
    ]
    found = find_root(functions[kind], -38.0, 38.0, tolerance=1e-10)
    # brentq does not converge at a triple root
    expected = root if kind == 2 else brentq(functions[kind], -38.0, 38.0, xtol=1e-12)
    assert found == pytest.approx(expected, abs=1e-4 if kind == 2 else 1e-8)


@pytest.mark.unit
def test_no_crossing_is_refused() -> None:
    with pytest.raises(CallError, match="no crossing"):
        find_root(lambda x: x * x + 1, -1.0, 1.0, tolerance=1e-9)
