"""When patients are seen."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from residuum.records.design import Assessment

LAST_VISIT_YEAR: Final = 60.0


def visit_years(assessment: Assessment) -> NDArray[np.float64]:
    """Years from randomisation to each visit, up to year 60.

    Parameters
    ----------
    assessment : Assessment
        Of the design: intervals in months (twelfths of a year) by period; the last one goes on.
    """
    visits: list[NDArray[np.float64]] = []
    start = 0.0
    intervals = (*assessment.every_months, assessment.every_months[-1])
    for every, end in zip(intervals, (*assessment.until_years, LAST_VISIT_YEAR), strict=True):
        count = max(int(np.floor((end - start) * 12 / every + 1e-9)), 0)
        visits.append(start + np.arange(1, count + 1) * every / 12)
        start = end
    return np.concatenate(visits)
