import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from residuum.records.errors import CallError
from residuum.stats.summaries import Summary, summarise


@pytest.mark.unit
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], Summary(0, None, None, None)),
        ([3], Summary(1, 3, 3, 3)),
        ([4, 1, 2], Summary(3, 2, 1, 4)),
        ([1, 28, 4, 3], Summary(4, 3.5, 1, 28)),
    ],
)
def test_small_samples(values, expected):
    assert summarise(values) == expected


@pytest.mark.unit
@pytest.mark.parametrize("missing", [np.nan, np.inf, None])
def test_missing_values_are_refused(missing):
    with pytest.raises(CallError, match="missing"):
        summarise([1, missing])


@pytest.mark.property
@given(st.lists(st.integers(0, 72), min_size=1))
def test_half_lies_on_either_side_of_the_median(values):
    summary = summarise(values)
    assert sum(value <= summary.median for value in values) >= len(values) / 2
    assert sum(value >= summary.median for value in values) >= len(values) / 2
    assert (summary.n, summary.minimum, summary.maximum) == (len(values), min(values), max(values))
